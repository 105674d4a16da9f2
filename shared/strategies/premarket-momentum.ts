/**
 * Buys what moved before the open and goes on moving after it: a bar that closes beyond the opening range, with
 * about as much volume as the range had. Only what is on the day's watchlist, only in the first part of the session, and
 * nothing is held overnight.
 *
 * 1. The opening range is the highest and lowest price of the session's first `rangeMinutes`. Where its beginning
 *    was not seen, or more than two bars in a row are missing in it, there is no range.
 * 2. Breakout: the latest bar began after the range, closed beyond it, and had `volumeFactor` times the average
 *    volume of the range's bars. It enters only in the first `entryMinutes` of the session, and only while the
 *    price is within `chasePercent` of the range.
 * 3. The stop lies at the range's other side, between `leastStopPercent` and `stopPercent` away; the take profit
 *    `takeProfitRatio` times as far.
 * 4. Where it has lost in an instrument, it enters there `entriesAfterLoss` times more on that day.
 * 5. A position is left when a bar closes back in the half of the range that it came from, `exitMinutes` before
 *    the session ends, at once when it is from an earlier session, and at once when no session is under way.
 */
import { z } from "zod";
import { entryPrice, isAllowed, isUsable, multiple, percent, sides } from "./parameters.ts";
import { scanTermsSchema } from "./scan-terms.ts";
import type { Bar, HeldPosition, PastTrade, Signal, Strategy, StrategyContext } from "./strategy.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** With bars of a minute, more than the part of a session in which it may enter. */
const WARMUP_BARS = 200;
/** The first bar of a session may begin so late: an instrument need not trade in its first moment. */
const LATEST_BEGINNING_MS = 2 * MINUTE_MS;
/** From one bar's beginning to the next one's, in lengths of a bar: what nobody saw may have been the range's edge. */
const WIDEST_STEP = 3;

const parameters = z
  .strictObject({
    rangeMinutes: z.int().min(1).max(120).default(15).describe("Minutes of the opening range"),
    entryMinutes: z
      .int()
      .min(2)
      .max(390)
      .default(90)
      .describe("Minutes after the open in which it may enter"),
    volumeFactor: z
      .number()
      .min(0)
      .max(100)
      .default(0.8)
      .describe(
        "So many times the range's average volume a bar needs; nothing trades as much as a day's first minutes",
      ),
    chasePercent: percent.default(1).describe("How far beyond the range the price may be, in percent"),
    stopPercent: percent.default(1.5).describe("Distance of the stop at most, in percent of the price"),
    leastStopPercent: percent.default(0.2).describe("Distance of the stop at least, in percent of the price"),
    takeProfitRatio: multiple.default(2).describe("Distance of the take profit ÷ distance of the stop"),
    entriesAfterLoss: z
      .int()
      .min(0)
      .max(20)
      .default(1)
      .describe("How often it enters an instrument again on a day on which it has lost there"),
    exitMinutes: z
      .int()
      .min(1)
      .max(120)
      .default(10)
      .describe("Minutes before the session's end at which every position is left"),
    sides: sides.default("buy").describe("What may be opened"),
    scan: scanTermsSchema.prefault({}).describe("What the scan before the open looks for"),
  })
  .refine((all) => all.rangeMinutes < all.entryMinutes, {
    error: "must be below `entryMinutes`",
    path: ["rangeMinutes"],
  })
  .refine((all) => all.leastStopPercent <= all.stopPercent, {
    error: "must not be above `stopPercent`",
    path: ["leastStopPercent"],
  });
export type PremarketMomentumParameters = z.output<typeof parameters>;

export const premarketMomentum: Strategy<PremarketMomentumParameters> = {
  name: "premarket-momentum",
  summary:
    "Trades what moved before the open when it leaves its opening range with volume; flat at the close.",
  parameters,
  needs: ["watchlist", "trades"],
  warmup: () => WARMUP_BARS,
  // One tick at least must come between `exitMinutes` and the close, or a position is held overnight.
  longestCadence: ({ exitMinutes }) => exitMinutes,
  start(given) {
    let day: Seen[] = [];
    /** How long a bar is: the least distance between two. */
    let lengthMs = Number.POSITIVE_INFINITY;
    return {
      bar(bar) {
        const at = bar.openAt.epochMilliseconds;
        const [oldest] = day;
        lengthMs = Math.min(lengthMs, at - (day.at(-1)?.at ?? Number.NEGATIVE_INFINITY));
        day.push({ ...bar, at });
        // Twice a day long: taken out in one go, and seldom.
        if (oldest !== undefined && at - oldest.at > 2 * DAY_MS)
          day = day.filter((one) => at - one.at < DAY_MS);
      },
      // Without a bar there is nothing to enter, but a position must be left in time all the same.
      isWarm: () => true,
      decide(context) {
        const [held] = context.positions;
        const clock = readClock(context);
        const seen = { day, lengthMs };
        if (held !== undefined) return exit(seen, clock, held, given);
        return clock === undefined ? hold("No session is under way.") : entry(seen, clock, context, given);
      },
    };
  },
};

interface Seen extends Bar {
  readonly at: number;
}

interface History {
  readonly day: readonly Seen[];
  readonly lengthMs: number;
}

/** In milliseconds since 1970. */
interface SessionClock {
  readonly now: number;
  readonly open: number;
  readonly close: number;
}

function readClock({ now, session }: StrategyContext): SessionClock | undefined {
  if (session === undefined) return undefined;
  const { open, close } = session;
  const at = now.epochMilliseconds;
  if (at < open.epochMilliseconds || at >= close.epochMilliseconds) return undefined;
  return { now: at, open: open.epochMilliseconds, close: close.epochMilliseconds };
}

