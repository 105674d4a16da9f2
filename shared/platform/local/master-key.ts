import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Random } from "../random.ts";
import type { Keychain, KeychainTrouble } from "./keychain.ts";
import { VaultKeyLost } from "./vault-key-lost.ts";

export interface MasterKeyOptions {
  readonly keychain: Keychain;
  /** The account in the keychain: one for each vault, e.g. the vault's path. */
  readonly account: string;
  /** The file that stands in for the keychain. */
  readonly keyFile: string;
  /** Whether a new key may be made: only while there is no vault that an old key would open. */
  readonly mayCreate: boolean;
  readonly random: Random;
}

export interface MasterKey {
  readonly key: Uint8Array;
  readonly source: "keychain" | "key-file";
  readonly isNew: boolean;
  /** Why the keychain was not used; undefined when it answered. */
  readonly keychainTrouble: KeychainTrouble | undefined;
}

const KEY_BYTES = 32;
const KEY_TEXT = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Finds the vault's master key: in the keychain, else in the key file, else a new one is made and kept in
 * the keychain where that works and in the key file where it does not. Throws {@link VaultKeyLost} when a
 * key is needed that is in neither, or when what is found is no key.
 */
export async function openMasterKey(options: MasterKeyOptions): Promise<MasterKey> {
  const kept = await options.keychain.read(options.account);
  const keychainTrouble = kept.isAvailable ? undefined : kept.trouble;
  if (kept.isAvailable && kept.value !== undefined) {
    return { key: decode(kept.value, "the keychain"), source: "keychain", isNew: false, keychainTrouble };
  }
  const filed = readKeyFile(options.keyFile);
  if (filed !== undefined) return { key: filed, source: "key-file", isNew: false, keychainTrouble };
  if (!options.mayCreate) throw new VaultKeyLost(describeLoss(options.keyFile, keychainTrouble));

  const text = Buffer.from(options.random.bytes(KEY_BYTES)).toString("base64");
  const keptNow = kept.isAvailable ? await keep(options, text) : undefined;
  if (keptNow !== undefined) {
    const isNew = keptNow === text;
    return { key: decode(keptNow, "the keychain"), source: "keychain", isNew, keychainTrouble };
  }
  const key = fileKey(options.keyFile, text);
  return { ...key, source: "key-file", keychainTrouble: keychainTrouble ?? "unavailable" };
}

function describeLoss(keyFile: string, trouble: KeychainTrouble | undefined): string {
  const keychain = {
    off: "the keychain is switched off",
    unavailable: "the keychain cannot be used",
    timeout: "the keychain did not answer",
  };
  const why = trouble === undefined ? "the keychain does not have it" : keychain[trouble];
  return `There is a vault, but its master key is missing: ${why}, and there is no key file ${keyFile}.`;
}

/**
 * Keeps the key in the keychain and gives what can be read back, which is another process's key when that
 * one was there at the same time; undefined when it cannot be read back and so would be lost.
 */
async function keep({ keychain, account }: MasterKeyOptions, text: string): Promise<string | undefined> {
  if (!(await keychain.write(account, text)).isAvailable) return undefined;
  const read = await keychain.read(account);
  return read.isAvailable ? read.value : undefined;
}

function decode(text: string, place: string): Uint8Array {
  const trimmed = text.trim();
  if (!KEY_TEXT.test(trimmed)) throw new VaultKeyLost(`What lies in ${place} is not a master key.`);
  return new Uint8Array(Buffer.from(trimmed, "base64"));
}

function readKeyFile(path: string): Uint8Array | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return decode(readFileSync(path, "utf8"), path);
}

/** Puts the whole file there in one step; of two processes that do so at once, both use the first one's key. */
function fileKey(path: string, text: string): { readonly key: Uint8Array; readonly isNew: boolean } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${text}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(draft, path);
    return { key: decode(text, path), isNew: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { key: decode(readFileSync(path, "utf8"), path), isNew: false };
  } finally {
    rmSync(draft, { force: true });
  }
}
