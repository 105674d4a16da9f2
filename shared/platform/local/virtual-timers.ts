import type { Timers } from "../timers.ts";

/** Time that passes when it is told to, for tests and for playing a connection faster than it was. */
export interface VirtualTimers extends Timers {
  /** Moves by `ms` and fires everything due on the way, each at its own time, promises settled in between. */
  advance(ms: number): Promise<void>;
  /** How many timers wait. */
  pending(): number;
}

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly run: () => void;
}

export function createVirtualTimers(start = 0): VirtualTimers {
  const timers = new Set<Timer>();
  let now = start;
  let order = 0;

  function nextDue(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.due > until) continue;
      const isEarlier = first === undefined || timer.due < first.due;
      if (isEarlier || (timer.due === first?.due && timer.order < first.order)) first = timer;
    }
    return first;
  }

  return {
    now: () => now,
    after(ms, run) {
      const timer = { due: now + Math.max(0, ms), order: order++, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        now = Math.max(now, timer.due);
        timer.run();
        await settle();
      }
      now = until;
    },
    pending: () => timers.size,
  };
}

/** One turn of the machine's own loop: every promise that can settle has then settled, however long its chain. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
