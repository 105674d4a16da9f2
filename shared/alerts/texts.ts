/** Alerts in words. Pure: what to say, in plain text, short enough for a lock screen. */
import { Temporal } from "temporal-polyfill";
import { datedClockTimes, midnightAfter } from "../calendar/zoned.ts";
import { ERRORS, type ErrorCode } from "../errors.ts";
import type { AlertContent } from "./records.ts";

const EASTERN = "America/New_York";
const PACIFIC = "America/Los_Angeles";

const WITHOUT_LINK: readonly AlertContent["kind"][] = ["renewed", "notice", "answer"];
const SIGNS = { stop: "🛑", warning: "⚠️", done: "✅" } as const;

export interface TextFacts {
  readonly now: Temporal.Instant;
  readonly ownerTimeZone: string;
  /** Everything is simulated: said in each message, so that nobody takes it for the market. */
  readonly isSandbox: boolean;
  /** The two words that the page will show; for messages that carry a link. */
  readonly words?: readonly [string, string];
}

/** Whether a message of this kind carries a link to the page. */
export function carriesLink(content: AlertContent): boolean {
  return !WITHOUT_LINK.includes(content.kind);
}

/** What the button under a message with a link says. */
export function linkLabel(content: AlertContent): string {
  return content.kind === "link" || content.kind === "keep-alive-failing" ? "Open Openbell" : "Renew now";
}

export function alertText(content: AlertContent, facts: TextFacts): string {
  const lines = linesOf(content, facts);
  if (facts.words !== undefined) {
    lines.push("", `The page must show these words: ${facts.words.join(" ")}`);
  }
  if (facts.isSandbox) lines.push("", "(Simulated: no broker and no money behind it.)");
  return lines.join("\n");
}

function linesOf(content: AlertContent, facts: TextFacts): string[] {
  switch (content.kind) {
    case "morning":
      return morningLines(content, facts);
    case "renewed":
      return [
        `✅ ${content.label} is active`,
        `Openbell made a real call with the new token: ${count(content.accounts, "account")} answered.`,
        `Good until ${times(content.expiresAt, facts)}.`,
      ];
    case "login-failed":
      return [`❌ Renewal failed: ${content.label}`, ...explained(content.code)];
    case "rejected":
      return [
        `❌ ${content.label} stopped working`,
        ...explained(content.code),
        "Nothing trades on it until it is renewed.",
      ];
    case "keep-alive-failing":
      return [
        `⚠️ Keep-alive trouble: ${content.label}`,
        `${failedCalls(content.failuresInRow)} ${explained(content.code).join(" ")}`,
        ...endLines(content, facts),
      ];
    case "notice":
      return [`${SIGNS[content.sign]} ${content.title}`, ...content.lines];
    case "answer":
      return [content.text];
    case "link":
      return ["🔗 Here is your fresh link to Openbell."];
    default:
      return content satisfies never;
  }
}

function failedCalls(failuresInRow: number): string {
  return failuresInRow === 1 ? "A call failed." : `${failuresInRow} calls in a row failed.`;
}

function endLines(
  { idleAt, endsAt }: Extract<AlertContent, { kind: "keep-alive-failing" }>,
  facts: TextFacts,
): string[] {
  if (idleAt !== undefined) return [`Without a call the token goes to sleep at ${times(idleAt, facts)}.`];
  return endsAt === undefined ? [] : [`Without a renewal the token ends at ${times(endsAt, facts)}.`];
}

function morningLines(content: Extract<AlertContent, { kind: "morning" }>, facts: TextFacts): string[] {
  // Rounded up: what is left is never called nothing.
  const minutes = Math.ceil(facts.now.until(content.open).total("minutes"));
  const head = content.isLastRung ? "🔔 Last call" : "🔔 Good morning";
  const lines = [
    `${head}: the market opens in ${count(minutes, "minute")}`,
    `Open: ${times(content.open, facts)}`,
  ];
  if (content.isHalfDay) lines.push("A half day: it closes early.");
  if (content.waiting.length > 0) lines.push(`Needs your login: ${content.waiting.join(", ")}`);
  if (content.unacknowledged.length > 0) {
    lines.push(`Renewed, but not confirmed by the worker: ${content.unacknowledged.join(", ")}`);
  }
  return lines;
}

/** Eastern, Pacific and the owner's own time; an instant that ends a day is told as midnight. */
function times(instant: Temporal.Instant, facts: TextFacts): string {
  const texts = datedClockTimes(instant, [EASTERN, PACIFIC, facts.ownerTimeZone], facts.now);
  const isMidnight = Temporal.Instant.compare(instant, midnightAfter(facts.now, EASTERN)) === 0;
  return isMidnight ? `midnight (${texts})` : texts;
}

function explained(code: string): string[] {
  const entry = ERRORS[code as ErrorCode];
  return entry === undefined ? [code] : [entry.summary, entry.next];
}

function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}
