/**
 * The owner's login from the terminal: link out, PIN in, and the end only when the worker has made a real call
 * with the new token. Where the broker leads the browser back in place of showing a PIN, the login can end in the
 * browser, or by the address that it shows.
 */
import { Temporal } from "temporal-polyfill";
import { clockTimes, datedClockTimes } from "../../shared/calendar/zoned.ts";
import type { ApiAuthorization, ApiConnectionStatus } from "../../shared/console/api.ts";
import type { Services } from "../../shared/console/services.ts";
import { ERRORS, type ErrorCode } from "../../shared/errors.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { type Failure, fail } from "../../shared/platform/result.ts";
import { countOf } from "./format-status.ts";
import { failureText, tellFailure } from "./tell-failure.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

export interface RenewDeps {
  readonly services: Pick<Services, "status" | "begin" | "complete">;
  readonly terminal: Terminal;
  /** The product's clock: it decides when the login ends. */
  readonly clock: Pick<Clock, "now">;
  readonly ownerTimeZone: string;
  /** Waits a tenth of a second in real time, and follows the stack's clock. */
  pause(): Promise<void>;
  /** Aborted by Ctrl-C. */
  readonly interruption: AbortSignal;
}

/** How often it is looked whether the login has ended in the browser. */
const TENTHS_BETWEEN_LOOKS = 5;
const TENTHS_UNTIL_LATE = 100;
const TENTHS_UNTIL_GIVEN_UP = 600;
const ACTOR = { kind: "terminal" } as const;

/** Renews one connection; 0 only when the worker has acknowledged the token. */
export async function renew(deps: RenewDeps, connection: string): Promise<ExitCode> {
  const { services, terminal } = deps;
  const before = await find(deps, connection);
  const begun = await services.begin({ connection, actor: ACTOR });
  if (!begun.ok) return tellFailure(terminal, begun);

  const words = WORDS[before?.login ?? "pin"];
  const generationBefore = before?.token.generation ?? 0;
  const task = { connection, login: begun.value, words, generationBefore };
  printInstructions(deps, task);
  const entered = await enterPin(deps, task);
  if ("exitCode" in entered) return entered.exitCode;
  const generation = entered.generation ?? generationBefore + 1;
  const isAccepted = entered.generation !== undefined;
  return waitForWorker(deps, { connection, generation, isAccepted, words });
}

/** One login under way. */
interface Task {
  readonly connection: string;
  readonly login: ApiAuthorization;
  readonly words: Words;
  readonly generationBefore: number;
}

interface Words {
  readonly afterwards: string;
  readonly question: string;
  readonly retry: string;
  readonly checking: string;
  readonly accepted: string;
  /** What was not given when the owner leaves. */
  readonly missing: string;
}

const WORDS: Readonly<Record<ApiConnectionStatus["login"], Words>> = {
  pin: {
    afterwards: "Then enter the PIN that the broker shows.",
    question: "PIN from the broker's page",
    retry: "PIN",
    checking: "Checking the PIN…",
    accepted: "The broker took the PIN and the token is stored.",
    missing: "a PIN",
  },
  redirect: {
    afterwards:
      "The broker then leads your browser back to Openbell. Where it says there that you are not connected, paste that page's whole address here, within a minute.",
    question: "Address of the page to which the broker led back",
    retry: "Address",
    checking: "Handing in the code…",
    accepted: "The broker took the code and the token is stored.",
    missing: "a code",
  },
};

function printInstructions({ terminal, ownerTimeZone }: RenewDeps, { login, words }: Task): void {
  terminal.print(
    [
      "Open this address, log in at the broker and accept:",
      "",
      `  ${terminal.style.strong(login.authorizeUrl)}`,
      "",
      `${words.afterwards} This login is good until ${momentText(login.expiresAt, ownerTimeZone)}.`,
    ].join("\n"),
  );
}

/** `generation` is left out when the broker's answer was lost, so that only the state can tell. */
type Entered = { readonly exitCode: ExitCode } | { readonly generation: number | undefined };

async function enterPin(deps: RenewDeps, task: Task): Promise<Entered> {
  const { services, terminal } = deps;
  const { connection, login, words } = task;
  for (let attemptsLeft = login.attemptsLeft; ; ) {
    const answer = await askWhileOpen(deps, task, question(task, attemptsLeft));
    const elsewhere = answer.kind === "pin" ? undefined : await endedElsewhere(deps, task);
    if (elsewhere !== undefined) return { generation: elsewhere };
    if (answer.kind !== "pin") return { exitCode: tellNoPin(deps, answer.kind, words) };
    terminal.print(words.checking);
    const { pin } = answer;
    const completed = await services.complete({ connection, authorization: login.id, pin, actor: ACTOR });
    if (completed.ok) return { generation: completed.value.generation };
    if (completed.code === "AUTHORIZATION_OUTCOME_UNKNOWN") {
      terminal.print(failureText(completed));
      return { generation: undefined };
    }
    const stillOpen = (await find(deps, connection))?.authorization;
    tellFailure(terminal, withoutCount(completed));
    if (stillOpen?.id !== login.id) return { exitCode: 1 };
    attemptsLeft = stillOpen.attemptsLeft;
  }
}

function question({ login, words }: Task, attemptsLeft: number): string {
  if (attemptsLeft === login.attemptsLeft) return words.question;
  return `${words.retry} (${countOf(attemptsLeft, "attempt")} left)`;
}

