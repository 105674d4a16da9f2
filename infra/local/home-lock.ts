/** Keeps a second stack out of a home: two on one state would undo each other's work. */
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isDamage } from "../../shared/platform/local/sqlite-file.ts";
import { type Home, HomeUnusable, LOCK_FILE, openHome } from "./home.ts";
import { readSandboxNote } from "./sandbox-note.ts";

const SQLITE_BUSY = 5;
/** Who holds a home holds it for as long as it runs; a look at the lock is over before that. */
const OTHERS_LOOK_MS = 100;

/** Another process runs on this home. */
export class HomeInUse extends Error {
  override readonly name = "HomeInUse";
}

/**
 * Holds the home until the returned function is called or the process ends, in whatever way. Throws
 * {@link HomeInUse}, and {@link HomeUnusable} when the lock's file is damaged. What only shares a home's files, as the terminal does, needs no lock.
 */
export async function lockHome(folder: string): Promise<() => void> {
  const home = await openHome(folder, { isFresh: false });
  const database = new DatabaseSync(home.path(LOCK_FILE), { timeout: OTHERS_LOOK_MS });
  try {
    database.exec("BEGIN EXCLUSIVE");
    return () => database.close();
  } catch (error) {
    database.close();
    if (isDamage(error)) {
      // A fresh start keeps the lock, so it would not help.
      const path = home.path(LOCK_FILE);
      throw new HomeUnusable(`${path} is damaged. It holds nothing: delete it.`, { cause: error });
    }
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    const note = await readSandboxNote(home).catch(() => undefined);
    const address = note?.console ?? "another port";
    throw new HomeInUse(
      `Openbell already runs on ${home.folder}, at ${address}. End that one first, or give this one its own: OPENBELL_HOME=.openbell-2 PORT=9090 npm start`,
    );
  }
}

/** Whether a process holds the home at this moment. Takes nothing, and says no of a lock that cannot be read. */
export function isHomeHeld(home: Pick<Home, "path">): boolean {
  const path = home.path(LOCK_FILE);
  if (!existsSync(path)) return false;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0, readOnly: true });
    database.prepare("SELECT name FROM sqlite_master").all();
    return false;
  } catch (error) {
    return (error as { errcode?: number }).errcode === SQLITE_BUSY;
  } finally {
    database?.close();
  }
}
