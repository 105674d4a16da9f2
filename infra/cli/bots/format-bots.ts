/** Bots and their ticks for people. Pure. */
import { Temporal } from "temporal-polyfill";
import { aligned } from "../../../shared/calendar/format-plan.ts";
import { EXCHANGE_TIME_ZONE } from "../../../shared/calendar/sessions.ts";
import { dateTimeText, zoneLabel } from "../../../shared/calendar/zoned.ts";
import { switchText } from "../../../shared/console/trading-text.ts";
import { isReasonCode, REASONS } from "../../../shared/trading/ticks/reasons.ts";
import type { PrintedBot, PrintedDay, PrintedTick } from "./bot-commands.ts";

/** A table, one line a bot. */
export function formatBots(bots: readonly PrintedBot[]): string {
  if (bots.length === 0) return "There are no bots: `bots` of openbell.yaml is empty.";
  const rows = bots.map(({ bot, account, strategy, instruments, state, positions, last, next }) => [
    bot,
    account,
    strategy,
    instruments.join(" "),
    state,
    String(positions),
    last === undefined ? "-" : `${timeText(last.instant)} ${last.reason}`,
    next === undefined ? "never" : timeText(next),
  ]);
  const table = aligned([
    ["bot", "account", "strategy", "instruments", "state", "positions", "last tick", "next tick"],
    ...rows,
  ]);
  const switched = bots.flatMap((bot) =>
    bot.switched === undefined
      ? []
      : [`${bot.bot}: ${switchText(bot.switched)}. To bring it back: openbell live ${bot.bot}`],
  );
  return [table, ...switched].join("\n");
}

/** Each bot's day: how often which reason, what it means, and the last ticks in words. */
export function formatWhy(days: readonly PrintedDay[]): string {
  if (days.length === 0) return "There are no bots: `bots` of openbell.yaml is empty.";
  return days.map((day) => formatDay(day).join("\n")).join("\n\n");
}

function formatDay({ bot, date, due, missed, closed, reasons, latest }: PrintedDay): readonly string[] {
  const head = `${bot}, ${date}: ${dueText(due, missed)}`;
  if (closed !== undefined) return [head, closed];
  if (reasons.length === 0) return [head];
  const table = aligned(
    reasons.map(({ reason, count }) => [String(count).padStart(6), reason, meaningOf(reason)]),
  );
  return [head, table, "", ...latest.flatMap(tickLines)];
}

function dueText(due: number, missed: number): string {
  if (due === 0) return "not due yet";
  const times = `due ${due} ${due === 1 ? "time" : "times"}`;
  return missed === 0 ? times : `${times}, of which ${missed} nobody ran`;
}

function meaningOf(reason: string): string {
  return isReasonCode(reason) ? REASONS[reason].summary : "A reason of another release.";
}

function tickLines({ instant, reason, text, instruments }: PrintedTick): readonly string[] {
  const line = `${timeText(instant)}  ${reason}: ${text}`;
  const each = (instruments ?? []).map((one) => `    ${one.instrument}  ${one.reason}: ${one.text}`);
  return [line, ...each];
}

function timeText(iso: string): string {
  return `${dateTimeText(Temporal.Instant.from(iso), EXCHANGE_TIME_ZONE)} ${zoneLabel(EXCHANGE_TIME_ZONE)}`;
}