/** The generation that this login brought through the browser, if it did. */
async function endedElsewhere(deps: RenewDeps, task: Task): Promise<number | undefined> {
  if (task.words !== WORDS.redirect) return undefined;
  const generation = (await find(deps, task.connection))?.token.generation ?? 0;
  return generation > task.generationBefore ? generation : undefined;
}

/** The next question tells how many attempts are left. */
function withoutCount(failure: Failure): Failure {
  const { attemptsLeft: _, ...detail } = failure.detail;
  return { ...failure, detail };
}

/** Asks for the PIN, but not longer than the broker would take it. */
async function askWhileOpen(deps: RenewDeps, task: Task, message: string) {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, deps.interruption]);
  const expiresAt = Temporal.Instant.from(task.login.expiresAt);
  const asked = deps.terminal.askPin(message, signal);
  let isAnswered = false;
  const watch = async () => {
    for (let tenths = 0; !isAnswered; tenths += 1) {
      const isOver = Temporal.Instant.compare(deps.clock.now(), expiresAt) >= 0;
      const isLook = tenths % TENTHS_BETWEEN_LOOKS === 0;
      if (isOver || (isLook && (await endedElsewhere(deps, task)) !== undefined)) break;
      await deps.pause();
    }
    ending.abort();
  };
  const watching = watch();
  try {
    return await asked;
  } finally {
    isAnswered = true;
    await watching;
  }
}

function tellNoPin(
  { terminal, interruption }: RenewDeps,
  kind: "left" | "stopped" | "ended",
  { missing }: Words,
): ExitCode {
  if (kind === "left" || interruption.aborted) {
    terminal.complain(`Left without ${missing}. Nothing has changed; this login ends by itself.`);
    return 130;
  }
  if (kind === "stopped") return tellFailure(terminal, fail("AUTHORIZATION_EXPIRED"));
  terminal.complain(`The input ended before the broker took ${missing}.`);
  return 1;
}

interface Expected {
  readonly connection: string;
  readonly generation: number;
  readonly isAccepted: boolean;
  readonly words: Words;
}

async function waitForWorker(deps: RenewDeps, expected: Expected): Promise<ExitCode> {
  const { terminal, interruption } = deps;
  if (expected.isAccepted) {
    terminal.print(`${expected.words.accepted} The worker makes a real call with it…`);
  }
  let trouble: ErrorCode | undefined;
  for (let tenths = 0; tenths < TENTHS_UNTIL_GIVEN_UP; tenths += 1) {
    const found = await find(deps, expected.connection);
    if (found !== undefined && found.token.generation >= expected.generation) {
      if (found.acknowledged) return tellArmed(deps, found);
      if (found.token.state === "rejected") return tellFailure(terminal, fail("BROKER_TOKEN_REJECTED"));
      trouble = troubleOf(found);
      if (trouble !== undefined && ERRORS[trouble].retry === "never")
        return tellFailure(terminal, fail(trouble));
    }
    if (interruption.aborted) {
      terminal.complain("Left before the worker confirmed the token; it goes on by itself.");
      return 130;
    }
    if (tenths === TENTHS_UNTIL_LATE) {
      const why = trouble === undefined ? "" : ` ${ERRORS[trouble].summary}`;
      terminal.print(`Still waiting for the worker…${why}`);
    }
    await deps.pause();
  }
  const code = expected.isAccepted ? "ACKNOWLEDGEMENT_MISSING" : "AUTHORIZATION_OUTCOME_UNKNOWN";
  return tellFailure(terminal, fail(code, trouble === undefined ? {} : { worker: trouble }));
}

/** Why the worker could not confirm the token the last time it tried. */
function troubleOf({ trouble }: ApiConnectionStatus): ErrorCode | undefined {
  return trouble !== undefined && Object.hasOwn(ERRORS, trouble.code)
    ? (trouble.code as ErrorCode)
    : undefined;
}

function tellArmed({ terminal, ownerTimeZone }: RenewDeps, connection: ApiConnectionStatus): ExitCode {
  const { acknowledgement, label, token } = connection;
  const parts = [`${terminal.style.strong("Armed.")} The worker has confirmed ${label}.`];
  if (acknowledgement !== undefined) {
    const { accounts, account, latencyMs } = acknowledgement;
    const seen = `${countOf(accounts, "account")} (trades on ··${account})`;
    parts.push(`It sees ${seen}; the broker answered in ${Math.round(latencyMs)} ms.`);
  }
  if (token.expiresAt !== undefined) parts.push(`Good until ${endText(token, ownerTimeZone)}.`);
  terminal.print(parts.join(" "));
  return 0;
}

/** With its date where the token lives longer than a day. */
function endText({ expiresAt = "", issuedAt }: ApiConnectionStatus["token"], ownerTimeZone: string): string {
  const zones = ["America/New_York", ownerTimeZone];
  return datedClockTimes(
    Temporal.Instant.from(expiresAt),
    zones,
    Temporal.Instant.from(issuedAt ?? expiresAt),
  );
}

function momentText(iso: string, ownerTimeZone: string): string {
  return clockTimes(Temporal.Instant.from(iso), ["America/New_York", ownerTimeZone]).join(" · ");
}

async function find(deps: RenewDeps, connection: string): Promise<ApiConnectionStatus | undefined> {
  const { connections } = await deps.services.status();
  return connections.find((one) => one.id === connection);
}
