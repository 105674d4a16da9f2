/** Runs a function after a while; what it returns calls that off. */
export type Schedule = (run: () => void, afterMs: number) => () => void;

/** Asks again and again, never twice at a time. */
export interface Poller {
  /** Asks at once, or right after the question under way. Resolves when an answer asked from now on is in. */
  now(): Promise<void>;
  /** Works out the next time anew, e.g. when somebody looks at the page again. */
  replan(): void;
}

/** `plan`: milliseconds until the next question, `undefined` for none. `ask` must not throw. */
export function createPoller(deps: {
  readonly ask: () => Promise<void>;
  readonly plan: () => number | undefined;
  readonly schedule: Schedule;
}): Poller {
  let underWay: Promise<void> | undefined;
  let queued: Promise<void> | undefined;
  let callOff = () => {};

  function replan(): void {
    callOff();
    const afterMs = deps.plan();
    callOff = afterMs === undefined ? () => {} : deps.schedule(() => void now(), afterMs);
  }

  async function ask(): Promise<void> {
    callOff();
    await deps.ask();
    underWay = undefined;
    if (queued === undefined) replan();
  }

  function now(): Promise<void> {
    if (underWay === undefined) {
      underWay = ask();
      return underWay;
    }
    queued ??= underWay.then(() => {
      queued = undefined;
      return now();
    });
    return queued;
  }

  return {
    now,
    replan() {
      if (underWay === undefined) replan();
    },
  };
}
