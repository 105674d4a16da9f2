import type { Timers } from "../platform/timers.ts";

/** Lets waits look again at what they wait for, whenever something may have changed. */
export interface Bell {
  ring(): void;
  /** What `look` gives as soon as that is not undefined: now, at a ring, or undefined after `ms`. */
  until<T>(look: () => T | undefined, ms?: number): Promise<T | undefined>;
}

export function createBell(timers: Timers): Bell {
  const waits = new Set<() => void>();
  return {
    ring() {
      for (const lookAgain of [...waits]) lookAgain();
    },
    until<T>(look: () => T | undefined, ms?: number): Promise<T | undefined> {
      const first = look();
      if (first !== undefined) return Promise.resolve(first);
      return new Promise((resolve) => {
        const end = (value: T | undefined) => {
          waits.delete(lookAgain);
          cancel?.();
          resolve(value);
        };
        const lookAgain = () => {
          const value = look();
          if (value !== undefined) end(value);
        };
        waits.add(lookAgain);
        const cancel = ms === undefined ? undefined : timers.after(ms, () => end(undefined));
      });
    },
  };
}
