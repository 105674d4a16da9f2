/**
 * The sandbox's certificate authority and the certificate of its simulated broker. It is trusted by nobody who
 * was not told to: a client names its file, and checks are never off.
 */
// Before the next import, which needs it at once.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { z } from "zod";

/** What a TLS server takes, as PEM. */
export interface ServerCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** The authority's own certificate, PEM. */
  readonly ca: string;
  readonly server: ServerCertificate;
}

/** Files of the home; written for their owner's eyes only. */
export interface AuthorityStorage {
  /** The authority's certificate: what clients are told to trust. */
  readonly certificate: { load(): string | undefined; save(text: string): void };
  /** Keys and the server's certificate. */
  readonly keys: { load(): string | undefined; save(text: string): void };
}

/** Names for which the certificate is good. */
export const NAMES = ["localhost", "demo.ctrader.localhost", "live.ctrader.localhost"] as const;
const ADDRESSES = ["127.0.0.1", "::1"] as const;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3_650;
const SERVER_DAYS = 397;
const RENEW_DAYS = 30;

const keptSchema = z.strictObject({
  version: z.literal(1),
  caKey: z.string(),
  serverCert: z.string(),
  serverKey: z.string(),
});

interface Issuer {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
  readonly keyPem: string;
}

/**
 * Opens the authority that is kept, or makes one: also when the kept one cannot be read or nears its end.
 * `now`: milliseconds since 1970 by the machine's clock, which certificates are checked by.
 */
export async function openAuthority(storage: AuthorityStorage, now: number): Promise<Authority> {
  const kept = await readKept(storage, now);
  if (kept?.server !== undefined) return { ca: kept.issuer.certificate.toString("pem"), server: kept.server };
  const issuer = kept?.issuer ?? (await makeIssuer(now));
  const server = await issueServer(issuer, now);
  storage.keys.save(
    JSON.stringify({ version: 1, caKey: issuer.keyPem, serverCert: server.cert, serverKey: server.key }),
  );
  const ca = issuer.certificate.toString("pem");
  storage.certificate.save(`${ca}\n`);
  return { ca, server };
}

/** What is kept and good for a while: the authority, perhaps with a server certificate. */
async function readKept(
  storage: AuthorityStorage,
  now: number,
): Promise<{ readonly issuer: Issuer; readonly server: ServerCertificate | undefined } | undefined> {
  const [certificate, keys] = [storage.certificate.load(), storage.keys.load()];
  if (certificate === undefined || keys === undefined) return undefined;
  try {
    const { caKey, serverCert, serverKey } = keptSchema.parse(JSON.parse(keys));
    const issuer = {
      certificate: new x509.X509Certificate(certificate),
      key: await readKey(caKey),
      keyPem: caKey,
    };
    if (!isGoodFor(issuer.certificate, SERVER_DAYS, now) || !(await isPair(issuer))) return undefined;
    const server = new x509.X509Certificate(serverCert);
    const isGood =
      isGoodFor(server, RENEW_DAYS, now) &&
      (await server.verify({ publicKey: issuer.certificate.publicKey, signatureOnly: true }));
    return { issuer, server: isGood ? { cert: serverCert, key: serverKey } : undefined };
  } catch {
    return undefined;
  }
}

function isGoodFor(certificate: x509.X509Certificate, days: number, now: number): boolean {
  return certificate.notBefore.getTime() <= now && certificate.notAfter.getTime() > now + days * DAY_MS;
}

/** Whether the key is the certificate's: files of two homes may have been mixed. */
async function isPair({ certificate, key }: Issuer): Promise<boolean> {
  const probe = new TextEncoder().encode("pair");
  const publicKey = await certificate.publicKey.export(ALGORITHM, ["verify"]);
  const signature = await webcrypto.subtle.sign(ALGORITHM, key, probe);
  return webcrypto.subtle.verify(ALGORITHM, publicKey, signature, probe);
}

async function makeIssuer(now: number): Promise<Issuer> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=Openbell sandbox authority, O=Nothing here is real",
    keys,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate, key: keys.privateKey, keyPem: await pemOf(keys.privateKey) };
}

async function issueServer(issuer: Issuer, now: number): Promise<ServerCertificate> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=Simulated cTrader, O=Nothing here is real",
    issuer: issuer.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + SERVER_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...NAMES.map((value) => ({ type: "dns" as const, value })),
        ...ADDRESSES.map((value) => ({ type: "ip" as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  });
  return { cert: certificate.toString("pem"), key: await pemOf(keys.privateKey) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

function readKey(pem: string): Promise<webcrypto.CryptoKey> {
  const [der = new ArrayBuffer()] = x509.PemConverter.decode(pem);
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, true, ["sign"]);
}
