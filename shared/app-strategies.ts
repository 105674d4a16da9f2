/** The bots of a configuration and their strategies, each checked against the other. */
import { dirname } from "node:path";
import type { Config } from "./config/config.ts";
import { explainFaults, type Fault } from "./config/explain-faults.ts";
import { jsonSchemaOf, type SchemaNode } from "./config/json-schema.ts";
import { loadConfig } from "./config/load-config.ts";
import type { Strategy } from "./strategies/strategy.ts";

type Bot = Config["bots"][number];

/**
 * {@link loadConfig} for a process that runs bots: a strategy that is not known or cannot be used, and parameters
 * that it does not take, are faults of the file like any other.
 */
export function loadConfigWithStrategies(path: string): Promise<Config> {
  return loadConfig(path, (config) => checkBots(config, dirname(path)));
}

/** The faults of every bot's strategy and parameters. Paths of files are taken from `folder`. */
export async function checkBots(config: Config, folder: string): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  const known: Dues = new Map();
  for (const [index, bot] of config.bots.entries()) {
    faults.push(...(await checkBot(bot, index, folder)), ...(await dueFaults(bot, index, known)));
  }
  return faults;
}

/** By cadence and session: many bots have few of them. */
type Dues = Map<string, number | null | undefined>;

/** A bot that is never due would never look, and nobody would be told. */
async function dueFaults(bot: Bot, index: number, known: Dues): Promise<readonly Fault[]> {
  const { dueOnlyAfter } = await import("./trading/ticks/ever-due.ts");
  const key = JSON.stringify([bot.everyMinutes, bot.afterMinutes, bot.session]);
  const after = known.has(key) ? known.get(key) : dueOnlyAfter(bot);
  known.set(key, after);
  if (after === undefined) return [];
  if (after === null) {
    return [
      { keys: ["bots", index, "session"], reason: "never begins: write days and hours in which it does" },
    ];
  }
  const reason = `is never due within the bot's session, counted from midnight in New York: write fewer, or \`afterMinutes: ${after}\` beside it`;
  return [{ keys: ["bots", index, "everyMinutes"], reason }];
}

/** Loaded with the first bot: a process without any has no need of indicators. */
async function checkBot(bot: Bot, index: number, folder: string): Promise<readonly Fault[]> {
  const { loadStrategy } = await import("./strategies/registry.ts");
  const loaded = await loadStrategy(bot.strategy, folder);
  if (loaded.ok) return parameterFaults(loaded.value, bot, index);
  return [{ keys: ["bots", index, "strategy"], reason: String(loaded.detail.reason) }];
}

function parameterFaults(strategy: Strategy, bot: Bot, index: number): readonly Fault[] {
  const { parameters } = strategy;
  const parsed = parameters.safeParse(bot.parameters);
  if (parsed.success) return cadenceFaults(bot, index, strategy.longestCadence?.(parsed.data));
  const faults = explainFaults(parsed.error, schemaOf(parameters), bot.parameters);
  return faults.map(({ keys, reason }) => ({ keys: ["bots", index, "parameters", ...keys], reason }));
}

function cadenceFaults(
  { strategy, everyMinutes }: Bot,
  index: number,
  longest = everyMinutes,
): readonly Fault[] {
  if (everyMinutes <= longest) return [];
  const reason = `is too seldom for ${strategy} with these parameters: write at most ${longest}`;
  return [{ keys: ["bots", index, "everyMinutes"], reason }];
}

/** A user's own schema may be of a kind that cannot be told: then zod's words have to do. */
function schemaOf(parameters: Strategy["parameters"]): SchemaNode {
  try {
    return jsonSchemaOf(parameters);
  } catch {
    return {};
  }
}
