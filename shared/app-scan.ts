/** The scans before the open of every bot that trades by a list. */
import type { Temporal } from "temporal-polyfill";
import type { Platform } from "./app.ts";
import type { Brokers } from "./app-brokers.ts";
import type { BotConfig } from "./config/bot.ts";
import type { Config } from "./config/config.ts";
import type { Connection, ConnectionId } from "./config/connection.ts";
import type { Secret } from "./platform/secret.ts";
import { BUILT_IN, loadStrategy } from "./strategies/registry.ts";
import { createHeldTokens } from "./tokens/held-tokens.ts";
import { isScanTime, runScan, type ScanDeps, type ScanOutcome } from "./trading/scan/run-scan.ts";

export interface ScanSurroundings {
  readonly platform: Platform;
  readonly config: Config;
  readonly strategyFolder: string;
  readonly brokers: Pick<Brokers, "scanQuotesOf">;
}

/** What became of each bot's scan; bots that need none, and those outside of their window, are left out. */
export type Scanned = Readonly<Record<string, ScanOutcome["did"]>>;

/**
 * Scans for every bot that trades by a list and whose window is open. Safe to repeat. One that breaks is told in
 * the log and holds up no other.
 */
export async function scanAll(surroundings: ScanSurroundings, now: Temporal.Instant): Promise<Scanned> {
  const { platform, config, strategyFolder } = surroundings;
  const log = platform.log.for("scan");
  const did: Record<string, ScanOutcome["did"]> = {};
  for (const bot of config.bots) {
    if (!isScanTime(bot, now)) continue;
    try {
      const strategy = await loadStrategy(bot.strategy, strategyFolder);
      if (!strategy.ok || !strategy.value.needs.includes("watchlist")) continue;
      did[bot.id] = (await runScan({ store: platform.store, log, ...waysOf(surroundings) }, bot, now)).did;
    } catch (error) {
      log.error("scan-broken", { bot: bot.id, error });
      did[bot.id] = "failed";
    }
  }
  return did;
}

/** Whether a scan of some bot could run now; a strategy of one's own counts as one that needs a list. */
export function isAnyScanTime(bots: readonly BotConfig[], now: Temporal.Instant): boolean {
  return bots.some((bot) => {
    const needs = BUILT_IN.get(bot.strategy)?.needs;
    return (needs === undefined || needs.includes("watchlist")) && isScanTime(bot, now);
  });
}

function waysOf({ platform, config, brokers }: ScanSurroundings): Pick<ScanDeps, "tokenOf" | "quotesOf"> {
  const connectionOf = (id: ConnectionId) => config.connections.find((one) => one.id === id);
  return {
    async tokenOf(id) {
      const connection = connectionOf(id);
      return connection && liveToken(platform, connection);
    },
    async quotesOf(id) {
      const connection = connectionOf(id);
      return connection && brokers.scanQuotesOf(connection);
    },
  };
}

/** A scan revives no token: who keeps it alive does. */
async function liveToken(platform: Platform, connection: Connection): Promise<Secret | undefined> {
  const keep = async () => ({ did: "failed", code: "TOKEN_NOT_LIVE" }) as const;
  return (await createHeldTokens({ ...platform, keep }, connection).current())?.token;
}
