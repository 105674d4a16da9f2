/**
 * The way from "Renew" to "armed" as one pure state machine. Effects live in `renewal.ts`; here is decided
 * what each answer means.
 *
 * 1. Armed only when the worker acknowledged a generation not older than the accepted one.
 * 2. A status that was asked for before the step began decides nothing.
 * 3. Whether a PIN without a clear answer was taken is learnt from the status, not guessed.
 */
import type {
  ApiAccepted,
  ApiAuthorization,
  ApiConnectionStatus,
  ApiErrorCode,
  ApiLanding,
  ApiStatus,
} from "../../shared/console/api.ts";

import type { Problem } from "./api.ts";
import { describeLanding, START_AGAIN } from "./words.ts";

/** Milliseconds of the page's monotonic clock. */
type MonotonicMs = number;

export type RenewalStep =
  /** Asking the broker for a login. */
  | { readonly step: "starting"; readonly connection: string }
  | { readonly step: "not-started"; readonly connection: string; readonly problem: Problem }
  /** The owner fetches the PIN and enters it, or is at the broker's page, which leads back by itself. */
  | {
      readonly step: "pin";
      readonly connection: string;
      /** No PIN is shown: the broker's page leads back. */
      readonly isRedirect: boolean;
      readonly authorization: ApiAuthorization;
      /** The generation before this login; a higher one means that the PIN was taken. */
      readonly generationBefore: number;
      readonly sinceMs: MonotonicMs;
      readonly isSending: boolean;
      readonly problem?: Problem;
    }
  /** This login can no longer be completed. */
  | { readonly step: "closed"; readonly connection?: string; readonly problem?: Problem }
  /** The broker's page sent the owner back with a code; it is being handed in. */
  | {
      readonly step: "returning";
      readonly requestToken: string;
      readonly verifier: string;
      readonly problem?: Problem;
    }
  /** Token stored; the worker has not made its call yet. */
  | {
      readonly step: "confirming";
      readonly connection: string;
      readonly generation: number;
      readonly sinceMs: MonotonicMs;
      /** The status shows the new token: from here the worker finds it even if its message was lost. */
      readonly isTold: boolean;
      readonly isSlow: boolean;
      readonly isLate: boolean;
    }
  | { readonly step: "armed"; readonly connection: string; readonly generation: number }
  /** The broker does not accept the new token. */
  | { readonly step: "refused"; readonly connection: string; readonly rejection?: string };

export type RenewalEvent =
  | { readonly type: "not-begun"; readonly problem: Problem }
  | {
      readonly type: "begun";
      readonly authorization: ApiAuthorization;
      readonly isRedirect: boolean;
      readonly generation: number;
      readonly atMs: MonotonicMs;
    }
  | { readonly type: "pin-sent" }
  | { readonly type: "accepted"; readonly accepted: ApiAccepted; readonly atMs: MonotonicMs }
  | { readonly type: "not-accepted"; readonly problem: Problem }
  /** A status came. `askedAtMs`: when it was asked for. */
  | {
      readonly type: "looked";
      readonly status: ApiStatus;
      readonly askedAtMs: MonotonicMs;
      readonly atMs: MonotonicMs;
    };

/** After this long the worker's wake-up may be lost, and the page says when it looks by itself. */
export const SLOW_AFTER_MS = 3_000;
/** After this long without the worker's word the page says what to do. */
export const LATE_AFTER_MS = 60_000;

/** Openbell asks the broker about an unknown outcome every half minute; this long after expiry it has. */
const SETTLED_AFTER_MS = 60_000;

