/** What happens in trading, in a person's words, for a terminal that is left open: orders, fills and stops, and each bot once. */
import { upperFirst } from "../../shared/console/chat-answers.ts";
import type { LogFields } from "../../shared/platform/log.ts";
import { scopeText } from "../../shared/trading/control/scopes.ts";
import { REASONS } from "../../shared/trading/ticks/reasons.ts";
import type { Sentences } from "./narrator.ts";

/** Told by their fills, or of no interest yet. */
const QUIET_STATES: ReadonlySet<unknown> = new Set(["created", "sending", "partially-filled", "filled"]);

const HANDS: Readonly<Record<string, string>> = {
  page: "the page",
  terminal: "the terminal",
  telegram: "the phone",
};

/** What can be refused. */
const ASKED: Readonly<Record<string, string>> = {
  resumed: "going on",
  "switched-to-live": "trading live again",
};

/** For one run: they remember which bots were told of. */
export function tradingSentences(): Sentences {
  const seen = new Set<unknown>();
  return {
    tick({ bot, reason }) {
      if (seen.has(bot)) return undefined;
      seen.add(bot);
      return `👀 ${bot} looks at its market for the first time. ${summaryOf(reason)}`.trimEnd();
    },
    "order-standing": orderText,
    "fill-written": fillText,
    "trading-controlled": controlText,
    "symbol-unknown": ({ symbol }) =>
      `❕ The broker knows no instrument ${symbol}: look at its name in openbell.yaml.`,
    "kill-confirmed": ({ scope, cancelled, positions, protective }) =>
      `🛑 ${whereText(scope)}: the brokers say that nothing works any more. ${cancelled} cancelled, ${positions} positions open, ${protective} protective stops left.`,
  };
}

function orderText(fields: LogFields): string | undefined {
  const { connection, source, state, was, side, quantity, instrument, isClosing, refusal } = fields;
  if (state === was || QUIET_STATES.has(state)) return undefined;
  const what = `${isClosing === true ? `close by ${side}` : side} ${quantity} ${instrument}`;
  const why = refusal === undefined ? "" : ` (${refusal})`;
  return `${state === "accepted" ? "📝" : "❕"} ${source}: ${what} is ${state}${why}, ${connection}.`;
}

function fillText({ connection, source, side, quantity, instrument, price, isClosing }: LogFields): string {
  const verb = side === "buy" ? "bought" : "sold";
  const what = `${verb} ${quantity} ${instrument} at ${price}, ${connection}.`;
  if (source !== undefined) return `✅ ${source} ${what}`;
  return isClosing === true ? `🎯 A stop, a target or another hand ${what}` : `✅ Another hand ${what}`;
}

function controlText({ action, scope, by, outcome }: LogFields): string {
  const where = whereText(scope);
  const who = by === "system" ? `by itself (${outcome})` : `by ${HANDS[String(by)] ?? by}`;
  if (by !== "system" && outcome !== "ok" && action !== "kept-halted") {
    return `❕ ${where}: ${ASKED[String(action)] ?? action} was asked for ${who} and refused (${outcome}).`;
  }
  switch (action) {
    case "killed":
      return `🛑 ${where}: stopped ${who}; what works is being cancelled.`;
    case "halted":
      return `🛑 ${where}: stopped ${who}.`;
    case "reduced":
      return `🔻 ${where}: only closing from now on, ${who}.`;
    case "resumed":
      return `▶️  ${where}: trading goes on, ${who}.`;
    case "kept-halted":
      return `🛑 ${where}: stays stopped, its kill is not confirmed.`;
    case "closed-all":
      return `🔻 ${where}: everything is being closed, ${who}.`;
    default:
      return `❕ ${where}: ${action}, ${who}.`;
  }
}

function whereText(scope: unknown): string {
  return upperFirst(scopeText(String(scope)));
}

function summaryOf(reason: unknown): string {
  return typeof reason === "string" && Object.hasOwn(REASONS, reason)
    ? REASONS[reason as keyof typeof REASONS].summary
    : "";
}
