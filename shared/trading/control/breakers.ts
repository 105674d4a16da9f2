/**
 * What trips by itself: losses with open positions included, and refusals in a row. Pure. The same limits as before
 * an order, asked at every look at an account: nobody has to want an order for a loss to be seen.
 */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { AccountConfig } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { AccountRecord } from "../account-record.ts";
import type { BotLedger } from "../ledger/records.ts";
import { newYorkDate, newYorkWeek } from "../new-york-day.ts";
import { accountLosses, botLosses, type Loss, resultOf } from "../risk/check-losses.ts";
import { type ControlCode, control } from "../risk/controls.ts";
import { figure, money, share } from "../risk/findings.ts";
import type { BotRisk } from "../risk/records.ts";
import { botScope } from "../trading-state.ts";

export interface BotStanding {
  readonly bot: BotConfig;
  readonly ledger: BotLedger;
  readonly risk: BotRisk;
  /** Of its open lots, in the account's currency; undefined where one of them cannot be valued. */
  readonly unrealised: Decimal | undefined;
  readonly rejectionsInRow: number;
}

export interface BreakerFacts {
  readonly now: Temporal.Instant;
  readonly record: AccountRecord;
  readonly config: AccountConfig;
  readonly bots: readonly BotStanding[];
}

export interface Trip {
  readonly scope: string;
  /** Missing where it concerns the whole account. */
  readonly bot?: string;
  readonly code: ControlCode;
  readonly text: string;
}

/** A trip as it holds: a loss lets only close, what shows that a bot does wrong halts. */
export function stateOf({ code }: Trip): "reducing" | "halted" {
  return control(code).latches === "reducing" ? "reducing" : "halted";
}

export interface Nearing extends Trip {
  /** Of 100: 50 or 80. */
  readonly reached: 50 | 80;
}

export interface Judgement {
  /** What is to stop until a person lets it go on. */
  readonly trips: readonly Trip[];
  /** What has come to a half or four fifths of its limit, and not to the limit. */
  readonly warnings: readonly Nearing[];
}

/** Looks at everything that has a limit. Reaching a limit is enough, and what is no number has reached it. */
export function judge({ now, record, config, bots }: BreakerFacts): Judgement {
  const trips: Trip[] = [];
  const warnings: Nearing[] = [];
  const [today, week] = [newYorkDate(now), newYorkWeek(now)];
  const weigh = (about: Pick<Trip, "scope" | "bot">, losses: readonly Loss[]) => {
    for (const loss of losses) {
      // The day's loss is told once the day has begun: until then it may be yesterday's.
      if (loss.isOlder === true) continue;
      const reached = reachedBy(loss);
      if (reached === 0) continue;
      const found = { ...about, code: loss.code, text: lossText(loss, record.currency) };
      if (reached === 100) trips.push(found);
      else warnings.push({ ...found, reached });
    }
  };
  weigh({ scope: record.account }, accountLosses({ record, config, today, week }));
  for (const { bot, ledger, risk, unrealised, rejectionsInRow } of bots) {
    const about = { scope: botScope(bot.id), bot: bot.id };
    if (rejectionsInRow >= bot.limits.rejectionsInRow) {
      const text = `The broker has refused ${rejectionsInRow} orders in a row; ${bot.limits.rejectionsInRow} halt the bot.`;
      trips.push({ ...about, code: "REJECTIONS_IN_A_ROW", text });
    }
    if (unrealised === undefined) continue;
    const profit = resultOf(ledger.total, unrealised);
    const measured = { record, limits: bot.limits, profit, botLedger: ledger, today, week };
    weigh(about, botLosses({ ...measured, facts: { botRisk: risk }, book: { unrealised } }));
  }
  return { trips, warnings };
}

/** How much of its limit a loss has used up, in steps; 0 below a half. */
function reachedBy({ lost, of, percent }: Loss): 0 | 50 | 80 | 100 {
  if (lost.lte(0) && of.gt(0)) return 0;
  const used = lost.times(100);
  const limit = of.times(percent);
  if (!used.lt(limit)) return 100;
  if (used.times(5).gte(limit.times(4))) return 80;
  return used.times(2).gte(limit) ? 50 : 0;
}

function lossText({ what, lost, of, percent }: Loss, currency: string): string {
  return `${what} is ${money(lost, currency)}, ${share(lost, of)}; it may not reach ${figure(percent)} %.`;
}
