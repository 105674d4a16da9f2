/** One connection of a session, from its dialling to its end: how far it has come, and what it still needs. */
import type { Result } from "../../platform/result.ts";
import type { Channel, ChannelEnd, CtraderCallFailure } from "./channel.ts";
import type { LinkPeer } from "./link.ts";
import type { AnswerOf, RequestName } from "./protocol/names.ts";
import type { Messages, ProtoOAGetAccountListByAccessTokenRes } from "./protocol/open-api.generated.ts";
import type { SessionAccount } from "./session.ts";

/** What has to be done next, the most pressing first. The last three are done while the session is ready. */
export type SessionStep =
  | "application"
  | "account"
  | "reconciling"
  | "subscribing"
  | "verify"
  | "reconcile-again"
  | "subscribe-again";

export interface Authorisation {
  readonly account: SessionAccount;
  readonly generation: number;
  /** By `timers.now()`. */
  readonly at: number;
}

const MINUTE_MS = 60_000;
const CALL_TIMEOUT_MS = 10_000;

export class Connection {
  readonly #channel: () => Channel;
  /** Settles with the channel's end. */
  readonly over: Promise<void>;
  readonly #settleOver: () => void;
  peer: LinkPeer | undefined;
  end: ChannelEnd | undefined;
  /** False from the moment when it is to end. */
  isWanted = true as boolean;
  isApplication = false as boolean;
  authorised: Authorisation | undefined;
  hasReconciled = false as boolean;
  hasSubscribed = false as boolean;
  /** The account's session was said to be over, perhaps by late news. */
  isInQuestion = false as boolean;
  /** Authorised on top of a session that had not been lost, as far as was known. */
  wasAuthorisedAgain = false as boolean;
  wantsReconcile = false as boolean;
  wantsSubscribe = false as boolean;
  /** It is going to want so by itself. */
  subscribesLater = false as boolean;
  /** It is going to be compared because something came in doubt. */
  isInDoubt = false as boolean;
  /** When a comparison was last begun, or its answers taken. */
  comparedAt = Number.NEGATIVE_INFINITY;
  reconciledAt = 0;
  firstReadyAt: number | undefined;
  /** How often the account's session was lost here. */
  losses = 0;
  /** Of the token with which it was asked. */
  listed: { readonly generation: number; readonly answer: ProtoOAGetAccountListByAccessTokenRes } | undefined;
  readonly spots = new Set<number>();
  readonly liveBars = new Set<string>();
  /** What the broker has refused to subscribe on this connection, and whether it is left out for now. */
  readonly unsubscribable = new Map<string, "left-out" | "to-try">();
  readonly #strikes: number[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  /** `channel` is asked for when it is first needed: it may tell of its end before it is given back. */
  constructor(channel: () => Channel) {
    this.#channel = channel;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#settleOver = resolve;
  }

  get channel(): Channel {
    return this.#channel();
  }

  ended(end: ChannelEnd): void {
    this.end = end;
    this.#settleOver();
  }

  isLiving(): boolean {
    return this.isWanted && this.end === undefined && this.peer !== undefined;
  }

  isReady(): boolean {
    return this.isLiving() && this.authorised !== undefined && this.hasReconciled && this.hasSubscribed;
  }

  nextStep(): SessionStep | undefined {
    if (!this.isApplication) return "application";
    if (this.authorised === undefined) return "account";
    if (!this.hasReconciled) return "reconciling";
    if (!this.hasSubscribed) return "subscribing";
    if (this.isInQuestion) return "verify";
    if (this.wantsReconcile) return "reconcile-again";
    return this.wantsSubscribe ? "subscribe-again" : undefined;
  }

  /** The account has to be authorised again; all that went with its session went with it. */
  loseAccount(): void {
    this.losses += 1;
    this.authorised = undefined;
    this.hasReconciled = false;
    this.hasSubscribed = false;
    this.isInQuestion = false;
    this.wasAuthorisedAgain = false;
    this.wantsReconcile = false;
    this.wantsSubscribe = false;
    this.listed = undefined;
    this.spots.clear();
    this.liveBars.clear();
  }

  /** The account's session may be a new one: what belongs to it is done again, while the connection stays ready. */
  beginAnew(): void {
    this.wasAuthorisedAgain = false;
    this.wantsReconcile = true;
    this.wantsSubscribe = true;
    this.spots.clear();
    this.liveBars.clear();
  }

  /** Counts one trouble more, and gives how many there were within the last minute. */
  strike(now: number): number {
    this.#strikes.push(now);
    return this.strikes(now);
  }

  strikes(now: number): number {
    while ((this.#strikes[0] ?? now) < now - MINUTE_MS) this.#strikes.shift();
    return this.#strikes.length;
  }

  /** Runs one login at a time: of the session itself, or of a proof. */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(run);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** A request of the session's own, before everything but orders. */
  ask<N extends RequestName>(name: N, body: Messages[N]): Promise<Result<AnswerOf<N>, CtraderCallFailure>> {
    return this.channel.request(name, body, { lane: "control", timeoutMs: CALL_TIMEOUT_MS });
  }
}
