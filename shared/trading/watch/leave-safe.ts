/**
 * Whether the owner may go to bed: every position of ours has a stop that rests at its broker, or is accepted
 * without one. Looked at before the exchange closes and before E*TRADE's tokens die at midnight in New York: after
 * that nothing of ours can look after a position. Pure.
 */

import type { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../../calendar/sessions.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { AccountRecord } from "../account-record.ts";
import type { Lot } from "../ledger/records.ts";
import type { OrderRecord, PositionRecord } from "../records.ts";

export interface LeaveFacts {
  readonly account: string;
  readonly lots: readonly Lot[];
  readonly positions: readonly PositionRecord[];
  /** What works at the broker, as its worker last wrote it down. */
  readonly working: AccountRecord["working"];
  /** The account's orders that are not over. */
  readonly unfinished: readonly OrderRecord[];
  readonly bots: readonly Pick<BotConfig, "id" | "limits">[];
}

/** When it is looked: New York's time of day, and for how many minutes the look can be made up for. */
const LOOKS = [
  { name: "before the close", from: 15 * 60 + 30, until: 16 * 60 },
  { name: "before midnight", from: 23 * 60, until: 24 * 60 },
] as const;

/** The look that is due now, if one is. */
export function leaveLook(now: Temporal.Instant): (typeof LOOKS)[number]["name"] | undefined {
  const { hour, minute } = now.toZonedDateTimeISO(EXCHANGE_TIME_ZONE);
  const time = hour * 60 + minute;
  return LOOKS.find(({ from, until }) => time >= from && time < until)?.name;
}

/** The lots of ours that nothing protects at the broker, and that nobody has accepted so. */
export function unguardedLots(facts: LeaveFacts): readonly Lot[] {
  return facts.lots.filter((lot) => isOurs(lot) && !isAccepted(lot, facts) && !isGuarded(lot, facts));
}

function isOurs({ bot, clientOrderId }: Lot): boolean {
  return bot !== undefined || clientOrderId !== undefined;
}

/** The owner's own configuration lets the bot open without a stop. */
function isAccepted({ bot }: Lot, { bots }: LeaveFacts): boolean {
  return bots.some(({ id, limits }) => id === bot && !limits.stopRequired);
}

/** By a level that hangs on the position, or by an order that closes it at a stop price. */
function isGuarded({ positionId }: Lot, { positions, working, unfinished }: LeaveFacts): boolean {
  if (positions.some((one) => one.positionId === positionId && one.stopLoss !== undefined)) return true;
  if (working.some((one) => one.protects === positionId && one.stopPrice !== undefined)) return true;
  const stops = unfinished.filter(
    ({ ticket, state }) =>
      ticket.closes === positionId &&
      ticket.stopPrice !== undefined &&
      (state === "accepted" || state === "partially-filled"),
  );
  return stops.length > 0;
}
