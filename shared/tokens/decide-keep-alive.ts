import { Temporal } from "temporal-polyfill";
import { replacementDueAt, type TokenPolicy } from "./policy.ts";
import type { KeepAliveRecord, TokenRecord } from "./records.ts";
import type { TokenState } from "./token-state.ts";

export interface KeepAliveFacts {
  readonly now: Temporal.Instant;
  readonly state: TokenState;
  readonly record: TokenRecord | undefined;
  /** The counters, of whatever generation. */
  readonly counters: KeepAliveRecord | undefined;
  readonly policy: TokenPolicy;
  /** For tokens that their use keeps alive. */
  readonly keepAliveAfter: Temporal.Duration;
  /** Asked for now, by the owner or by a process that needs proof. */
  readonly isForced: boolean;
  /** A use at this instant or later is proof enough. */
  readonly unlessUsedSince?: Temporal.Instant;
  /** The broker has just refused this generation. */
  readonly refusedGeneration?: number;
}

export type KeepAliveDecision =
  | { readonly act: "nothing"; readonly reason: "no-token" | "rejected" | "expired" | "fresh" | "waiting" }
  /** Another token than the one that was refused is in force. */
  | { readonly act: "nothing"; readonly reason: "replaced" }
  /** Midnight has ended the token: write it down, call nobody. */
  | { readonly act: "note-death"; readonly reason: "expired" }
  | { readonly act: "probe"; readonly reason: "due" | "forced" }
  /** A sleeping token must be revived before it answers. */
  | { readonly act: "renew"; readonly reason: "idle" }
  /** Another token takes its place. */
  | { readonly act: "renew"; readonly reason: "due" | "refused" | "expired" };

/** Decides what keeping this token alive asks for now. Pure. */
export function decideKeepAlive(facts: KeepAliveFacts): KeepAliveDecision {
  const { record, now, refusedGeneration } = facts;
  if (record === undefined) return { act: "nothing", reason: "no-token" };
  const counters = facts.counters?.generation === record.generation ? facts.counters : undefined;
  const isReplaced = facts.policy.replacedAfterShare !== undefined;
  const isDead = !isBefore(now, record.expiresAt);
  if (isDead && counters?.isDeathNoted) return { act: "nothing", reason: "expired" };
  if (isDead && !isReplaced) return { act: "note-death", reason: "expired" };
  if (record.rejected !== undefined) return { act: "nothing", reason: "rejected" };
  if (refusedGeneration !== undefined && refusedGeneration !== record.generation) {
    return { act: "nothing", reason: "replaced" };
  }
  const unlessUsedSince = refusedGeneration === undefined ? facts.unlessUsedSince : undefined;
  const isProven = unlessUsedSince !== undefined && !isBefore(record.lastUsedAt, unlessUsedSince);
  if (isProven) return { act: "nothing", reason: "fresh" };
  if (!facts.isForced && isBefore(now, counters?.retryAt)) return { act: "nothing", reason: "waiting" };
  return isReplaced ? decideReplacement(facts, record, isDead) : decideUse(facts, record);
}

/** For tokens that their use keeps alive. */
function decideUse({ state, isForced, now, keepAliveAfter }: KeepAliveFacts, record: TokenRecord) {
  if (state.state === "idle") return { act: "renew", reason: "idle" } as const;
  if (isForced) return { act: "probe", reason: "forced" } as const;
  return isBefore(now, record.lastUsedAt.add(keepAliveAfter))
    ? ({ act: "nothing", reason: "fresh" } as const)
    : ({ act: "probe", reason: "due" } as const);
}

/** For tokens that another one replaces: each renewal spends one, so none is sent that is not needed. */
function decideReplacement(facts: KeepAliveFacts, record: TokenRecord, isDead: boolean) {
  if (isDead) return { act: "renew", reason: "expired" } as const;
  if (facts.refusedGeneration !== undefined) return { act: "renew", reason: "refused" } as const;
  if (facts.isForced) return { act: "probe", reason: "forced" } as const;
  return isBefore(facts.now, replacementDueAt(facts.policy, record))
    ? ({ act: "nothing", reason: "fresh" } as const)
    : ({ act: "renew", reason: "due" } as const);
}

/** When the keeper will act next if nobody uses the token; undefined when it has nothing to keep. */
export function nextKeepAlive(
  facts: Omit<KeepAliveFacts, "isForced" | "unlessUsedSince" | "refusedGeneration">,
): Temporal.Instant | undefined {
  const { record, counters, now } = facts;
  if (record === undefined || record.rejected !== undefined) return undefined;
  if (Temporal.Instant.compare(now, record.expiresAt) >= 0) return undefined;
  const due = replacementDueAt(facts.policy, record) ?? record.lastUsedAt.add(facts.keepAliveAfter);
  const retryAt = counters?.generation === record.generation ? counters.retryAt : undefined;
  const next = retryAt !== undefined && isBefore(due, retryAt) ? retryAt : due;
  return isBefore(next, record.expiresAt) ? next : undefined;
}

function isBefore(one: Temporal.Instant, other: Temporal.Instant | undefined): boolean {
  return other !== undefined && Temporal.Instant.compare(one, other) < 0;
}
