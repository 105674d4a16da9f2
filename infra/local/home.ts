/** The folder where the local stack keeps its state, readable by its owner only. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { instantSchema, toIso } from "../../shared/platform/instant.ts";

export interface Home {
  readonly folder: string;
  /** The path of a file in the home. */
  path(name: string): string;
  readText(name: string): Promise<string | undefined>;
  /** Replaces the file as a whole: a reader sees the old text or the new one. */
  writeText(name: string, text: string): Promise<void>;
  /** The same for a simulator, which keeps its memory at once. */
  file(name: string): { load(): string | undefined; save(text: string): void };
}

/** The folder cannot be a home: it holds something else, may not be made or written, or a file is damaged. */
export class HomeUnusable extends Error {
  override readonly name = "HomeUnusable";
}

/** For a file of the home that cannot be read as what it should be. Nothing is deleted without being asked. */
export function damagedFile(path: string, cause: unknown): HomeUnusable {
  const next = "Bring the file back, or begin anew without any of the old state: npm start -- --fresh";
  return new HomeUnusable(`${path} is damaged. ${next}`, { cause });
}

/**
 * Opens the home, making it where it is missing; `isFresh` empties it first. Throws {@link HomeUnusable}, also
 * for a folder with other things in it: it would be closed to others, and emptied by the next fresh start.
 */
export async function openHome(folder: string, options: { readonly isFresh: boolean }): Promise<Home> {
  const root = resolve(folder);
  const path = (name: string) => join(root, name);
  try {
    await prepare(root, options.isFresh);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof HomeUnusable || code === undefined) throw error;
    throw new HomeUnusable(`${root} cannot hold Openbell's state (${code}). ${ANOTHER}`, { cause: error });
  }
  return {
    folder: root,
    path,
    async readText(name) {
      return readFile(path(name), "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
    },
    // In one go: of two that write the same file at once, none finds the other's draft gone.
    writeText: async (name, text) => replace(path(name), text),
    file: (name) => ({
      load: () => (existsSync(path(name)) ? readFileSync(path(name), "utf8") : undefined),
      save: (text) => replace(path(name), text),
    }),
  };
}

function replace(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

async function prepare(root: string, isFresh: boolean): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  const names = await readdir(root);
  if (names.length > 0 && !names.includes(MARK)) {
    throw new HomeUnusable(`${root} holds other things than Openbell's state. ${ANOTHER}`);
  }
  if (isFresh) await empty(root);
  await chmod(root, 0o700);
  await writeFile(join(root, MARK), "This folder holds Openbell's local state.\n", { mode: 0o600 });
}

const MARK = "openbell-home";
const ANOTHER = "Choose another folder: OPENBELL_HOME=.openbell npm start";

/** Locked by the stack that runs on the home. It stays when a home is emptied: a removed file keeps nobody out. */
export const LOCK_FILE = "openbell-running";

/** Leaves the mark, so that a home that was being emptied when the process died is still a home. */
async function empty(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name !== LOCK_FILE && name !== MARK) await rm(join(root, name), { recursive: true, force: true });
  }
}

const CLOCK = "clock.json";
const clockSchema = z.strictObject({ machine: instantSchema, virtual: instantSchema });

/** A JSON file of the home; undefined where there is none. Throws {@link HomeUnusable} for one that is damaged. */
export async function readNote<S extends z.ZodType>(
  home: Home,
  name: string,
  schema: S,
): Promise<z.output<S> | undefined> {
  const text = await home.readText(name);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw damagedFile(home.path(name), error);
  }
}

/**
 * Where the virtual clock stands now, if it had been set before: it has gone on with the machine's clock.
 * Throws {@link HomeUnusable} when its file is damaged.
 */
export async function readClock(
  home: Home,
  machineNow: Temporal.Instant,
): Promise<Temporal.Instant | undefined> {
  const noted = await readNote(home, CLOCK, clockSchema);
  if (noted === undefined) return undefined;
  const { machine, virtual } = noted;
  const passed = machine.until(machineNow);
  return passed.sign > 0 ? virtual.add(passed) : virtual;
}

/** Notes where the virtual clock stands, for the next start and for the terminal. */
export function writeClock(
  home: Home,
  at: { readonly machine: Temporal.Instant; readonly virtual: Temporal.Instant },
): Promise<void> {
  return home.writeText(CLOCK, JSON.stringify({ machine: toIso(at.machine), virtual: toIso(at.virtual) }));
}
