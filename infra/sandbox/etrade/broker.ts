import type { Temporal } from "temporal-polyfill";
import { type createDataDesk, overLimit, SERVICE_REFUSALS } from "./data-desk.ts";
import { type DataTarget, methodsOf, readDataPath } from "./data-paths.ts";
import { type Dress, dressOf, nothing, refuse, refuseProblem, statusReply } from "./dress.ts";
import type { Faults } from "./faults.ts";
import { type Call, type Outcome, pathOf, type Reply } from "./http-words.ts";
import type { OauthDesk, OauthEndpoint } from "./oauth-desk.ts";
import { orderFate } from "./order-fate.ts";
import { problem } from "./problems.ts";
import { ENDPOINTS, type Endpoint, type FailureKind, PROBLEM_KINDS } from "./vocabulary.ts";

interface BrokerDeps {
  readonly oauth: OauthDesk;
  readonly data: ReturnType<typeof createDataDesk>;
  /** The pages; undefined for a path that is not a page. */
  page(call: Call, now: Temporal.Instant): Reply | undefined;
  faults(): Faults;
  setFailNext(next: Faults["failNext"]): void;
  /** A number from 0 up to 1. */
  chance(): number;
}

/** What became of a call, and which it was. */
export interface Handled {
  readonly outcome: Outcome;
  readonly endpoint: Endpoint | "page" | "other";
}

type Target =
  | { readonly kind: "oauth"; readonly endpoint: OauthEndpoint }
  | ({ readonly kind: "data" } & DataTarget);

/** The whole broker as a function of the call and the moment, but for the network. */
export function createBroker(deps: BrokerDeps) {
  return function handle(call: Call, now: Temporal.Instant): Handled {
    const target = readTarget(call);
    if (target === undefined) return { outcome: reply(page(deps, call, now)), endpoint: pageName(call) };
    const { endpoint } = target;
    const dress = dressOf(call, deps.faults());
    const allowed = target.kind === "oauth" ? ["GET", "POST"] : methodsOf(target.endpoint);
    if (!allowed.includes(call.method)) {
      return { outcome: reply(statusReply(405, "Request method is not supported.")), endpoint };
    }
    return { outcome: answerTarget(deps, target, { call, now, dress }), endpoint };
  };
}

interface Within {
  readonly call: Call;
  readonly now: Temporal.Instant;
  readonly dress: Dress;
}

/** Does what was asked, or not, and answers, or not, as the switches say. */
function answerTarget(deps: BrokerDeps, target: Target, within: Within): Outcome {
  const { dress } = within;
  const faults = deps.faults();
  const kind = takeFailNext(deps, target) ?? orderFate(target, faults, deps.chance);
  if (faults.dropConnection || kind === "drop-connection") return { kind: "drop" };
  if (kind === "timeout-before-accept") return { kind: "silence" };
  if (kind === undefined || isAfterAccept(kind)) {
    const answer = serve(deps, target, within);
    if (faults.timeoutAfterAccept || kind === "timeout-after-accept") return { kind: "silence" };
    const isLost = kind !== undefined && answer.status === 200;
    return reply(isLost ? refuse(SERVICE_REFUSALS.unavailable, dress) : answer);
  }
  return faults.timeoutAfterAccept ? { kind: "silence" } : reply(fail(kind, dress, faults));
}

function isAfterAccept(kind: FailureKind): kind is "timeout-after-accept" | "unavailable-after-accept" {
  return kind === "timeout-after-accept" || kind === "unavailable-after-accept";
}

function reply(answer: Reply): Outcome {
  return { kind: "reply", reply: answer };
}

function readTarget(call: Call): Target | undefined {
  const path = pathOf(call.target);
  const endpoint = ENDPOINTS.find((name) => path === `/${name}`);
  if (endpoint?.startsWith("oauth/")) return { kind: "oauth", endpoint: endpoint as OauthEndpoint };
  const data = readDataPath(path);
  return data === undefined ? undefined : { kind: "data", ...data };
}

function serve(deps: BrokerDeps, target: Target, within: Within): Reply {
  return target.kind === "oauth"
    ? deps.oauth.answer(target.endpoint, within.call, within)
    : deps.data(target, within.call, within);
}

function pageName(call: Call): "page" | "other" {
  return pathOf(call.target).startsWith("/e/t/etws/") ? "page" : "other";
}

function page(deps: BrokerDeps, call: Call, now: Temporal.Instant): Reply {
  const found = call.door === "api" ? deps.page(call, now) : undefined;
  if (found !== undefined) return found;
  // The real sandbox host has no authorize page and fails like this.
  if (call.door === "sandbox" && pathOf(call.target) === "/oauth/authorize") {
    return statusReply(500, "java.lang.ClassNotFoundException: com.etrade.myetrade.LoginAction");
  }
  return statusReply(404, "The simulator does not have this address.");
}

/** Counts the switch `failNext` down when it is meant for this call. */
function takeFailNext(deps: BrokerDeps, target: Target): FailureKind | undefined {
  const next = deps.faults().failNext;
  const module = target.endpoint.startsWith("orders/") ? ["orders"] : [];
  if (next === null || !["any", target.kind, target.endpoint, ...module].includes(next.where))
    return undefined;
  deps.setFailNext(next.times > 1 ? { ...next, times: next.times - 1 } : null);
  return next.kind;
}

function isProblem(kind: FailureKind): kind is (typeof PROBLEM_KINDS)[number] {
  return PROBLEM_KINDS.some((name) => name === kind);
}

function fail(
  kind: Exclude<FailureKind, "drop-connection" | `${string}-accept`>,
  dress: Dress,
  faults: Faults,
): Reply {
  if (isProblem(kind)) return refuseProblem(problem(kind), dress, faults.wwwAuthenticate);
  switch (kind) {
    case "unavailable":
    case "maintenance":
    case "no-access":
    case "busy":
      return refuse(SERVICE_REFUSALS[kind], dress);
    case "rate-limit":
      return refuse(overLimit(faults), dress);
    case "bad-gateway":
      return statusReply(502, "The proxy in front of the simulated server had no answer from it.");
    case "garbage":
      return { status: 200, headers: { "content-type": "application/json" }, body: '{"Response":{"Cut' };
    case "empty":
      return nothing();
    default:
      return kind satisfies never;
  }
}
