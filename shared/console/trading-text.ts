/** How trading stands, in short lines for a phone. Pure. */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../calendar/sessions.ts";
import { clockTimes, dateTimeText } from "../calendar/zoned.ts";
import { scopeText } from "../trading/control/scopes.ts";
import { upperFirst } from "./chat-answers.ts";
import type {
  ApiAccount,
  ApiBot,
  ApiHold,
  ApiOrder,
  ApiPosition,
  ApiTrade,
  ApiTrading,
  ApiWhy,
} from "./trading-api.ts";

const MOST_LINES = 30;

const MONEY = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const STANDING: Readonly<Record<ApiBot["state"], string>> = {
  active: "trading",
  reducing: "only closing",
  halted: "halted",
};

const HANDS: Readonly<Record<string, string>> = {
  page: "the page",
  terminal: "the terminal",
  telegram: "the phone",
  system: "Openbell",
};

const CLOSERS: Readonly<Record<NonNullable<ApiTrade["closedBy"]>, string>> = {
  stop: "its stop",
  target: "its target",
  strategy: "its strategy",
  you: "you",
  openbell: "Openbell",
};

/** Open positions, each with its stop and where that rests. */
export function positionsText({ positions }: Pick<ApiTrading, "positions">): string {
  if (positions.length === 0) return "No position is open.";
  return cut([`${positions.length} open:`, ...positions.map(positionLine)]);
}

function positionLine({
  instrument,
  side,
  quantity,
  price,
  mark,
  unrealised,
  stop,
  bot,
  isBotFormer,
  isBotSwitched,
  account,
}: ApiPosition): string {
  const now = mark === undefined ? "" : ` → ${mark.price}`;
  const gain = unrealised === undefined ? "" : ` (${signed(unrealised)})`;
  const guard =
    stop === undefined
      ? "no stop"
      : `stop ${stop.price}${stop.where === "broker" ? " at the broker" : ", not seen at the broker"}`;
  return `${instrument} ${side === "buy" ? "long" : "short"} ${quantity} at ${price}${now}${gain} · ${guard} · ${bot ?? "not a bot's"}${isBotFormer === true ? ` (${goneText(isBotSwitched)})` : ""} · ${account}`;
}

function goneText(isSwitched: boolean | undefined): string {
  return isSwitched === true ? "trades on paper now" : "no longer configured";
}

/** Orders that may still trade, and the last that are over. */
export function ordersText({ orders }: Pick<ApiTrading, "orders">): string {
  const { working, last, isCut } = orders;
  const head =
    working.length === 0 ? "No order works." : `${working.length}${isCut ? " and more" : ""} working:`;
  const over = last.slice(0, 5);
  return cut([
    head,
    ...working.map(orderLine),
    ...(over.length > 0 ? ["Lately over:", ...over.map(orderLine)] : []),
  ]);
}

function orderLine(order: ApiOrder): string {
  const { instrument, side, type, quantity, price, filledPrice, state, refusal, account } = order;
  const at = price === undefined ? "" : ` ${price}`;
  const filled = filledPrice === undefined ? "" : ` at ${filledPrice}`;
  const why = refusal === undefined ? "" : ` (${refusal.code})`;
  return `${side} ${quantity} ${instrument} ${type}${at}: ${state}${filled}${why} · ${ownerOf(order)} · ${account}`;
}

/** A stop or a take profit rests with a position, whoever's that is. */
function ownerOf({ bot, clientOrderId, closes }: ApiOrder): string {
  if (bot !== undefined) return bot;
  return closes && clientOrderId === undefined ? "protects a position" : "not a bot's";
}

/** What was closed today, the latest first, each with what it has brought and by what it was closed. */
export function tradesText({ trades }: Pick<ApiTrading, "trades">): string {
  const { closed, isCut } = trades;
  if (closed.length === 0) return "Nothing was closed today.";
  return cut([`${closed.length}${isCut ? " and more" : ""} closed today:`, ...closed.map(tradeLine)]);
}