/** The next step. An event that does not belong to the step changes nothing. */
export function advance(renewal: RenewalStep, event: RenewalEvent): RenewalStep {
  switch (event.type) {
    case "not-begun":
      return renewal.step === "starting"
        ? { ...renewal, step: "not-started", problem: event.problem }
        : renewal;
    case "begun":
      return renewal.step === "starting" ? awaitPin(renewal.connection, event) : renewal;
    case "pin-sent":
      return renewal.step === "pin" ? sending(renewal) : renewal;
    case "accepted":
      return accept(renewal, event);
    case "not-accepted":
      return refuse(renewal, event.problem);
    case "looked":
      if (renewal.step === "pin") return lookWhileWaitingForPin(renewal, event);
      return renewal.step === "confirming" ? lookForWorker(renewal, event) : renewal;
    default:
      return event satisfies never;
  }
}

/** The PIN step of a login that is already open, for instance after a reload. */
export function resume(connection: ApiConnectionStatus, atMs: MonotonicMs): RenewalStep | undefined {
  if (connection.authorization === undefined) return undefined;
  const { authorization, login, token } = connection;
  const isRedirect = login === "redirect";
  return awaitPin(connection.id, { authorization, isRedirect, generation: token.generation, atMs });
}

/** What the broker's redirect has led to, as the address says; undefined for what the status does not bear out. */
export function land(status: ApiStatus, landing: ApiLanding, atMs: MonotonicMs): RenewalStep | undefined {
  if ("connected" in landing) {
    const { connected: connection, generation } = landing;
    const isStored = (find(status, connection)?.token.generation ?? 0) >= generation;
    return isStored ? confirming({ connection, generation }, atMs) : undefined;
  }
  const problem = describeLanding(landing.failed);
  const connection =
    landing.connection === undefined
      ? status.connections.find(({ login, authorization }) => login === "redirect" && authorization)
      : find(status, landing.connection);
  const open = connection && resume(connection, atMs);
  if (open?.step === "pin") return { ...open, problem };
  return { step: "closed", problem, ...(connection && { connection: connection.id }) };
}

function awaitPin(connection: string, begun: Omit<RenewalEvent & { type: "begun" }, "type">): RenewalStep {
  return {
    step: "pin",
    connection,
    isRedirect: begun.isRedirect,
    authorization: begun.authorization,
    generationBefore: begun.generation,
    sinceMs: begun.atMs,
    isSending: false,
  };
}

function sending(renewal: RenewalStep & { step: "pin" }): RenewalStep {
  const { problem: _, ...rest } = renewal;
  return { ...rest, isSending: true };
}

function accept(renewal: RenewalStep, event: { accepted: ApiAccepted; atMs: MonotonicMs }): RenewalStep {
  if (renewal.step !== "pin" && renewal.step !== "returning") return renewal;
  return confirming(event.accepted, event.atMs);
}

function confirming(accepted: ApiAccepted, atMs: MonotonicMs): RenewalStep {
  const { connection, generation } = accepted;
  const waited = { isTold: false, isSlow: false, isLate: false };
  return { step: "confirming", connection, generation, sinceMs: atMs, ...waited };
}

function refuse(renewal: RenewalStep, problem: Problem): RenewalStep {
  if (renewal.step === "pin") return { ...renewal, isSending: false, problem };
  if (renewal.step !== "returning") return renewal;
  return problem.kind === "unreachable" ? { ...renewal, problem } : { step: "closed", problem };
}

type Look = { readonly status: ApiStatus; readonly askedAtMs: MonotonicMs; readonly atMs: MonotonicMs };

function lookWhileWaitingForPin(renewal: RenewalStep & { step: "pin" }, look: Look): RenewalStep {
  const connection = find(look.status, renewal.connection);
  if (renewal.isSending || look.askedAtMs < renewal.sinceMs || connection === undefined) return renewal;

  const { generation } = connection.token;
  if (generation > renewal.generationBefore) {
    const confirmed = confirming({ connection: renewal.connection, generation }, look.atMs);
    return advance(confirmed, { type: "looked", ...look, askedAtMs: look.atMs });
  }
  const { authorization } = connection;
  if (authorization?.id === renewal.authorization.id) return { ...renewal, authorization };
  if (!isSettled(renewal, look.status)) return renewal;
  const problem = reasonOfEnd(renewal.problem);
  return { step: "closed", connection: renewal.connection, ...(problem === undefined ? {} : { problem }) };
}

