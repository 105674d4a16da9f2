/**
 * What keeps one cTrader account connected for as long as it is wanted: it dials, authorises, reconciles,
 * subscribes, and does so again whenever the connection ends. `open-session.ts` makes it.
 *
 * 1. `ready` is said only of a connection on which the account was authorised and reconciled.
 * 2. What was subscribed is subscribed again after every reconnect.
 * 3. No token is refreshed here: a refused one is handed to its keeper, once for each generation.
 */
import type { Result } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { ProbeEvidence } from "../token-issuer.ts";
import type { BarBoard } from "./bars.ts";
import type { AccountBook } from "./book.ts";
import type { ChannelEnd, CtraderCallFailure, RequestOptions } from "./channel.ts";
import type { LinkPeer } from "./link.ts";
import type { OrderDesk } from "./order-desk.ts";
import type { AnswerOf, RequestName } from "./protocol/names.ts";
import type { Messages } from "./protocol/open-api.generated.ts";
import type { QuoteBoard } from "./quotes.ts";
import type { SymbolDirectory } from "./symbols.ts";

export type SessionPhase =
  | "stopped"
  /** Between two tries, or for a token: see `waitingFor`. */
  | "waiting"
  | "connecting"
  | "application"
  | "account"
  | "reconciling"
  | "subscribing"
  | "ready";

export interface SessionState {
  readonly phase: SessionPhase;
  /** By `timers.now()`: when this phase began. */
  readonly since: number;
  readonly waitingFor?: "token" | "backoff" | "maintenance" | "person";
  /** Why the last connection ended or the last try failed: a {@link ChannelEnd} or a code of the error table. */
  readonly lastTrouble?: ChannelEnd | CtraderCallFailure | "ACCOUNT_MISSING";
  /** The server's own word for it, where it gave one. */
  readonly brokerCode?: string;
  /** With `ACCOUNT_MISSING`: the account is there, but it belongs to the other one of demo and live. */
  readonly isOnOtherHost?: boolean;
  readonly peer?: LinkPeer;
  readonly account?: SessionAccount;
  /** The token that the account is authorised with. */
  readonly generation?: number;
  /** How many connections were opened since the start. */
  readonly connections: number;
}

export interface SessionAccount {
  readonly ctidTraderAccountId: number;
  /** The last four characters of the number that the owner knows. */
  readonly lastFour: string;
  readonly isLive: boolean;
}

/** `token` as it stands in the vault: a packed grant, of which the access token is used here. */
export interface HeldToken {
  readonly token: Secret;
  readonly generation: number;
}

/** Where the session gets its token: the store and vault, behind the worker. */
export interface SessionTokens {
  /** The stored token; undefined while there is none that lives. */
  current(): Promise<HeldToken | undefined>;
  /** The broker refused this generation. Gives the one in force now, if another: stored meanwhile, or refreshed once. */
  refused(generation: number): Promise<HeldToken | undefined>;
}

export interface CtraderSession {
  start(): void;
  /** Takes no more orders, gives those on their way `settleMs` to be answered, and closes. */
  stop(options?: { readonly settleMs?: number }): Promise<void>;
  /** Ends the connection now: what was unanswered is `unknown`. It stays ended until `start`. */
  drop(): void;
  state(): SessionState;
  watch(listener: (state: SessionState) => void): () => void;
  /** A token may have come, or the reason to wait may be over: try now. */
  wake(): void;
  /**
   * Proves a token on this connection, without dropping it: lists its accounts with the token itself,
   * authorises the account with it, and reads the account. From then on the session uses it.
   */
  prove(held: HeldToken): Promise<Result<ProbeEvidence, CtraderCallFailure>>;
  /** `BROKER_UNREACHABLE` while there is no authorised connection. */
  request<N extends RequestName>(
    name: N,
    body: Messages[N],
    options?: RequestOptions,
  ): Promise<Result<AnswerOf<N>, CtraderCallFailure>>;
  /** `timers.now()` of the last frame; undefined while there is no connection. */
  lastFrameAt(): number | undefined;
  /**
   * Compares the book with the broker's now; answered by a comparison that began after the question.
   * `BROKER_UNREACHABLE` while the session is not ready, `BROKER_TIMEOUT` after 15 seconds.
   */
  refresh(): Promise<Result<void, CtraderCallFailure>>;
  /** The name of the account's currency, e.g. `EUR`; undefined while it is not known. */
  depositAsset(): string | undefined;
  /**
   * `timers.now()` of the last frame on the connection on which a symbol's prices come: up to then a price that
   * has not changed was still the broker's. Undefined while its prices do not come.
   */
  streamedAt(symbolId: number): number | undefined;
  readonly orders: OrderDesk;
  readonly book: AccountBook;
  readonly quotes: QuoteBoard;
  readonly bars: BarBoard;
  readonly symbols: SymbolDirectory;
}
