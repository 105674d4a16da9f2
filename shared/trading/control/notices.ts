/** What the owner is told of trading, in words. Pure. */
import type { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../../calendar/sessions.ts";
import type { Mode } from "../../config/account.ts";
import type { ConnectionId } from "../../config/connection.ts";
import type { Actor } from "../../tokens/records.ts";
import type { Lot } from "../ledger/records.ts";
import type { OrderRecord, TradingStateRecord } from "../records.ts";
import { CONTROLS, type ControlCode, control } from "../risk/controls.ts";
import type { StillHalted } from "./halts-that-stay.ts";
import type { KillPart, KillRecord } from "./records.ts";
import { resumePhrase, scopeText } from "./scopes.ts";

/** A message for the owner's phone: a sign, one line, and what more there is to say. */
export interface Notice {
  readonly sign: "stop" | "warning" | "done";
  readonly title: string;
  readonly lines: readonly string[];
}

/** Brings a notice on its way to the owner; `id` says what it is about, so that it is told once. */
export type Announce = (id: string, notice: Notice) => Promise<unknown>;

/** A scope that Openbell itself has halted, or lets only close. */
export function haltNotice(scope: string, { why, state }: Pick<TradingStateRecord, "why" | "state">): Notice {
  const [code = ""] = why.split(":", 1);
  return {
    sign: "stop",
    title: `${state === "halted" ? "Halted" : "Only closing"} by itself: ${scopeText(scope)}`,
    lines: [why, ...(isControl(code) ? [control(code).next] : []), `To let it go on: ${resumePhrase(scope)}`],
  };
}

function isControl(code: string): code is ControlCode {
  return Object.hasOwn(CONTROLS, code);
}

/** Limits of which a half or four fifths are used, the fullest first; at least one. */
export function nearingNotice(
  warnings: readonly { readonly scope: string; readonly reached: number; readonly text: string }[],
): Notice {
  const [first, ...others] = warnings.toSorted((one, other) => other.reached - one.reached);
  if (first === undefined) throw new RangeError("no limit fills up");
  const { scope, reached, text } = first;
  if (others.length === 0) {
    return { sign: "warning", title: `${reached} % of a limit used: ${scopeText(scope)}`, lines: [text] };
  }
  return {
    sign: "warning",
    title: `${warnings.length} limits fill up, to ${reached} %`,
    lines: [first, ...others].map((one) => `${one.reached} % used, ${scopeText(one.scope)}: ${one.text}`),
  };
}

/** A bot that is not in the configuration any more, or was switched to paper, and what it has left on an account. */
export function formerBotNotice(
  bot: string,
  {
    account,
    now,
    lots,
    working,
  }: {
    readonly account: ConnectionId;
    /** How it trades now beside this account: switched to paper, or live again; missing where it is nowhere there. */
    readonly now?: Mode | undefined;
    readonly lots: readonly Pick<Lot, "instrument" | "side" | "quantity">[];
    readonly working: readonly Pick<OrderRecord, "ticket">[];
  },
): Notice {
  const opening = working.filter(({ ticket }) => ticket.closes === undefined).length;
  const held = lots.map(
    ({ instrument, side, quantity }) =>
      `${side === "buy" ? "long" : "short"} ${quantity.toFixed()} ${instrument}`,
  );
  return {
    sign: "warning",
    title:
      now === undefined
        ? `The bot ${bot} is no longer configured on ${account}`
        : `The bot ${bot} trades ${now === "paper" ? "on paper" : "live"} now, and has left something on ${account}`,
    lines: [
      held.length === 0
        ? "It has no position open."
        : `Nobody decides its exits any more: ${held.join(", ")}. Stops that rest stay.`,
      ...(opening === 0 ? [] : [`${opening} of its orders would open, and are being withdrawn.`]),
      whatToDo(bot, { account, now }),
    ],
  };
}

/** A bot that trades live is closed with all that it has: what it left on paper is no reason for that. */
function whatToDo(
  bot: string,
  { account, now }: { readonly account: ConnectionId; readonly now: Mode | undefined },
): string {
  if (now === "live") return `No money is in it. To close all that is open there: /close ${account}.`;
  const orElse =
    now === "paper"
      ? `To have it trade there again: /live ${bot}.`
      : "Or put the bot back into openbell.yaml.";
  return `To close what it has: /close ${bot}. ${orElse}`;
}

/** A kill as it stands: its receipt, once it is confirmed. */
export function killNotice(kill: KillRecord): Notice {
  return {
    sign: kill.isOpen ? "stop" : "done",
    title: killTitle(kill),
    lines: [
      `By ${actorWords(kill.actor)} at ${clockTime(kill.at)} New York: ${kill.why}`,
      ...kill.parts.map(partLine),
      ...lateAccounts(kill).map((account) => `To let ${account} go on: ${resumePhrase(account)}`),
    ],
  };
}

/** A kill's receipt, once whoever tells it; before that, once, that and why it is not complete. */
export function tellReceipt(
  { announce }: { readonly announce: Announce },
  kill: KillRecord,
): Promise<unknown> {
  return announce(`${kill.isOpen ? "kill-open" : "kill"}:${kill.id}`, killNotice(kill));
}

/** An account that a resume of everything has left halted. */
export function stillHaltedText({ account, because }: StillHalted): string {
  return `${account} stays halted, because its broker has not confirmed the kill: ${because}. Once it has: ${resumePhrase(account)}`;
}

function killTitle(kill: KillRecord): string {
  const what = scopeText(kill.scope);
  if (kill.isOpen) return `Halted: ${what}. Not confirmed by every broker yet.`;
  const late = lateAccounts(kill);
  if (late.length === 0) return `Halted and confirmed: ${what}, in ${secondsOf(kill)} seconds.`;
  return `Confirmed too: ${late.join(", ")}. What was resumed meanwhile goes on, and this stays halted.`;
}

/** The accounts that were confirmed only after the rest had gone on without them. */
function lateAccounts({ parts, resumedWithout = [] }: KillRecord): readonly string[] {
  const isLate = ({ account, state }: KillPart) => state === "confirmed" && resumedWithout.includes(account);
  return parts.filter(isLate).map(({ account }) => account);
}

/** A kill that was brought again after its scope had been let go on. */
export function liftedText({ scope, at }: Pick<KillRecord, "scope" | "at">): string {
  return `This kill was carried out at ${clockTime(at)} New York, and ${scopeText(scope)} has been resumed since. It came once more now, and halted nothing. To halt it now, send a new one.`;
}

/** Seconds from a kill to its last confirmation, with one decimal; `—` while it is open. */
export function secondsOf({ at, confirmedAt }: KillRecord): string {
  if (confirmedAt === undefined) return "—";
  // Two processes' clocks may differ by a little.
  return Math.max(0, at.until(confirmedAt).total("seconds")).toFixed(1);
}

function partLine(part: KillPart): string {
  const { account, found, cancelled, filled, positions, protective } = part;
  if (part.state === "waiting") {
    return `${account}: waiting; ${part.trouble ?? "no worker has looked yet"}.`;
  }
  const orders = `${found.length} ${found.length === 1 ? "order" : "orders"}`;
  const ends = found.length === 0 ? "" : ` (${cancelled} cancelled, ${filled} filled before)`;
  const stays =
    positions === 0
      ? "no position open"
      : `${positions} ${positions === 1 ? "position stays" : "positions stay"} open, ${protective} protective ${protective === 1 ? "order" : "orders"} left resting`;
  return `${account}: nothing works any more; ${orders}${ends}; ${stays}.`;
}

function actorWords({ kind }: Actor): string {
  return { page: "the page", terminal: "the terminal", telegram: "the phone", system: "Openbell" }[kind];
}

function clockTime(at: Temporal.Instant): string {
  return at.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainTime().toString({ smallestUnit: "second" });
}
