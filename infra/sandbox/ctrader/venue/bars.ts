/**
 * Bars of the bid, made of the same prices that are quoted: whoever saw every price of a period would draw the
 * same bar. There is none for a period without trade.
 */
import type { ProtoOATrendbarPeriod } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { type BarSpan, barSpan } from "./periods.ts";
import { tradingStateAt } from "./schedule.ts";
import { symbolOf, type VenueSymbol } from "./symbols.ts";
import type { Tape } from "./tape.ts";
import { NODE_MS, STEP_MS } from "./walk.ts";

/** In integers of 1/100,000; `volume` counts the ticks. */
export interface Bar {
  readonly span: BarSpan;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export interface BarMaker {
  /** The bar of a period as far as `until`, which is exclusive; undefined if nothing was traded. */
  bar(symbolId: number, period: ProtoOATrendbarPeriod, epochMs: number, until: number): Bar | undefined;
}

type Prices = Omit<Bar, "span">;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

export function createBarMaker(tapeOf: (symbolId: number) => Tape): BarMaker {
  /** Whole hours, by symbol and hour; `marks`: how many changes of the price there were when it was made. */
  const hours = new Map<string, { readonly marks: number; readonly prices: Prices | undefined }>();

  function hour(symbol: VenueSymbol, from: number): Prices | undefined {
    const tape = tapeOf(symbol.id);
    const key = `${symbol.id}|${from}`;
    const marks = tape.marks(from, from + HOUR_MS).length;
    const known = hours.get(key);
    if (known?.marks === marks) return known.prices;
    const prices = minutes(symbol, from, from + HOUR_MS);
    hours.set(key, { marks, prices });
    return prices;
  }

  function minutes(symbol: VenueSymbol, from: number, until: number): Prices | undefined {
    let all: Prices | undefined;
    for (let at = from; at < until; at += MINUTE_MS) {
      if (tradingStateAt(symbol, at) !== "open") continue;
      all = joined(all, stretch(tapeOf(symbol.id), at, Math.min(at + MINUTE_MS, until)));
    }
    return all;
  }

  return {
    bar(symbolId, period, epochMs, until) {
      const symbol = symbolOf(symbolId);
      const span = barSpan(period, epochMs);
      const end = Math.min(span.end, until);
      let all: Prices | undefined;
      let at = span.open;
      while (at < end) {
        const isWhole = at % HOUR_MS === 0 && at + HOUR_MS <= end;
        const next = isWhole ? at + HOUR_MS : Math.min(end, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
        all = joined(all, isWhole ? hour(symbol, at) : minutes(symbol, at, next));
        at = next;
      }
      return all === undefined ? undefined : { span, ...all };
    },
  };
}

function joined(first: Prices | undefined, then: Prices | undefined): Prices | undefined {
  if (first === undefined || then === undefined) return first ?? then;
  return {
    open: first.open,
    high: Math.max(first.high, then.high),
    low: Math.min(first.low, then.low),
    close: then.close,
    volume: first.volume + then.volume,
  };
}

/** A stretch of open market within a minute: between two nodes the price goes one way, so nodes and ends are enough. */
function stretch(tape: Tape, from: number, until: number): Prices {
  const open = tape.bid(from);
  const close = tape.bid(until - 1);
  let [low, high] = [Math.min(open, close), Math.max(open, close)];
  const see = (price: number) => {
    low = Math.min(low, price);
    high = Math.max(high, price);
  };
  for (let at = (Math.floor(from / NODE_MS) + 1) * NODE_MS; at < until; at += NODE_MS) {
    see(tape.bid(at));
  }
  for (const mark of tape.marks(from, until)) {
    see(mark.low);
    see(mark.high);
    if (mark.from > from) see(tape.bid(mark.from - 1));
  }
  return { open, close, low, high, volume: Math.ceil((until - from) / STEP_MS) };
}
