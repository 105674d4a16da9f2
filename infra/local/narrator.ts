/** Tells in the terminal what happens, in a person's words; the log file has everything else. */
import type { Temporal } from "temporal-polyfill";
import { clockTimes, dateTimeText } from "../../shared/calendar/zoned.ts";
import { ERRORS, type ErrorCode } from "../../shared/errors.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import type { Log, LogFields } from "../../shared/platform/log.ts";

const EASTERN = "America/New_York";

/** What is said of an event, by its name; undefined where it is worth no line. */
export type Sentences = Readonly<Record<string, (fields: LogFields) => string | undefined>>;

/** Events worth a line; of all others only errors are told, by their name. */
const SENTENCES: Sentences = {
  "alert-sent": ({ kind }) => (kind === "morning" ? "🔔 The phone rings." : `📨 Message sent (${kind}).`),
  "alert-not-sent": ({ kind, code }) => `⚠️  A message (${kind}) did not go out. ${explain(code)}`,
  "token-stored": ({ connection, generation, login }) =>
    `🔑 ${connection}: ${login === "redirect" ? "the broker's page gave access" : "the broker took the PIN"}; token ${generation} is in the vault.`,
  "token-replaced": ({ connection, generation }) =>
    `🔁 ${connection}: the broker gave the next token; token ${generation} is in the vault.`,
  "token-acknowledged": ({ connection, generation, latencyMs }) =>
    `🟢 ${connection}: the worker made a real call with token ${generation} (${Math.round(Number(latencyMs))} ms).`,
  "token-kept-alive": ({ connection, isRenewed, login }) => {
    const renewed = login === "redirect" ? " (the next token took its place)" : " (woken from sleep)";
    return `💓 ${connection}: kept alive${isRenewed === true ? renewed : ""}.`;
  },
  "keep-alive-failed": ({ connection, failuresInRow, code }) =>
    `⚠️  ${connection}: keep-alive failed, ${failuresInRow} in a row. ${explain(code)}`,
  "token-died": ({ connection, login }) =>
    `🌙 ${connection}: ${login === "redirect" ? "the token has ended, and the broker gave no other" : "midnight in New York, the token has ended"}.`,
  "sentiment-by-own-key": () =>
    "💬 Sentiment comes from Perplexity itself, by your own key and for your money.",
  "login-taken-over": ({ connection }) => `↩️  ${connection}: finishing a login that was cut off.`,
  "job-call-failed": ({ job, status }) =>
    `⚠️  The job ${job} failed: ${status === 0 ? "its service did not answer" : `its service answered ${status}`}.`,
  "service-unreachable": ({ service }) => `⚠️  The service ${service} does not answer.`,
  "token-probe-failed": ({ connection, code }) =>
    `⚠️  ${connection}: the broker did not answer well. ${explain(code)}`,
};

export interface Narrator {
  /** Prints one line with the time before it. */
  say(text: string): void;
  /** Prints one line as it is. */
  tell(line: string): void;
  /** From now on lines carry this clock's time. */
  follow(clock: Clock): void;
  /** A log that goes on to `log` and is told here. */
  listen(log: Log): Log;
}

/** `more`: sentences beside those of tokens, alerts and jobs. */
export function createNarrator(print: (line: string) => void, more: Sentences = {}): Narrator {
  const sentences: Sentences = { ...SENTENCES, ...more };
  let clock: Clock | undefined;

  function say(text: string): void {
    print(clock === undefined ? text : `${timeOf(clock.now())}  ${text}`);
  }

  function listen(log: Log): Log {
    const tell = (event: string, fields: LogFields = {}, isTrouble = false) => {
      const sentence = sentences[event];
      const text = sentence ? sentence(fields) : isTrouble ? `⚠️  ${event} (see openbell.log)` : undefined;
      if (text !== undefined) say(text);
    };
    return {
      info: (event, fields) => {
        log.info(event, fields);
        tell(event, fields);
      },
      warn: (event, fields) => {
        log.warn(event, fields);
        tell(event, fields);
      },
      error: (event, fields) => {
        log.error(event, fields);
        tell(event, fields, true);
      },
      for: (subsystem) => listen(log.for(subsystem)),
    };
  }

  return {
    say,
    tell: print,
    listen,
    follow(followed) {
      clock = followed;
    },
  };
}

function timeOf(now: Temporal.Instant): string {
  const seconds = String(now.toZonedDateTimeISO(EASTERN).second).padStart(2, "0");
  const [time = ""] = clockTimes(now, [EASTERN]);
  return time.replace(" ", `:${seconds} `);
}

/** The day and time in New York, for a headline. */
export function easternDateTime(now: Temporal.Instant): string {
  return `${dateTimeText(now, EASTERN)} ET`;
}

function explain(code: unknown): string {
  return typeof code === "string" && Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].summary : "";
}
