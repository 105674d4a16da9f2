import type { Clock } from "../../platform/clock.ts";
import type { Http } from "../../platform/http.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import type { Result } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { Timers } from "../../platform/timers.ts";
import { createTransport } from "../http.ts";
import type { BrokerCallFailure, TokenIssuer } from "../token-issuer.ts";
import { type AccountIdKey, type AccountList, createAccountReader } from "./accounts.ts";
import { createBalanceReader, type EtradeBalance } from "./balance.ts";
import { createCalls } from "./calls.ts";
import type { EtradeEnvironment, EtradeHosts } from "./environments.ts";
import { createEtradeIssuer } from "./issuer.ts";
import { createOrderCalls, type OrderCalls } from "./orders/order-calls.ts";
import { createPortfolioReader, type EtradeHolding } from "./portfolio.ts";
import { createQuoteReader, type EtradeQuotes } from "./quotes.ts";
import { type CallLimits, createPacedLimiter, createRateLimiter, DEFAULT_LIMITS } from "./rate-limit.ts";
import { DEFAULT_RETRY, type RetryPolicy } from "./retry.ts";
import { type Consumer, createSigner } from "./signer.ts";
import { unpackTokenPair } from "./token.ts";

/** How one connection reaches E*TRADE. */
export interface EtradeOptions extends EtradeHosts {
  readonly environment: EtradeEnvironment;
  readonly consumer: Consumer;
  /** How long one call may take, in real time. Default 12 seconds. */
  readonly timeoutMs?: number;
  /** Calls a second by module. Default: accounts 2, market 4, order 2. */
  readonly limits?: CallLimits;
  /** Default: three tries. */
  readonly retry?: RetryPolicy;
}

/** One consumer key's way into E*TRADE. Tokens are the secrets that `issuer` hands out. */
export interface EtradeClient {
  readonly issuer: TokenIssuer;
  /** The open accounts of the token's user. */
  accounts(token: Secret): Promise<Result<AccountList, BrokerCallFailure>>;
  balance(
    token: Secret,
    accountIdKey: AccountIdKey,
    institutionType: string,
  ): Promise<Result<EtradeBalance, BrokerCallFailure>>;
  quotes(token: Secret, symbols: readonly string[]): Promise<Result<EtradeQuotes, BrokerCallFailure>>;
  /** What the account holds. */
  portfolio(
    token: Secret,
    accountIdKey: AccountIdKey,
  ): Promise<Result<readonly EtradeHolding[], BrokerCallFailure>>;
  readonly orders: OrderCalls;
}

const DEFAULT_TIMEOUT_MS = 12_000;

/**
 * Builds the client of one consumer key. Make one a process and key: it holds the call rates and joins
 * renewals of the same token.
 */
export function createEtradeClient(
  deps: {
    readonly http: Http;
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
    /** Where they are given, calls are paced by the machine's time and those that act go first: who trades needs it. */
    readonly timers?: Timers;
  },
  options: EtradeOptions,
): EtradeClient {
  const { apiBaseUrl, dataBaseUrl, authorizeUrl, consumer, retry = DEFAULT_RETRY } = options;
  const { clock, random, timers } = deps;
  const limits = options.limits ?? DEFAULT_LIMITS;
  const calls = createCalls(
    {
      transport: createTransport(deps, { timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS }),
      sign: createSigner(deps, consumer),
      limit: timers === undefined ? createRateLimiter(deps, limits) : createPacedLimiter({ timers }, limits),
      clock,
      random,
      log: deps.log.for(`etrade-${options.environment}`),
    },
    { apiBaseUrl, dataBaseUrl, retry },
  );
  const accounts = createAccountReader(calls);
  const balance = createBalanceReader(calls);
  const quotes = createQuoteReader(calls);
  const portfolio = createPortfolioReader(calls);

  return {
    issuer: createEtradeIssuer(
      { calls, accounts, clock, random },
      { consumerKey: consumer.key, authorizeUrl, retry },
    ),
    accounts: async (token) => accounts(unpackTokenPair(token)),
    balance: async (token, accountIdKey, institutionType) =>
      balance(unpackTokenPair(token), accountIdKey, institutionType),
    quotes: async (token, symbols) => quotes(unpackTokenPair(token), symbols),
    portfolio: async (token, accountIdKey) => portfolio(unpackTokenPair(token), accountIdKey),
    orders: createOrderCalls(calls),
  };
}
