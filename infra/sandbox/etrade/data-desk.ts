import type { Temporal } from "temporal-polyfill";
import { accountList, accountsOf } from "./accounts.ts";
import { answerCanned } from "./canned.ts";
import type { DataEndpoint, DataTarget } from "./data-paths.ts";
import { type Dress, good, nothing, refuse, refuseProblem } from "./dress.ts";
import type { Faults } from "./faults.ts";
import type { Call, Reply } from "./http-words.ts";
import type { DataPass, OauthDesk } from "./oauth-desk.ts";
import { problem } from "./problems.ts";
import type { Market } from "./quote-facts.ts";
import { answerQuotes } from "./quotes.ts";
import type { RateLimit, RateLimiter } from "./rate-limiter.ts";
import type { Seal } from "./seal.ts";
import type { TradingDesk } from "./trading/trading-desk.ts";
import type { AccountEndpoint } from "./vocabulary.ts";

interface DeskDeps {
  readonly oauth: OauthDesk;
  readonly limiter: RateLimiter;
  readonly market: Market;
  readonly trading: TradingDesk;
  readonly seal: Seal;
  readonly usernames: readonly string[];
  faults(): Faults;
  /** A number from 0 up to 1. */
  chance(): number;
}

const OVER_LIMIT = "Number of requests exceeded the rate limit set";
const UNAVAILABLE = "The requested service is not currently available, please try after sometime.";
const MAINTENANCE = "The service is down for maintenance.";

/** Refusals that the switches bring, by name. */
export const SERVICE_REFUSALS = {
  unavailable: { status: 500, code: 100, message: UNAVAILABLE },
  maintenance: { status: 500, code: 670, message: MAINTENANCE },
  "no-access": { status: 400, code: 253, message: "This user has no access to the account." },
  busy: { status: 400, code: 163, message: "The request could not be processed. Please try again." },
} as const;

/** The refusal of a call over its limit; it has no code. */
export function overLimit(faults: Pick<Faults, "rateLimitStatus">) {
  return { status: faults.rateLimitStatus, message: OVER_LIMIT };
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
    if (call.door === "sandbox" && faults.sandboxData === "canned") return answerCanned(target, dress);
    return stateful(deps, target, { call, pass, now, dress });
  };
}

function takesRate(
  deps: DeskDeps,
  target: DataTarget,
  { pass, now }: { readonly pass: DataPass; readonly now: Temporal.Instant },
): boolean {
  const module = moduleOf(target.endpoint);
  return deps.limiter.take(`${pass.environment}|${module}`, limitOf(module, deps.faults()), now);
}

function moduleOf(endpoint: DataEndpoint): "market" | "orders" | "accounts" {
  if (endpoint === "market/quote") return "market";
  return endpoint.startsWith("orders/") ? "orders" : "accounts";
}

function limitOf(module: ReturnType<typeof moduleOf>, faults: Faults): RateLimit {
  switch (module) {
    case "market":
      return { perSecond: faults.marketPerSecond, perHour: faults.marketPerHour };
    case "orders":
      return { perSecond: faults.ordersPerSecond, perHour: faults.ordersPerHour };
    case "accounts":
      return { perSecond: faults.accountsPerSecond, perHour: faults.accountsPerHour };
    default:
      return module satisfies never;
  }
}

interface Within {
  readonly call: Call;
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
    case "market/quote": {
      const ask = { symbols: target.subject, query: pass.query, now };
      const answer = answerQuotes(ask, deps.market, deps.faults());
      return answer.ok ? good(answer.document, dress) : refuse(answer.refusal, dress);
    }
    default:
      return onAccount(deps, { ...target, endpoint: target.endpoint }, within);
  }
}

function onAccount(
  deps: DeskDeps,
  target: DataTarget & { readonly endpoint: AccountEndpoint },
  { call, pass, now, dress }: Within,
): Reply {
  const { endpoint, subject: key, item } = target;
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
  const hasWrongType = endpoint === "accounts/balance" && pass.query.instType !== "BROKERAGE";
  if (account.closedDate !== 0 && !hasWrongType) {
    return refuse({ status: 400, code: 7001, message: "The account is not valid." }, dress);
  }
  return deps.trading({ endpoint, account, item, call, query: pass.query, now, dress });
}
