/** Everything that an order which opens is weighed by, with nothing missing. Pure. */
import { Decimal } from "decimal.js";
import type { InstrumentRules } from "../../brokers/instrument-rules.ts";
import type { AccountConfig } from "../../config/account.ts";
import { accountLimitsSchema, type BotLimits, botLimitsSchema } from "../../config/limits.ts";
import type { AccountRecord } from "../account-record.ts";
import type { AccountLedger, BotLedger } from "../ledger/records.ts";
import { newYorkDate, newYorkWeek } from "../new-york-day.ts";
import type { StoredTicket } from "../records.ts";
import { type Book, countBook } from "./book.ts";
import { resultOf } from "./check-losses.ts";
import type { RiskFacts, RiskQuestion } from "./check-order.ts";
import type { Findings } from "./findings.ts";
import { converted, isAboveZero } from "./shares.ts";
import { expectedSlippage } from "./slippage.ts";

type Priced = Pick<StoredTicket, "type" | "side" | "limitPrice" | "stopPrice">;
type Spread = { readonly bid: Decimal; readonly ask: Decimal };

export interface Weighing {
  readonly question: RiskQuestion;
  readonly facts: RiskFacts;
  readonly ticket: StoredTicket;
  readonly limits: BotLimits;
  readonly config: AccountConfig;
  readonly record: AccountRecord;
  readonly rules: InstrumentRules;
  readonly bid: Decimal;
  readonly ask: Decimal;
  readonly conversion: Decimal;
  readonly ledger: AccountLedger;
  readonly botLedger: BotLedger;
  readonly today: string;
  readonly week: string;
  /** The price at which it is expected to be filled, at worst but for slippage. */
  readonly entry: Decimal;
  /** Money of the account's currency that one unit of it is weighed by. */
  readonly unitValue: Decimal;
  readonly notional: Decimal;
  /** Of one fill at the market, in percent of the price. */
  readonly slippagePercent: Decimal;
  readonly book: Book;
  /** What the bot has made since it began, open positions included. */
  readonly profit: Decimal;
}

const BOT_LIMITS = namesOf(botLimitsSchema.shape);
const ACCOUNT_LIMITS = namesOf(accountLimitsSchema.shape);

/** What the order is weighed by; undefined, and denied, where something is missing. */
export function weigh(question: RiskQuestion, facts: RiskFacts, findings: Findings): Weighing | undefined {
  const { ticket, bot, now } = question;
  const { config, record, rules, conversion, ledger, botLedger } = facts;
  const quote = presentQuote(question, facts, findings);
  const entry = quote === undefined ? undefined : entryOf(ticket, quote);
  if (quote !== undefined && entry === undefined) {
    findings.deny("PRICE_OFF_STEP", `An order of the type ${ticket.type} needs its price.`);
  }
  if (
    !isComplete(question, facts, findings) ||
    config === undefined ||
    record === undefined ||
    rules === undefined ||
    conversion === undefined ||
    ledger === undefined ||
    botLedger === undefined ||
    quote === undefined ||
    entry === undefined
  ) {
    return undefined;
  }
  const unitValue = converted(weighedBy(ticket, entry, quote.ask), conversion);
  const notional = unitValue.times(ticket.quantity);
  const book = countBook({ question, facts, record, ledger, mark: { ...quote, conversion } });
  return {
    question,
    facts,
    ticket,
    limits: bot.limits,
    config,
    record,
    rules,
    bid: quote.bid,
    ask: quote.ask,
    conversion,
    ledger,
    botLedger,
    today: newYorkDate(now),
    week: newYorkWeek(now),
    entry,
    unitValue,
    notional,
    slippagePercent: expectedSlippage(config, facts.slippagePercent, quote),
    book,
    profit: resultOf(botLedger.total, book.unrealised),
  };
}

