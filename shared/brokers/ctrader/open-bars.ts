/** The bars of one session: live ones as they close, and those that were missed from history. */
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Timers } from "../../platform/timers.ts";
import { readBars } from "./bar-history.ts";
import { type BarGap, BarSeries } from "./bar-series.ts";
import type { BarBoard, ClosedBar } from "./bars.ts";
import type { Channel, ChannelEvent } from "./channel.ts";
import type { QuoteKeeper } from "./open-quotes.ts";
import type { ProtoOASpotEvent, ProtoOATrendbarPeriod } from "./protocol/open-api.generated.ts";

/** The live bars of one symbol and period. */
export interface BarWish {
  readonly symbolId: number;
  readonly period: ProtoOATrendbarPeriod;
}

/** The side that the session holds. */
export interface BarKeeper extends BarBoard {
  /** Every event of the channel, after the prices in it were taken. */
  apply(event: ChannelEvent): void;
  /** The connection or the account's session is over: bars may be missed from here on. */
  interrupted(): void;
  /** Live bars flow again: what was missed is asked of history. */
  resumed(): void;
  wanted(): readonly BarWish[];
}

export interface BarParts {
  readonly timers: Timers;
  /** The broker's time. */
  readonly clock: Clock;
  readonly log: Log;
  readonly quotes: Pick<QuoteKeeper, "subscribe" | "bid" | "bidBefore">;
  readonly request: Channel["request"];
  accountId(): number | undefined;
  /** Live bars are asked for that were not before. */
  subscribed(): void;
}

/** A first live bar mostly comes at once, and says where history has to end. */
const FIRST_LOOK_MS = 1_000;
/** History shows the bar that just closed up to a second late, and later still after a reconnect. */
const LAG_LOOKS = 5;
const LAG_PAUSE_MS = 1_000;
const FAILURE_PAUSE_MS = 30_000;
const MINUTE_MS = 60_000;

interface Kept {
  readonly series: BarSeries;
  isCatchingUp: boolean;
}

interface Board {
  readonly parts: BarParts;
  /** By symbol. */
  readonly kept: Map<number, Kept[]>;
  /** Grows with each interruption. */
  edition: number;
}

/** The bars of one session. */
export function openBars(parts: BarParts): BarKeeper {
  const board: Board = { parts, kept: new Map(), edition: 0 };
  const listeners = new Set<(bar: ClosedBar) => void>();
  const tell = (bar: ClosedBar) => {
    for (const listener of [...listeners]) listener(bar);
  };
  const all = () => [...board.kept.values()].flat();
  return {
    subscribe(symbolId, period, fromMinute) {
      const own = board.kept.get(symbolId) ?? [];
      if (own.some(({ series }) => series.period === period)) return;
      board.kept.set(symbolId, [
        ...own,
        { series: new BarSeries(symbolId, period, tell, fromMinute), isCatchingUp: false },
      ]);
      parts.quotes.subscribe([symbolId]);
      parts.subscribed();
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    apply(event) {
      if (event.name === "ProtoOASpotEvent") take(board, event.body);
    },
    interrupted() {
      board.edition += 1;
      for (const one of all()) {
        one.series.interrupted();
        one.isCatchingUp = false;
      }
    },
    resumed() {
      const { edition } = board;
      parts.timers.after(FIRST_LOOK_MS, () => {
        if (edition === board.edition) for (const one of all()) void catchUp(board, one);
      });
    },
    wanted: () => all().map(({ series: { symbolId, period } }) => ({ symbolId, period })),
  };
}

function take(board: Board, { symbolId, trendbar }: ProtoOASpotEvent): void {
  const own = board.kept.get(symbolId);
  if (own === undefined || trendbar.length === 0) return;
  const { quotes } = board.parts;
  const byOpen = trendbar.toSorted((a, b) => (a.utcTimestampInMinutes ?? 0) - (b.utcTimestampInMinutes ?? 0));
  for (const bar of byOpen) {
    const sole = own.length === 1 ? own[0]?.series.period : undefined;
    const one = own.find(({ series }) => series.period === (bar.period ?? sole));
    if (one === undefined) continue;
    one.series.live(bar, quotes.bid(symbolId), quotes.bidBefore(symbolId));
    void catchUp(board, one);
  }
}

async function catchUp(board: Board, one: Kept): Promise<void> {
  const gap = one.isCatchingUp ? undefined : one.series.gap(nowMinute(board));
  if (gap === undefined) return;
  const { edition } = board;
  one.isCatchingUp = true;
  await lookUntilCaughtUp(board, one, gap);
  if (edition !== board.edition) return;
  one.isCatchingUp = false;
  const endsAt = one.series.brokenOffEndsAt();
  if (endsAt === undefined) return;
  const { clock, timers } = board.parts;
  const untilMs = endsAt * MINUTE_MS - clock.now().epochMilliseconds;
  timers.after(Math.max(0, untilMs) + LAG_PAUSE_MS, () => {
    if (edition === board.edition) void catchUp(board, one);
  });
}

async function lookUntilCaughtUp(board: Board, { series }: Kept, first: BarGap): Promise<void> {
  const { edition, parts } = board;
  let looks = 0;
  for (let gap: BarGap | undefined = first; gap !== undefined; gap = series.gap(nowMinute(board))) {
    looks += 1;
    const pauseMs = await lookOnce(board, series, { gap, mayLag: looks <= LAG_LOOKS });
    if (pauseMs === undefined || edition !== board.edition) return;
    await new Promise<void>((resolve) => {
      parts.timers.after(pauseMs, resolve);
    });
    if (edition !== board.edition) return;
  }
}

/** How long to wait before the next look; undefined where none is needed. */
async function lookOnce(
  board: Board,
  series: BarSeries,
  { gap, mayLag }: { readonly gap: BarGap; readonly mayLag: boolean },
): Promise<number | undefined> {
  const { edition, parts } = board;
  const account = parts.accountId();
  if (account === undefined) return undefined;
  const { request } = parts;
  const { symbolId, period } = series;
  const bars = await readBars({ request, account, symbolId, period }, gap);
  if (edition !== board.edition) return undefined;
  if (!bars.ok) {
    parts.log.warn("bars-missing", { symbolId, period, code: bars.code, ...bars.detail });
    return mayLag ? LAG_PAUSE_MS : FAILURE_PAUSE_MS;
  }
  const standing = series.history(bars.value, gap, { nowMinute: nowMinute(board), mayLag });
  // Where live bars have begun meanwhile, they say where history ends.
  const hasBegun = standing === "partial" && series.gap(nowMinute(board))?.isLive === true;
  return standing === "lagging" || hasBegun ? LAG_PAUSE_MS : undefined;
}

function nowMinute({ parts }: Board): number {
  return Math.floor(parts.clock.now().epochMilliseconds / MINUTE_MS);
}
