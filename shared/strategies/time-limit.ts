/**
 * Keeps a strategy that does not come to an end from holding up everything else in its process: other bots, and
 * in the local stack the worker, its stops and a kill. It guards against mistakes, not against malice.
 */
import { createContext, Script } from "node:vm";
import type { Bar, Strategy, StrategyRun } from "./strategy.ts";

/** Far more than any answer takes, on a busy machine too; by the machine's time. */
const LIMIT_MS = 2_000;
/** One that had to be stopped so often is not asked again until the process starts anew. */
const MOST_STOPS = 3;

/** Runs work that does not wait for anything. Throws what the work throws, and an Error when it takes too long. */
export type RunWithin = <R>(work: () => R) => R;

/** A limit for the works of one strategy. `limitMs`: default 2,000. */
export function createTimeLimit(limitMs = LIMIT_MS): RunWithin {
  const script = new Script("work()");
  const surroundings: { work?: () => unknown } = {};
  const context = createContext(surroundings);
  let stops = 0;
  return (work) => {
    if (stops >= MOST_STOPS) {
      throw new Error(`it was stopped ${stops} times and is not asked again before the next start`);
    }
    surroundings.work = work;
    try {
      return script.runInContext(context, { timeout: limitMs });
    } catch (error) {
      if (!isTimeout(error)) throw error;
      stops += 1;
      throw new Error(`it did not come to an end within ${limitMs / 1_000} s`, { cause: error });
    }
  };
}

/** The strategy, with a limit to each of its works; bars are taken in with the next question, all in one go. */
export function limited(strategy: Strategy, within: RunWithin = createTimeLimit()): Strategy {
  const { name, summary, parameters: schema, needs, longestCadence } = strategy;
  return {
    ...{ name, summary, parameters: schema, needs },
    ...(longestCadence && { longestCadence: (parameters) => within(() => longestCadence(parameters)) }),
    warmup: (parameters) => within(() => strategy.warmup(parameters)),
    start: (parameters) =>
      limitedRun(
        within(() => strategy.start(parameters)),
        within,
      ),
  };
}

function limitedRun(run: StrategyRun, within: RunWithin): StrategyRun {
  let waiting: Bar[] = [];
  const asked = <R>(question: () => R): R =>
    within(() => {
      const bars = waiting;
      waiting = [];
      for (const bar of bars) run.bar(bar);
      return question();
    });
  return {
    bar: (bar) => void waiting.push(bar),
    isWarm: () => asked(() => run.isWarm()),
    decide: (context) => asked(() => run.decide(context)),
  };
}

/** It is no error of this realm, so its kind says nothing. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
  );
}
