import type { Temporal } from "temporal-polyfill";
import { accountBalance, accountList, accountsOf, type SimulatedAccount } from "./accounts.ts";
import { CANNED_ACCOUNTS, CANNED_BALANCE, CANNED_QUOTE } from "./canned.ts";
import { type Dress, good, nothing, refuse, refuseProblem } from "./dress.ts";
import type { Faults } from "./faults.ts";
import type { Call, Reply } from "./http-words.ts";
import type { DataPass, OauthDesk } from "./oauth-desk.ts";
import { problem } from "./problems.ts";
import type { Market } from "./quote-facts.ts";
import { answerQuotes } from "./quotes.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import type { Seal } from "./seal.ts";
import type { Endpoint } from "./vocabulary.ts";

/** The data calls that are simulated. */
export type DataEndpoint = Exclude<Endpoint, `oauth/${string}`>;

interface DeskDeps {
  readonly oauth: OauthDesk;
  readonly limiter: RateLimiter;
  readonly market: Market;
  readonly seal: Seal;
  readonly usernames: readonly string[];
  faults(): Faults;
  /** A number from 0 up to 1. */
  chance(): number;
}

/** What a data call names: the endpoint, and the account key or the symbols of its path. */
export interface DataTarget {
  readonly endpoint: DataEndpoint;
  /** Without `.json`, as it was sent. */
  readonly subject: string;
}

const OVER_LIMIT = "Number of requests exceeded the rate limit set";
const UNAVAILABLE = "The requested service is not currently available, please try after sometime.";
const MAINTENANCE = "The service is down for maintenance.";

/** Refusals that the switches bring, by name. */
export const SERVICE_REFUSALS = {
  unavailable: { status: 500, code: 100, message: UNAVAILABLE },
  maintenance: { status: 500, code: 670, message: MAINTENANCE },
  "no-access": { status: 400, code: 253, message: "This user has no access to the account." },
} as const;

/** The refusal of a call over its limit; it has no code. */
export function overLimit(faults: Pick<Faults, "rateLimitStatus">) {
  return { status: faults.rateLimitStatus, message: OVER_LIMIT };
}

/** Reads a path of the data interface; undefined for one that is not simulated. */
export function readDataPath(path: string): DataTarget | undefined {
  const bare = path.endsWith(".json") ? path.slice(0, -".json".length) : path;
  if (bare === "/v1/accounts/list") return { endpoint: "accounts/list", subject: "" };
  const account = /^\/v1\/accounts\/([^/]+)\/balance$/.exec(bare)?.[1];
  if (account !== undefined) return { endpoint: "accounts/balance", subject: account };
  const symbols = /^\/v1\/market\/quote\/([^/]+)$/.exec(bare)?.[1];
  return symbols === undefined ? undefined : { endpoint: "market/quote", subject: symbols };
}

/** Answers data calls: signature and token first, then limits, then the data of the host that was called. */
export function createDataDesk(deps: DeskDeps) {
  return function answer(
    target: DataTarget,
    call: Call,
    { now, dress }: { readonly now: Temporal.Instant; readonly dress: Dress },
  ): Reply {
    const faults = deps.faults();
    const pass = deps.oauth.admit(call, now);
    if (!pass.ok) return refuseProblem(pass.problem, dress, faults.wwwAuthenticate);
    if (pass.environment !== (call.door === "api" ? "production" : "sandbox")) {
      return refuseProblem(problem("consumer_key_rejected"), dress, faults.wwwAuthenticate);
    }
    if (!takesRate(deps, target, { pass, now })) return refuse(overLimit(faults), dress);
    if (faults.maintenance) return refuse(SERVICE_REFUSALS.maintenance, dress);
    if (faults.serverErrorShare > deps.chance()) return refuse(SERVICE_REFUSALS.unavailable, dress);
    if (call.door === "sandbox" && faults.sandboxData === "canned") return good(canned(target), dress);
    return stateful(deps, target, { pass, now, dress });
  };
}

function takesRate(
  deps: DeskDeps,
  target: DataTarget,
  { pass, now }: { readonly pass: DataPass; readonly now: Temporal.Instant },
): boolean {
  const faults = deps.faults();
  const isMarket = target.endpoint === "market/quote";
  const limit = isMarket
    ? { perSecond: faults.marketPerSecond, perHour: faults.marketPerHour }
    : { perSecond: faults.accountsPerSecond, perHour: faults.accountsPerHour };
  return deps.limiter.take(`${pass.environment}|${isMarket ? "market" : "accounts"}`, limit, now);
}

function canned({ endpoint }: DataTarget) {
  switch (endpoint) {
    case "accounts/list":
      return CANNED_ACCOUNTS;
    case "accounts/balance":
      return CANNED_BALANCE;
    case "market/quote":
      return CANNED_QUOTE;
    default:
      return endpoint satisfies never;
  }
}

interface Within {
  readonly pass: DataPass;
  readonly now: Temporal.Instant;
  readonly dress: Dress;
}

function stateful(deps: DeskDeps, target: DataTarget, within: Within): Reply {
  const { pass, now, dress } = within;
  switch (target.endpoint) {
    case "accounts/list":
      if (deps.faults().noAccounts) return nothing();
      return good(accountList(accountsOf(deps.seal, pass.token.username)), dress);
    case "accounts/balance":
      return balance(deps, target.subject, within);
    case "market/quote": {
      const ask = { symbols: target.subject, query: pass.query, now };
      const answer = answerQuotes(ask, deps.market, deps.faults());
      return answer.ok ? good(answer.document, dress) : refuse(answer.refusal, dress);
    }
    default:
      return target.endpoint satisfies never;
  }
}

function balance(deps: DeskDeps, key: string, { pass, now, dress }: Within): Reply {
  const mine = accountsOf(deps.seal, pass.token.username);
  const account = mine.find(({ accountIdKey }) => accountIdKey === key);
  if (account === undefined) {
    const isAnothers = deps.usernames.some((name) =>
      accountsOf(deps.seal, name).some(({ accountIdKey }) => accountIdKey === key),
    );
    const [code, message] = isAnothers
      ? [100, "This account key does not belong to the user."]
      : [102, "Please enter a valid account key."];
    return refuse({ status: 400, code, message }, dress);
  }
  const refusal = balanceRefusal(account, pass.query.instType);
  if (refusal !== undefined) return refuse({ status: 400, ...refusal }, dress);
  const isRealTime = pass.query.realTimeNAV === "true";
  return good(accountBalance(account, deps.market, { now, isRealTime }), dress);
}

function balanceRefusal(
  account: SimulatedAccount,
  instType: string | undefined,
): { readonly code: number; readonly message: string } | undefined {
  if (instType !== "BROKERAGE") return { code: 7002, message: "The institution type is not valid." };
  return account.closedDate === 0 ? undefined : { code: 7001, message: "The account is not valid." };
}
