import type { Timers } from "../../../platform/timers.ts";
import { likenessOf } from "./order-match.ts";
import type { OrderRequest } from "./order-request.ts";

/**
 * Lets no two orders of ours be on their way that would look the same in the broker's list: if both answers
 * were lost, nobody could tell which is which.
 */
export interface LookAlikes {
  /** Resolves when it is this order's turn, with the way to end it; undefined where that takes too long. */
  turn(request: OrderRequest): Promise<(() => void) | undefined>;
}

export function createLookAlikes(
  { timers }: { readonly timers: Timers },
  options: { readonly waitMs: number },
): LookAlikes {
  const turns = new Map<string, { readonly over: Promise<void> }>();

  return {
    async turn(request) {
      const likeness = likenessOf(request);
      const until = timers.now() + options.waitMs;
      for (let before = turns.get(likeness); before !== undefined; before = turns.get(likeness)) {
        await within(timers, before.over, until - timers.now());
        if (timers.now() >= until && turns.has(likeness)) return undefined;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const mine = { over: promise };
      turns.set(likeness, mine);
      return () => {
        if (turns.get(likeness) === mine) turns.delete(likeness);
        resolve();
      };
    },
  };
}

function within(timers: Timers, over: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timers.after(Math.max(0, ms), resolve);
    void over.then(() => {
      cancel();
      resolve();
    });
  });
}
