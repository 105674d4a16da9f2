/** Finds a strategy by its name, or a user's own by the path of its file. */
import { access } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { closest } from "../platform/closest.ts";
import { type Failure, fail, type Result, succeed } from "../platform/result.ts";
import { premarketMomentum } from "./premarket-momentum.ts";
import { rsiSentiment } from "./rsi-sentiment.ts";
import type { Strategy } from "./strategy.ts";
import { strategyFaults } from "./strategy-faults.ts";
import { createTimeLimit, limited } from "./time-limit.ts";
import { trendBreakout } from "./trend-breakout.ts";
import { LOAD_MS, type Trial, tryLoading } from "./try-loading.ts";

/** The built-in strategies, by name. */
export const BUILT_IN: ReadonlyMap<string, Strategy> = new Map(
  [premarketMomentum, rsiSentiment, trendBreakout].map((one: Strategy) => [one.name, one]),
);

export type StrategyFailure = "STRATEGY_UNKNOWN" | "STRATEGY_INVALID";

const EXTENSIONS: readonly string[] = [".ts", ".mts", ".js", ".mjs"];

/**
 * The strategy of a name, or the export `strategy` of a file, whose path is taken from `folder`. A file is read
 * once: what is changed in it afterwards takes a new start. `detail.reason` says what is wrong and what to write.
 * `loadMs`: how long a file may take to load, of the machine's time.
 */
export async function loadStrategy(
  nameOrPath: string,
  folder: string,
  loadMs = LOAD_MS,
): Promise<Result<Strategy, StrategyFailure>> {
  if (!isPath(nameOrPath)) {
    const found = BUILT_IN.get(nameOrPath);
    return found === undefined ? unknownName(nameOrPath) : succeed(found);
  }
  if (!EXTENSIONS.includes(extname(nameOrPath))) {
    return fail("STRATEGY_UNKNOWN", {
      reason: `is no strategy file: its name ends in ${EXTENSIONS.join(", ")}`,
    });
  }
  return loadFile(resolve(folder, nameOrPath), loadMs);
}

/** A name has neither a slash nor an ending. */
function isPath(nameOrPath: string): boolean {
  return /[\\/]/.test(nameOrPath) || EXTENSIONS.includes(extname(nameOrPath));
}

function unknownName(name: string): Failure<"STRATEGY_UNKNOWN"> {
  const names = [...BUILT_IN.keys()];
  const meant = closest(name, names);
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  const reason = `is no strategy: write one of ${names.join(", ")}, or the path of a file such as ./strategies/mine.ts${hint}`;
  return fail("STRATEGY_UNKNOWN", { reason });
}

/** By path: what is loaded once is loaded for as long as the process lives, and so is what could not be. */
const trials = new Map<string, Promise<Trial>>();

function tried(path: string, loadMs: number): Promise<Trial> {
  const trial = trials.get(path) ?? tryLoading(pathToFileURL(path).href, loadMs);
  trials.set(path, trial);
  return trial;
}

async function loadFile(path: string, loadMs: number): Promise<Result<Strategy, StrategyFailure>> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    return fail("STRATEGY_UNKNOWN", {
      reason: "is a file that is not there: write its path from the configuration's folder",
    });
  }
  const trial = await tried(path, loadMs);
  if (trial !== "ends") {
    const took = trial === "takes too long" ? ` (${loadMs / 1_000} s)` : "";
    return fail("STRATEGY_INVALID", {
      reason: `is a file that cannot be loaded: ${path} ${trial}${took}; look for a loop or an \`await\` outside of its functions`,
    });
  }
  let module: unknown;
  try {
    module = await import(/* @vite-ignore */ pathToFileURL(path).href);
  } catch (error) {
    return fail("STRATEGY_INVALID", { reason: `is a file that cannot be loaded: ${messageOf(error)}` });
  }
  return readStrategy((module as { readonly strategy?: unknown }).strategy);
}

function readStrategy(strategy: unknown): Result<Strategy, StrategyFailure> {
  try {
    const [fault] = createTimeLimit()(() => strategyFaults(strategy));
    if (fault !== undefined) return fail("STRATEGY_INVALID", { reason: `is a file whose ${fault}` });
  } catch (error) {
    return fail("STRATEGY_INVALID", {
      reason: `is a file whose strategy cannot be tried: ${messageOf(error)}`,
    });
  }
  return succeed(limited(strategy as Strategy));
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
