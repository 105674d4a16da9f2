/** The commands that take data out of a home, check it, and bring it back: they read the files alone, without a key. */
import { once } from "node:events";
import { createWriteStream, existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Temporal } from "temporal-polyfill";
import { createAuditLog } from "../../../shared/audit/audit-log.ts";
import { EXCHANGE_TIME_ZONE } from "../../../shared/calendar/sessions.ts";
import { createSqliteStore } from "../../../shared/platform/local/sqlite-store.ts";
import { createSystemClock } from "../../../shared/platform/local/system-clock.ts";
import { fail } from "../../../shared/platform/result.ts";
import type { Store } from "../../../shared/platform/store.ts";
import { backUpHome, type RestoreOptions, restoreHome } from "../../local/backup.ts";
import { readBuild } from "../../local/build.ts";
import { openHome } from "../../local/home.ts";
import { HomeInUse, lockHome } from "../../local/home-lock.ts";
import { readStackEnvironment } from "../../local/stack-environment.ts";
import { findHome } from "../open-app.ts";
import { tellFailure } from "../tell-failure.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";
import { exportRecords } from "./export-records.ts";
import { EXPORT_TABLES, type ExportName } from "./export-tables.ts";

export interface ExportOptions {
  readonly what: ExportName;
  readonly format: "csv" | "json";
  readonly account?: string;
  /** New York's dates, both included. */
  readonly from?: Temporal.PlainDate;
  readonly to?: Temporal.PlainDate;
  /** Default: the standard output. */
  readonly out?: string;
}

export function runExport(world: World, options: ExportOptions): Promise<ExitCode> {
  const { terminal } = world;
  const { account, from, to, out } = options;
  const request = {
    table: EXPORT_TABLES[options.what],
    format: options.format,
    ...(account !== undefined && { account }),
    ...(from !== undefined && { from: midnightOf(from) }),
    ...(to !== undefined && { until: midnightOf(to.add({ days: 1 })) }),
  };
  return withStore(world, async (store) => {
    if (out === undefined) {
      await exportRecords(store, request, (text) => terminal.write(text));
      return 0;
    }
    if (existsSync(out))
      return tellFailure(terminal, fail("FILE_NOT_WRITTEN", { file: out, fault: "it exists" }));
    const written = await writeToFile(out, (write) => exportRecords(store, request, write));
    if (typeof written === "string") {
      return tellFailure(terminal, fail("FILE_NOT_WRITTEN", { file: out, fault: written }));
    }
    terminal.print(`${written} ${options.what} in ${out}`);
    return 0;
  });
}

/** 1 where the chain is broken. */
export function runAuditVerify(world: World): Promise<ExitCode> {
  return withStore(world, async (store) => {
    const verdict = await createAuditLog({ store, clock: createSystemClock() }).verify();
    if (!verdict.isIntact) {
      return tellFailure(world.terminal, fail("AUDIT_BROKEN", { entry: verdict.brokenAt }));
    }
    world.terminal.print(
      `The audit log is whole: ${verdict.entries} entries, each linked to the one before.`,
    );
    return 0;
  });
}

export async function runBackup({ environment, root, terminal }: World, file: string): Promise<ExitCode> {
  const home = await findHome(readStackEnvironment(environment).home);
  if (home === undefined) return tellFailure(terminal, fail("STACK_NOT_RUNNING"));
  const clock = createSystemClock();
  const made = await backUpHome(home, file, { at: clock.now(), build: await readBuild(root) });
  if (!made.ok) return tellFailure(terminal, made);
  terminal.print(`${made.value.documents} records and ${made.value.secrets} sealed secrets in ${file}`);
  terminal.print(
    "The secrets are encrypted. The master key that opens them is not in the file: it stays in the keychain, or in master.key of the state's folder. Without it every broker has to be logged in anew.",
  );
  return 0;
}

/** Takes the home for itself meanwhile: a stack that runs would write over what is brought back. */
export async function runRestore(
  { environment, terminal }: World,
  file: string,
  options: Pick<RestoreOptions, "withoutSecrets">,
): Promise<ExitCode> {
  const { home: folder } = readStackEnvironment(environment);
  try {
    const home = await openHome(folder, { isFresh: false });
    const release = await lockHome(folder);
    try {
      const restored = await restoreHome(home, file, { ...options, environment, clock: createSystemClock() });
      if (!restored.ok) return tellFailure(terminal, restored);
      const { documents, secrets, madeAt, keptAs } = restored.value;
      terminal.print(`${documents} records and ${secrets} sealed secrets of ${madeAt} are in ${home.folder}`);
      if (keptAs.length > 0) terminal.print(`What was there before is kept: ${keptAs.join(", ")}`);
      terminal.print("Trading is halted: look at the brokers' positions and orders, then resume it.");
      return 0;
    } finally {
      release();
    }
  } catch (error) {
    if (!(error instanceof HomeInUse)) throw error;
    terminal.complain(error.message);
    return 1;
  }
}

/** Opens the store of a home in which Openbell has run. */
async function withStore(
  { environment, terminal }: World,
  work: (store: Store) => Promise<ExitCode>,
): Promise<ExitCode> {
  const home = await findHome(readStackEnvironment(environment).home);
  const path = home?.path("store.db");
  if (path === undefined || !existsSync(path)) return tellFailure(terminal, fail("STACK_NOT_RUNNING"));
  const store = createSqliteStore({ path, durability: "process-death" });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** The result of `work`, or what the system said of the file; then there is none. */
async function writeToFile(
  file: string,
  work: (write: (text: string) => Promise<void>) => Promise<number>,
): Promise<number | string> {
  const stream = createWriteStream(file, { flags: "wx", mode: 0o600 });
  try {
    await once(stream, "open");
    const count = await work(async (text) => {
      if (!stream.write(text)) await once(stream, "drain");
    });
    stream.end();
    await once(stream, "close");
    return count;
  } catch (error) {
    stream.destroy();
    const { code } = error as { readonly code?: string };
    if (code === undefined) throw error;
    if (code !== "EEXIST") await rm(file, { force: true });
    return code;
  }
}

function midnightOf(date: Temporal.PlainDate): Temporal.Instant {
  return date.toZonedDateTime({ timeZone: EXCHANGE_TIME_ZONE }).toInstant();
}
