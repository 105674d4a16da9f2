/** What a session does about trouble: whether it keeps the connection, and how long it waits. Pure. */
import type { Random } from "../../platform/random.ts";
import { backoffMs, fraction } from "./backoff.ts";
import type { SessionState } from "./session.ts";
import type { SessionTrouble } from "./session-trouble.ts";

/** All in milliseconds. */
export interface SessionTimings {
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** A connection that was ready for so long has made good for all failures before it. */
  readonly lastingMs: number;
  /** How often a store without a living token is looked at, and a refused token is tried again. */
  readonly tokenPollMs: number;
  /** How often something is tried that a person must put right. */
  readonly personMs: number;
  /** The longest pause between two tries during a maintenance. */
  readonly maintenanceMs: number;
  /** The pause before a step is tried again on the same connection. */
  readonly againMs: number;
  /** How often a ready session compares its book with the broker's. */
  readonly reconcileMs: number;
  /** A loss of the account's session told so soon after it was authorised may be late news of the one before. */
  readonly lateNewsMs: number;
  /** How long `prove` and `request` wait for a connection that can serve them. */
  readonly patienceMs: number;
}

export const SESSION_TIMINGS: SessionTimings = {
  backoffBaseMs: 500,
  backoffCapMs: 30_000,
  lastingMs: 60_000,
  tokenPollMs: 30_000,
  personMs: 300_000,
  maintenanceMs: 300_000,
  againMs: 1_000,
  reconcileMs: 300_000,
  lateNewsMs: 5_000,
  patienceMs: 15_000,
};

export interface StepFacts {
  /** Connections in a row that did not last, this one left out. */
  readonly failures: number;
  /** Troubles and losses of this connection within the last minute, this one included. */
  readonly strikes: number;
  /** In milliseconds since 1970. */
  readonly now: number;
}

export interface Rest {
  /** `stay`: the step is tried again on this connection. `leave`: the connection is closed. */
  readonly kind: "stay" | "leave";
  readonly waitingFor: NonNullable<SessionState["waitingFor"]>;
  readonly ms: number;
}

/** So much trouble in a minute, and a fresh connection is worth more than another try on this one. */
const MOST_STRIKES = 3;

/** What comes next after `trouble`. */
export function decideRest(
  trouble: SessionTrouble,
  facts: StepFacts,
  timings: SessionTimings,
  random: Random,
): Rest {
  const leave = (): Rest => ({ kind: "leave", waitingFor: "backoff", ms: backoff(facts, timings, random) });
  if (isMaintenance(trouble)) {
    return { kind: "leave", waitingFor: "maintenance", ms: maintenance(trouble, facts, timings, random) };
  }
  if (trouble.brokerCode === "CONNECTIONS_LIMIT_EXCEEDED") {
    // A connection that died without a word is counted by the broker for about a minute.
    return { kind: "leave", waitingFor: "backoff", ms: Math.ceil(60_000 * (1 + fraction(random))) };
  }
  switch (trouble.action) {
    case "token":
      return { kind: "stay", waitingFor: "token", ms: timings.tokenPollMs };
    case "fatal":
    case "caller":
    case "business":
      return { kind: "leave", waitingFor: "person", ms: timings.personMs };
    case "ended":
      return leave();
    case "already-done":
    case "session-lost":
    case "application":
    case "transient":
    case "rate":
    case "race":
    case "gone":
    case "unknown": {
      if (facts.strikes >= MOST_STRIKES) return leave();
      const ms = Math.max(timings.againMs, trouble.retryAfterMs ?? 0);
      return { kind: "stay", waitingFor: "backoff", ms };
    }
    default:
      return trouble.action satisfies never;
  }
}

function isMaintenance(trouble: SessionTrouble): boolean {
  return trouble.brokerCode === "SERVER_IS_UNDER_MAINTENANCE" || trouble.maintenanceEndsAt !== undefined;
}

function backoff(facts: StepFacts, timings: SessionTimings, random: Random): number {
  return backoffMs(facts.failures, { baseMs: timings.backoffBaseMs, capMs: timings.backoffCapMs }, random);
}

/** Until the end that the broker gave and a little longer, since all its clients come back at once; one minute where it gave none. */
function maintenance(
  { maintenanceEndsAt }: SessionTrouble,
  { now }: StepFacts,
  timings: SessionTimings,
  random: Random,
): number {
  const spread = 1_000 + Math.floor(fraction(random) * 9_000);
  const left = maintenanceEndsAt === undefined ? 60_000 : Math.max(0, maintenanceEndsAt - now);
  return Math.min(timings.maintenanceMs, left + spread);
}
