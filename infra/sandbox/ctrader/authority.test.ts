import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { type AuthorityStorage, openAuthority } from "./authority.ts";

const NOW = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;

function memory() {
  const texts: { certificate?: string; keys?: string } = {};
  const file = (name: "certificate" | "keys") => ({
    load: () => texts[name],
    save: (text: string) => {
      texts[name] = text;
    },
  });
  const storage: AuthorityStorage = { certificate: file("certificate"), keys: file("keys") };
  return { texts, storage };
}

test("the server's certificate is signed by the authority, for this machine's names and nobody else's", async () => {
  const { storage } = memory();

  const { ca, server } = await openAuthority(storage, NOW);

  const authority = new X509Certificate(ca);
  const certificate = new X509Certificate(server.cert);
  expect(authority.ca).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(certificate.checkHost("localhost")).toBe("localhost");
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(certificate.checkHost("demo.ctraderapi.com")).toBeUndefined();
});

test("what was made is there after a restart, and the file that is told holds no key", async () => {
  const { texts, storage } = memory();
  const first = await openAuthority(storage, NOW);

  const second = await openAuthority(storage, NOW + 300 * DAY_MS);

  expect(second).toEqual(first);
  expect(texts.certificate).toContain("BEGIN CERTIFICATE");
  expect(texts.certificate).not.toContain("PRIVATE");
});

test("a server certificate near its end is renewed by the same authority", async () => {
  const { storage } = memory();
  const first = await openAuthority(storage, NOW);

  const second = await openAuthority(storage, NOW + 370 * DAY_MS);

  expect(second.ca).toBe(first.ca);
  expect(second.server.cert).not.toBe(first.server.cert);
  expect(new X509Certificate(second.server.cert).verify(new X509Certificate(first.ca).publicKey)).toBe(true);
});

test("an authority that would end before its next certificate gives way to a new one", async () => {
  const { storage } = memory();
  const first = await openAuthority(storage, NOW);

  const second = await openAuthority(storage, NOW + 3_300 * DAY_MS);

  expect(second.ca).not.toBe(first.ca);
});

test.each([
  ["a damaged keys file", (texts: { keys?: string }) => (texts.keys = "{")],
  [
    "a keys file of another home",
    async (texts: { keys?: string }) => {
      const other = memory();
      await openAuthority(other.storage, NOW);
      texts.keys = other.texts.keys ?? "";
    },
  ],
])("%s is replaced by a pair that fits", async (_, damage) => {
  const { texts, storage } = memory();
  const first = await openAuthority(storage, NOW);
  await damage(texts);

  const second = await openAuthority(storage, NOW);

  expect(second.ca).not.toBe(first.ca);
  const { publicKey } = new X509Certificate(second.ca);
  expect(new X509Certificate(second.server.cert).verify(publicKey)).toBe(true);
});
