import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../../shared/platform/clock.ts";
import { instantSchema } from "../../shared/platform/instant.ts";
import type { Random } from "../../shared/platform/random.ts";
import { collection, type Store } from "../../shared/platform/store.ts";

/** Longer than any answer takes. A process that has not finished by then is taken for dead. */
const CLAIM_LIFE = Temporal.Duration.from({ seconds: 60 });
/** Telegram itself forgets an update after a day. */
const MEMORY = Temporal.Duration.from({ hours: 48 });

/** Telegram's updates by their ids, so that each is answered once however often it comes. */
export const telegramUpdates = collection(
  "telegramUpdates",
  z.strictObject({
    state: z.enum(["answering", "answered"]),
    claimedAt: instantSchema,
    /** Which claim it is: one claim's random name. */
    claimedBy: z.string().optional(),
    expiresAt: instantSchema,
  }),
  { expiresBy: "expiresAt" },
);

export interface UpdateLedger {
  /**
   * `mine`: the caller answers it, then calls `finish`, or `release` when nothing of the answer went out.
   * `answered`: nothing is left to do. `busy`: another process is at it; whether it succeeds is open.
   */
  claim(updateId: number): Promise<"mine" | "answered" | "busy">;
  finish(updateId: number): Promise<void>;
  release(updateId: number): Promise<void>;
}

export function createUpdateLedger(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}): UpdateLedger {
  const { store, clock, random } = deps;
  return {
    claim(updateId) {
      // The store may run the work again after its writes were applied: the name tells our claim from another's.
      const claimedBy = Buffer.from(random.bytes(16)).toString("base64url");
      return store.transact(async (transaction) => {
        const now = clock.now();
        const known = await transaction.get(telegramUpdates, String(updateId));
        if (known !== undefined && isBefore(now, known.expiresAt)) {
          if (known.state === "answered") return "answered";
          if (known.claimedBy === claimedBy) return "mine";
          if (isBefore(now, known.claimedAt.add(CLAIM_LIFE))) return "busy";
        }
        transaction.set(telegramUpdates, String(updateId), {
          state: "answering",
          claimedAt: now,
          claimedBy,
          expiresAt: now.add(MEMORY),
        });
        return "mine";
      });
    },
    finish: (updateId) =>
      store.transact(async (transaction) => {
        const now = clock.now();
        transaction.set(telegramUpdates, String(updateId), {
          state: "answered",
          claimedAt: now,
          expiresAt: now.add(MEMORY),
        });
      }),
    release: (updateId) =>
      store.transact(async (transaction) => {
        transaction.delete(telegramUpdates, String(updateId));
      }),
  };
}

function isBefore(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) < 0;
}
