/** What the parts of one session share. */
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import type { Failure } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { Timers } from "../../platform/timers.ts";
import type { Bell } from "../bell.ts";
import type { WritableBook } from "./book.ts";
import type { Channel, ChannelEvents, CtraderCallFailure } from "./channel.ts";
import type { BarKeeper } from "./open-bars.ts";
import type { QuoteKeeper } from "./open-quotes.ts";
import type { DeskControl } from "./order-desk.ts";
import type { SessionAccount, SessionPhase, SessionState, SessionTokens } from "./session.ts";
import type { AccountWish } from "./session-account.ts";
import type { Connection } from "./session-connection.ts";
import type { SessionTimings } from "./session-step.ts";
import type { SessionTrouble } from "./session-trouble.ts";
import type { SymbolKeeper } from "./symbols.ts";

export interface SessionDeps {
  /** Dials, and calls no event before it has given the channel back. */
  openChannel(events: ChannelEvents): Channel;
  readonly tokens: SessionTokens;
  readonly timers: Timers;
  /** The broker's time, for the windows of its lists. */
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface SessionOptions extends AccountWish {
  readonly application: { readonly clientId: string; readonly clientSecret: Secret };
  /** From when deals are read at the first start, in milliseconds since 1970. Default: the last day. */
  readonly dealsSince?: number;
  readonly timings?: Partial<SessionTimings>;
}

export interface Comparisons {
  /** How many were begun; `done` is the last of them that came to its end, counted the same way. */
  begun: number;
  done: number;
  failures: number;
  lastFailure: Failure<CtraderCallFailure> | undefined;
}

export interface SessionCore {
  readonly deps: SessionDeps;
  readonly options: SessionOptions;
  readonly timings: SessionTimings;
  readonly bell: Bell;
  readonly book: WritableBook;
  readonly desk: DeskControl;
  readonly symbols: SymbolKeeper;
  readonly quotes: QuoteKeeper;
  readonly bars: BarKeeper;
  /** The connection in use, or being made. */
  connection: Connection | undefined;
  /** The account, once chosen: a session never changes it. */
  account: SessionAccount | undefined;
  /** Connections in a row that did not last. */
  failures: number;
  /** How often `wake` was called. */
  wakes: number;
  isStopping: boolean;
  /** The comparisons of the book with the broker's, over all connections. */
  readonly comparisons: Comparisons;
  /** In which the account's money is; undefined before the first comparison. */
  depositAssetId: number | undefined;
  /** By the broker's time: up to then all deals were read, in milliseconds since 1970; undefined before the first reconciliation. */
  dealsReadTo: number | undefined;
  /** The token that the broker refused last, and when by `timers.now()` it was last tried. */
  refused: { readonly generation: number; readonly at: number; readonly trouble: SessionTrouble } | undefined;
  /** The refused generations that the keeper was told of. */
  readonly told: Set<number>;
  state(): SessionState;
  show(phase: SessionPhase, change?: Partial<Pick<SessionState, "waitingFor" | "connections">>): void;
  /** Remembers it for `state`, and does what it asks of the connection at once. */
  note(connection: Connection, trouble: SessionTrouble): void;
}

/** The connection on which the account is authorised; undefined while there is none. */
export function authorisedConnection({ connection }: SessionCore): Connection | undefined {
  return connection?.isLiving() === true && connection.authorised !== undefined ? connection : undefined;
}
