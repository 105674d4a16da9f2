import { chmodSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** How much a commit survives: `power-loss` waits for the disk, `process-death` for the operating system. */
export type Durability = "power-loss" | "process-death";

export interface SqliteFileOptions {
  readonly path: string;
  readonly durability: Durability;
  /** Statements that make the tables; each must be harmless to repeat. */
  readonly schema: string;
}

/** How long one process waits for another's write, which takes milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/** SQLite's primary result codes for a file that is another one or has another form than was meant. */
const DAMAGE: ReadonlySet<number> = new Set([1, 11, 26]);

/** Whether SQLite says that the file is corrupt, is no database, or lacks what its schema has. */
export function isDamage(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === "ERR_SQLITE_ERROR" && typeof errcode === "number" && DAMAGE.has(errcode & 0xff);
}

/**
 * Opens a SQLite file that several processes may share (write-ahead log) and only its owner may read (0600;
 * SQLite gives its side files the same rights). Its folder is made (0700) where it is missing.
 */
export function openSqliteFile(options: SqliteFileOptions): DatabaseSync {
  mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
  closeSync(openSync(options.path, "a", 0o600));
  chmodSync(options.path, 0o600);

  const database = new DatabaseSync(options.path, { timeout: BUSY_TIMEOUT_MS });
  try {
    useWriteAheadLog(database);
    database.exec(`PRAGMA synchronous = ${options.durability === "power-loss" ? "FULL" : "NORMAL"}`);
    database.exec("PRAGMA secure_delete = ON");
    inWriteTransaction(database, () => database.exec(options.schema));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Runs `work` between BEGIN IMMEDIATE and COMMIT, or ROLLBACK when it throws. */
export function inWriteTransaction<R>(database: DatabaseSync, work: () => R): R {
  return inTransaction(database, "BEGIN IMMEDIATE", work);
}

/** Runs `work` on one snapshot of the file. */
export function inReadTransaction<R>(database: DatabaseSync, work: () => R): R {
  return inTransaction(database, "BEGIN", work);
}

function inTransaction<R>(database: DatabaseSync, begin: string, work: () => R): R {
  database.exec(begin);
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/**
 * The change of mode of a new file does not wait for other processes that change it too, so it is tried
 * again until one of them has done it.
 */
function useWriteAheadLog(database: DatabaseSync): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (attempt === 100 || isDamage(error)) throw error;
      Atomics.wait(pause, 0, 0, 20);
    }
  }
}
