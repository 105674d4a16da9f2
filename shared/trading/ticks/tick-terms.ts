/** With what a tick's wishes are weighed, and what comes of it. */
import type { Temporal } from "temporal-polyfill";
import type { AccountConfig } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { OrderRecord } from "../records.ts";
import type { Denial, Latch, Warning } from "../risk/check-order.ts";
import type { AccountRisk, BotRisk } from "../risk/records.ts";
import type { TradedAccount } from "../traded-account.ts";
import type { Outcome } from "./look.ts";
import type { MarketView } from "./market-data.ts";
import type { OpeningHours } from "./opening-hours.ts";

/** A bot with everything of the configuration that concerns it. */
export interface BotPlace {
  /** With the mode that it trades in, which may be paper where it is configured live. */
  readonly bot: BotConfig;
  readonly configured: BotConfig["mode"];
  readonly account: TradedAccount;
  readonly config: AccountConfig | undefined;
}

export interface TickTerms extends BotPlace {
  readonly instant: Temporal.Instant;
  readonly now: Temporal.Instant;
  /** A market order that is not sent by then is not sent any more. */
  readonly sendBy: Temporal.Instant;
  /** The same of one that opens: sooner where the bot lets its ticks run late, or the session ends before. */
  readonly opensBy: Temporal.Instant;
  readonly hours: OpeningHours;
  readonly view: MarketView;
  readonly build: string;
  /** Whether the worker has shown a sign of life within minutes. */
  readonly isWorkerAlive: boolean;
  readonly mayTradeLive: boolean;
}

/** Something of the risk engine that the owner may read. */
export interface RiskNote extends Denial {
  readonly kind: "denied" | "warned";
  readonly clientOrderId: string;
  readonly reached?: Warning["reached"];
  /** Whose limit is warned of. */
  readonly scope?: Warning["scope"];
}

export interface Weighed {
  readonly outcomes: readonly Outcome[];
  readonly orders: readonly OrderRecord[];
  /** Orders with the wish to cancel them. */
  readonly cancels: readonly OrderRecord[];
  readonly risk: AccountRisk;
  readonly botRisk: BotRisk;
  readonly notes: readonly RiskNote[];
  readonly latch: Latch | undefined;
  /** Whether the risk engine was asked at all. */
  readonly isWeighed: boolean;
}
