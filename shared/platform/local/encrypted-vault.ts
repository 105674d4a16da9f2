import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { fail, type Result, succeed } from "../result.ts";
import { Secret } from "../secret.ts";
import { checkSecretName, type SecretName, type SecretVault, type SecretVersion } from "../vault.ts";
import { inWriteTransaction, openSqliteFile } from "./sqlite-file.ts";
import { VaultKeyLost } from "./vault-key-lost.ts";

export interface EncryptedVaultOptions {
  /** The file, made where it is missing. Several processes may share it. */
  readonly path: string;
  /** 32 bytes; see `openMasterKey`. */
  readonly masterKey: Uint8Array;
}

export interface EncryptedVault extends SecretVault {
  close(): void;
}

const KEY_BYTES = 32;
/** 96 random bits for each version: what GCM is made for, far below its limit of 2^32 messages a key. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Secret Manager's limit, kept here too so that nothing fits on a laptop that does not fit in the cloud. */
const MOST_PAYLOAD_BYTES = 65_536;
const KEY_PROOF = "openbell vault key";

/** The vault's tables. `sealed` is IV, tag and ciphertext; NULL once the version is destroyed. */
export const VAULT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS vault_versions (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    sealed BLOB,
    PRIMARY KEY (name, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS vault_key_proof (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT`;

/**
 * Opens a vault in one SQLite file, each payload sealed with AES-256-GCM under the master key and bound to
 * its name and version. Throws {@link VaultKeyLost} when the file was made with another key.
 */
export function createEncryptedVault(options: EncryptedVaultOptions): EncryptedVault {
  if (options.masterKey.length !== KEY_BYTES) throw new RangeError(`A master key has ${KEY_BYTES} bytes.`);
  const database = openSqliteFile({ path: options.path, durability: "power-loss", schema: VAULT_SCHEMA });
  const masterKey = Uint8Array.from(options.masterKey);
  try {
    proveKey(database, masterKey);
  } catch (error) {
    database.close();
    throw error;
  }
  return new SqliteVault(database, masterKey);
}

class SqliteVault implements EncryptedVault {
  readonly #database: DatabaseSync;
  readonly #masterKey: Uint8Array;

  constructor(database: DatabaseSync, masterKey: Uint8Array) {
    this.#database = database;
    this.#masterKey = masterKey;
  }

  async add(name: SecretName, value: Secret): Promise<SecretVersion> {
    checkSecretName(name);
    const payload = Buffer.from(value.reveal(), "utf8");
    if (payload.length > MOST_PAYLOAD_BYTES) {
      throw new RangeError(`A secret has at most ${MOST_PAYLOAD_BYTES} bytes.`);
    }
    return inWriteTransaction(this.#database, () => {
      const last = this.#database
        .prepare("SELECT max(version) AS version FROM vault_versions WHERE name = ?")
        .get(name) as { version: number | null };
      const version = (last.version ?? 0) + 1;
      this.#database
        .prepare("INSERT INTO vault_versions (name, version, sealed) VALUES (?, ?, ?)")
        .run(name, version, seal(this.#masterKey, bindingOf(name, version), payload));
      return version;
    });
  }

  async read(
    name: SecretName,
    version: SecretVersion,
  ): Promise<Result<Secret, "VAULT_VERSION_MISSING" | "VAULT_CORRUPT">> {
    const row = this.#database
      .prepare("SELECT sealed FROM vault_versions WHERE name = ? AND version = ?")
      .get(name, version) as { sealed: Uint8Array | null } | undefined;
    if (!row?.sealed) return fail("VAULT_VERSION_MISSING", { secret: name, version });
    const payload = unseal(this.#masterKey, bindingOf(name, version), row.sealed);
    if (payload === undefined) return fail("VAULT_CORRUPT", { secret: name, version });
    return succeed(Secret.of(payload.toString("utf8")));
  }

  async destroy(name: SecretName, version: SecretVersion): Promise<void> {
    const { changes } = this.#database
      .prepare(
        "UPDATE vault_versions SET sealed = NULL WHERE name = ? AND version = ? AND sealed IS NOT NULL",
      )
      .run(name, version);
    // The file's pages are overwritten (secure_delete); this empties the log, which still held the payload.
    if (changes > 0) this.#database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  async versions(name: SecretName): Promise<readonly SecretVersion[]> {
    const rows = this.#database
      .prepare("SELECT version FROM vault_versions WHERE name = ? AND sealed IS NOT NULL ORDER BY version")
      .all(name) as { version: number }[];
    return rows.map((row) => row.version);
  }

  close(): void {
    this.#database.close();
    this.#masterKey.fill(0);
  }
}

/** Leaves a known text in a new file, and checks in an old one that this key opens it. */
function proveKey(database: DatabaseSync, masterKey: Uint8Array): void {
  const proof = seal(masterKey, KEY_PROOF, Buffer.from(KEY_PROOF));
  database.prepare("INSERT OR IGNORE INTO vault_key_proof (id, sealed) VALUES (1, ?)").run(proof);
  const row = database.prepare("SELECT sealed FROM vault_key_proof").get() as { sealed: Uint8Array };
  if (unseal(masterKey, KEY_PROOF, row.sealed) === undefined) {
    throw new VaultKeyLost("The vault was made with another master key than the one found on this machine.");
  }
}

/** Ties a payload to its place, so that swapped rows do not open. */
function bindingOf(name: SecretName, version: SecretVersion): string {
  return `${name}/${version}`;
}

function seal(key: Uint8Array, binding: string, payload: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(binding));
  const body = Buffer.concat([cipher.update(payload), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** The payload; undefined when key, place or content is not what was sealed. */
function unseal(key: Uint8Array, binding: string, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(binding));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
