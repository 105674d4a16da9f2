/**
 * A short visit to cTrader on a connection of its own: as little as proves that a token works, each step timed.
 * It trades nothing, subscribes nothing, and leaves the connections of others alone.
 */
import type { Decimal } from "decimal.js";
import type { ErrorCode } from "../../errors.ts";
import type { Failure, Result } from "../../platform/result.ts";
import { fail, succeed } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { Timers } from "../../platform/timers.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type { Channel, ChannelEnd, ChannelEvents } from "./channel.ts";
import type { CtraderEnvironment } from "./environments.ts";
import type { LinkPeer } from "./link.ts";
import { amountOf } from "./money.ts";
import type { AnswerOf, RequestName } from "./protocol/names.ts";
import type { Messages, ProtoOACtidTraderAccount } from "./protocol/open-api.generated.ts";

export interface VisitDeps {
  /** Dials; the channel's first event follows. */
  openChannel(events: ChannelEvents): Channel;
  readonly timers: Timers;
}

export interface VisitOptions {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly environment: CtraderEnvironment;
  /** The account to authorise, by the last four characters of its number. Default: the first of the environment. */
  readonly account?: string;
  /** Authorises every account of the environment in place of one. Default: false. */
  readonly isEveryAccountAsked?: boolean;
  /** How many round trips are timed at the end, a tenth of a second apart. Default 0. */
  readonly roundTrips?: number;
  /** Ends the visit at once; it fails as a connection that was closed does. */
  readonly signal?: AbortSignal;
  /** Hears of each step as it succeeds. */
  onStep?(step: VisitStep): void;
}

/** What one step showed, and how long it took in milliseconds. */
export type VisitStep =
  | { readonly kind: "link"; readonly peer: LinkPeer; readonly tookMs: number }
  | { readonly kind: "application"; readonly tookMs: number }
  /** `mayTrade`: as in {@link Visit}. */
  | {
      readonly kind: "accounts";
      readonly accounts: number;
      readonly mayTrade: boolean;
      readonly tookMs: number;
    }
  | { readonly kind: "account"; readonly account: string; readonly tookMs: number }
  | { readonly kind: "balance"; readonly account: VisitedAccount; readonly tookMs: number }
  | { readonly kind: "round-trip"; readonly tookMs: number };

/** The step at which a visit failed, as it stands in the failure's `detail.step`. */
export type VisitStepKind = VisitStep["kind"];

export interface VisitedAccount {
  /** The last four characters of the number that the owner knows. */
  readonly lastFour: string;
  readonly brokerTitle: string;
  /** What the account holds, open positions left out. */
  readonly balance: Decimal;
  /** The deposit asset's name, e.g. `EUR`. */
  readonly currency: string;
  /** By the account's own rights, positions can be opened on it; what the token may do stands in {@link Visit.mayTrade}. */
  readonly isOpenToTrade: boolean;
}

export interface Visit {
  readonly peer: LinkPeer;
  /** The last four characters of the environment's accounts, in the broker's order. */
  readonly listed: readonly string[];
  /** Those that were authorised and read. */
  readonly visited: readonly VisitedAccount[];
  /** Whether the token was granted for trading, and not for looking alone. */
  readonly mayTrade: boolean;
  /** Of the last call that read an account, in milliseconds. */
  readonly latencyMs: number;
  readonly roundTripsMs: readonly number[];
}

/** One call of a visit, with its time limit; a failure names its step. */
type Ask = <N extends RequestName>(
  step: VisitStepKind,
  name: N,
  body: Messages[N],
) => Promise<Result<{ readonly answer: AnswerOf<N>; readonly tookMs: number }, BrokerCallFailure>>;

const CALL_TIMEOUT_MS = 10_000;
/** A long way under the broker's limit: what is timed is the way there and back, not a queue. */
const ROUND_TRIP_PAUSE_MS = 100;

