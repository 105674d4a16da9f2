import type { Temporal } from "temporal-polyfill";
import type { Clock } from "../platform/clock.ts";
import { fail, type Result, succeed } from "../platform/result.ts";

/** The part of the platform's `fetch` that is used here. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

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

/** `BROKER_UNREACHABLE`: no connection came about, so nothing was sent; anything else may have arrived. */
export type NetworkFailure = "BROKER_UNREACHABLE" | "BROKER_TIMEOUT";

/** Sends one request, once. */
export type Transport = (request: {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}) => Promise<Result<Reply, NetworkFailure>>;

/** Failures before the first byte of a request: resolving, connecting, checking the certificate. */
const NOTHING_SENT = new Set([
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** A transport over `fetch` that follows no redirect and gives up `timeoutMs` after the start. */
export function createTransport(
  deps: { readonly fetch: Fetch; readonly clock: Clock },
  options: { readonly timeoutMs: number },
): Transport {
  return async ({ method, url, headers, body }) => {
    const sentAt = deps.clock.now();
    try {
      const response = await deps.fetch(url, {
        method,
        headers,
        ...(body !== undefined && { body }),
        // A signature is good for one address only, and a token has no business at another.
        redirect: "manual",
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      const text = await response.text();
      return succeed({
        status: response.status,
        text,
        wwwAuthenticate: response.headers.get("www-authenticate") ?? "",
        sentAt,
        latencyMs: deps.clock.now().since(sentAt).total("milliseconds"),
      });
    } catch (error) {
      return networkFailure(error);
    }
  };
}

function networkFailure(error: unknown) {
  const { code, syscall } = systemError(error);
  const detail = code === undefined ? {} : { network: code };
  const isUnsent = syscall === "connect" || (code !== undefined && NOTHING_SENT.has(code));
  return isUnsent ? fail("BROKER_UNREACHABLE", detail) : fail("BROKER_TIMEOUT", detail);
}

/** `fetch` hides the system's error in `cause`. Only its words are taken: messages may hold addresses. */
function systemError(error: unknown): { code?: string; syscall?: string } {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = "code" in at ? at.code : undefined;
    if (typeof code !== "string" || !/^[A-Z0-9_]{2,60}$/.test(code)) continue;
    return "syscall" in at && typeof at.syscall === "string" ? { code, syscall: at.syscall } : { code };
  }
  return {};
}
