/** What the broker's OAuth host answers: pages for the user, and tokens for codes and refresh tokens. */
import type { Temporal } from "temporal-polyfill";
import type { Log } from "../../../shared/platform/log.ts";
import type { Broker } from "./broker.ts";
import type { TokenPair } from "./grants.ts";
import { answerPages } from "./login-desk.ts";
import { TOKEN_PATH } from "./oauth-pages.ts";

export interface OauthDeps {
  readonly broker: Broker;
  readonly log: Log;
  /** Where codes may be sent, byte for byte. */
  registeredRedirects(): readonly string[];
}

/** A request as it came in over HTTP. */
export interface OauthCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly now: Temporal.Instant;
}

export interface OauthReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `lost`: done, and the connection breaks before a word of it leaves. */
export type OauthOutcome = OauthReply | "lost";

export function answerOauth(deps: OauthDeps, call: OauthCall): OauthOutcome {
  if (call.path === TOKEN_PATH) return answerToken(deps, call);
  return answerPages(deps, call) ?? plain(404, "Not found");
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): OauthReply {
  return { status, headers: { "content-type": "text/plain", ...headers }, body: text };
}

/** Refusals come with status 200, and only the body says so. */
function json(body: Readonly<Record<string, string | number | null>>): OauthReply {
  const headers = { "content-type": "application/json;charset=utf-8", "cache-control": "no-store" };
  return { status: 200, headers, body: JSON.stringify(body) };
}

function refuse(errorCode: string, description: string): OauthReply {
  return json({
    ...{ accessToken: null, tokenType: null, expiresIn: null, refreshToken: null },
    ...{ errorCode, description },
    ...{ access_token: null, refresh_token: null, expires_in: null },
  });
}

function grant({ accessToken, refreshToken, expiresInSeconds }: TokenPair): OauthReply {
  return json({
    ...{ accessToken, tokenType: "bearer", expiresIn: expiresInSeconds, refreshToken },
    ...{ errorCode: null, description: null },
    ...{ access_token: accessToken, refresh_token: refreshToken, expires_in: expiresInSeconds },
  });
}

function answerToken(deps: OauthDeps, call: OauthCall): OauthOutcome {
  if (call.method !== "GET") return plain(405, "Method Not Allowed", { allow: "GET" });
  const { broker } = deps;
  const { tooManyTokenCalls } = broker.board.faults();
  if (tooManyTokenCalls > 0) {
    broker.board.turn({ tooManyTokenCalls: tooManyTokenCalls - 1 });
    return plain(429, "Too Many Requests");
  }
  const reply = exchange(deps, call);
  return broker.gateway.losesTokenAnswer() ? "lost" : reply;
}

function exchange({ broker, log }: OauthDeps, { query, now }: OauthCall): OauthReply {
  const { applications, board, grants } = broker;
  const field = (name: string) => query.get(name) ?? "";
  const clientId = field("client_id");
  const application = [applications.demo, applications.live].find((one) => one.clientId === clientId);
  if (application?.clientSecret !== field("client_secret")) {
    return refuse("CH_CLIENT_AUTH_FAILURE", "clientId or clientSecret is incorrect");
  }
  const { accessTokenSeconds: lifeSeconds, freshGrantEndsOlder: endsOlder } = board.faults();
  const grantType = field("grant_type");
  if (grantType === "authorization_code") {
    const facts = { clientId, redirectUri: field("redirect_uri"), lifeSeconds, endsOlder };
    const pair = grants.redeem(field("code"), facts, now);
    log.info("code-exchanged", { taken: pair !== undefined });
    return pair ? grant(pair) : refuse("ACCESS_DENIED", "Access denied");
  }
  if (grantType === "refresh_token") {
    const pair = grants.refresh(field("refresh_token"), { clientId, lifeSeconds }, now);
    log.info("grant-refreshed", { taken: pair !== undefined });
    return pair ? grant(pair) : refuse("CH_ACCESS_TOKEN_INVALID", "Invalid refresh token");
  }
  return refuse("INVALID_REQUEST", "grant_type must be authorization_code or refresh_token");
}
