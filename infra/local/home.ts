/** The folder where the local stack keeps its state, readable by its owner only. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
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

/** Opens the home, making it where it is missing; `isFresh` empties it first. */
export async function openHome(folder: string, options: { readonly isFresh: boolean }): Promise<Home> {
  const root = resolve(folder);
  const path = (name: string) => join(root, name);
  if (options.isFresh) await clear(root);
  await mkdir(root, { recursive: true, mode: 0o700 });
  await chmod(root, 0o700);
  await writeFile(path(MARK), "This folder holds Openbell's local state.\n", { mode: 0o600 });
  return {
    folder: root,
    path,
    async readText(name) {
      return readFile(path(name), "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw error;
      });
    },
    async writeText(name, text) {
      await writeFile(path(`${name}.new`), text, { mode: 0o600 });
      await rename(path(`${name}.new`), path(name));
    },
    file: (name) => ({
      load: () => (existsSync(path(name)) ? readFileSync(path(name), "utf8") : undefined),
      save(text) {
        writeFileSync(path(`${name}.new`), text, { mode: 0o600 });
        renameSync(path(`${name}.new`), path(name));
      },
    }),
  };
}

const MARK = "openbell-home";

/** Locked by the stack that runs on the home. It stays when a home is emptied: a removed file keeps nobody out. */
export const LOCK_FILE = "openbell-running";

/** Empties a home, and nothing that is not one. */
async function clear(root: string): Promise<void> {
  const mark = await readFile(join(root, MARK), "utf8").catch(() => undefined);
  if (mark === undefined) return;
  for (const name of await readdir(root)) {
    if (name !== LOCK_FILE) await rm(join(root, name), { recursive: true });
  }
}

const CLOCK = "clock.json";
const clockSchema = z.strictObject({ machine: instantSchema, virtual: instantSchema });

/** Where the virtual clock stands now, if it had been set before: it has gone on with the machine's clock. */
export async function readClock(
  home: Home,
  machineNow: Temporal.Instant,
): Promise<Temporal.Instant | undefined> {
  const text = await home.readText(CLOCK);
  if (text === undefined) return undefined;
  const { machine, virtual } = clockSchema.parse(JSON.parse(text));
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