interface OpeningRange {
  readonly high: number;
  readonly low: number;
  readonly averageVolume: number;
  /** The latest bar, which began after the range. */
  readonly latest: Seen;
}

/** Bars that begin after now are not looked at: nobody can have seen them. */
function readRange(
  { day, lengthMs }: History,
  { open, now }: SessionClock,
  { rangeMinutes }: PremarketMomentumParameters,
): OpeningRange | undefined {
  const end = open + rangeMinutes * MINUTE_MS;
  const session = day.filter(({ at }) => at >= open && at < now);
  const range = session.filter(({ at }) => at < end);
  const [first] = range;
  const latest = session.at(-1);
  if (first === undefined || latest === undefined || latest.at < end) return undefined;
  if (first.at - open > LATEST_BEGINNING_MS) return undefined;
  const beginnings = [...range.map(({ at }) => at), end];
  const isHoled = beginnings.some((at, index) => at - (beginnings[index - 1] ?? at) > WIDEST_STEP * lengthMs);
  if (isHoled) return undefined;
  return {
    high: Math.max(...range.map(({ high }) => high)),
    low: Math.min(...range.map(({ low }) => low)),
    averageVolume: range.reduce((sum, { volume }) => sum + volume, 0) / range.length,
    latest,
  };
}

function entry(
  seen: History,
  clock: SessionClock,
  { price, instrument, watchlist, trades }: StrategyContext,
  given: PremarketMomentumParameters,
): Signal {
  if (watchlist === undefined) return hold("There is no watchlist of today.");
  if (!watchlist.includes(instrument)) return hold(`${instrument} is not on today's watchlist.`);
  if (!isUsable(price)) return hold("There is no price to go by.");
  if (isSpent(trades, given)) {
    return hold(`It has lost in ${instrument} today, and may not enter there again before tomorrow.`);
  }
  const minutes = (clock.now - clock.open) / MINUTE_MS;
  if (minutes < given.rangeMinutes) return hold("The opening range is not over.");
  if (minutes >= given.entryMinutes) return hold("It is too late in the session to enter.");
  if (clock.close - clock.now <= given.exitMinutes * MINUTE_MS) return hold("The session is about to end.");
  const range = readRange(seen, clock, given);
  if (range === undefined) return hold("The opening range was not seen whole.");
  const { latest, high, low, averageVolume } = range;
  const side = latest.close > high ? "buy" : latest.close < low ? "sell" : undefined;
  if (side === undefined) return hold("The price is inside its opening range.");
  const name = side === "buy" ? "above" : "below";
  if (!isAllowed(given.sides, side)) {
    return hold(`The price left its opening range ${name}, but only "${given.sides}" is allowed.`);
  }
  if (!(latest.volume >= averageVolume * given.volumeFactor)) {
    return hold(`The price left its opening range ${name}, but with too little volume.`);
  }
  return enter(range, side, entryPrice(price, side), given);
}

/** Whether a loss of the day was followed by as many entries as may be; those that are open are no entries yet. */
function isSpent(
  trades: readonly PastTrade[] = [],
  { entriesAfterLoss }: PremarketMomentumParameters,
): boolean {
  const [loss] = trades
    .filter(({ net }) => net < 0)
    .toSorted((one, other) => one.closedAt.epochMilliseconds - other.closedAt.epochMilliseconds);
  if (loss === undefined) return false;
  const lostAt = loss.closedAt.epochMilliseconds;
  const again = trades.filter(
    ({ positionId, openedAt }) =>
      positionId !== loss.positionId && (openedAt === undefined || openedAt.epochMilliseconds >= lostAt),
  );
  return new Set(again.map(({ positionId }) => positionId)).size >= entriesAfterLoss;
}

function enter(
  { high, low }: OpeningRange,
  side: "buy" | "sell",
  price: number,
  given: PremarketMomentumParameters,
): Signal {
  const beyond = side === "buy" ? (price - high) / high : (low - price) / low;
  if (beyond * 100 > given.chasePercent) return hold("The price has run too far from its opening range.");
  const toOtherSide = side === "buy" ? price - low : high - price;
  const least = (price * given.leastStopPercent) / 100;
  const stopDistance = Math.min(Math.max(toOtherSide, least), (price * given.stopPercent) / 100);
  const takeProfitDistance = stopDistance * given.takeProfitRatio;
  const why = `The price left its opening range ${side === "buy" ? "above" : "below"}, with volume.`;
  return { kind: "enter", side, stopDistance, takeProfitDistance, why };
}

function exit(
  seen: History,
  clock: SessionClock | undefined,
  held: HeldPosition,
  given: PremarketMomentumParameters,
): Signal {
  const leave = (why: string): Signal => ({ kind: "exit", positionId: held.id, why });
  if (clock === undefined) return leave("No session is under way: nothing is held overnight.");
  if (held.openedAt.epochMilliseconds < clock.open) return leave("The position is from an earlier session.");
  if (clock.close - clock.now <= given.exitMinutes * MINUTE_MS) return leave("The session is about to end.");
  const range = readRange(seen, clock, given);
  if (range === undefined) return hold("A position is held.");
  const middle = (range.high + range.low) / 2;
  const hasFailed = held.side === "buy" ? range.latest.close < middle : range.latest.close > middle;
  return hasFailed ? leave("The price is back in its opening range.") : hold("A position is held.");
}

function hold(why: string): Signal {
  return { kind: "hold", why };
}
