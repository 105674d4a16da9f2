import type { Timers } from "../../../shared/platform/timers.ts";

/** Runs what is put in, each after its delay and never before what was put in earlier. */
export class LateQueue {
  readonly #timers: Timers;
  readonly #waiting: { readonly due: number; readonly run: () => void }[] = [];

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Without a delay and with nothing waiting: at once. */
  put(delayMs: number, run: () => void): void {
    const last = this.#waiting.at(-1);
    if (delayMs === 0 && last === undefined) {
      run();
      return;
    }
    const due = Math.max(this.#timers.now() + delayMs, last?.due ?? 0);
    this.#waiting.push({ due, run });
    if (last === undefined) this.#arm(due);
  }

  #arm(due: number): void {
    this.#timers.after(Math.max(0, due - this.#timers.now()), () => {
      for (;;) {
        const first = this.#waiting[0];
        if (first === undefined) return;
        if (first.due > this.#timers.now()) {
          this.#arm(first.due);
          return;
        }
        first.run();
        this.#waiting.shift();
      }
    });
  }
}
