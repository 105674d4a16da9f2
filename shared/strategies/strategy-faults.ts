/** Whether what a file exports is a strategy. Pure but for what the strategy itself does when it is started. */

const NEEDS: readonly unknown[] = ["sentiment", "watchlist", "trades"];
const MOST_BARS = 5_000;

/** What is wrong with it, in the order in which to mend it; none for a strategy. Never throws. */
export function strategyFaults(given: unknown): readonly string[] {
  if (typeof given !== "object" || given === null) {
    return ["export `strategy` is missing: write `export const strategy = { … }`"];
  }
  const { name, summary, needs, parameters, warmup, start } = given as Readonly<Record<string, unknown>>;
  const faults: string[] = [];
  if (!isText(name)) faults.push("`strategy.name` is missing: write a name such as `mine`");
  if (!isText(summary)) faults.push("`strategy.summary` is missing: write one sentence");
  if (!Array.isArray(needs) || needs.some((one) => !NEEDS.includes(one))) {
    faults.push(
      '`strategy.needs` is wrong: write a list of "sentiment", "watchlist" and "trades", or an empty one',
    );
  }
  if (!isSchema(parameters)) faults.push("`strategy.parameters` is missing: write a zod schema");
  if (typeof warmup !== "function") {
    faults.push("`strategy.warmup` is missing: write a function that tells a number of bars");
  }
  if (typeof start !== "function") {
    faults.push("`strategy.start` is missing: write a function that gives a run");
  }
  return faults.length > 0 || !isSchema(parameters) ? faults : trialFaults(given as Startable, parameters);
}

interface Startable {
  warmup(parameters: unknown): unknown;
  start(parameters: unknown): unknown;
}

interface Schema {
  safeParse(value: unknown): { readonly success: boolean; readonly data?: unknown };
}

/** Starts it once with its defaults. */
function trialFaults(strategy: Startable, parameters: Schema): readonly string[] {
  try {
    const parsed = parameters.safeParse({});
    if (!parsed.success)
      return ["`strategy.parameters` has parameters without a default: give every one its own"];
    const bars = strategy.warmup(parsed.data);
    if (typeof bars !== "number" || !Number.isInteger(bars) || bars < 0 || bars > MOST_BARS) {
      return [`\`strategy.warmup\` tells no number of bars from 0 to ${MOST_BARS}`];
    }
    const run = strategy.start(parsed.data) as Readonly<Record<string, unknown>> | undefined;
    const missing = ["bar", "isWarm", "decide"].find((key) => typeof run?.[key] !== "function");
    return missing === undefined ? [] : [`\`strategy.start\` gives a run without \`${missing}\``];
  } catch (error) {
    return [`strategy cannot be started: ${error instanceof Error ? error.message.split("\n")[0] : ""}`];
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.length > 0;
}

function isSchema(value: unknown): value is Schema {
  return (
    typeof value === "object" &&
    value !== null &&
    "safeParse" in value &&
    typeof value.safeParse === "function"
  );
}
