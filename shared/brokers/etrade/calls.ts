import type { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { HttpCall } from "../../platform/http.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import { type Failure, fail, type Result, succeed } from "../../platform/result.ts";
import type { Reply, Transport } from "../http.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import { classify, type EtradeModule, isErrorEnvelope } from "./errors.ts";
import { parseExactJson, writeExactJson } from "./json.ts";
import type { LimitedModule, RateLimiter } from "./rate-limit.ts";
import { RETRIED_READS, type RetryPolicy, withRetry } from "./retry.ts";
import type { SignableRequest, Signer } from "./signer.ts";
import type { TokenPair } from "./token.ts";
import { joinUrl, type QueryParameters, withQuery } from "./url.ts";

/** One of the OAuth steps. */
export interface OauthCall {
  /** The last word of the path, e.g. `request_token`. */
  readonly step: "request_token" | "access_token" | "renew_access_token" | "revoke_access_token";
  readonly parameters?: Readonly<Record<`oauth_${string}`, string>>;
  readonly token?: TokenPair;
}

/** One reading call; `schema` is applied to the JSON with exact numbers. */
export interface ReadCall<T> {
  readonly module: LimitedModule;
  /** Encoded path with the suffix `.json`, which makes complaints come as JSON too. */
  readonly path: string;
  readonly query?: QueryParameters;
  readonly token: TokenPair;
  readonly schema: z.ZodType<T>;
}

/** `value` is `undefined` where the broker answered with 204: there is nothing to read. */
export interface Reading<T> {
  readonly value: T | undefined;
  readonly latencyMs: number;
}

/** One call that acts. It leaves at most once, whatever becomes of it. */
export interface WriteCall<T> {
  readonly method: "POST" | "PUT";
  /** Encoded path with the suffix `.json`. */
  readonly path: string;
  /** Sent as JSON, decimals as numbers of exactly their digits; the signature does not cover it. */
  readonly body: unknown;
  readonly token: TokenPair;
  readonly schema: z.ZodType<T>;
  /** Asked in the moment before the bytes leave. */
  mayLeave(): boolean;
}

/**
 * What became of a call that acts. `not-sent`: nothing left, or the broker turned it away at its door.
 * `refused`: the broker says by a code of its own that it did not act. `unknown`: it may have acted.
 */
export type Written<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "not-sent"; readonly failure?: Failure<BrokerCallFailure> }
  | { readonly kind: "refused" | "unknown"; readonly failure: Failure<BrokerCallFailure> };

/** The signed calls that everything else is made of. */
export interface Calls {
  /** Sends an OAuth step once, with no limit and no second try; succeeds with status 200 alone. */
  oauth(call: OauthCall): Promise<Result<Reply, BrokerCallFailure>>;

  /** Reads within the module's rate, and again where the broker may well answer the next time. */
  read<T>(call: ReadCall<T>): Promise<Result<Reading<T>, BrokerCallFailure>>;

  /** Acts once within the rate of orders, before reads that wait; never a second time. */
  write<T>(call: WriteCall<T>): Promise<Written<T>>;
}

