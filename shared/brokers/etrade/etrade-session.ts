/** What stands for a connection where the broker has none; `open-etrade-session.ts` makes it. */
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Result } from "../../platform/result.ts";
import type { Timers } from "../../platform/timers.ts";
import type { HeldSocketState, HeldToken } from "../held-socket.ts";
import type { BrokerCallFailure, ProbeEvidence } from "../token-issuer.ts";
import type { EtradeClient } from "./client.ts";
import type { EtradeSeat, EtradeTrader } from "./open-etrade-trader.ts";

/** The connection's token as the vault holds it. */
export interface SessionTokens {
  current(): Promise<HeldToken | undefined>;
  /** The broker refused this generation: what takes its place, if anything. */
  refused(generation: number): Promise<HeldToken | undefined>;
}

export interface SessionParts {
  readonly client: EtradeClient;
  readonly tokens: SessionTokens;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly trader: EtradeTrader;
}

/** Milliseconds between two looks, and for how long the broker may fail before nothing is known of the account. */
export interface SessionTimings {
  readonly busyMs: number;
  readonly workingMs: number;
  readonly quietMs: number;
  readonly holdingsMs: number;
  readonly outageMs: number;
  readonly tokenMs: number;
}

export const SESSION_TIMINGS: SessionTimings = {
  busyMs: 1_000,
  workingMs: 3_000,
  quietMs: 30_000,
  holdingsMs: 30_000,
  outageMs: 15_000,
  tokenMs: 30_000,
};

export interface SessionOptions {
  /** The account to trade on, by the last four characters of its number. Default: the first that can trade. */
  readonly account?: string;
  readonly timings?: Partial<SessionTimings>;
}

export interface EtradeSession {
  start(): void;
  /** Takes no more orders; what is under way is still looked at, until `drop`. */
  close(): void;
  /** Not ready from this moment on. */
  drop(): void;
  wake(): void;
  /** Something is under way: the next look comes soon. */
  hurry(): void;
  state(): HeldSocketState;
  watch(listener: (state: HeldSocketState) => void): () => void;
  seat(): EtradeSeat | undefined;
  isReady(): boolean;
  prove(held: HeldToken): Promise<Result<ProbeEvidence, BrokerCallFailure>>;
}
