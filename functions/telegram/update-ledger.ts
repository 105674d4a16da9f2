import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../../shared/platform/clock.ts";
import { instantSchema } from "../../shared/platform/instant.ts";
import type { Random } from "../../shared/platform/random.ts";
import { collection, type Store, type Transaction } from "../../shared/platform/store.ts";

/** Longer than any answer takes. A process that has not finished by then is taken for dead; until then Telegram brings nothing else. */
const CLAIM_LIFE = Temporal.Duration.from({ seconds: 20 });
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

/**
 * The right to answer one update. Who is so slow that another has taken the update over changes nothing any
 * more: what becomes of it is the other's word.
 */
export interface UpdateClaim {
  /** The answer is out. */
  finish(): Promise<void>;
  /** Nothing of the answer went out: the next delivery answers. */
  release(): Promise<void>;
}

export interface UpdateLedger {
  /**
   * A claim: the caller answers the update, then finishes or releases it. `answered`: nothing is left to do.
   * `busy`: another process is at it; whether it succeeds is open.
   */
  claim(updateId: number): Promise<UpdateClaim | "answered" | "busy">;
}

export function createUpdateLedger(deps: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}): UpdateLedger {
  const { store, clock, random } = deps;

  /** Decides whose the update is; `mine` for the claim of this name. */
  function take(id: string, claimedBy: string): Promise<"mine" | "answered" | "busy"> {
    return store.transact(async (transaction) => {
      const now = clock.now();
      const known = await transaction.get(telegramUpdates, id);
      if (known !== undefined && isBefore(now, known.expiresAt)) {
        if (known.state === "answered") return "answered";
        if (known.claimedBy === claimedBy) return "mine";
        if (isBefore(now, known.claimedAt.add(CLAIM_LIFE))) return "busy";
      }
      const expiresAt = now.add(MEMORY);
      transaction.set(telegramUpdates, id, { state: "answering", claimedAt: now, claimedBy, expiresAt });
      return "mine";
    });
  }

  /** Runs `change` if the update is still this claim's. */
  function asHolder(
    id: string,
    claimedBy: string,
    change: (transaction: Transaction) => void,
  ): Promise<void> {
    return store.transact(async (transaction) => {
      const known = await transaction.get(telegramUpdates, id);
      if (known?.state === "answering" && known.claimedBy === claimedBy) change(transaction);
    });
  }

  return {
    async claim(updateId) {
      const id = String(updateId);
      // The store may run the work again after its writes were applied: the name tells our claim from another's.
      const claimedBy = Buffer.from(random.bytes(16)).toString("base64url");
      const whose = await take(id, claimedBy);
      if (whose !== "mine") return whose;
      return {
        finish: () =>
          asHolder(id, claimedBy, (transaction) => {
            const now = clock.now();
            const expiresAt = now.add(MEMORY);
            transaction.set(telegramUpdates, id, { state: "answered", claimedAt: now, expiresAt });
          }),
        release: () => asHolder(id, claimedBy, (transaction) => transaction.delete(telegramUpdates, id)),
      };
    },
  };
}

function isBefore(a: Temporal.Instant, b: Temporal.Instant): boolean {
  return Temporal.Instant.compare(a, b) < 0;
}