/**
 * Dials, authorises the application, lists the token's accounts with the token itself, authorises and reads the
 * account, and closes. `ACCOUNT_MISSING`: the environment has no account of this token, or not the one asked for.
 */
export async function visit(
  deps: VisitDeps,
  options: VisitOptions,
  accessToken: Secret,
): Promise<Result<Visit, BrokerCallFailure | "ACCOUNT_MISSING">> {
  return enter(deps, options, async (ask, peer) => {
    const { timers } = deps;
    return lookAround(ask, { options, accessToken, peer, timers });
  });
}

/** Dials, authorises the application, and closes: what can be shown without a token. */
export function knock(
  deps: VisitDeps,
  options: Pick<VisitOptions, "clientId" | "clientSecret" | "signal" | "onStep">,
): Promise<Result<void, BrokerCallFailure>> {
  return enter(deps, options, async () => succeed(undefined));
}

/** What follows when the application is authorised. */
async function enter<T, C extends ErrorCode>(
  deps: VisitDeps,
  options: Pick<VisitOptions, "clientId" | "clientSecret" | "signal" | "onStep">,
  stay: (ask: Ask, peer: LinkPeer) => Promise<Result<T, C>>,
): Promise<Result<T, C | BrokerCallFailure>> {
  const startedAt = deps.timers.now();
  const { channel, opened } = open(deps);
  const leave = () => channel.close();
  options.signal?.addEventListener("abort", leave);
  if (options.signal?.aborted === true) leave();
  try {
    const peer = await opened;
    if (!peer.ok) return peer;
    options.onStep?.({ kind: "link", peer: peer.value, tookMs: deps.timers.now() - startedAt });
    const ask = askOn(channel, deps.timers);
    const credentials = { clientId: options.clientId, clientSecret: options.clientSecret.reveal() };
    const application = await ask("application", "ProtoOAApplicationAuthReq", credentials);
    if (!application.ok) return application;
    options.onStep?.({ kind: "application", tookMs: application.value.tookMs });
    return await stay(ask, peer.value);
  } finally {
    options.signal?.removeEventListener("abort", leave);
    channel.close();
  }
}

function open(deps: VisitDeps): {
  readonly channel: Channel;
  readonly opened: Promise<Result<LinkPeer, BrokerCallFailure>>;
} {
  const { promise: opened, resolve } = Promise.withResolvers<Result<LinkPeer, BrokerCallFailure>>();
  const channel = deps.openChannel({
    opened: (peer) => resolve(succeed(peer)),
    ended: (end) => resolve(failureOf(end)),
    event() {},
    spot() {},
  });
  return { channel, opened };
}

/** Nothing of the token has left before the link is open. */
function failureOf(end: ChannelEnd): Failure<"BROKER_UNREACHABLE"> {
  return fail("BROKER_UNREACHABLE", { step: "link", network: end });
}

function askOn(channel: Channel, timers: Timers): Ask {
  return async (step, name, body) => {
    const sentAt = timers.now();
    const answered = await channel.request(name, body, { lane: "control", timeoutMs: CALL_TIMEOUT_MS });
    if (!answered.ok) return fail(answered.code, { ...answered.detail, step });
    return succeed({ answer: answered.value, tookMs: timers.now() - sentAt });
  };
}

interface Arrival {
  readonly options: VisitOptions;
  readonly accessToken: Secret;
  readonly peer: LinkPeer;
  readonly timers: Timers;
}

