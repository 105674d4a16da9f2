/** The one risk engine: every control of the table, over facts that were read before, without any effect. Pure. */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { InstrumentRules } from "../../brokers/instrument-rules.ts";
import type { AccountConfig, AccountId } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { AccountRecord } from "../account-record.ts";
import type { AccountLedger, BotLedger } from "../ledger/records.ts";
import type { OrderRecord, StoredTicket } from "../records.ts";
import type { TradingState } from "../trading-state.ts";
import type { ControlCode } from "./controls.ts";
import type { AccountRisk, BotRisk } from "./records.ts";

export interface RiskQuestion {
  readonly now: Temporal.Instant;
  readonly account: AccountId;
  readonly bot: BotConfig;
  readonly clientOrderId: string;
  readonly ticket: StoredTicket;
  /** An order that this one replaces: what it reserved is not counted. */
  readonly amends?: string;
}

/** What is not known is undefined, and denies. */
export interface RiskFacts {
  readonly config: AccountConfig | undefined;
  readonly record: AccountRecord | undefined;
  readonly rules: InstrumentRules | undefined;
  readonly quote: { readonly bid: Decimal; readonly ask: Decimal; readonly at: Temporal.Instant } | undefined;
  /** Money of the account's currency for one of the instrument's; 1 where they are the same. */
  readonly conversion: Decimal | undefined;
  readonly ledger: AccountLedger | undefined;
  readonly botLedger: BotLedger | undefined;
  readonly risk: AccountRisk;
  readonly botRisk: BotRisk;
  /** The records of the orders that `risk.reservations` names, as they are now. */
  readonly reserved: ReadonlyMap<string, OrderRecord>;
  /** The account's and the bot's latest refusals by the broker in a row. */
  readonly rejectionsInRow: number;
  readonly tradingState: TradingState;
  /** Why the market or the bot's session is closed; undefined while it is open. */
  readonly closedBecause: string | undefined;
  /** Undefined on paper: it needs none. */
  readonly token:
    | { readonly isAcknowledged: boolean; readonly expiresAt: Temporal.Instant }
    | "not-needed"
    | undefined;
  /** How far this machine's clock is from the broker's, in milliseconds; undefined where nobody has measured it. */
  readonly clockDriftMs: number | undefined;
  readonly builds: { readonly here: string; readonly worker: string | undefined };
  /** Whether this bot has earned live and the configuration is the one that earned it; always true on paper. */
  readonly mayTradeLive: boolean;
}

export interface Denial {
  readonly code: ControlCode;
  /** One sentence with the figure and the limit. */
  readonly text: string;
}

export interface Warning extends Denial {
  /** Of 100: 50 or 80. */
  readonly reached: 50 | 80;
}

export type Verdict =
  | {
      readonly kind: "passed";
      readonly warnings: readonly Warning[];
      /** What is to be written in the same transaction as the order. */
      readonly risk: AccountRisk;
      readonly botRisk: BotRisk;
    }
  /** Every control that says no; the first is the one that is told. */
  | {
      readonly kind: "denied";
      readonly denials: readonly [Denial, ...Denial[]];
      /** Written all the same: repeats are counted, whatever was said to them. */
      readonly botRisk: BotRisk;
      /** A latch that this order has closed: the bot is to be halted in the same transaction. */
      readonly halts?: Denial;
    };

/** Checks an order that opens, closes, or amends. Placeholder until the controls are in. */
export declare function checkOrder(question: RiskQuestion, facts: RiskFacts): Verdict;
