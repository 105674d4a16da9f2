import { Temporal } from "temporal-polyfill";
import type { Session } from "../calendar/sessions.ts";

/** A connection as the morning sees it. */
export interface MorningConnection {
  readonly label: string;
  readonly isNeeded: boolean;
  readonly state: "armed" | "unacknowledged" | "waiting";
}

export interface MorningFacts {
  readonly now: Temporal.Instant;
  /** Today's session on the exchange's date, undefined on a closed day. */
  readonly session: Session | undefined;
  /** Rungs in minutes before the open, in any order. */
  readonly minutesBeforeOpen: readonly number[];
  readonly connections: readonly MorningConnection[];
}

export type MorningDecision =
  | { readonly act: "nothing"; readonly reason: "closed-day" | "too-early" | "market-open" | "all-armed" }
  | {
      readonly act: "ring";
      /** The rung: minutes before the open that it belongs to. */
      readonly rung: number;
      readonly waiting: readonly string[];
      readonly unacknowledged: readonly string[];
      readonly isLastRung: boolean;
    };

/**
 * Decides whether the owner is to be rung now, and by which rung. Pure. A call that comes late rings the
 * newest rung that is due and leaves out the ones before it; a rung that has rung is the outbox's affair.
 */
export function decideMorning(facts: MorningFacts): MorningDecision {
  const { session, now } = facts;
  if (session === undefined) return { act: "nothing", reason: "closed-day" };
  if (Temporal.Instant.compare(now, session.open) >= 0) return { act: "nothing", reason: "market-open" };
  const due = facts.minutesBeforeOpen.filter((minutes) => isDue(session.open, minutes, now));
  if (due.length === 0) return { act: "nothing", reason: "too-early" };

  const needed = facts.connections.filter((one) => one.isNeeded);
  const waiting = needed.filter((one) => one.state === "waiting").map((one) => one.label);
  const unacknowledged = needed.filter((one) => one.state === "unacknowledged").map((one) => one.label);
  if (waiting.length + unacknowledged.length === 0) return { act: "nothing", reason: "all-armed" };
  const rung = Math.min(...due);
  const isLastRung = rung === Math.min(...facts.minutesBeforeOpen);
  return { act: "ring", rung, waiting, unacknowledged, isLastRung };
}

function isDue(open: Temporal.Instant, minutes: number, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(now, open.subtract({ minutes })) >= 0;
}