async function lookAround(
  ask: Ask,
  { options, accessToken, peer, timers }: Arrival,
): Promise<Result<Visit, BrokerCallFailure | "ACCOUNT_MISSING">> {
  const token = accessToken.reveal();
  const list = await ask("accounts", "ProtoOAGetAccountListByAccessTokenReq", { accessToken: token });
  if (!list.ok) return list;
  const { answer, tookMs } = list.value;
  const wantsLive = options.environment === "live";
  const own = answer.ctidTraderAccount.filter(({ isLive = false }) => isLive === wantsLive);
  const mayTrade = answer.permissionScope !== "SCOPE_VIEW";
  options.onStep?.({ kind: "accounts", accounts: own.length, mayTrade, tookMs });

  const chosen = choose(own, options);
  if (chosen.length === 0) return fail("ACCOUNT_MISSING", { step: "account", accounts: own.length });
  const visited: VisitedAccount[] = [];
  let latencyMs = 0;
  for (const account of chosen) {
    const read = await readAccount(ask, { options, token, account });
    if (!read.ok) return read;
    visited.push(read.value.account);
    latencyMs = read.value.latencyMs;
  }
  const roundTripsMs = await timeRoundTrips(ask, timers, options);
  if (!roundTripsMs.ok) return roundTripsMs;
  return succeed({
    peer,
    listed: own.map(lastFourOf),
    visited,
    mayTrade,
    latencyMs,
    roundTripsMs: roundTripsMs.value,
  });
}

function choose(own: readonly ProtoOACtidTraderAccount[], options: VisitOptions) {
  const { account, isEveryAccountAsked = false } = options;
  if (isEveryAccountAsked) return own;
  const fitting = account === undefined ? own : own.filter((one) => lastFourOf(one) === account);
  return fitting.slice(0, 1);
}

interface AccountVisit {
  readonly options: VisitOptions;
  readonly token: string;
  readonly account: ProtoOACtidTraderAccount;
}

async function readAccount(ask: Ask, { options, token, account }: AccountVisit) {
  const { ctidTraderAccountId } = account;
  const lastFour = lastFourOf(account);
  const authorised = await ask("account", "ProtoOAAccountAuthReq", {
    ctidTraderAccountId,
    accessToken: token,
  });
  if (!authorised.ok) return authorised;
  options.onStep?.({ kind: "account", account: lastFour, tookMs: authorised.value.tookMs });

  const assets = await ask("balance", "ProtoOAAssetListReq", { ctidTraderAccountId });
  if (!assets.ok) return assets;
  const read = await ask("balance", "ProtoOATraderReq", { ctidTraderAccountId });
  if (!read.ok) return read;
  const { trader } = read.value.answer;
  const deposit = assets.value.answer.asset.find(({ assetId }) => assetId === trader.depositAssetId);
  if (deposit === undefined) return fail("BROKER_REPLY_UNREADABLE", { step: "balance" });
  const visited: VisitedAccount = {
    lastFour,
    brokerTitle: trader.brokerName ?? account.brokerTitleShort ?? "",
    balance: amountOf(trader.balance, trader.moneyDigits),
    currency: deposit.name,
    isOpenToTrade: (trader.accessRights ?? "FULL_ACCESS") === "FULL_ACCESS",
  };
  const { tookMs } = read.value;
  options.onStep?.({ kind: "balance", account: visited, tookMs });
  return succeed({ account: visited, latencyMs: tookMs });
}

async function timeRoundTrips(ask: Ask, timers: Timers, { roundTrips = 0, onStep }: VisitOptions) {
  const times: number[] = [];
  while (times.length < roundTrips) {
    await new Promise<void>((resolve) => void timers.after(ROUND_TRIP_PAUSE_MS, resolve));
    const answered = await ask("round-trip", "ProtoOAVersionReq", {});
    if (!answered.ok) return answered;
    const { tookMs } = answered.value;
    onStep?.({ kind: "round-trip", tookMs });
    times.push(tookMs);
  }
  return succeed<readonly number[]>(times);
}

/** The number that the owner knows; a server that leaves it out leaves the broker's id. */
function lastFourOf({ traderLogin, ctidTraderAccountId }: ProtoOACtidTraderAccount): string {
  return String(traderLogin ?? ctidTraderAccountId)
    .padStart(4, "0")
    .slice(-4);
}
