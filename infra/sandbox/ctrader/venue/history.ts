/** Bars and ticks of the past, as the broker hands them out. */
import type {
  Messages,
  ProtoOATickData,
  ProtoOATrendbar,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { type Bar, type BarMaker, createBarMaker } from "./bars.ts";
import { badRequest, type Refusal } from "./floor.ts";
import { checkWindow, TOO_WIDE } from "./lists.ts";
import type { Market } from "./market.ts";
import { barSpan } from "./periods.ts";
import { tradingStateAt } from "./schedule.ts";
import { SYMBOLS, type VenueSymbol } from "./symbols.ts";
import type { Tape } from "./tape.ts";
import { STEP_MS } from "./walk.ts";

const MINUTE_MS = 60_000;
const WEEK_MS = 604_800_000;
/** Nothing older is known. */
const HISTORY_MS = 730 * 86_400_000;
const MOST_BARS = 4_999;
const MOST_TICKS = 4_000;
/** A bar is history this long after its end. */
const BAR_LAG_MS = 300;

export interface History {
  bars(request: Messages["ProtoOAGetTrendbarsReq"]): Messages["ProtoOAGetTrendbarsRes"] | Refusal;
  ticks(request: Messages["ProtoOAGetTickDataReq"]): Messages["ProtoOAGetTickDataRes"] | Refusal;
  readonly maker: BarMaker;
}

/** A bar as it is sent; live ones have no close, and the period that history leaves out. */
export function dressBar(
  bar: Bar,
): Required<Pick<ProtoOATrendbar, "low" | "volume" | "deltaOpen" | "deltaHigh">> & ProtoOATrendbar {
  return {
    volume: bar.volume,
    low: bar.low,
    deltaOpen: bar.open - bar.low,
    deltaHigh: bar.high - bar.low,
    utcTimestampInMinutes: bar.span.open / MINUTE_MS,
  };
}

export function createHistory(market: Market): History {
  const maker = createBarMaker((symbolId) => market.tape(symbolId));
  return {
    maker,
    bars: (request) => barsBack(market, maker, request),
    ticks: (request) => ticksBack(market, request),
  };
}

/**
 * Goes back from `toTimestamp`, at which a bar may still open, until there are `count` bars; only without a
 * count does `fromTimestamp` end it.
 */
function barsBack(
  market: Market,
  maker: BarMaker,
  request: Messages["ProtoOAGetTrendbarsReq"],
): Messages["ProtoOAGetTrendbarsRes"] | Refusal {
  const { symbolId, period, count, fromTimestamp, toTimestamp, ctidTraderAccountId } = request;
  if (!SYMBOLS.has(symbolId)) return unknownSymbol(symbolId);
  const isOpenEnded = count === undefined && fromTimestamp === undefined;
  const against = isOpenEnded ? badRequest(TOO_WIDE, "INCORRECT_BOUNDARIES") : checkWindow(request);
  if (against !== undefined) return against;
  const now = market.now();
  const most = Math.min(count ?? MOST_BARS, MOST_BARS);
  const from = Math.max(now - HISTORY_MS, count === undefined ? (fromTimestamp ?? 0) : 0);
  const found: ProtoOATrendbar[] = [];
  let hasMore = false;
  let at = Math.min(toTimestamp ?? now, now);
  for (let span = barSpan(period, at); span.open >= from; span = barSpan(period, at)) {
    at = span.open - 1;
    if (span.end + BAR_LAG_MS > now) continue;
    const bar = maker.bar(symbolId, period, span.open, span.end);
    if (bar === undefined) continue;
    hasMore = found.length >= most;
    if (hasMore) break;
    found.push({ ...dressBar(bar), deltaClose: bar.close - bar.low });
  }
  return { ctidTraderAccountId, period, symbolId, trendbar: found.reverse(), hasMore };
}

function ticksBack(
  market: Market,
  request: Messages["ProtoOAGetTickDataReq"],
): Messages["ProtoOAGetTickDataRes"] | Refusal {
  const symbol = SYMBOLS.get(request.symbolId);
  if (symbol === undefined) return unknownSymbol(request.symbolId);
  const now = market.now();
  const to = Math.min(request.toTimestamp ?? now, now);
  const from = Math.max(request.fromTimestamp ?? to - WEEK_MS, 0);
  const against = checkWindow({ fromTimestamp: from, toTimestamp: request.toTimestamp ?? to }, WEEK_MS);
  if (against !== undefined) return against;
  const tape = market.tape(symbol.id);
  const side = request.type === "BID" ? tape.bid : (at: number) => tape.at(at).ask;
  const found = changes(symbol, tape, side, { from: Math.max(from, now - HISTORY_MS), to });
  const hasMore = found.length > MOST_TICKS;
  const { ctidTraderAccountId } = request;
  return { ctidTraderAccountId, tickData: differences(found.slice(0, MOST_TICKS)), hasMore };
}

/** Changes of a price, newest first, at least one more than a page holds. One within a step is a change too. */
function changes(
  symbol: VenueSymbol,
  tape: Tape,
  price: (epochMs: number) => number,
  window: { readonly from: number; readonly to: number },
): ProtoOATickData[] {
  const found: ProtoOATickData[] = [];
  const first = Math.ceil(window.from / STEP_MS) * STEP_MS;
  for (let at = Math.floor(window.to / STEP_MS) * STEP_MS; at >= first; at -= STEP_MS) {
    if (found.length > MOST_TICKS) break;
    if (tradingStateAt(symbol, at) !== "open") continue;
    const marks = tape.marks(at, Math.min(at + STEP_MS, window.to + 1)).map((mark) => mark.from);
    for (const time of new Set([...marks.toReversed(), at])) {
      if (price(time) !== price(time - 1)) found.push({ timestamp: time, tick: price(time) });
    }
  }
  return found;
}

const unknownSymbol = (symbolId: number) =>
  badRequest(`Symbol not found with id ${symbolId}`, "SYMBOL_NOT_FOUND");

/** The first as it is, each later one as its difference to the one before it. */
function differences(ticks: readonly ProtoOATickData[]): ProtoOATickData[] {
  return ticks.map((tick, index) => {
    const before = ticks[index - 1];
    if (before === undefined) return tick;
    return { timestamp: tick.timestamp - before.timestamp, tick: tick.tick - before.tick };
  });
}
