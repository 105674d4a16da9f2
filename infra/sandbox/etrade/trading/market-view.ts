/** The market as orders meet it: two prices a moment, and the stretches of time in which it trades. */
import { Temporal } from "temporal-polyfill";
import { lastSession, lastTradeAt, phaseAt, type SessionOn } from "../market-hours.ts";
import { spread } from "../quote-facts.ts";
import { NEW_YORK } from "../token-life.ts";
import type { PriceTape } from "./price-tape.ts";
import type { Ticket } from "./records.ts";

/** Whether orders of the regular, of the extended or of no session are filled. */
export type Trading = "open" | "extended" | "closed";

/** Prices of one share in cents. */
export interface TwoSides {
  readonly last: number;
  readonly bid: number;
  readonly ask: number;
}

/** A moment at which orders are looked at, in milliseconds since 1970. */
export interface Look {
  readonly at: number;
  readonly trading: Trading;
}

export interface MarketView {
  readonly tape: PriceTape;
  /** What orders are filled at while the market trades. */
  sides(symbol: string, at: number): TwoSides;
  /** What quotes show: the regular session's prices, and its last ones while it is over. */
  quoted(symbol: string, at: number): TwoSides;
  tradingAt(at: number): Trading;
  /** The moments in which the market trades, after `from` and up to `to`, evenly spaced. */
  looksWithin(from: number, to: number, wanted: ReadonlySet<Trading>): readonly Look[];
  /** When an order placed at `at` ends by itself. */
  expiryOf(ticket: Pick<Ticket, "orderTerm" | "marketSession">, at: number): number;
}

/** Looks lie this far apart, and further where a clock has jumped by more than a day, so that a jump stays cheap. */
const STEP_MS = 10_000;
const LONG_STEP_MS = 60_000;
const LONG_STRETCH_MS = 26 * 3_600_000;
/** Orders without a day of their own end then. */
const LONGEST_DAYS = 60;

const instant = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms);
const dayOf = (ms: number) => instant(ms).toZonedDateTimeISO(NEW_YORK).toPlainDate();

function timeOn(date: Temporal.PlainDate, time: string): number {
  return date.toZonedDateTime({ timeZone: NEW_YORK, plainTime: time }).epochMilliseconds;
}

export function createMarketView(tape: PriceTape, sessionOn: SessionOn): MarketView {
  function stretches(date: Temporal.PlainDate): readonly (readonly [Trading, number, number])[] {
    const session = sessionOn(date);
    if (session === undefined) return [];
    const [open, close] = [session.open.epochMilliseconds, session.close.epochMilliseconds];
    return [
      ["extended", timeOn(date, "07:00"), open],
      ["open", open, close],
      ["extended", close, timeOn(date, "20:00")],
    ];
  }

  function endOfDay(marketSession: Ticket["marketSession"], at: number): number {
    const today = dayOf(at);
    for (let days = 0; days <= 30; days += 1) {
      const date = today.add({ days });
      const close = sessionOn(date)?.close.epochMilliseconds;
      if (close === undefined) continue;
      const end = marketSession === "REGULAR" ? close : timeOn(date, "20:00");
      if (end > at) return end;
    }
    throw new RangeError("The simulated market has no session for 30 days.");
  }

  function sides(symbol: string, at: Temporal.Instant): TwoSides {
    const last = tape.price(symbol, at);
    const { bid, ask } = spread(last);
    return { last: cents(last), bid: cents(bid), ask: cents(ask) };
  }

  return {
    tape,
    sides: (symbol, at) => sides(symbol, instant(at)),
    quoted: (symbol, at) => sides(symbol, lastTradeAt(lastSession(sessionOn, instant(at)), instant(at))),
    tradingAt(at) {
      const phase = phaseAt(sessionOn, instant(at));
      return phase === "open" || phase === "extended" ? phase : "closed";
    },
    looksWithin(from, to, wanted) {
      const step = to - from > LONG_STRETCH_MS ? LONG_STEP_MS : STEP_MS;
      const looks: Look[] = [];
      const last = dayOf(to);
      for (
        let date = dayOf(from);
        Temporal.PlainDate.compare(date, last) <= 0;
        date = date.add({ days: 1 })
      ) {
        for (const [trading, start, end] of stretches(date)) {
          if (!wanted.has(trading)) continue;
          const first = Math.max(start, Math.floor(from / step) * step + step);
          for (let at = first; at < end && at <= to; at += step) looks.push({ at, trading });
        }
      }
      return looks;
    },
    expiryOf({ orderTerm, marketSession }, at) {
      const isForToday = orderTerm !== "GOOD_UNTIL_CANCEL" && orderTerm !== "GOOD_TILL_DATE";
      return isForToday ? endOfDay(marketSession, at) : at + LONGEST_DAYS * 86_400_000;
    },
  };
}

function cents(dollars: number): number {
  return Math.round(dollars * 100);
}
