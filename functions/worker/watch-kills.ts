import type { Log } from "../../shared/platform/log.ts";
import type { Store } from "../../shared/platform/store.ts";
import type { Timers } from "../../shared/platform/timers.ts";
import { kills } from "../../shared/trading/control/records.ts";

export interface KillWatchDeps {
  readonly store: Pick<Store, "query">;
  readonly timers: Timers;
  readonly log: Log;
}

/** So late a kill is seen at most whose message has reached another process, or none. */
const LOOK_EVERY_MS = 500;

/**
 * Looks for kills in the store: a message reaches one of the workers, and not always the one that leads, nor does it
 * always come. `seen` is called for each kill that is new and not confirmed, while `isWanted`. What it gives back
 * ends the looking, and resolves when none is under way.
 */
export function watchKills(
  { store, timers, log }: KillWatchDeps,
  { isWanted, seen }: { readonly isWanted: () => boolean; readonly seen: () => void },
): () => Promise<void> {
  let known: ReadonlySet<string> = new Set();
  let isOver = false;
  let isTroubled = false;
  let cancel = timers.after(LOOK_EVERY_MS, tick);
  let looking: Promise<void> = Promise.resolve();

  function tick(): void {
    looking = look().finally(() => {
      if (!isOver) cancel = timers.after(LOOK_EVERY_MS, tick);
    });
  }

  async function look(): Promise<void> {
    if (!isWanted()) return;
    try {
      const open = new Set((await store.query(kills, { where: { isOpen: true } })).map(({ id }) => id));
      const isNew = !open.isSubsetOf(known);
      known = open;
      isTroubled = false;
      if (isNew && !isOver) seen();
    } catch (error) {
      // It is said once: a store that is away is away many times a minute.
      if (!isTroubled) log.warn("kills-not-looked-for", { error });
      isTroubled = true;
    }
  }

  return async () => {
    isOver = true;
    cancel();
    await looking;
  };
}
