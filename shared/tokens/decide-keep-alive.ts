import { Temporal } from "temporal-polyfill";
import type { KeepAliveRecord, TokenRecord } from "./records.ts";
import type { TokenState } from "./token-state.ts";

export interface KeepAliveFacts {
  readonly now: Temporal.Instant;
  readonly state: TokenState;
  readonly record: TokenRecord | undefined;
  /** The counters, of whatever generation. */
  readonly counters: KeepAliveRecord | undefined;
  readonly keepAliveAfter: Temporal.Duration;
  /** Asked for now, by the owner or by a process that needs proof. */
  readonly isForced: boolean;
  /** A use at this instant or later is proof enough. */
  readonly unlessUsedSince?: Temporal.Instant;
}

export type KeepAliveDecision =
  | { readonly act: "nothing"; readonly reason: "no-token" | "rejected" | "expired" | "fresh" | "waiting" }
  /** Midnight has ended the token: write it down, call nobody. */
  | { readonly act: "note-death"; readonly reason: "expired" }
  | { readonly act: "probe"; readonly reason: "due" | "forced" }
  /** A sleeping token must be revived before it answers. */
  | { readonly act: "renew"; readonly reason: "idle" };

/** Decides what keeping this token alive asks for now. Pure. */
export function decideKeepAlive(facts: KeepAliveFacts): KeepAliveDecision {
  const { state, record, now } = facts;
  if (record === undefined) return { act: "nothing", reason: "no-token" };
  const counters = facts.counters?.generation === record.generation ? facts.counters : undefined;
  const isDead = Temporal.Instant.compare(now, record.expiresAt) >= 0;
  if (isDead) {
    return counters?.isDeathNoted
      ? { act: "nothing", reason: "expired" }
      : { act: "note-death", reason: "expired" };
  }
  if (record.rejected !== undefined) return { act: "nothing", reason: "rejected" };
  const { unlessUsedSince } = facts;
  const isProven = unlessUsedSince !== undefined && !isBefore(record.lastUsedAt, unlessUsedSince);
  if (isProven) return { act: "nothing", reason: "fresh" };
  if (!facts.isForced && isBefore(now, counters?.retryAt)) return { act: "nothing", reason: "waiting" };
  if (state.state === "idle") return { act: "renew", reason: "idle" };
  if (facts.isForced) return { act: "probe", reason: "forced" };
  const dueAt = record.lastUsedAt.add(facts.keepAliveAfter);
  return isBefore(now, dueAt) ? { act: "nothing", reason: "fresh" } : { act: "probe", reason: "due" };
}

/** When the keeper will act next if nobody uses the token; undefined when it has nothing to keep. */
export function nextKeepAlive(
  facts: Omit<KeepAliveFacts, "isForced" | "unlessUsedSince">,
): Temporal.Instant | undefined {
  const { record, counters, now } = facts;
  if (record === undefined || record.rejected !== undefined) return undefined;
  if (Temporal.Instant.compare(now, record.expiresAt) >= 0) return undefined;
  const due = record.lastUsedAt.add(facts.keepAliveAfter);
  const retryAt = counters?.generation === record.generation ? counters.retryAt : undefined;
  const next = retryAt !== undefined && isBefore(due, retryAt) ? retryAt : due;
  return isBefore(next, record.expiresAt) ? next : undefined;
}

function isBefore(one: Temporal.Instant, other: Temporal.Instant | undefined): boolean {
  return other !== undefined && Temporal.Instant.compare(one, other) < 0;
}
