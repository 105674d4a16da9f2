/** Reads a stretch of historical bars whole, however the broker cuts it. */
import { fail, type Result, succeed } from "../../platform/result.ts";
import { type BarGap, PERIOD_MINUTES } from "./bar-series.ts";
import type { Channel, CtraderCallFailure } from "./channel.ts";
import type { ProtoOATrendbar, ProtoOATrendbarPeriod } from "./protocol/open-api.generated.ts";

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** A page of so many bars may have been cut without a word. */
const SUSPICIOUS_PAGE = 400;
/** More requests than this for one stretch are not worth its end. */
const MOST_PAGES = 200;

/** What the bars are of, and where they are asked for. */
export interface BarSource {
  readonly request: Channel["request"];
  readonly account: number;
  readonly symbolId: number;
  readonly period: ProtoOATrendbarPeriod;
}

/**
 * All bars of the gap, in no order, some perhaps twice. The broker answers backwards from the end of the window;
 * older servers refuse windows wider than {@link widestMinutes}.
 */
export async function readBars(
  source: BarSource,
  gap: BarGap,
): Promise<Result<readonly ProtoOATrendbar[], CtraderCallFailure>> {
  const bars: ProtoOATrendbar[] = [];
  const start = gap.fromMinute * MINUTE_MS;
  let end = gap.beforeMinute * MINUTE_MS - 1;
  for (let pages = 0; end >= start; pages += 1) {
    if (pages === MOST_PAGES) return fail("BROKER_REPLY_UNREADABLE", { reason: "the bars have no end" });
    const from = Math.max(start, end - widestMinutes(source.period) * MINUTE_MS);
    const page = await readPage(source, from, end);
    if (!page.ok) return page;
    bars.push(...page.value.bars);
    end = Math.min(end, (page.value.isWhole ? from : page.value.oldest) - 1);
  }
  return succeed(bars);
}

async function readPage({ request, account, symbolId, period }: BarSource, from: number, to: number) {
  const window = { ctidTraderAccountId: account, symbolId, period, fromTimestamp: from, toTimestamp: to };
  const answer = await request("ProtoOAGetTrendbarsReq", window);
  if (!answer.ok) return answer;
  // The bars themselves leave their period out; the answer's own is the one that counts.
  if (answer.value.period !== period) return fail("BROKER_REPLY_UNREADABLE", { period: answer.value.period });
  const bars = answer.value.trendbar;
  const oldest = Math.min(...bars.map((bar) => (bar.utcTimestampInMinutes ?? 0) * MINUTE_MS));
  const isCut = answer.value.hasMore === true || bars.length >= SUSPICIOUS_PAGE;
  return succeed({ bars, oldest, isWhole: !isCut || bars.length === 0 || oldest <= from });
}

/** The widest windows that were once documented, in minutes. */
function widestMinutes(period: ProtoOATrendbarPeriod): number {
  const minutes = PERIOD_MINUTES[period];
  if (minutes <= PERIOD_MINUTES.M5) return 35 * DAY_MINUTES;
  if (minutes <= PERIOD_MINUTES.H1) return 245 * DAY_MINUTES;
  return minutes <= PERIOD_MINUTES.D1 ? 366 * DAY_MINUTES : 1_830 * DAY_MINUTES;
}
