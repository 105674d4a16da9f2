/** Why a bot did what it did on a day, and why it did nothing. */
import type { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../calendar/sessions.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import { isReasonCode, REASONS } from "../trading/ticks/reasons.ts";
import { reportTicks } from "../trading/ticks/tick-report.ts";
import type { ApiWhy } from "./trading-api.ts";
import { reportTick, type TradingReportDeps } from "./trading-report.ts";

const LATEST = 10;

export interface WhyQuestion {
  readonly bot: string;
  /** New York's; default: today. */
  readonly day?: Temporal.PlainDate;
}

/** `SCOPE_UNKNOWN` for one that the configuration does not have. */
export async function reportWhy(
  { store, clock, config }: Pick<TradingReportDeps, "store" | "clock" | "config">,
  { bot: name, day }: WhyQuestion,
): Promise<Result<ApiWhy, "SCOPE_UNKNOWN">> {
  const bot = config.bots.find((one) => one.id === name);
  if (bot === undefined) return fail("SCOPE_UNKNOWN", { known: config.bots.map((one) => one.id).join(", ") });
  const now = clock.now();
  const date = day ?? now.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate();
  const { reasons, latest, ...rest } = await reportTicks({ store }, bot, { date, now, latest: LATEST });
  return succeed({
    ...rest,
    reasons: reasons.map((one) => ({ ...one, ...(isReasonCode(one.reason) && REASONS[one.reason]) })),
    latest: latest.map(reportTick),
  });
}
