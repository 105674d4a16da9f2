/** Calls of a broker by HTTP, with what brokers' clients ask of an answer. */
import type { Temporal } from "temporal-polyfill";
import type { Clock } from "../platform/clock.ts";
import type { Http, HttpCall } from "../platform/http.ts";
import { fail, type Result, succeed } from "../platform/result.ts";

/** One answer, read to its end. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  /** The header `WWW-Authenticate`; empty where there is none. */
  readonly wwwAuthenticate: string;
  /** When the request left. */
  readonly sentAt: Temporal.Instant;
  readonly latencyMs: number;
}

/** `BROKER_UNREACHABLE`: nothing was sent; anything else may have arrived. The detail `network` says why. */
export type NetworkFailure = "BROKER_UNREACHABLE" | "BROKER_TIMEOUT";

/** Sends one request, once. */
export type Transport = (request: Omit<HttpCall, "timeoutMs">) => Promise<Result<Reply, NetworkFailure>>;

/** A transport that gives up `timeoutMs` after the start. */
export function createTransport(
  deps: { readonly http: Http; readonly clock: Clock },
  options: { readonly timeoutMs: number },
): Transport {
  return async (request) => {
    const sentAt = deps.clock.now();
    const outcome = await deps.http({ ...request, timeoutMs: options.timeoutMs });
    switch (outcome.kind) {
      case "answered":
        return succeed({
          status: outcome.status,
          text: outcome.text,
          wwwAuthenticate: outcome.headers["www-authenticate"] ?? "",
          sentAt,
          latencyMs: deps.clock.now().since(sentAt).total("milliseconds"),
        });
      case "not-sent":
        return fail("BROKER_UNREACHABLE", { network: outcome.why });
      case "unknown":
        return fail("BROKER_TIMEOUT", { network: outcome.why });
      default:
        return outcome satisfies never;
    }
  };
}
