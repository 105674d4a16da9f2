/**
 * A home's records and sealed secrets in one file, and back.
 *
 * 1. A backup is made while the stack runs: the records are those of one moment, the secrets of the same or a
 *    later one. So a secret may be there that no record names yet, which a start finds; never the other way.
 * 2. It holds secrets only as they are sealed, and no key.
 * 3. A restore changes nothing before the file was found whole, and keeps what was there before.
 * 4. What was restored does not trade: brokers have moved on since. A person looks, then resumes.
 */
import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../../shared/platform/clock.ts";
import { instantSchema, toIso } from "../../shared/platform/instant.ts";
import { createEncryptedVault, VAULT_SCHEMA } from "../../shared/platform/local/encrypted-vault.ts";
import { inWriteTransaction, isDamage, openSqliteFile } from "../../shared/platform/local/sqlite-file.ts";
import { createSqliteStore, DOCUMENTS_SCHEMA } from "../../shared/platform/local/sqlite-store.ts";
import { VaultKeyLost } from "../../shared/platform/local/vault-key-lost.ts";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import { tradingStates } from "../../shared/trading/records.ts";
import { EVERYTHING } from "../../shared/trading/trading-state.ts";
import { type Home, readClock, writeClock } from "./home.ts";
import { openHomeKey } from "./home-key.ts";

const FORMAT = 1;
const NOTE_SCHEMA = `
  CREATE TABLE IF NOT EXISTS openbell_backup (
    format INTEGER NOT NULL, made_at TEXT NOT NULL, build TEXT NOT NULL, clock TEXT NOT NULL
  ) STRICT`;
const noteSchema = z.object({ format: z.int(), made_at: instantSchema, clock: instantSchema });

/** Tables and their columns: nothing else is copied, either way. */
const RECORDS = [["documents", "version, collection, id, body"]] as const;
const SECRETS = [
  ["vault_versions", "name, version, sealed"],
  ["vault_key_proof", "id, sealed"],
] as const;
type Tables = readonly (readonly [table: string, columns: string])[];

export interface Backup {
  readonly documents: number;
  /** Sealed ones. */
  readonly secrets: number;
}

/**
 * Writes a home's records and sealed secrets into a new file, 0600. `FILE_NOT_WRITTEN`: it exists, or its folder
 * cannot hold it.
 */
export async function backUpHome(
  home: Home,
  file: string,
  { at, build }: { readonly at: Temporal.Instant; readonly build: string },
): Promise<Result<Backup, "FILE_NOT_WRITTEN">> {
  const path = resolve(file);
  if (existsSync(path)) return fail("FILE_NOT_WRITTEN", { file, fault: "it exists" });
  if (!existsSync(dirname(path)))
    return fail("FILE_NOT_WRITTEN", { file, fault: "its folder does not exist" });
  const clock = (await readClock(home, at)) ?? at;
  const draft = `${path}.new`;
  try {
    rmSync(draft, { force: true });
    const made = fill(draft, home, { at, build, clock });
    linkSync(draft, path);
    return succeed(made);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === undefined || isDamage(error)) throw error;
    return fail("FILE_NOT_WRITTEN", { file, fault: code });
  } finally {
    rmSync(draft, { force: true });
  }
}

function fill(
  draft: string,
  home: Home,
  note: { readonly at: Temporal.Instant; readonly build: string; readonly clock: Temporal.Instant },
): Backup {
  const schema = `${DOCUMENTS_SCHEMA}; ${VAULT_SCHEMA}; ${NOTE_SCHEMA}`;
  const database = openSqliteFile({ path: draft, durability: "power-loss", schema });
  try {
    copyFrom(database, home.path("store.db"), RECORDS);
    copyFrom(database, home.path("vault.db"), SECRETS);
    database
      .prepare("INSERT INTO openbell_backup (format, made_at, build, clock) VALUES (?, ?, ?, ?)")
      .run(FORMAT, toIso(note.at), note.build, toIso(note.clock));
    return count(database);
  } finally {
    inOneFile(database);
  }
}

export interface RestoreOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Leaves the home's own secrets as they are. */
  readonly withoutSecrets?: boolean;
}

export interface Restored extends Backup {
  readonly madeAt: string;
  /** The files that hold what was there before. */
  readonly keptAs: readonly string[];
}

/**
 * Replaces a home's records, and its secrets unless told otherwise, by those of a backup, and halts trading. The
 * home must be locked by the caller. `BACKUP_KEY_MISSING`: the home's master key does not open the secrets.
 */
