import type {
  ApiAccepted,
  ApiAuthorization,
  ApiFailure,
  ApiKeepAliveList,
  ApiSession,
  ApiStatus,
} from "../../shared/console/api.ts";

/** Why a call brought no answer that can be used. */
export type Problem =
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly code: string;
      readonly message: string;
      readonly next: string;
      /** How long the server asks to wait, when it says so. */
      readonly retryAfterMs?: number;
    }
  /** No answer in time, or none that can be read: whether the server acted is unknown. */
  | { readonly kind: "unreachable" };

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** The calls of `shared/console/api.ts` that the page makes. None throws. */
export interface ApiClient {
  openSession(code: string): Promise<Answer<ApiSession>>;
  closeSession(): Promise<Answer<void>>;
  sendFreshLink(): Promise<Answer<void>>;
  status(): Promise<Answer<ApiStatus>>;
  beginAuthorization(connection: string): Promise<Answer<ApiAuthorization>>;
  sendPin(login: { connection: string; authorization: string; pin: string }): Promise<Answer<ApiAccepted>>;
  sendCallback(requestToken: string, verifier: string): Promise<Answer<ApiAccepted>>;
  /** Of every connection with a live token. */
  forceKeepAlive(): Promise<Answer<ApiKeepAliveList>>;
}

type Method = "GET" | "POST" | "DELETE";

const QUICK_MS = 10_000;
/** Calls behind which the server itself waits for a broker. */
const BROKER_MS = 45_000;

/** One call of the interface, by its path after `/api/`. Never throws. */
export type Call = <T>(
  method: Method,
  path: string,
  options: { readonly body?: unknown; readonly timeoutMs: number },
) => Promise<Answer<T>>;

export function createCall(deps: { readonly fetch: typeof fetch }): Call {
  return async (method, path, options) => {
    const request: RequestInit = {
      method,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(options.timeoutMs),
    };
    if (method !== "GET") request.headers = { "content-type": "application/json" };
    if (method === "POST") request.body = JSON.stringify(options.body ?? {});
    try {
      return await read(await deps.fetch(`/api/${path}`, request));
    } catch {
      return silence();
    }
  };
}

export function createApiClient(deps: { readonly fetch: typeof fetch }): ApiClient {
  const call = createCall(deps);
  const segment = encodeURIComponent;

  return {
    openSession: (code) => call("POST", "session", { body: { code }, timeoutMs: QUICK_MS }),
    closeSession: () => call("DELETE", "session", { timeoutMs: QUICK_MS }),
    sendFreshLink: () => call("POST", "session/link", { timeoutMs: QUICK_MS }),
    status: () => call("GET", "status", { timeoutMs: QUICK_MS }),
    beginAuthorization: (connection) =>
      call("POST", `connections/${segment(connection)}/authorizations`, { timeoutMs: BROKER_MS }),
    sendPin: ({ connection, authorization, pin }) =>
      call("POST", `connections/${segment(connection)}/authorizations/${segment(authorization)}/pin`, {
        body: { pin },
        timeoutMs: BROKER_MS,
      }),
    sendCallback: (requestToken, verifier) =>
      call("POST", "oauth/etrade/callback", { body: { requestToken, verifier }, timeoutMs: BROKER_MS }),
    forceKeepAlive: () => call("POST", "keep-alive", { timeoutMs: BROKER_MS }),
  };
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const body = parse(await response.text());
  if (response.ok) return body === UNREADABLE ? silence() : { ok: true, value: body as T };

  const error = (body as Partial<ApiFailure> | undefined)?.error;
  // A gateway between here and the server answers in its own words, mostly that the server is away.
  if (error === undefined && response.status >= 500) return silence();
  const retryAfterMs = Number(response.headers.get("retry-after")) * 1_000;
  const problem: Problem = {
    kind: "refused",
    status: response.status,
    code: error?.code ?? `HTTP_${response.status}`,
    message: error?.message ?? "Openbell refused the request.",
    next: error?.next ?? "Wait a moment and try again.",
    ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
  };
  return { ok: false, problem };
}

const UNREADABLE = Symbol("unreadable");

function parse(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return UNREADABLE;
  }
}

function silence(): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { kind: "unreachable" } };
}
