/** What open lots and an account stand at. Pure. */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { AccountRecord } from "../account-record.ts";
import { newYorkDate, newYorkWeek } from "../new-york-day.ts";
import { minus, plus, times, ZERO } from "./exact.ts";
import type { Lot } from "./records.ts";

/** What is needed to value a lot; undefined where it is not known. */
export interface Prices {
  quoteOf(instrument: string): { readonly bid: Decimal; readonly ask: Decimal } | undefined;
  /** Money of the account's currency for one of the instrument's; 1 where they are the same. */
  conversionOf(instrument: string): Decimal | undefined;
}

export interface Valuation {
  /** Gross, in the account's currency, of the lots that could be valued. */
  readonly unrealised: Decimal;
  /** The same of each bot that has one. */
  readonly byBot: ReadonlyMap<string, Decimal>;
  /** Those without a quote or a conversion: the sums say nothing of them. */
  readonly unvalued: readonly Lot[];
}

/** Values lots at what closing them would bring: longs at the bid, shorts at the ask. */
export function valueLots(lots: readonly Lot[], prices: Prices): Valuation {
  const byBot = new Map<string, Decimal>();
  const unvalued: Lot[] = [];
  let unrealised = ZERO;
  for (const lot of lots) {
    const value = valueLot(lot, prices);
    if (value === undefined) {
      unvalued.push(lot);
      continue;
    }
    unrealised = plus(unrealised, value);
    if (lot.bot !== undefined) byBot.set(lot.bot, plus(byBot.get(lot.bot) ?? ZERO, value));
  }
  return { unrealised, byBot, unvalued };
}

function valueLot({ instrument, side, quantity, price }: Lot, prices: Prices): Decimal | undefined {
  const quote = prices.quoteOf(instrument);
  const conversion = prices.conversionOf(instrument);
  if (quote === undefined || conversion === undefined) return undefined;
  const gain = side === "buy" ? minus(quote.bid, price) : minus(price, quote.ask);
  return times(times(gain, quantity), conversion);
}

export type EquityMarks = Pick<AccountRecord, "peakEquity" | "dayEquity" | "day" | "weekEquity" | "week">;

/** What an account was last seen to be worth. */
type Sight = Pick<AccountRecord, "equity" | "at">;

/** Over a weekend with a holiday a broker may not be asked for so long. What was seen before says nothing. */
const SIGHT_GOOD_FOR_MS = 5 * 24 * 60 * 60_000;

/**
 * The marks that an account's losses are measured from, with a new day or week begun where New York's midnight or
 * Monday has passed. `before`: missing at the first sight of the account. A clock that was set back begins nothing.
 *
 * A day whose beginning nobody saw, as at E*TRADE before each morning's login, begins with what was there last:
 * what was lost since is lost in it. More than that is no gain of the day, for it may have been paid in.
 */
export function rollAccount(
  before: (EquityMarks & Partial<Sight>) | undefined,
  now: Temporal.Instant,
  equity: Decimal,
): EquityMarks {
  const [date, monday] = [newYorkDate(now), newYorkWeek(now)];
  const beginning = beginningOf(before, now, equity);
  const isSameDay = before !== undefined && before.day >= date;
  const isSameWeek = before !== undefined && before.week >= monday;
  return {
    peakEquity: before === undefined || equity.gt(before.peakEquity) ? equity : before.peakEquity,
    dayEquity: isSameDay ? before.dayEquity : beginning,
    day: isSameDay ? before.day : date,
    weekEquity: isSameWeek ? before.weekEquity : beginning,
    week: isSameWeek ? before.week : monday,
  };
}

function beginningOf(before: Partial<Sight> | undefined, now: Temporal.Instant, equity: Decimal): Decimal {
  if (before?.equity === undefined || before.at === undefined) return equity;
  const isOld = now.epochMilliseconds - before.at.epochMilliseconds > SIGHT_GOOD_FOR_MS;
  return !isOld && before.equity.gt(equity) ? before.equity : equity;
}
