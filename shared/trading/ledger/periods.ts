/** The sums of a day, a week and all time, and when they begin anew. Pure. */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { AccountId } from "../../config/account.ts";
import { newYorkDate, newYorkWeek } from "../new-york-day.ts";
import { plus, ZERO } from "./exact.ts";
import type { AccountLedger, BotLedger, Period } from "./records.ts";

type Book = Pick<AccountLedger, "day" | "week" | "total">;

/** What is added to the sums of a book. */
export interface Sums {
  readonly realised: Decimal;
  readonly fees: Decimal;
  readonly swap: Decimal;
  readonly trades: number;
  readonly wins: number;
}

export const NO_SUMS: Sums = { realised: ZERO, fees: ZERO, swap: ZERO, trades: 0, wins: 0 };

/** The ledger of an account of which no fill is known. */
export function newAccountLedger(account: AccountId, now: Temporal.Instant): AccountLedger {
  return { account, ...newBook(now), edition: 0, lots: [] };
}

/** The ledger of a bot of which no fill is known. */
export function newBotLedger(account: AccountId, bot: string, now: Temporal.Instant): BotLedger {
  return { account, bot, ...newBook(now), edition: 0 };
}

/**
 * The book with its day and week begun anew where New York's midnight or Monday has passed since; the very same
 * object where neither has. `unrealised`: what its open lots stand at, from which the new period is measured;
 * undefined where that is not known: then it is found later, see `measureFrom`.
 * Whoever reads a day's or a week's sums reads them through this: nothing is written while nothing is traded.
 */
export function rollBook<B extends Book>(book: B, now: Temporal.Instant, unrealised: Decimal | undefined): B {
  const day = begun(book.day, newYorkDate(now), unrealised);
  const week = begun(book.week, newYorkWeek(now), unrealised);
  return day === book.day && week === book.week ? book : { ...book, day, week };
}

/**
 * The book with its day and week measured from what the lots stood at that were open when they began, where that
 * was not known then; the very same object where nothing has become known. `standsOf`: the same at the first
 * price since, of the lots that are older than the New York date given; undefined while there is no price.
 */
export function measureFrom<B extends Book>(book: B, standsOf: (date: string) => Decimal | undefined): B {
  const day = measured(book.day, standsOf);
  const week = measured(book.week, standsOf);
  return day === book.day && week === book.week ? book : { ...book, day, week };
}

/** The book with sums added to all its periods. What corrects an earlier period never makes a count negative. */
export function withSums<B extends Book>(book: B, sums: Sums): B {
  return {
    ...book,
    day: added(book.day, sums),
    week: added(book.week, sums),
    total: added(book.total, sums),
  };
}

function newBook(now: Temporal.Instant): Book {
  const date = newYorkDate(now);
  return { day: empty(date), week: empty(newYorkWeek(now)), total: empty(date) };
}

function empty(date: string, unrealisedBefore: Decimal = ZERO): Period {
  return { date, realised: ZERO, fees: ZERO, swap: ZERO, trades: 0, wins: 0, unrealisedBefore };
}

/** Dates sort as text. A clock that was set back begins nothing. */
function begun(period: Period, date: string, unrealised: Decimal | undefined): Period {
  if (date <= period.date) return period;
  return unrealised === undefined ? { ...empty(date), isUnpriced: true } : empty(date, unrealised);
}

function measured(period: Period, standsOf: (date: string) => Decimal | undefined): Period {
  const { isUnpriced, ...rest } = period;
  const unrealisedBefore = isUnpriced === true ? standsOf(period.date) : undefined;
  return unrealisedBefore === undefined ? period : { ...rest, unrealisedBefore };
}

function added(period: Period, sums: Sums): Period {
  return {
    ...period,
    realised: plus(period.realised, sums.realised),
    fees: plus(period.fees, sums.fees),
    swap: plus(period.swap, sums.swap),
    trades: Math.max(0, period.trades + sums.trades),
    wins: Math.max(0, period.wins + sums.wins),
  };
}