function tradeLine(trade: ApiTrade): string {
  const { instrument, side, quantity, entryPrice, exitPrice, net, currency, bot, closedBy } = trade;
  const from = entryPrice === undefined ? "" : `${entryPrice} → `;
  const money = `${signed(net)} ${currency ?? ""}`.trim();
  const by = closedBy === undefined ? "" : ` by ${CLOSERS[closedBy]}`;
  const when = clockTimes(Temporal.Instant.from(trade.closedAt), [EXCHANGE_TIME_ZONE]).join();
  return `${instrument} ${side === "buy" ? "long" : "short"} ${quantity}: ${from}${exitPrice} (${money}) · ${when}${by} · ${bot ?? "not a bot's"} · ${trade.account}`;
}

/** What the day has brought, against what it may cost. */
export function pnlText({ accounts, bots }: Pick<ApiTrading, "accounts" | "bots">): string {
  if (accounts.length === 0) return "No account is configured.";
  return cut([
    ...accounts.map(accountLine),
    ...bots.map((bot) => `${bot.id}: ${dayText(bot.day, bot.currency)}`),
  ]);
}

function accountLine({ id, badge, money, day }: ApiAccount): string {
  if (money === undefined) return `${id} (${badge.toUpperCase()}): nothing is known yet.`;
  const old = money.isCurrent ? "" : " · not current: its worker is silent";
  return `${id} (${badge.toUpperCase()}): equity ${MONEY.format(Number(money.equity))} ${money.currency} · ${dayText(day, money.currency)}${old}`;
}

function dayText(day: ApiAccount["day"], currency = ""): string {
  if (day.net === undefined) return "today not known";
  const limit =
    day.lossLimit === undefined || day.usedPercent === undefined
      ? ""
      : `, ${day.usedPercent} % of the loss limit ${MONEY.format(Number(day.lossLimit))}`;
  return `today ${signed(day.net)} ${currency}${limit}`.trim();
}

/** Every bot with its state and what its last tick said. */
export function botsText({ bots, holds }: Pick<ApiTrading, "bots" | "holds">): string {
  if (bots.length === 0) return "No bot is configured.";
  return cut([...holds.map(holdLine), ...bots.map(botLine)]);
}

/** A scope that is stopped, by whom and why. */
export function holdLine({
  scope,
  state,
  who,
  why,
}: Pick<ApiHold, "scope" | "state" | "who" | "why">): string {
  return `${upperFirst(scopeText(scope))} is ${STANDING[state]}, by ${HANDS[who] ?? who}: ${why}`;
}

function botLine({ id, badge, state, switched, lastTick, positions }: ApiBot): string {
  const by = switched === undefined ? "" : `, ${switchText(switched)}`;
  const last = lastTick === undefined ? "no tick yet" : `${lastTick.reason}: ${lastTick.text}`;
  return `${id} (${badge.toUpperCase()}), ${STANDING[state]}${by}, ${positions.count} open · ${last}`;
}

/** Who has switched a bot to paper, when, and why. */
export function switchText({
  at,
  who,
  why,
}: Omit<NonNullable<ApiBot["switched"]>, "phrase" | "liveAgainAt">): string {
  const when = dateTimeText(Temporal.Instant.from(at), EXCHANGE_TIME_ZONE);
  return `switched to paper by ${who} at ${when} New York: ${why}`;
}

/** With which reasons a bot's ticks of a day ended. */
export function whyText({ bot, date, due, missed, closed, reasons, latest }: ApiWhy): string {
  const [last] = latest;
  return cut([
    `${bot} on ${date}: ${due} ticks due${missed === 0 ? "" : `, ${missed} missed`}`,
    ...(closed === undefined ? [] : [closed]),
    ...reasons.map(({ reason, count, summary }) => `${count} × ${reason}${summary ? `: ${summary}` : ""}`),
    ...(last === undefined
      ? []
      : [`Last: ${last.reason}: ${last.text}`, ...(isStep(last.next) ? [last.next] : [])]),
  ]);
}

/** A reason that asks nothing of its owner says so for a table, which a line of its own only puzzles. */
function isStep(next: string | undefined): next is string {
  return next !== undefined && !next.startsWith("Nothing.");
}

/** `+12.30` or `-12.30`; a zero has no sign. */
function signed(amount: string): string {
  const text = MONEY.format(Math.abs(Number(amount)));
  if (/^[0.]*$/.test(text)) return text;
  return `${Number(amount) < 0 ? "-" : "+"}${text}`;
}

function cut(lines: readonly string[]): string {
  if (lines.length <= MOST_LINES) return lines.join("\n").slice(0, 4_000);
  return [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} more`]
    .join("\n")
    .slice(0, 4_000);
}
