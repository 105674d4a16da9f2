/** Controls of what the account and the bot have lost, open positions included. Pure. */
import { Decimal } from "decimal.js";
import type { Period } from "../ledger/records.ts";
import type { ControlCode } from "./controls.ts";
import { type Findings, figure, money, share, ZERO } from "./findings.ts";
import { halfFactorOf, isAboveZero } from "./shares.ts";
import type { Weighing } from "./weigh.ts";

/** What was lost by one measure, and the limit of it. */
export interface Loss {
  readonly code: ControlCode;
  readonly scope: "account" | "bot";
  /** Above 0 where something was lost. */
  readonly lost: Decimal;
  /** What the limit is a percentage of. */
  readonly of: Decimal;
  readonly percent: Decimal;
  readonly what: string;
  /** Of a period that the books have not begun yet, or cannot measure yet: it may have come about before. */
  readonly isOlder?: boolean;
}

/** Adds the losses that have reached their limit, and those that come near to it. */
export function checkLosses(weighing: Weighing, findings: Findings): void {
  for (const loss of accountLosses(weighing)) check(weighing, loss, findings);
  // What is not priced is denied already, and cannot be summed up.
  if (weighing.book.unpriced !== undefined) return;
  for (const loss of botLosses(weighing)) check(weighing, loss, findings);
}

/** What an account is measured by. */
export type AccountMeasured = Pick<Weighing, "record" | "config" | "today" | "week">;

/** Every loss of an account that has a limit. */
export function accountLosses({ record, config, today, week }: AccountMeasured): readonly Loss[] {
  const { limits } = config;
  const { equity } = record;
  // A record of another day has seen nothing of this one: what it knows is where the day began.
  const dayEquity = record.day === today ? record.dayEquity : equity;
  const weekEquity = record.week === week ? record.weekEquity : equity;
  return [
    {
      code: "DAILY_LOSS",
      scope: "account",
      lost: dayEquity.minus(equity),
      of: dayEquity,
      percent: limits.dailyLossPercent,
      what: "The account's loss of the day",
    },
    {
      code: "WEEKLY_LOSS",
      scope: "account",
      lost: weekEquity.minus(equity),
      of: weekEquity,
      percent: limits.weeklyLossPercent,
      what: "The account's loss of the week",
    },
    {
      code: "DRAWDOWN",
      scope: "account",
      lost: record.peakEquity.minus(equity),
      of: record.peakEquity,
      percent: limits.drawdownPercent,
      what: "The account's loss from its highest equity",
    },
  ];
}

/** What a bot is measured by. */
export type BotMeasured = Pick<Weighing, "record" | "limits" | "profit" | "botLedger" | "today" | "week"> & {
  readonly facts: Pick<Weighing["facts"], "botRisk">;
  readonly book: Pick<Weighing["book"], "unrealised">;
};

/** Every loss of a bot that has a limit. */
export function botLosses(weighing: BotMeasured): readonly Loss[] {
  const { record, limits, facts, book, profit, botLedger, today, week } = weighing;
  const peak = facts.botRisk.peakProfit ?? ZERO;
  return [
    {
      code: "DAILY_LOSS",
      scope: "bot",
      lost: periodResult(botLedger.day, today, book.unrealised).neg(),
      of: record.day === today ? record.dayEquity : record.equity,
      percent: limits.dailyLossPercent,
      what: "The bot's loss of the day",
      isOlder: botLedger.day.date < today || botLedger.day.isUnpriced === true,
    },
    {
      code: "WEEKLY_LOSS",
      scope: "bot",
      lost: periodResult(botLedger.week, week, book.unrealised).neg(),
      of: record.week === week ? record.weekEquity : record.equity,
      percent: limits.weeklyLossPercent,
      what: "The bot's loss of the week",
      isOlder: botLedger.week.date < week || botLedger.week.isUnpriced === true,
    },
    {
      code: "DRAWDOWN",
      scope: "bot",
      lost: peak.minus(profit),
      of: record.peakEquity,
      percent: limits.drawdownPercent,
      what: "The bot's loss from its highest profit",
    },
  ];
}

/** The result of a period. Of one that the ledger has not begun yet only what is open counts, and only as a loss. */
function periodResult(period: Period, date: string, unrealised: Decimal): Decimal {
  return period.date === date ? resultOf(period, unrealised) : Decimal.min(unrealised, ZERO);
}

/** What a period has brought or cost, open positions included. */
export function resultOf({ realised, fees, swap, unrealisedBefore }: Period, unrealised: Decimal): Decimal {
  let sum = unrealised;
  // Most are 0 most of the time.
  for (const part of [realised, fees, swap]) if (!part.isZero()) sum = sum.plus(part);
  return unrealisedBefore.isZero() ? sum : sum.minus(unrealisedBefore);
}

function check({ record }: Weighing, loss: Loss, findings: Findings): void {
  const { code, scope, lost, of, percent, what, isOlder } = loss;
  if (!isAboveZero(lost) && isAboveZero(of) && !lost.isNaN()) return;
  const half = of.times(halfFactorOf(percent));
  if (lost.lt(half)) return;
  const text = (): string =>
    `${what} is ${money(lost, record.currency)}, ${share(lost, of)}; it may not reach ${figure(percent)} %.`;
  // Reaching the limit is enough, and what is no number has reached it.
  if (!lost.lt(half.times(2))) {
    // What may be yesterday's opens nothing, and stops nobody for good: the books begin the day within moments.
    if (isOlder === true) findings.deny(code, text());
    else findings.latch(scope, code, text());
    return;
  }
  findings.fill(code, { used: lost, before: ZERO, half, scope }, text);
}
