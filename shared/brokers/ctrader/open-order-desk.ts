import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Timers } from "../../platform/timers.ts";
import type { WritableBook } from "./book.ts";
import type { Channel } from "./channel.ts";
import type { DeskControl } from "./order-desk.ts";

/** What the desk needs of its session. */
export interface DeskParts {
  /** The authorised channel; undefined while there is none. */
  channel(): Channel | undefined;
  /** New orders are taken. */
  isReady(): boolean;
  accountId(): number | undefined;
  readonly book: WritableBook;
  /** The broker's time, for the windows of its lists. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /** Asks for a reconciliation soon; `DeskControl.reconciled` follows it. Nothing while there is no channel: the next one reconciles anyway. */
  reconcile(): void;
}

/** The order desk of one session. */
export function openOrderDesk(_parts: DeskParts): DeskControl {
  throw new Error("not written yet");
}
