/** What a tap on a button confirms: written down when the button is shown, good once and for a minute. */
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection, isDocumentId, type Store } from "../platform/store.ts";

export const confirmedWishSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("resume"),
    scope: z.string(),
    phrase: z.string(),
    reason: z.string(),
  }),
  z.strictObject({ kind: z.literal("paper"), scope: z.string() }),
  z.strictObject({
    kind: z.literal("live"),
    scope: z.string(),
    phrase: z.string(),
    reason: z.string(),
  }),
  z.strictObject({ kind: z.literal("close"), scope: z.string(), includesOthers: z.boolean() }),
]);
export type ConfirmedWish = z.output<typeof confirmedWishSchema>;

const confirmationSchema = z.strictObject({
  wish: confirmedWishSchema,
  expiresAt: instantSchema,
  /** The update whose tap has used it: brought again, it may finish what it began. */
  usedBy: z.int().optional(),
  keptUntil: instantSchema,
});

/** By a random id. */
export const confirmations = collection("confirmations", confirmationSchema, { expiresBy: "keptUntil" });

const GOOD_FOR = Temporal.Duration.from({ seconds: 60 });
const KEPT_FOR = Temporal.Duration.from({ hours: 48 });

export interface ConfirmationDeps {
  readonly store: Store;
  readonly clock: Clock;
  newId(): string;
}

/** Writes a wish down; what comes back goes with the button. */
export async function askToConfirm(
  { store, clock, newId }: ConfirmationDeps,
  wish: ConfirmedWish,
): Promise<string> {
  const id = newId();
  const now = clock.now();
  await store.transact(async (transaction) =>
    transaction.set(confirmations, id, {
      wish,
      expiresAt: now.add(GOOD_FOR),
      keptUntil: now.add(KEPT_FOR),
    }),
  );
  return id;
}

/** The wish behind a button, for one update alone; undefined where it is too old, was used, or never was. */
export async function takeConfirmation(
  { store, clock }: Omit<ConfirmationDeps, "newId">,
  id: string,
  update: number,
): Promise<ConfirmedWish | undefined> {
  if (!isDocumentId(id)) return undefined;
  return store.transact(async (transaction) => {
    const found = await transaction.get(confirmations, id);
    if (found === undefined) return undefined;
    if (found.usedBy === update) return found.wish;
    const isOver = Temporal.Instant.compare(clock.now(), found.expiresAt) >= 0;
    if (found.usedBy !== undefined || isOver) return undefined;
    transaction.set(confirmations, id, { ...found, usedBy: update });
    return found.wish;
  });
}
