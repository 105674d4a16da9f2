import type { ApiTrading } from "../../shared/console/trading-api.ts";
import type { Problem } from "./api.ts";

/** What decides when trading is looked at next. */
export interface TradingPollFacts {
  readonly isHidden: boolean;
  /** The view of trading is the one that is shown. */
  readonly isShown: boolean;
  readonly report: ApiTrading | undefined;
  readonly problem: Problem | undefined;
}

const LIVELY_MS = 5_000;
const CALM_MS = 15_000;
const ASIDE_MS = 30_000;
const LIMITED_MS = 30_000;

/**
 * Milliseconds until the next look, or `undefined` while nobody looks at the page: at most 12 a minute, beside
 * those at the status. Prices are written down each ten seconds, so asking more often would bring nothing.
 */
export function planTradingPoll({
  isHidden,
  isShown,
  report,
  problem,
}: TradingPollFacts): number | undefined {
  if (isHidden) return undefined;
  if (problem?.kind === "refused" && problem.status === 429) return problem.retryAfterMs ?? LIMITED_MS;
  if (!isShown) return ASIDE_MS;
  if (problem !== undefined || report === undefined) return LIVELY_MS;
  const isLively =
    report.positions.length > 0 ||
    report.orders.working.length > 0 ||
    report.bots.some((bot) => bot.session.isOpen && bot.state !== "halted");
  return isLively ? LIVELY_MS : CALM_MS;
}

/** Milliseconds between two looks at the receipt of a kill that is not confirmed by all: quick at first. */
export function planReceiptPoll(looks: number): number {
  return looks < 10 ? 500 : 3_000;
}
