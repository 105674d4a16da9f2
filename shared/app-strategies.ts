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
  for (const [index, bot] of config.bots.entries()) faults.push(...(await checkBot(bot, index, folder)));
  return faults;
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
