import type { Temporal } from "temporal-polyfill";
import { type Dress, refuseProblem } from "./dress.ts";
import type { Faults } from "./faults.ts";
import type { Call, Reply } from "./http-words.ts";
import type { GatePass, GateRules, OauthGate } from "./oauth-gate.ts";
import { type Problem, problem } from "./problems.ts";
import type { Seal } from "./seal.ts";
import type { TokenBook, TokenPair } from "./token-book.ts";
import { lifeOf, lifeProblem } from "./token-life.ts";
import type { AccessToken } from "./token-records.ts";
import type { Endpoint, Environment } from "./vocabulary.ts";

/** The four token calls. */
export type OauthEndpoint = Extract<Endpoint, `oauth/${string}`>;

interface DeskDeps {
  readonly gate: OauthGate;
  readonly book: TokenBook;
  readonly seal: Seal;
  faults(): Faults;
}

/** A data call that was let in. */
export interface DataPass {
  readonly ok: true;
  readonly environment: Environment;
  readonly token: AccessToken;
  /** The first value of each query parameter. */
  readonly query: Readonly<Record<string, string>>;
}

/** Answers token calls, and lets data calls in. */
export interface OauthDesk {
  answer(endpoint: OauthEndpoint, call: Call, at: { now: Temporal.Instant; dress: Dress }): Reply;
  admit(call: Call, now: Temporal.Instant): DataPass | { readonly ok: false; readonly problem: Problem };
}

/** Makes the desk for token calls over one gate and one book. */
export function createOauthDesk(deps: DeskDeps): OauthDesk {
  return {
    answer(endpoint, call, { now, dress }) {
      const outcome = HANDLERS[endpoint](deps, call, now);
      return "text" in outcome ? refuseProblem(outcome, dress, deps.faults().wwwAuthenticate) : outcome;
    },
    admit(call, now) {
      const admitted = admitAccess(deps, call, now);
      if (!admitted.ok) return admitted;
      const { pass, token } = admitted;
      const refusal = lifeProblem(token, now, deps.faults());
      if (refusal !== undefined) return { ok: false, problem: refusal };
      deps.book.touch(token, now);
      const query = Object.fromEntries([...pass.query].reverse());
      return { ok: true, environment: pass.environment, token, query };
    },
  };
}

type Handler = (deps: DeskDeps, call: Call, now: Temporal.Instant) => Reply | Problem;

const HANDLERS: Readonly<Record<OauthEndpoint, Handler>> = {
  "oauth/request_token": giveRequestToken,
  "oauth/access_token": giveAccessToken,
  "oauth/renew_access_token": renew,
  "oauth/revoke_access_token": revoke,
};

function check(
  deps: DeskDeps,
  call: Call,
  rules: Pick<GateRules, "needs" | "secretOf"> & { readonly now: Temporal.Instant },
) {
  const faults = deps.faults();
  const full: GateRules = {
    ...rules,
    timestampWindowSeconds: faults.timestampWindowSeconds,
    isKeyExpired: faults.consumerKeyExpired,
  };
  return deps.gate.check(call, full, rules.now);
}

function form(body: string): Reply {
  return { status: 200, headers: { "content-type": "application/x-www-form-urlencoded" }, body };
}

function pairText({ token, secret }: TokenPair): string {
  return `oauth_token=${encodeURIComponent(token)}&oauth_token_secret=${encodeURIComponent(secret)}`;
}

function giveRequestToken(deps: DeskDeps, call: Call, now: Temporal.Instant): Reply | Problem {
  const verdict = check(deps, call, { needs: ["oauth_callback"], secretOf: () => undefined, now });
  if (!verdict.ok) return verdict.problem;
  const callback = verdict.oauth.oauth_callback ?? "";
  const { registeredCallback, requestTokenLifeSeconds } = deps.faults();
  if (callback !== "oob" && callback !== registeredCallback) {
    return problem("callback_rejected", { oauth_acceptable_callback: "oob" });
  }
  const facts = { environment: verdict.environment, callback, lifeSeconds: requestTokenLifeSeconds };
  const pair = deps.book.issueRequest(facts, now);
  return form(`${pairText(pair)}&oauth_callback_confirmed=true`);
}

function giveAccessToken(deps: DeskDeps, call: Call, now: Temporal.Instant): Reply | Problem {
  const secretOf = (token: string, environment: Environment) =>
    deps.book.request(token, now)?.environment === environment ? deps.seal.secretOf(token) : undefined;
  const verdict = check(deps, call, { needs: ["oauth_token", "oauth_verifier"], secretOf, now });
  if (!verdict.ok) return verdict.problem;
  const { oauth_token: token = "", oauth_verifier: verifier = "" } = verdict.oauth;
  const faults = deps.faults();
  const username = deps.book.request(token, now)?.acceptedBy;
  const given = faults.verifierIgnoresCase ? verifier.toUpperCase() : verifier;
  const isRight = given === deps.seal.pinOf(token);
  if (username === undefined || !isRight) {
    if (!isRight && faults.wrongPinKillsRequestToken) deps.book.spendRequest(token);
    return problem("token_rejected");
  }
  const owner = { environment: verdict.environment, username };
  const fate = { earlyDeathShare: faults.earlyDeathShare, endsOlder: faults.secondLoginKillsFirst };
  return form(pairText(deps.book.exchange(token, { ...owner, ...fate }, now)));
}

type Admitted =
  | { readonly ok: true; readonly pass: GatePass; readonly text: string; readonly token: AccessToken }
  | { readonly ok: false; readonly problem: Problem };

/** Checks the signature of a call with an access token, in whatever life the token is. */
function admitAccess(deps: DeskDeps, call: Call, now: Temporal.Instant): Admitted {
  const secretOf = (token: string, environment: Environment) =>
    deps.book.access(token)?.environment === environment ? deps.seal.secretOf(token) : undefined;
  const verdict = check(deps, call, { needs: ["oauth_token"], secretOf, now });
  if (!verdict.ok) return verdict;
  const text = verdict.oauth.oauth_token ?? "";
  const token = deps.book.access(text);
  return token === undefined
    ? { ok: false, problem: problem("token_rejected") }
    : { ok: true, pass: verdict, text, token };
}

function renew(deps: DeskDeps, call: Call, now: Temporal.Instant): Reply | Problem {
  const admitted = admitAccess(deps, call, now);
  if (!admitted.ok) return admitted.problem;
  const { token, text } = admitted;
  const faults = deps.faults();
  const refusal = lifeProblem(token, now, faults);
  if (refusal !== undefined && lifeOf(token, now, faults) !== "inactive") return refusal;
  if (!faults.renewDoesNothing) deps.book.touch(token, now);
  switch (faults.renewBody) {
    case "text":
      return form("Access Token has been renewed");
    case "empty":
      return form("");
    case "pair":
      return form(pairText({ token: text, secret: deps.seal.secretOf(text) }));
    default:
      return faults.renewBody satisfies never;
  }
}

function revoke(deps: DeskDeps, call: Call, now: Temporal.Instant): Reply | Problem {
  const admitted = admitAccess(deps, call, now);
  if (!admitted.ok) return admitted.problem;
  const { token } = admitted;
  const refusal = lifeProblem(token, now, deps.faults());
  if (refusal !== undefined && lifeOf(token, now, deps.faults()) !== "inactive") return refusal;
  deps.book.revoke(token);
  return form("Revoked Access Token");
}
