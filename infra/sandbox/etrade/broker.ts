import type { Temporal } from "temporal-polyfill";
import {
  type createDataDesk,
  type DataTarget,
  overLimit,
  readDataPath,
  SERVICE_REFUSALS,
} from "./data-desk.ts";
import { type Dress, dressOf, nothing, refuse, refuseProblem, statusReply } from "./dress.ts";
import type { Faults } from "./faults.ts";
import { type Call, type Outcome, pathOf, type Reply } from "./http-words.ts";
import type { OauthDesk, OauthEndpoint } from "./oauth-desk.ts";
import { problem } from "./problems.ts";
import { ENDPOINTS, type Endpoint, type FailureKind, PROBLEM_KINDS } from "./vocabulary.ts";

interface BrokerDeps {
  readonly oauth: OauthDesk;
  readonly data: ReturnType<typeof createDataDesk>;
  /** The pages; undefined for a path that is not a page. */
  page(call: Call, now: Temporal.Instant): Reply | undefined;
  faults(): Faults;
  setFailNext(next: Faults["failNext"]): void;
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
    const allowed = target.kind === "oauth" ? ["GET", "POST"] : ["GET"];
    if (!allowed.includes(call.method)) {
      return { outcome: reply(statusReply(405, "Request method is not supported.")), endpoint };
    }
    const kind = takeFailNext(deps, target);
    if (deps.faults().dropConnection || kind === "drop-connection") {
      return { outcome: { kind: "drop" }, endpoint };
    }
    const isSilent = deps.faults().timeoutAfterAccept || kind === "timeout-after-accept";
    const failure =
      kind === undefined || kind === "timeout-after-accept" ? undefined : fail(kind, dress, deps.faults());
    const answer = failure ?? serve(deps, target, { call, now, dress });
    return { outcome: isSilent ? { kind: "silence" } : reply(answer), endpoint };
  };
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

function serve(
  deps: BrokerDeps,
  target: Target,
  within: { readonly call: Call; readonly now: Temporal.Instant; readonly dress: Dress },
): Reply {
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
  if (next === null || !["any", target.kind, target.endpoint].includes(next.where)) return undefined;
  deps.setFailNext(next.times > 1 ? { ...next, times: next.times - 1 } : null);
  return next.kind;
}

function isProblem(kind: FailureKind): kind is (typeof PROBLEM_KINDS)[number] {
  return PROBLEM_KINDS.some((name) => name === kind);
}

function fail(
  kind: Exclude<FailureKind, "drop-connection" | "timeout-after-accept">,
  dress: Dress,
  faults: Faults,
): Reply {
  if (isProblem(kind)) return refuseProblem(problem(kind), dress, faults.wwwAuthenticate);
  switch (kind) {
    case "unavailable":
    case "maintenance":
    case "no-access":
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
