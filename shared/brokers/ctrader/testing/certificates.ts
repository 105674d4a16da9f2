/** Certificates for tests that dial by TLS: an authority of its own for each test, trusted by nobody else. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

/** PEM, as `tls.createServer` takes it. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  /** PEM of the authority's own certificate. */
  readonly ca: string;
  /** For the names and addresses given; `daysLeft` below 0 has run out already. */
  issue(names: readonly string[], daysLeft?: number): Promise<ServerCertificate>;
}

/** `now`: milliseconds since 1970, since certificates are checked by the machine's own clock. */
export async function createTestAuthority(now: number): Promise<TestAuthority> {
  const keys = await generateKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Test authority",
    keys,
    serialNumber: "01",
    notBefore: new Date(now - 400 * DAY_MS),
    notAfter: new Date(now + 400 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  let issued = 1;
  return {
    ca: root.toString("pem"),
    async issue(names, daysLeft = 30) {
      const own = await generateKeys();
      issued += 1;
      const certificate = await x509.X509CertificateGenerator.create({
        subject: "CN=Test server",
        issuer: root.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        serialNumber: issued.toString(16).padStart(2, "0"),
        notBefore: new Date(now - 300 * DAY_MS),
        notAfter: new Date(now + daysLeft * DAY_MS),
        signingAlgorithm: ALGORITHM,
        extensions: [new x509.SubjectAlternativeNameExtension(names.map(generalName))],
      });
      return { cert: certificate.toString("pem"), key: await pemOf(own.privateKey) };
    },
  };
}

function generalName(value: string): x509.JsonGeneralName {
  return { type: /^[\d.]+$/.test(value) ? "ip" : "dns", value };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key);
  return x509.PemConverter.encode(der, "PRIVATE KEY");
}