/** Whether every limit and fact is there; each that is not is denied. */
function isComplete({ bot, ticket }: RiskQuestion, facts: RiskFacts, findings: Findings): boolean {
  const { config, record, rules, conversion, ledger, botLedger } = facts;
  return [
    known(config, "The account has no limits.", findings),
    known(record, "Nothing is known of the account's money yet.", findings),
    known(rules, `The broker's rules for ${ticket.instrument} are not known.`, findings),
    known(positive(conversion), `The value of ${ticket.instrument}'s currency is not known.`, findings),
    known(ledger, "The account's ledger is not known.", findings),
    known(botLedger, "The bot's ledger is not known.", findings),
    hasAll(bot.limits, BOT_LIMITS, "bot", findings),
    config === undefined || hasAll(config.limits, ACCOUNT_LIMITS, "account", findings),
  ].every(Boolean);
}

/**
 * The price of one unit by which an order's money is reckoned, in the instrument's currency; undefined where its
 * type needs a price that it lacks. Whoever sizes an order sizes it by this.
 */
export function weighedPrice(ticket: Priced, quote: Spread): Decimal | undefined {
  const entry = entryOf(ticket, quote);
  return entry === undefined ? undefined : weighedBy(ticket, entry, quote.ask);
}

/** A limit order to buy pays no more than its price; whatever else is open is worth the ask. */
function weighedBy({ type, side }: Priced, entry: Decimal, ask: Decimal): Decimal {
  return entry === ask || (type === "limit" && side === "buy") ? entry : Decimal.max(entry, ask);
}

/** The quote where it can be reckoned with; one that is too old is denied, and reckoned with all the same. */
function presentQuote(
  { ticket, bot, now }: RiskQuestion,
  { quote }: RiskFacts,
  findings: Findings,
): Spread | undefined {
  if (quote === undefined) {
    findings.deny("QUOTE_STALE", `There is no price of ${ticket.instrument}.`);
    return undefined;
  }
  const { bid, ask, at } = quote;
  if (!isAboveZero(bid) || !ask.gte(bid) || !ask.isFinite()) {
    findings.deny("QUOTE_STALE", `The price of ${ticket.instrument} is none: bid ${bid}, ask ${ask}.`);
    return undefined;
  }
  const seconds = Math.abs(now.epochMilliseconds - at.epochMilliseconds) / 1_000;
  const most = bot.limits.quoteAge;
  // A limit that is missing is denied by itself.
  if (Number.isFinite(most)) {
    findings.count("QUOTE_STALE", { used: seconds, before: 0, limit: most }, () => {
      return `The price of ${ticket.instrument} is ${seconds} seconds old; ${most} are allowed.`;
    });
  }
  return { bid, ask };
}

/** The price that an order is reckoned to be filled at; undefined where its type needs one that it lacks. */
function entryOf({ type, side, limitPrice, stopPrice }: Priced, { bid, ask }: Spread): Decimal | undefined {
  switch (type) {
    case "market":
      return side === "buy" ? ask : bid;
    case "limit":
      return limitPrice;
    case "stop":
      if (stopPrice === undefined) return undefined;
      return side === "buy" ? Decimal.max(stopPrice, ask) : Decimal.min(stopPrice, bid);
    default:
      return type satisfies never;
  }
}

function known(value: unknown, text: string, findings: Findings): boolean {
  if (value !== undefined) return true;
  findings.deny("LIMIT_MISSING", text);
  return false;
}

function hasAll(limits: object, names: readonly string[], whose: string, findings: Findings): boolean {
  let isWhole = true;
  for (const name of names) {
    if (isSet(Reflect.get(limits, name))) continue;
    findings.deny("LIMIT_MISSING", `The limit ${name} of the ${whose} is not set.`);
    isWhole = false;
  }
  return isWhole;
}

function isSet(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return value !== undefined && !(Decimal.isDecimal(value) && !value.isFinite());
}

function positive(value: Decimal | undefined): Decimal | undefined {
  return value !== undefined && isAboveZero(value) ? value : undefined;
}

function namesOf(shape: Readonly<Record<string, { isOptional(): boolean }>>): readonly string[] {
  return Object.keys(shape).filter((name) => shape[name]?.isOptional() !== true);
}