/** Calls of one consumer key in one environment. */
export function createCalls(
  deps: {
    readonly transport: Transport;
    readonly sign: Signer;
    readonly limit: RateLimiter;
    readonly clock: Clock;
    readonly random: Random;
    readonly log: Log;
  },
  options: { readonly apiBaseUrl: string; readonly dataBaseUrl: string; readonly retry: RetryPolicy },
): Calls {
  async function send(
    module: EtradeModule,
    request: SignableRequest,
    { body, ...how }: { readonly body?: string } & Pick<HttpCall, "reuse" | "mayLeave"> = {},
  ): Promise<Result<Reply, BrokerCallFailure>> {
    const sent = await deps.transport({
      method: request.method,
      url: withQuery(request.url, request.query ?? {}),
      headers: {
        accept: "application/json",
        authorization: deps.sign(request),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body }),
      ...how,
    });
    if (!sent.ok) return failed(fail(sent.code, { module, ...sent.detail }));
    return sent;
  }

  function failed(failure: Failure<BrokerCallFailure>): Failure<BrokerCallFailure> {
    deps.log.warn("broker-call-failed", { code: failure.code, ...failure.detail });
    return failure;
  }

  async function readOnce<T>(call: ReadCall<T>): Promise<Result<Reading<T>, BrokerCallFailure>> {
    await deps.limit(call.module);
    const { path, module, schema, token, query = {} } = call;
    const url = joinUrl(options.dataBaseUrl, path);
    // It can be asked again; an order or a step of a login cannot.
    const sent = await send(module, { method: "GET", url, query, token }, { reuse: true });
    if (!sent.ok) return sent;
    const result = interpret(module, schema, sent.value);
    return result.ok ? result : failed(result);
  }

  async function writeOnce<T>(call: WriteCall<T>): Promise<Written<T>> {
    const { method, path, schema, token } = call;
    const url = joinUrl(options.dataBaseUrl, path);
    const body = writeExactJson(call.body);
    await deps.limit("order", "write");
    if (!call.mayLeave()) return { kind: "not-sent" };
    // Asked again when the connection stands: until then a kill may have come, or the lease may be over.
    const sent = await send("order", { method, url, token }, { body, mayLeave: () => call.mayLeave() });
    if (!sent.ok) return writtenBy(sent);
    const result = interpret("order", schema, sent.value);
    if (!result.ok) return writtenBy(failed(result));
    const { value } = result.value;
    if (value !== undefined) return { kind: "done", value };
    return writtenBy(failed(fail("BROKER_REPLY_UNREADABLE", { module: "order", status: 204 })));
  }

  return {
    write: writeOnce,

    async oauth({ step, parameters, token }) {
      const sent = await send("oauth", {
        method: "GET",
        url: joinUrl(options.apiBaseUrl, `/oauth/${step}`),
        ...(parameters && { step: parameters }),
        ...(token && { token }),
      });
      if (!sent.ok || sent.value.status === 200) return sent;
      return failed(classify({ module: "oauth", isTokenSent: token !== undefined }, sent.value));
    },

    read: (call) => withRetry(deps, { ...options.retry, retried: RETRIED_READS }, () => readOnce(call)),
  };
}

function interpret<T>(
  module: EtradeModule,
  schema: z.ZodType<T>,
  reply: Reply,
): Result<Reading<T>, BrokerCallFailure> {
  const { latencyMs } = reply;
  if (reply.status === 204) return succeed({ value: undefined, latencyMs });
  if (reply.status !== 200) return classify({ module, isTokenSent: true }, reply);
  const parsed = parseExactJson(reply.text);
  if (isErrorEnvelope(parsed)) return classify({ module, isTokenSent: true }, reply);
  const fitting = schema.safeParse(parsed);
  if (!fitting.success) return fail("BROKER_REPLY_UNREADABLE", { module, status: reply.status });
  return succeed({ value: fitting.data, latencyMs });
}

/** Failures with which the broker, or the way to it, says that it has not even looked at the call. */
const TURNED_AWAY: ReadonlySet<BrokerCallFailure> = new Set<BrokerCallFailure>([
  "BROKER_UNREACHABLE",
  "BROKER_RATE_LIMITED",
  "BROKER_SIGNATURE_REFUSED",
  "BROKER_CLOCK_REFUSED",
  "BROKER_CREDENTIALS_REJECTED",
  "BROKER_KEY_MISSING",
  "BROKER_TOKEN_EXPIRED",
  "BROKER_TOKEN_REJECTED",
]);

/** A refusal without the broker's own code may be anybody's on the way, and proves nothing. */
function writtenBy(failure: Failure<BrokerCallFailure>): Exclude<Written<never>, { kind: "done" }> {
  if (TURNED_AWAY.has(failure.code)) return { kind: "not-sent", failure };
  const isBusiness = failure.code === "BROKER_REFUSED" && "brokerCode" in failure.detail;
  return { kind: isBusiness ? "refused" : "unknown", failure };
}
