import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAbsentKeychain, type Keychain, type KeychainTrouble } from "./keychain.ts";
import { type MasterKey, openMasterKey } from "./master-key.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { VaultKeyLost } from "./vault-key-lost.ts";

let folder: ReturnType<typeof makeTemporaryFolder>;
let keyFile: string;

beforeEach(() => {
  folder = makeTemporaryFolder();
  keyFile = join(folder.path, "home", "master.key");
});

afterEach(() => folder.remove());

interface MemoryKeychain extends Keychain {
  readonly texts: Map<string, string>;
}

/** A keychain in memory; `trouble` is what it meets when it reads or writes. */
function createMemoryKeychain(
  trouble: {
    readonly read?: KeychainTrouble;
    readonly write?: KeychainTrouble;
    readonly forgets?: boolean;
  } = {},
): MemoryKeychain {
  const texts = new Map<string, string>();
  return {
    texts,
    read: async (account) =>
      trouble.read
        ? { isAvailable: false, trouble: trouble.read }
        : { isAvailable: true, value: texts.get(account) },
    write: async (account, text) => {
      if (trouble.write) return { isAvailable: false, trouble: trouble.write };
      if (!trouble.forgets) texts.set(account, text);
      return { isAvailable: true, value: undefined };
    },
  };
}

const open = (keychain: Keychain, over: { mayCreate?: boolean; seed?: string } = {}): Promise<MasterKey> =>
  openMasterKey({
    keychain,
    account: "vault-1",
    keyFile,
    mayCreate: over.mayCreate ?? true,
    random: createSeededRandom(over.seed ?? "key"),
  });

const filesIn = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

test("a new key is kept in the keychain, found there again, and in no file", async () => {
  const keychain = createMemoryKeychain();

  const made = await open(keychain, { seed: "one" });
  const found = await open(keychain, { seed: "two", mayCreate: false });

  expect(made).toMatchObject({ source: "keychain", isNew: true, keychainTrouble: undefined });
  expect(made.key.length).toBe(32);
  expect(found).toEqual({ ...made, isNew: false });
  expect([...keychain.texts.keys()]).toEqual(["vault-1"]);
  expect(filesIn(join(folder.path, "home"))).toEqual([]);
});

test.each(["off", "unavailable", "timeout"] as const)(
  "without a keychain (%s) a new key is kept in a file for its owner only, and found there again",
  async (trouble) => {
    const keychain = createMemoryKeychain({ read: trouble, write: trouble });

    const made = await open(keychain, { seed: "one" });
    const found = await open(keychain, { seed: "two", mayCreate: false });

    expect(made).toMatchObject({ source: "key-file", isNew: true, keychainTrouble: trouble });
    expect(found).toEqual({ ...made, isNew: false });
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder.path, "home")).mode & 0o777).toBe(0o700);
    expect(filesIn(join(folder.path, "home"))).toEqual(["master.key"]);
    expect(Buffer.from(readFileSync(keyFile, "utf8"), "base64")).toEqual(Buffer.from(made.key));
  },
);

test("a keychain that takes the key but does not give it back is not relied on", async () => {
  const made = await open(createMemoryKeychain({ forgets: true }));

  expect(made).toMatchObject({ source: "key-file", isNew: true, keychainTrouble: "unavailable" });
});

test("a keychain that cannot be written leaves the key in the file", async () => {
  const made = await open(createMemoryKeychain({ write: "unavailable" }));

  expect(made).toMatchObject({ source: "key-file", isNew: true, keychainTrouble: "unavailable" });
});

test("a key that was filed while there was no keychain is used when there is one again", async () => {
  const filed = await open(createAbsentKeychain(), { seed: "one" });

  const found = await open(createMemoryKeychain(), { seed: "two" });

  expect(found).toMatchObject({ source: "key-file", isNew: false, keychainTrouble: undefined });
  expect(found.key).toEqual(filed.key);
});

test("the keychain's key comes before the file's", async () => {
  await open(createAbsentKeychain(), { seed: "file" });
  const keychain = createMemoryKeychain();
  keychain.texts.set("vault-1", Buffer.alloc(32, 9).toString("base64"));

  const found = await open(keychain);

  expect(found.source).toBe("keychain");
  expect(Buffer.from(found.key)).toEqual(Buffer.alloc(32, 9));
});

test("two processes that make a key at once in the file use the same one", async () => {
  const [one, two] = await Promise.all([
    open(createAbsentKeychain(), { seed: "one" }),
    open(createAbsentKeychain(), { seed: "two" }),
  ]);

  expect(one.key).toEqual(two.key);
  expect([one.isNew, two.isNew].filter(Boolean).length).toBe(1);
});

test.each(["off", "unavailable", "timeout"] as const)(
  "a missing key of a vault that is there is not replaced (%s), and the error says where it was looked for",
  async (trouble) => {
    const keychain = createMemoryKeychain({ read: trouble });

    const opening = open(keychain, { mayCreate: false });

    await expect(opening).rejects.toThrow(VaultKeyLost);
    await expect(opening).rejects.toThrow(keyFile);
    expect(filesIn(join(folder.path, "home"))).toEqual([]);
  },
);

test("a text that is no key is an error and stays where it is, and the error does not show it", async () => {
  const keychain = createMemoryKeychain();
  keychain.texts.set("vault-1", "not a key");
  mkdirSync(join(folder.path, "home"));
  writeFileSync(keyFile, "also no key");

  for (const opening of [open(keychain), open(createAbsentKeychain())]) {
    await expect(opening).rejects.toThrow(VaultKeyLost);
    await expect(opening).rejects.not.toThrow(/not a key$|also/);
  }
  expect(readFileSync(keyFile, "utf8")).toBe("also no key");
});
