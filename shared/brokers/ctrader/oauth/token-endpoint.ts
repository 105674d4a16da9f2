/**
 * cTrader's token endpoint: a GET with everything in its query, and an answer that says by its body alone whether
 * it is a grant or a refusal. Nothing is ever sent twice: a code and a refresh token work once.
 */
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { type FailureDetail, fail, type Result, succeed } from "../../../platform/result.ts";
import { Secret } from "../../../platform/secret.ts";
import type { Reply, Transport } from "../../http.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { CtraderGrant } from "./token.ts";

/** What is given in exchange for a grant. */
export type Exchange =
  | { readonly kind: "code"; readonly code: Secret; readonly redirectUri: string }
  | { readonly kind: "refresh"; readonly refreshToken: Secret };

/** Sends one exchange, once. A refused code or refresh token is `BROKER_TOKEN_REJECTED`. */
export type TokenEndpoint = (exchange: Exchange) => Promise<Result<CtraderGrant, BrokerCallFailure>>;

const token = z
  .string()
  .regex(/^[\x21-\x7e]{1,4000}$/)
  .nullish();
const seconds = z.int().positive().nullish();

/** Every field comes in two spellings; either will do. */
const answerSchema = z.object({
  accessToken: token,
  access_token: token,
  refreshToken: token,
  refresh_token: token,
  expiresIn: seconds,
  expires_in: seconds,
  errorCode: z.string().nullish(),
});
type Answer = z.output<typeof answerSchema>;

/** What the broker's codes mean here, with whatever status they come. */
const CODES: Readonly<Record<string, BrokerCallFailure>> = {
  ACCESS_DENIED: "BROKER_TOKEN_REJECTED",
  CH_ACCESS_TOKEN_INVALID: "BROKER_TOKEN_REJECTED",
  OA_AUTH_TOKEN_EXPIRED: "BROKER_TOKEN_EXPIRED",
  CH_CLIENT_AUTH_FAILURE: "BROKER_CREDENTIALS_REJECTED",
  CH_OA_CLIENT_NOT_FOUND: "BROKER_CREDENTIALS_REJECTED",
  BLOCKED_PAYLOAD_TYPE: "BROKER_RATE_LIMITED",
  REQUEST_FREQUENCY_EXCEEDED: "BROKER_RATE_LIMITED",
  CANT_ROUTE_REQUEST: "BROKER_UNAVAILABLE",
  CH_SERVER_NOT_REACHABLE: "BROKER_UNAVAILABLE",
  SERVER_IS_UNDER_MAINTENANCE: "BROKER_UNAVAILABLE",
  TIMEOUT_ERROR: "BROKER_UNAVAILABLE",
};

/** `url`: the endpoint without a query. The application's secret leaves in the query, as the broker wants it, and nowhere else. */
export function createTokenEndpoint(
  deps: { readonly transport: Transport },
  options: {
    readonly url: string;
    readonly clientId: string;
    readonly clientSecret: Secret;
  },
): TokenEndpoint {
  return async (exchange) => {
    const query = new URLSearchParams({
      ...parametersOf(exchange),
      client_id: options.clientId,
      client_secret: options.clientSecret.reveal(),
    });
    const sent = await deps.transport({
      method: "GET",
      url: `${options.url}?${query}`,
      headers: { accept: "application/json" },
    });
    return sent.ok ? readReply(exchange, sent.value) : sent;
  };
}

function parametersOf(exchange: Exchange): Record<string, string> {
  switch (exchange.kind) {
    case "code":
      return {
        grant_type: "authorization_code",
        code: exchange.code.reveal(),
        redirect_uri: exchange.redirectUri,
      };
    case "refresh":
      return { grant_type: "refresh_token", refresh_token: exchange.refreshToken.reveal() };
    default:
      return exchange satisfies never;
  }
}

function readReply({ kind }: Exchange, { status, text }: Reply): Result<CtraderGrant, BrokerCallFailure> {
  const parsed = answerSchema.safeParse(parseJson(text));
  const errorCode = parsed.data?.errorCode ?? undefined;
  if (errorCode !== undefined) return refusal(kind, status, errorCode);
  if (status === 429) return fail("BROKER_RATE_LIMITED", { status });
  // A gateway that gave up waiting does not know what became of the call either.
  if (status === 504) return fail("BROKER_TIMEOUT", { status });
  if (status >= 500) return fail("BROKER_UNAVAILABLE", { status });
  if (status !== 200) return fail("BROKER_REFUSED", { status });
  const grant = parsed.data && grantOf(parsed.data);
  return grant === undefined ? fail("BROKER_REPLY_UNREADABLE", { status }) : succeed(grant);
}

/** A code that it does not take is spent, whatever it says of it; a refresh token is given up by clear words alone. */
function refusal(kind: Exchange["kind"], status: number, errorCode: string) {
  const known = Object.hasOwn(CODES, errorCode) ? CODES[errorCode] : undefined;
  const detail: FailureDetail = {
    status,
    // Text of others: only what has the form of a code goes on.
    ...(/^[A-Z0-9_]{1,60}$/.test(errorCode) && { brokerCode: errorCode }),
  };
  if (status === 429) return fail("BROKER_RATE_LIMITED", detail);
  return fail(known ?? (kind === "code" ? "BROKER_TOKEN_REJECTED" : "BROKER_REFUSED"), detail);
}

function grantOf(answer: Answer): CtraderGrant | undefined {
  const accessToken = oneOf(answer.accessToken, answer.access_token);
  const refreshToken = oneOf(answer.refreshToken, answer.refresh_token);
  if (accessToken === undefined || refreshToken === undefined) return undefined;
  const life = answer.expiresIn ?? answer.expires_in ?? undefined;
  return {
    accessToken: Secret.of(accessToken),
    refreshToken: Secret.of(refreshToken),
    life: life === undefined ? undefined : Temporal.Duration.from({ seconds: life }),
  };
}

/** Undefined where both spellings are there and do not say the same. */
function oneOf(one: string | null | undefined, other: string | null | undefined): string | undefined {
  const isTorn = one != null && other != null && one !== other;
  return isTorn ? undefined : (one ?? other ?? undefined);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
