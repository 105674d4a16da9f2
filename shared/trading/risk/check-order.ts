/**
 * The one risk engine: every control of the table, over facts that were read before, without any effect. Pure.
 *
 * 1. Every control is asked, and every one that says no is told.
 * 2. What is missing denies: a limit, a fact, a number that is none.
 * 3. An order that closes is stopped by no limit: only by its own shape, its environment, and a halt.
 * 4. What it returns reserves what it weighed. Written in the transaction that read the facts, no two orders
 *    that pass can together be more than a limit.
 */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { InstrumentRules } from "../../brokers/instrument-rules.ts";
import type { AccountConfig, AccountId } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { AccountRecord } from "../account-record.ts";
import type { AccountLedger, BotLedger } from "../ledger/records.ts";
import type { OrderRecord, StoredTicket } from "../records.ts";
import type { TradingState } from "../trading-state.ts";
import { checkBook } from "./check-book.ts";
import { checkLosses } from "./check-losses.ts";
import { checkPace } from "./check-pace.ts";
import { checkReduction } from "./check-reduction.ts";
import { checkShape } from "./check-shape.ts";
import { checkStanding } from "./check-standing.ts";
import type { ControlCode } from "./controls.ts";
import { Findings } from "./findings.ts";
import { afterDenial, afterPass } from "./next-risk.ts";
import type { AccountRisk, BotRisk } from "./records.ts";
import { type Weighing, weigh } from "./weigh.ts";

export interface RiskQuestion {
  readonly now: Temporal.Instant;
  readonly account: AccountId;
  readonly bot: BotConfig;
  readonly clientOrderId: string;
  readonly ticket: StoredTicket;
  /**
   * An order of the bot that this one replaces: what it reserved is not counted. This one may be given to the
   * broker only while that one has been filled no further than it was when this was weighed, and in one step.
   */
  readonly amends?: string;
}

/** The latest price of an instrument, fresh or not. */
export interface Mark {
  readonly bid: Decimal;
  readonly ask: Decimal;
  /** Money of the account's currency for one of the instrument's; 1 where they are the same. */
  readonly conversion: Decimal;
}

/** What is not known is undefined, and denies. */
export interface RiskFacts {
  readonly config: AccountConfig | undefined;
  readonly record: AccountRecord | undefined;
  readonly rules: InstrumentRules | undefined;
  readonly quote: { readonly bid: Decimal; readonly ask: Decimal; readonly at: Temporal.Instant } | undefined;
  /** Money of the account's currency for one of the instrument's; 1 where they are the same. */
  readonly conversion: Decimal | undefined;
  /**
   * Of every instrument in which the account has a lot, or an order of others works; that of the order's own
   * may be left out while there is a quote.
   */
  readonly marks: ReadonlyMap<string, Mark>;
  /** Give an empty one where nothing was ever filled. */
  readonly ledger: AccountLedger | undefined;
  readonly botLedger: BotLedger | undefined;
  readonly risk: AccountRisk;
  readonly botRisk: BotRisk;
  /** The records of the orders that `risk.reservations` names, as they are now, by client order id. */
  readonly reserved: ReadonlyMap<string, OrderRecord>;
  /** The bot's latest refusals by the broker in a row, since a person last let it go on. */
  readonly rejectionsInRow: number;
  /** The strictest of the states that hold for the bot. */
  readonly tradingState: TradingState;
  /** Why the market or the bot's session is closed; undefined while it is open. */
  readonly closedBecause: string | undefined;
  /** `not-needed` where no order of the account needs one. */
  readonly token:
    | { readonly isAcknowledged: boolean; readonly expiresAt: Temporal.Instant }
    | "not-needed"
    | undefined;
  /** How far the worker's clock is ahead of the broker's, in milliseconds; undefined where nobody has measured it: that passes on paper alone. */
  readonly clockDriftMs: number | undefined;
  readonly builds: { readonly here: string; readonly worker: string | undefined };
  /** Whether this bot has earned live and the configuration is the one that earned it; always true on paper. */
  readonly mayTradeLive: boolean;
  /** How much worse than quoted the bot's market orders were filled lately, in percent; on paper its terms say it. */
  readonly slippagePercent?: Decimal | undefined;
}

export interface Denial {
  readonly code: ControlCode;
  /** One sentence with the figure and the limit. */
  readonly text: string;
}

export interface Warning extends Denial {
  /** Of 100: 50 or 80. */
  readonly reached: 50 | 80;
  /** Whose limit it is. */
  readonly scope: "account" | "bot";
}

/** What is brought into a state until a person lets it go on. */
export interface Latch extends Denial {
  readonly scope: "account" | "bot";
  readonly state: "reducing" | "halted";
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
      /** One that this order has closed: its state is to be written in the same transaction. */
      readonly latch?: Latch;
    };

/** Checks an order that opens, closes, or amends. */
export function checkOrder(question: RiskQuestion, facts: RiskFacts): Verdict {
  const findings = new Findings();
  checkStanding(question, facts, findings);
  let weighing: Weighing | undefined;
  if (question.ticket.closes !== undefined) {
    checkReduction(question, facts, findings);
  } else {
    weighing = weigh(question, facts, findings);
    if (weighing !== undefined) checkOpening(weighing, findings);
  }
  const [first, ...others] = findings.denials;
  if (first === undefined) {
    return { kind: "passed", warnings: findings.warnings, ...afterPass(question, facts, weighing) };
  }
  const latch = findings.latched(facts.tradingState);
  return {
    kind: "denied",
    denials: [first, ...others],
    botRisk: afterDenial(question, facts, { weighing, latch }),
    ...(latch !== undefined && { latch }),
  };
}

function checkOpening(weighing: Weighing, findings: Findings): void {
  checkPace(weighing, findings);
  checkShape(weighing, findings);
  checkBook(weighing, findings);
  checkLosses(weighing, findings);
}
