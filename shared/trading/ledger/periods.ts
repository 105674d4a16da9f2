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
 * object where neither has. `unrealised`: what its open lots stand at, from which the new period is measured.
 * Whoever reads a day's or a week's sums reads them through this: nothing is written while nothing is traded.
 */
export function rollBook<B extends Book>(book: B, now: Temporal.Instant, unrealised: Decimal): B {
  const day = begun(book.day, newYorkDate(now), unrealised);
  const week = begun(book.week, newYorkWeek(now), unrealised);
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
function begun(period: Period, date: string, unrealised: Decimal): Period {
  return date > period.date ? empty(date, unrealised) : period;
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
