import { timingSafeEqual } from "node:crypto";
import type { Temporal } from "temporal-polyfill";
import type { Log } from "../../../shared/platform/log.ts";
import { BROKER_STYLE } from "../broker-page.ts";
import type { Faults } from "./faults.ts";
import { type Call, pathOf, queryOf, type Reply, type Texts } from "./http-words.ts";
import type { ConsumerKeys } from "./oauth-gate.ts";
import { readForm } from "./oauth-parameters.ts";
import {
  agreementPage,
  completePage,
  DECISION_PATH,
  LOGIN_PATH,
  loginPage,
  noticePage,
  type PageRequest,
  STYLE_PATH,
} from "./pages.ts";
import type { Seal } from "./seal.ts";
import type { TokenBook } from "./token-book.ts";
import type { RequestToken } from "./token-records.ts";

/** Where a client sends its user, on the api host. */
export const AUTHORIZE_PATH = "/e/t/etws/authorize";

/** A person who can log in to the simulated broker. */
export interface SimulatedUser {
  readonly username: string;
  readonly password: string;
}

interface DeskDeps {
  readonly book: TokenBook;
  readonly seal: Seal;
  readonly keys: ConsumerKeys;
  readonly users: readonly [SimulatedUser, ...SimulatedUser[]];
  readonly log: Log;
  faults(): Faults;
  lockUser(username: string): void;
}

const DELAY =
  "Due to a logon delay or other issue, your authentication could not be completed at this time. Please try again.";

/** The pages between request token and verifier. Answers undefined for a path that is not one of them. */
export function createLoginDesk(deps: DeskDeps) {
  return function answer(call: Call, now: Temporal.Instant): Reply | undefined {
    const step = `${call.method} ${pathOf(call.target)}`;
    if (step === `GET ${STYLE_PATH}`)
      return { status: 200, headers: { "content-type": "text/css" }, body: BROKER_STYLE };
    if (step === `GET ${AUTHORIZE_PATH}`) return showLogin(deps, call, now);
    if (step === `POST ${LOGIN_PATH}`) return takeLogin(deps, call, now);
    if (step === `POST ${DECISION_PATH}`) return takeDecision(deps, call, now);
    return undefined;
  };
}

function html(deps: DeskDeps, status: number, body: string): Reply {
  const callback = deps.faults().registeredCallback;
  // Chromium also applies form-action to the redirect that follows the form.
  const target = callback === null ? "" : ` ${new URL(callback).origin}`;
  const policy = `default-src 'none'; style-src 'self'; form-action 'self'${target}; base-uri 'none'; frame-ancestors 'none'`;
  const headers = {
    "content-type": "text/html;charset=utf-8",
    "content-security-policy": policy,
    "referrer-policy": "no-referrer",
  };
  return { status, headers, body };
}

function delayed(deps: DeskDeps): Reply {
  return html(deps, 400, noticePage("Please try again", DELAY));
}

function fieldsOf(text: string): Texts {
  return Object.fromEntries(readForm(text));
}

function find(
  deps: DeskDeps,
  fields: Texts,
  now: Temporal.Instant,
): { readonly request: PageRequest; readonly found: RequestToken } | undefined {
  const request = { key: fields.key ?? "", token: fields.token ?? "" };
  const found = deps.book.request(request.token, now);
  if (found === undefined || deps.keys[found.environment].key !== request.key) return undefined;
  return { request, found };
}

function showLogin(deps: DeskDeps, call: Call, now: Temporal.Instant): Reply {
  const query = queryOf(call.target);
  const isRaw = /(^|&)token=[^&]*[+/=]/.test(query);
  if (isRaw && deps.faults().rawAuthorizeToken === "refuse") return delayed(deps);
  const known = find(deps, fieldsOf(query), now);
  return known === undefined ? delayed(deps) : html(deps, 200, loginPage(known.request, deps.users[0]));
}

function takeLogin(deps: DeskDeps, call: Call, now: Temporal.Instant): Reply {
  const fields = fieldsOf(call.body);
  const known = find(deps, fields, now);
  if (known === undefined) return delayed(deps);
  const user = deps.users.find(({ username }) => username === fields.USER);
  if (user !== undefined && deps.faults().lockedUsers.includes(user.username)) return locked(deps);
  if (user === undefined || user.password !== fields.PASSWORD) {
    return wrongPassword(deps, known.request, user);
  }
  if (deps.book.logins.wrongPasswords[user.username] !== undefined) {
    delete deps.book.logins.wrongPasswords[user.username];
    deps.book.save();
  }
  return html(deps, 200, agreementPage(known.request, user.username, ticketFor(deps, known.request, user)));
}

function wrongPassword(deps: DeskDeps, request: PageRequest, user: SimulatedUser | undefined): Reply {
  if (user !== undefined) {
    const count = (deps.book.logins.wrongPasswords[user.username] ?? 0) + 1;
    deps.book.logins.wrongPasswords[user.username] = count;
    deps.book.save();
    const limit = deps.faults().wrongPasswordsToLock;
    if (limit > 0 && count >= limit) {
      delete deps.book.logins.wrongPasswords[user.username];
      deps.lockUser(user.username);
      deps.log.warn("simulated-user-locked");
      return locked(deps);
    }
  }
  return html(deps, 401, loginPage(request, deps.users[0], "User ID or password is wrong."));
}

function locked(deps: DeskDeps): Reply {
  const sentence =
    "Too many wrong passwords in a row have locked this simulated user, as they would lock a real one. Empty the simulator's switch lockedUsers to unlock it.";
  return html(deps, 403, noticePage("This user is locked", sentence));
}

function ticketFor(deps: DeskDeps, request: PageRequest, user: SimulatedUser): string {
  return deps.seal.hex(`ticket|${request.token}|${user.username}`, 16);
}

function takeDecision(deps: DeskDeps, call: Call, now: Temporal.Instant): Reply {
  const fields = fieldsOf(call.body);
  const known = find(deps, fields, now);
  const user = deps.users.find(({ username }) => username === fields.username);
  if (known === undefined || user === undefined) return delayed(deps);
  const [given, expected] = [fields.ticket ?? "", ticketFor(deps, known.request, user)];
  const isLoggedIn =
    given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));
  if (!isLoggedIn) return delayed(deps);
  if (fields.decision !== "Accept") {
    deps.book.spendRequest(known.request.token);
    return html(deps, 200, noticePage("Declined", "The program was not let in. You can close this page."));
  }
  deps.book.accept(known.request.token, user.username);
  deps.log.info("authorization-accepted");
  return handOver(deps, known.request.token, known.found);
}

function handOver(deps: DeskDeps, token: string, found: RequestToken): Reply {
  const { registeredCallback, oobDespiteCallback } = deps.faults();
  const pin = deps.seal.pinOf(token);
  const isPage = registeredCallback === null || (oobDespiteCallback && found.callback === "oob");
  if (isPage) return html(deps, 200, completePage(pin));
  const target = new URL(registeredCallback);
  const glue = target.search === "" ? "?" : "&";
  const query = `oauth_token=${encodeURIComponent(token)}&oauth_verifier=${encodeURIComponent(pin)}`;
  target.search = `${target.search}${glue}${query}`;
  return { ...html(deps, 302, ""), headers: { ...html(deps, 302, "").headers, location: target.href } };
}
