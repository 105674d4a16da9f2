import type { Timers } from "../platform/timers.ts";

/** Cancels, and the orders after it, wait no longer for one whose turn does not come. */
const TURN_WITHIN_MS = 1_000;

/** An order's turn to leave: `isOver` resolves when it has come, after a second, or when all is to stop. */
export function awaitTurn(
  timers: Timers,
  stopping: AbortSignal,
): { come(): void; readonly isOver: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = timers.after(TURN_WITHIN_MS, come);
  stopping.addEventListener("abort", come, { once: true });
  function come(): void {
    cancel();
    stopping.removeEventListener("abort", come);
    resolve();
  }
  return { come, isOver: promise };
}
