import type { Log } from "../../../shared/platform/log.ts";
import type { Timers } from "../../../shared/platform/timers.ts";
import type { Seal } from "../seal.ts";
import type { GrantStorage } from "./grants.ts";
import type { Venue, VenueSnapshot } from "./venue.ts";

/** Orders come in volleys: what changed is written down together, so soon after the first. */
const SAVE_MS = 20;

interface Kept {
  readonly version: 1;
  /** Tells whether the key that is given today is the one this was written with. */
  readonly check: string;
  readonly venue: VenueSnapshot;
}

export interface VenueMemory {
  /** Opens a venue that goes on where the kept one was, and keeps it from then on. */
  open(make: (options: { readonly restore?: VenueSnapshot }) => Venue): Venue;
  /** Writes down what is not written yet. */
  close(): void;
}

/** Keeps what a venue holds in `storage`. What cannot be read is left behind, and the venue starts fresh. */
export function createVenueMemory(deps: {
  readonly timers: Timers;
  readonly log: Log;
  readonly seal: Seal;
  readonly storage: GrantStorage;
}): VenueMemory {
  const { timers, log, seal, storage } = deps;
  const check = seal.hex("venue-check", 16);
  let opened: Venue | undefined;
  let cancel: (() => void) | undefined;

  function save(): void {
    cancel = undefined;
    if (opened === undefined) return;
    const kept: Kept = { version: 1, check, venue: opened.snapshot() };
    storage.save(JSON.stringify(kept));
  }

  function remember(venue: Venue): Venue {
    opened = venue;
    for (const { ctidTraderAccountId } of venue.accounts()) {
      venue.sit(ctidTraderAccountId, {
        send: () => {
          cancel ??= timers.after(SAVE_MS, save);
        },
      });
    }
    return venue;
  }

  function read(): VenueSnapshot | undefined {
    const text = storage.load();
    if (text === undefined) return undefined;
    try {
      const kept = JSON.parse(text) as Partial<Kept> | null;
      if (kept?.version === 1 && kept.check === check) return kept.venue;
    } catch {
      // The same as one of another key.
    }
    log.warn("simulator-state-left-behind", { reason: "unreadable or of another key" });
    return undefined;
  }

  return {
    open(make) {
      const restore = read();
      if (restore === undefined) return remember(make({}));
      try {
        return remember(make({ restore }));
      } catch (error) {
        // Written by an earlier build, or damaged: its shape is the venue's own business.
        log.warn("simulator-state-left-behind", { reason: error instanceof Error ? error.name : "unknown" });
        return remember(make({}));
      }
    },
    close() {
      cancel?.();
      save();
    },
  };
}