export async function restoreHome(
  home: Home,
  file: string,
  options: RestoreOptions,
): Promise<Result<Restored, "BACKUP_UNUSABLE" | "BACKUP_KEY_MISSING">> {
  const checked = check(file);
  if (!checked.ok) return checked;
  const { made_at: madeAt, clock } = checked.value;
  const now = options.clock.now();
  const before = await readClock(home, now);
  const virtual = before === undefined || Temporal.Instant.compare(clock, before) > 0 ? clock : before;
  const drafts = { store: home.path("store.db.new"), vault: home.path("vault.db.new") };
  try {
    const documents = copyInto(drafts.store, { file, schema: DOCUMENTS_SCHEMA, tables: RECORDS }).documents;
    await halt(drafts.store, virtual);
    let secrets = 0;
    if (options.withoutSecrets !== true) {
      secrets = copyInto(drafts.vault, { file, schema: VAULT_SCHEMA, tables: SECRETS }).secrets;
      if (!(await isOpenable(home, drafts.vault, options.environment))) return fail("BACKUP_KEY_MISSING");
    }
    const stamp = toIso(now).replaceAll(/[:.]/g, "-");
    const keptAs = Object.values(drafts).flatMap((draft) => replace(draft, stamp));
    await writeClock(home, { machine: now, virtual });
    return succeed({ documents, secrets, madeAt: toIso(madeAt), keptAs });
  } finally {
    for (const draft of Object.values(drafts)) rmSync(draft, { force: true });
  }
}

function check(file: string): Result<z.output<typeof noteSchema>, "BACKUP_UNUSABLE"> {
  const unusable = (fault: string) => fail("BACKUP_UNUSABLE", { file, fault });
  if (!existsSync(file)) return unusable("there is no such file");
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const { integrity_check: integrity } = database.prepare("PRAGMA integrity_check").get() as {
        integrity_check: string;
      };
      if (integrity !== "ok") return unusable("it is damaged");
      const note = noteSchema.safeParse(database.prepare("SELECT * FROM openbell_backup").get());
      if (!note.success) return unusable("it is no backup");
      if (note.data.format !== FORMAT) return unusable(`it has format ${note.data.format}, not ${FORMAT}`);
      const broken = database.prepare("SELECT 1 FROM documents WHERE NOT json_valid(body) LIMIT 1").get();
      return broken === undefined ? succeed(note.data) : unusable("a record is damaged");
    } finally {
      database.close();
    }
  } catch (error) {
    // A folder, a file that may not be read, one that is no database, or one without the tables.
    if ((error as { readonly code?: unknown }).code !== "ERR_SQLITE_ERROR") throw error;
    return unusable("it is no backup");
  }
}

function copyInto(
  draft: string,
  { file, schema, tables }: { readonly file: string; readonly schema: string; readonly tables: Tables },
): Backup {
  rmSync(draft, { force: true });
  const database = openSqliteFile({ path: draft, durability: "power-loss", schema });
  try {
    copyFrom(database, file, tables);
    return count(database);
  } finally {
    inOneFile(database);
  }
}

/** Copies from another file as it is at one moment; one that is not there has nothing. */
function copyFrom(database: DatabaseSync, path: string, tables: Tables): void {
  if (!existsSync(path)) return;
  database.prepare("ATTACH ? AS source").run(path);
  try {
    inWriteTransaction(database, () => {
      for (const [table, columns] of tables) {
        database.exec(`INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM source.${table}`);
      }
    });
  } finally {
    database.exec("DETACH source");
  }
}

function count(database: DatabaseSync): Backup {
  const of = (table: string, condition: string): number => {
    const isThere = database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table) !== undefined;
    if (!isThere) return 0;
    return Number(database.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${condition}`).get()?.n);
  };
  return { documents: of("documents", "TRUE"), secrets: of("vault_versions", "sealed IS NOT NULL") };
}

/** Closes a database so that its one file is all of it. */
function inOneFile(database: DatabaseSync): void {
  database.exec("PRAGMA journal_mode = DELETE");
  database.close();
}

async function halt(path: string, at: Temporal.Instant): Promise<void> {
  const store = createSqliteStore({ path, durability: "power-loss" });
  const why = "restored from a backup: compare with the brokers, then resume";
  await store.transact(async (transaction) => {
    transaction.set(tradingStates, EVERYTHING, { state: "halted", who: { kind: "system" }, why, at });
  });
  await store.close();
  inOneFile(new DatabaseSync(path));
}

/** A vault without a secret is made with no key, and any opens it. */
async function isOpenable(home: Home, path: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const database = new DatabaseSync(path);
  const isSealed = database.prepare("SELECT 1 FROM vault_key_proof").get() !== undefined;
  database.close();
  if (!isSealed) return true;
  try {
    const { key } = await openHomeKey(home, environment, false);
    createEncryptedVault({ path, masterKey: key }).close();
    inOneFile(new DatabaseSync(path));
    return true;
  } catch (error) {
    if (error instanceof VaultKeyLost) return false;
    throw error;
  }
}

/** Puts a draft in its place; the name under which what was there is kept. A draft that was not made replaces nothing. */
function replace(draft: string, stamp: string): readonly string[] {
  if (!existsSync(draft)) return [];
  const path = draft.replace(/\.new$/, "");
  const kept = `${path}.before-${stamp}`;
  const wasThere = existsSync(path);
  if (wasThere) setAside(path, kept);
  renameSync(draft, path);
  return wasThere ? [kept] : [];
}

/** What waits beside a file would be read into the one that replaces it; a damaged file is moved with it. */
function setAside(path: string, kept: string): void {
  try {
    inOneFile(new DatabaseSync(path));
    linkSync(path, kept);
  } catch (error) {
    if (!isDamage(error)) throw error;
    for (const end of ["", "-wal", "-shm"]) {
      if (existsSync(path + end)) renameSync(path + end, kept + end);
    }
  }
}
