import { timingSafeEqual } from "node:crypto";
import type { Temporal } from "temporal-polyfill";
import { BROKER_STYLE } from "../broker-page.ts";
import { SCOPES } from "./grant-records.ts";
import type { BrokerUser } from "./hall.ts";
import type { OauthCall, OauthDeps, OauthReply } from "./oauth-desk.ts";
import {
  type AccessRequest,
  AUTHORIZE_PATHS,
  choicePage,
  DECISION_PATH,
  LOGIN_PATH,
  loginPage,
  noticePage,
  STYLE_PATH,
} from "./oauth-pages.ts";

/** The pages from the authorise address to the redirect. Undefined for a path that is not one of them. */
export function answerPages(deps: OauthDeps, call: OauthCall): OauthReply | undefined {
  const step = `${call.method} ${call.path}`;
  if (step === `GET ${STYLE_PATH}`) {
    return { status: 200, headers: { "content-type": "text/css" }, body: BROKER_STYLE };
  }
  if (AUTHORIZE_PATHS.some((path) => step === `GET ${path}`)) return showLogin(deps, call);
  if (step === `POST ${LOGIN_PATH}`) return takeLogin(deps, call);
  if (step === `POST ${DECISION_PATH}`) return takeDecision(deps, call);
  return undefined;
}

function html(deps: OauthDeps, status: number, body: string): OauthReply {
  // Chromium also applies form-action to the redirect that follows the form.
  const targets = deps.registeredRedirects().map((one) => ` ${new URL(one).origin}`);
  const policy = `default-src 'none'; style-src 'self'; form-action 'self'${[...new Set(targets)].join("")}; base-uri 'none'; frame-ancestors 'none'`;
  const headers = {
    "content-type": "text/html;charset=utf-8",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  };
  return { status, headers, body };
}

function refused(deps: OauthDeps, sentence: string): OauthReply {
  return html(deps, 400, noticePage("This request cannot be granted", sentence));
}

/** What is asked for, or the sentence that says why it cannot be granted. `state` is not looked at. */
function readRequest(deps: OauthDeps, fields: URLSearchParams): AccessRequest | string {
  const clientId = fields.get("client_id") ?? "";
  const redirectUri = fields.get("redirect_uri") ?? "";
  const scope = SCOPES.find((one) => one === fields.get("scope"));
  const { applications } = deps.broker;
  const isKnown = [applications.demo, applications.live].some((one) => one.clientId === clientId);
  if (!isKnown) return "No application has this client_id.";
  if (!deps.registeredRedirects().includes(redirectUri)) {
    return "The redirect_uri is not registered for this application; it must be the same byte for byte.";
  }
  if (scope === undefined) return "The scope must be trading or accounts.";
  return { clientId, redirectUri, scope };
}

function showLogin(deps: OauthDeps, call: OauthCall): OauthReply {
  const request = readRequest(deps, call.query);
  if (typeof request === "string") return refused(deps, request);
  return html(deps, 200, loginPage(request, deps.broker.users[0]));
}

function takeLogin(deps: OauthDeps, call: OauthCall): OauthReply {
  const request = readRequest(deps, call.form);
  if (typeof request === "string") return refused(deps, request);
  const { users, venue } = deps.broker;
  const user = users.find(({ username }) => username === call.form.get("username"));
  if (user === undefined || user.password !== call.form.get("password")) {
    return html(deps, 401, loginPage(request, users[0], "User or password is wrong."));
  }
  const { username } = user;
  const accounts = venue.accounts().filter((one) => one.user === username);
  return html(deps, 200, choicePage(request, { username, accounts, ticket: ticketFor(deps, request, user) }));
}

function ticketFor(deps: OauthDeps, request: AccessRequest, user: BrokerUser): string {
  const { clientId, redirectUri, scope } = request;
  return deps.broker.seal.hex(`login|${clientId}|${scope}|${user.username}|${redirectUri}`, 16);
}

function takeDecision(deps: OauthDeps, call: OauthCall): OauthReply {
  const request = readRequest(deps, call.form);
  if (typeof request === "string") return refused(deps, request);
  const { users, venue } = deps.broker;
  const user = users.find(({ username }) => username === call.form.get("username"));
  const given = Buffer.from(call.form.get("ticket") ?? "");
  const expected = user === undefined ? undefined : Buffer.from(ticketFor(deps, request, user));
  const isLoggedIn =
    expected !== undefined && given.length === expected.length && timingSafeEqual(given, expected);
  if (!isLoggedIn || user === undefined) return refused(deps, "Log in first.");
  if (call.form.get("decision") !== "Allow") {
    return html(deps, 200, noticePage("Denied", "The program was not let in. You can close this page."));
  }
  const own = venue.accounts().filter((one) => one.user === user.username);
  const accounts = own
    .map((one) => one.ctidTraderAccountId)
    .filter((id) => call.form.getAll("account").includes(String(id)));
  return handOver(deps, request, { user: user.username, accounts, now: call.now });
}

function handOver(
  deps: OauthDeps,
  { redirectUri, ...request }: AccessRequest,
  facts: { readonly user: string; readonly accounts: readonly number[]; readonly now: Temporal.Instant },
): OauthReply {
  const { user, accounts, now } = facts;
  const lifeSeconds = deps.broker.board.faults().codeSeconds;
  const code = deps.broker.grants.issueCode(
    { ...request, user, accounts },
    { redirectUri, lifeSeconds },
    now,
  );
  deps.log.info("access-allowed", { accounts: accounts.length, scope: request.scope });
  const glue = redirectUri.includes("?") ? "&" : "?";
  const page = html(deps, 302, "");
  return { ...page, headers: { ...page.headers, location: `${redirectUri}${glue}code=${code}` } };
}
