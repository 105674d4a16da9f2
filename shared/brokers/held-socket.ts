/** A broker's connection as a worker holds it, whichever broker it is. */
import type { Result } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { MarketFeed } from "./market-feed.ts";
import type { SocketPhase, SocketRecord } from "./socket-state.ts";
import type { BrokerCallFailure, ProbeEvidence } from "./token-issuer.ts";
import type { TradingBroker } from "./trading-broker.ts";

export interface HeldSocketState {
  readonly phase: SocketPhase;
  readonly waitingFor?: SocketRecord["waitingFor"];
  readonly lastTrouble?: string;
  readonly brokerCode?: string;
  /** The token that the account is authorised with. */
  readonly generation?: number;
}

/** A token with its place in the row of the connection's tokens. */
export interface HeldToken {
  readonly token: Secret;
  readonly generation: number;
}

export interface HeldSocket {
  start(): void;
  /** Takes no more orders, gives those on their way `settleMs` to be answered, and closes. */
  stop(options?: { readonly settleMs?: number }): Promise<void>;
  /** Ends the connection now. It stays ended until `start`. */
  drop(): void;
  /** A token may have come, or the reason to wait may be over: try now. */
  wake(): void;
  state(): HeldSocketState;
  /** Gives back the way to watch no more. */
  watch(listener: (state: HeldSocketState) => void): () => void;
  /** By `timers.now()`: the last frame of any kind; undefined while there is no connection. */
  lastFrameAt(): number | undefined;
  /** How far this machine's clock is ahead of the broker's, in milliseconds; undefined while nobody can say. */
  driftMs?(): number | undefined;
  /** Proves a token by real calls on this very connection, which uses it from then on. */
  prove(held: HeldToken): Promise<Result<ProbeEvidence, BrokerCallFailure>>;
  readonly broker: TradingBroker;
  readonly market: MarketFeed;
}
