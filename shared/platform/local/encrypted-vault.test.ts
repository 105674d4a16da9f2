import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { vaultContract } from "../contracts/vault.contract.ts";
import { Secret } from "../secret.ts";
import { createEncryptedVault, type EncryptedVault } from "./encrypted-vault.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { VaultKeyLost } from "./vault-key-lost.ts";

const masterKey = new Uint8Array(32).fill(7);

vaultContract({
  name: "encrypted file",
  make: async () => {
    const folder = makeTemporaryFolder();
    const vault = createEncryptedVault({ path: join(folder.path, "vault.db"), masterKey });
    return {
      vault,
      close: async () => {
        vault.close();
        folder.remove();
      },
    };
  },
});

let folder: ReturnType<typeof makeTemporaryFolder>;
let path: string;
let vault: EncryptedVault;

beforeEach(() => {
  folder = makeTemporaryFolder();
  path = join(folder.path, "vault.db");
  vault = createEncryptedVault({ path, masterKey });
});

afterEach(() => {
  vault.close();
  folder.remove();
});

/** Changes the file behind the vault's back. */
function tamper(sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

/** Everything that lies in the vault's folder. */
const bytesOnDisk = (): Buffer =>
  Buffer.concat(readdirSync(folder.path).map((file) => readFileSync(join(folder.path, file))));

const sealedOf = (version: number): Buffer => {
  const database = new DatabaseSync(path);
  const row = database.prepare("SELECT sealed FROM vault_versions WHERE version = ?").get(version);
  database.close();
  return Buffer.from(row?.sealed as Uint8Array);
};

test("the file and its side files are their owner's alone", async () => {
  await vault.add("token", Secret.of("a"));

  for (const file of readdirSync(folder.path)) {
    expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o600);
  }
  expect(readdirSync(folder.path)).toContain("vault.db");
});

test("a payload never lies on the disk in the clear", async () => {
  await vault.add("token", Secret.of("canary-4711-canary"));

  expect(bytesOnDisk().includes("canary-4711")).toBe(false);
  expect(bytesOnDisk().includes("token")).toBe(true);
});

test("payloads are there after the vault was closed and opened again", async () => {
  await vault.add("token", Secret.of("kept"));
  vault.close();
  vault = createEncryptedVault({ path, masterKey });

  const read = await vault.read("token", 1);

  expect(read.ok && read.value.reveal()).toBe("kept");
});

test("equal payloads are sealed differently", async () => {
  await vault.add("token", Secret.of("same"));
  await vault.add("token", Secret.of("same"));

  expect(sealedOf(1).equals(sealedOf(2))).toBe(false);
  expect(sealedOf(1).subarray(0, 12).equals(sealedOf(2).subarray(0, 12))).toBe(false);
});

test("a payload with one changed byte, anywhere, is corrupt", async () => {
  await vault.add("token", Secret.of("payload"));
  const original = sealedOf(1);

  for (let index = 0; index < original.length; index += 1) {
    const changed = Buffer.from(original);
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
    tamper(`UPDATE vault_versions SET sealed = x'${changed.toString("hex")}'`);

    expect(await vault.read("token", 1)).toEqual({
      ok: false,
      code: "VAULT_CORRUPT",
      detail: { secret: "token", version: 1 },
    });
  }
});

test("a payload that was cut short is corrupt", async () => {
  await vault.add("token", Secret.of("payload"));
  const original = sealedOf(1).toString("hex");

  for (const bytes of [0, 11, 28, 30]) {
    tamper(`UPDATE vault_versions SET sealed = x'${original.slice(0, bytes * 2)}'`);

    expect(await vault.read("token", 1)).toMatchObject({ code: "VAULT_CORRUPT" });
  }
});

test("a payload that was moved to another version or name is corrupt", async () => {
  await vault.add("token", Secret.of("one"));
  await vault.add("token", Secret.of("two"));
  const [one, two] = [sealedOf(1).toString("hex"), sealedOf(2).toString("hex")];

  tamper(`UPDATE vault_versions SET sealed = x'${one}' WHERE version = 2`);
  tamper(`INSERT INTO vault_versions (name, version, sealed) VALUES ('other', 2, x'${two}')`);

  expect(await vault.read("token", 1)).toMatchObject({ ok: true });
  expect(await vault.read("token", 2)).toMatchObject({ code: "VAULT_CORRUPT" });
  expect(await vault.read("other", 2)).toMatchObject({ code: "VAULT_CORRUPT" });
});

test("nothing of a destroyed payload is left on the disk", async () => {
  await vault.add("token", Secret.of("x".repeat(20_000)));
  const sealed = sealedOf(1);
  const pieces = [0, 5_000, 10_000, 19_000].map((from) => sealed.subarray(from, from + 64));
  expect(pieces.some((piece) => bytesOnDisk().includes(piece))).toBe(true);

  await vault.destroy("token", 1);

  for (const piece of pieces) expect(bytesOnDisk().includes(piece)).toBe(false);
});

test("a vault made with another key does not open, says so, and is left as it was", async () => {
  await vault.add("token", Secret.of("kept"));
  vault.close();

  expect(() => createEncryptedVault({ path, masterKey: new Uint8Array(32).fill(8) })).toThrow(VaultKeyLost);

  vault = createEncryptedVault({ path, masterKey });
  const read = await vault.read("token", 1);
  expect(read.ok && read.value.reveal()).toBe("kept");
});

test("a master key of another length throws a RangeError", () => {
  expect(() => createEncryptedVault({ path, masterKey: new Uint8Array(16) })).toThrow(RangeError);
});

test("a payload beyond 65,536 bytes throws a RangeError, and the largest allowed is kept", async () => {
  const largest = "é".repeat(32_768);

  await expect(vault.add("token", Secret.of(`${largest}x`))).rejects.toThrow(RangeError);
  const version = await vault.add("token", Secret.of(largest));
  const read = await vault.read("token", version);

  expect(version).toBe(1);
  expect(read.ok && read.value.reveal()).toBe(largest);
});