/** The status drops every login at its expiry, also one whose PIN the broker may still turn out to have taken. */
function isSettled({ problem, authorization }: RenewalStep & { step: "pin" }, { now }: ApiStatus): boolean {
  const sinceExpiryMs = Date.parse(now) - Date.parse(authorization.expiresAt);
  return !isOutcomeUnknown(problem) || sinceExpiryMs < 0 || sinceExpiryMs >= SETTLED_AFTER_MS;
}

/** What is still true of the last complaint once the login is over without a token. */
function reasonOfEnd(problem: Problem | undefined): Problem | undefined {
  if (isOutcomeUnknown(problem)) return LOST;
  return problem?.kind === "refused" && problem.code !== BUSY ? problem : undefined;
}

function isOutcomeUnknown(problem: Problem | undefined): boolean {
  return problem?.kind === "refused" && problem.code === OUTCOME_UNKNOWN;
}

const BUSY = "AUTHORIZATION_BUSY" satisfies ApiErrorCode;
const OUTCOME_UNKNOWN = "AUTHORIZATION_OUTCOME_UNKNOWN" satisfies ApiErrorCode;

const LOST: Problem = {
  kind: "refused",
  status: 410,
  code: "AUTHORIZATION_LOST" satisfies ApiErrorCode,
  message: "This login is lost: log in once more.",
  next: START_AGAIN,
};

function lookForWorker(renewal: RenewalStep & { step: "confirming" }, look: Look): RenewalStep {
  const connection = find(look.status, renewal.connection);
  if (connection === undefined) return renewal;
  const { token } = connection;

  if (token.generation >= renewal.generation) {
    if (isAcknowledged(connection, renewal.generation)) {
      return { step: "armed", connection: renewal.connection, generation: token.generation };
    }
    if (token.state === "rejected") {
      const rejection = token.rejection === undefined ? {} : { rejection: token.rejection };
      return { step: "refused", connection: renewal.connection, ...rejection };
    }
  }
  return {
    ...renewal,
    isTold: renewal.isTold || token.generation >= renewal.generation,
    isSlow: look.atMs - renewal.sinceMs >= SLOW_AFTER_MS,
    isLate: look.atMs - renewal.sinceMs >= LATE_AFTER_MS,
  };
}

function isAcknowledged(connection: ApiConnectionStatus, generation: number): boolean {
  return (
    connection.acknowledged &&
    connection.token.state === "active" &&
    (connection.acknowledgement?.generation ?? 0) >= generation
  );
}

function find(status: ApiStatus, id: string): ApiConnectionStatus | undefined {
  return status.connections.find((connection) => connection.id === id);
}

/** Whether a PIN may have been taken although no acceptance came: the status will tell. */
export function isUncertain(problem: Problem): boolean {
  return problem.kind === "unreachable" || problem.status >= 500 || problem.status === 409;
}

/** One line of the progress list. */
export interface ProgressLine {
  readonly text: string;
  readonly state: "done" | "active" | "waiting" | "failed";
}

/** What has happened since the PIN, in words. Only for the steps after it. */
export function progressOf(
  renewal: RenewalStep & { step: "confirming" | "armed" | "refused" },
): ProgressLine[] {
  const isTold = renewal.step !== "confirming" || renewal.isTold;
  const call = { confirming: isTold ? "active" : "waiting", armed: "done", refused: "failed" } as const;
  return [
    { text: "Broker accepts the login", state: "done" },
    { text: "Token is stored", state: "done" },
    { text: "The news is out", state: isTold ? "done" : "active" },
    { text: "Worker makes a real call: armed", state: call[renewal.step] },
  ];
}
