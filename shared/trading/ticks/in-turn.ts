/** Lets works of one name run one after the other within this process: the store would make all but one try again. */
export interface Turns {
  take<R>(name: string, work: () => Promise<R>): Promise<R>;
}

/** Works of different names run side by side. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(name, work) {
      const done = (last.get(name) ?? Promise.resolve()).then(work);
      const settled = done
        .catch(() => undefined)
        .finally(() => {
          if (last.get(name) === settled) last.delete(name);
        });
      last.set(name, settled);
      return done;
    },
  };
}
