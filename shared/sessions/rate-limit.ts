/**
 * Limiters over a sliding window: in memory where a restart may forget, in the store where it must not.
 *
 * The memory limiter counts for one process only. The console runs as one instance at most, so its limit is
 * the system's limit; during a deployment, when the old and the new instance overlap, it may briefly double.
 * That is cheap (no store call on each request) and enough for what it guards: load. What guards sign-in and
 * PINs lies in the store.
 */
import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection, type Store, StoreContention } from "../platform/store.ts";
import { type Hits, takeHit, type WindowRule } from "./sliding-window.ts";

export type LimitVerdict =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly retryAfterSeconds: number };

/** Counts what one key (an address, a purpose) does. */
export interface Limiter {
  /** Counts one hit for `key`, if it may happen now; a refused hit does not count. */
  take(key: string): Promise<LimitVerdict>;
}

export interface MemoryLimits {
  /** For each key. */
  readonly each: WindowRule;
  /** For all keys together, so that invented addresses cannot buy unlimited work. */
  readonly overall: WindowRule;
  /** Keys remembered, the least recently seen being forgotten first. Default 10,000. */
  readonly maxKeys?: number;
}

const ALLOWED: LimitVerdict = { isAllowed: true };
const MAX_KEYS = 10_000;

/** A limiter of this process; see the head of the file for what that means. */
export function createMemoryLimiter(deps: { readonly clock: Clock }, limits: MemoryLimits): Limiter {
  const maxKeys = limits.maxKeys ?? MAX_KEYS;
  const hitsByKey = new Map<string, Hits>();
  let overall: Hits = [];
  return {
    async take(key) {
      const nowMs = deps.clock.now().epochMilliseconds;
      const own = takeHit(hitsByKey.get(key) ?? [], nowMs, [limits.each]);
      if (!own.isAllowed) return refuse(own.retryAfterMs);
      const all = takeHit(overall, nowMs, [limits.overall]);
      if (!all.isAllowed) return refuse(all.retryAfterMs);
      overall = all.hits;
      hitsByKey.delete(key);
      hitsByKey.set(key, own.hits);
      if (hitsByKey.size > maxKeys) forgetOldest(hitsByKey);
      return ALLOWED;
    },
  };
}

function forgetOldest(hitsByKey: Map<string, Hits>): void {
  for (const oldest of hitsByKey.keys()) {
    hitsByKey.delete(oldest);
    return;
  }
}

const rateLimitSchema = z.strictObject({
  /** The hits that still count, the oldest first. */
  hits: z.array(instantSchema),
  expiresAt: instantSchema,
});

/** What each key has done lately, by the limiter's name and the key's hash. */
export const rateLimits = collection("rateLimits", rateLimitSchema, { expiresBy: "expiresAt" });

export interface StoredLimits {
  /** Sets its counts apart from those of other limiters: letters and `-`. */
  readonly name: string;
  /** All must allow a hit. */
  readonly rules: readonly WindowRule[];
}

/**
 * A limiter that survives restarts and holds over all instances. Keys are stored as hashes. When so many
 * hits race that the store gives up, the hit is refused for a second.
 */
export function createStoredLimiter(
  deps: { readonly store: Store; readonly clock: Clock },
  limits: StoredLimits,
): Limiter {
  const keptMs = Math.max(...limits.rules.map((rule) => rule.windowMs));
  return {
    async take(key) {
      const id = `${limits.name}:${createHash("sha256").update(key).digest("base64url")}`;
      try {
        return await deps.store.transact(async (transaction) => {
          const before = (await transaction.get(rateLimits, id))?.hits ?? [];
          const nowMs = deps.clock.now().epochMilliseconds;
          const decision = takeHit(
            before.map((hit) => hit.epochMilliseconds),
            nowMs,
            limits.rules,
          );
          if (!decision.isAllowed) return refuse(decision.retryAfterMs);
          const hits = decision.hits.map((hit) => Temporal.Instant.fromEpochMilliseconds(hit));
          const expiresAt = Temporal.Instant.fromEpochMilliseconds(nowMs + keptMs);
          transaction.set(rateLimits, id, { hits, expiresAt });
          return ALLOWED;
        });
      } catch (error) {
        if (error instanceof StoreContention) return refuse(1_000);
        throw error;
      }
    },
  };
}

function refuse(retryAfterMs: number): LimitVerdict {
  return { isAllowed: false, retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) };
}
