/**
 * The owner's login from the terminal: link out, PIN in, and the end only when the worker has made a real call
 * with the new token.
 */
import { Temporal } from "temporal-polyfill";
import { clockTimes } from "../../shared/calendar/zoned.ts";
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

const TENTHS_UNTIL_LATE = 100;
const TENTHS_UNTIL_GIVEN_UP = 600;
const ACTOR = { kind: "terminal" } as const;

/** Renews one connection; 0 only when the worker has acknowledged the token. */
export async function renew(deps: RenewDeps, connection: string): Promise<ExitCode> {
  const { services, terminal } = deps;
  const before = await find(deps, connection);
  const begun = await services.begin({ connection, actor: ACTOR });
  if (!begun.ok) return tellFailure(terminal, begun);

  printInstructions(deps, begun.value);
  const entered = await enterPin(deps, connection, begun.value);
  if ("exitCode" in entered) return entered.exitCode;
  const generation = entered.generation ?? (before?.token.generation ?? 0) + 1;
  return waitForWorker(deps, { connection, generation, isPinAccepted: entered.generation !== undefined });
}

function printInstructions({ terminal, ownerTimeZone }: RenewDeps, login: ApiAuthorization): void {
  terminal.print(
    [
      "Open this address, log in at the broker and accept:",
      "",
      `  ${terminal.style.strong(login.authorizeUrl)}`,
      "",
      `Then enter the PIN that the broker shows. This login is good until ${momentText(login.expiresAt, ownerTimeZone)}.`,
    ].join("\n"),
  );
}

/** `generation` is left out when the broker's answer was lost, so that only the state can tell. */
type Entered = { readonly exitCode: ExitCode } | { readonly generation: number | undefined };

async function enterPin(deps: RenewDeps, connection: string, login: ApiAuthorization): Promise<Entered> {
  const { services, terminal } = deps;
  for (let attemptsLeft = login.attemptsLeft; ; ) {
    const answer = await askWhileOpen(deps, login, question(login, attemptsLeft));
    if (answer.kind !== "pin") return { exitCode: tellNoPin(deps, answer.kind) };
    terminal.print("Checking the PIN…");
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

function question(login: ApiAuthorization, attemptsLeft: number): string {
  if (attemptsLeft === login.attemptsLeft) return "PIN from the broker's page";
  return `PIN (${countOf(attemptsLeft, "attempt")} left)`;
}

/** The next question tells how many attempts are left. */
function withoutCount(failure: Failure): Failure {
  const { attemptsLeft: _, ...detail } = failure.detail;
  return { ...failure, detail };
}

/** Asks for the PIN, but not longer than the broker would take it. */
async function askWhileOpen(deps: RenewDeps, login: ApiAuthorization, message: string) {
  const ending = new AbortController();
  const signal = AbortSignal.any([ending.signal, deps.interruption]);
  const expiresAt = Temporal.Instant.from(login.expiresAt);
  const asked = deps.terminal.askPin(message, signal);
  let isAnswered = false;
  const watch = async () => {
    while (!isAnswered && Temporal.Instant.compare(deps.clock.now(), expiresAt) < 0) await deps.pause();
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

function tellNoPin({ terminal, interruption }: RenewDeps, kind: "left" | "stopped" | "ended"): ExitCode {
  if (kind === "left" || interruption.aborted) {
    terminal.complain("Left without a PIN. Nothing has changed; this login ends by itself.");
    return 130;
  }
  if (kind === "stopped") return tellFailure(terminal, fail("AUTHORIZATION_EXPIRED"));
  terminal.complain("The input ended before the broker took a PIN.");
  return 1;
}

interface Expected {
  readonly connection: string;
  readonly generation: number;
  readonly isPinAccepted: boolean;
}

async function waitForWorker(deps: RenewDeps, expected: Expected): Promise<ExitCode> {
  const { terminal, interruption } = deps;
  if (expected.isPinAccepted) {
    terminal.print("The broker took the PIN and the token is stored. The worker makes a real call with it…");
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
  const code = expected.isPinAccepted ? "ACKNOWLEDGEMENT_MISSING" : "AUTHORIZATION_OUTCOME_UNKNOWN";
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
  if (token.expiresAt !== undefined) parts.push(`Good until ${momentText(token.expiresAt, ownerTimeZone)}.`);
  terminal.print(parts.join(" "));
  return 0;
}

function momentText(iso: string, ownerTimeZone: string): string {
  return clockTimes(Temporal.Instant.from(iso), ["America/New_York", ownerTimeZone]).join(" · ");
}

async function find(deps: RenewDeps, connection: string): Promise<ApiConnectionStatus | undefined> {
  const { connections } = await deps.services.status();
  return connections.find((one) => one.id === connection);
}
