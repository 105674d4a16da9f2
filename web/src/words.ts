/** Words for what the interface says in codes. */
import type { ApiConnectionStatus, ApiErrorCode, ApiMorning } from "../../shared/console/api.ts";

import type { Problem } from "./api.ts";

/** How something stands, apart from its colour: each tone also has its own icon. */
export type Tone = "good" | "pending" | "trouble" | "neutral";

export interface Standing {
  readonly tone: Tone;
  readonly title: string;
  readonly note: string;
}

/** What a code of the error table says to somebody who has no table: `broker timeout`. */
export function spellCode(code: string): string {
  return code.toLowerCase().replaceAll(/[_-]+/g, " ");
}

/** What to do about a login that is over, by the name of the page's own button. */
export const START_AGAIN = "Press “Start again” for a fresh one.";

const LOGIN_OVER: ReadonlySet<string> = new Set<ApiErrorCode>([
  "AUTHORIZATION_CLOSED",
  "AUTHORIZATION_EXPIRED",
  "AUTHORIZATION_LOST",
  "AUTHORIZATION_UNKNOWN",
  "PIN_WRONG_TOO_OFTEN",
]);
const PIN_REFUSED = "PIN_REFUSED" satisfies ApiErrorCode;

/** Whether only a new login helps. */
export function isLoginOver(problem: Problem | undefined): boolean {
  return problem?.kind === "refused" && LOGIN_OVER.has(problem.code);
}

/**
 * What went wrong and what to do about it. Where the error table speaks of "Renew", the page names the button
 * that stands there instead. `code` is what the guides explain; silence has none.
 */
export function describeProblem(problem: Problem): {
  readonly message: string;
  readonly next: string;
  readonly code?: string;
} {
  if (problem.kind === "refused") {
    const { message, code } = problem;
    if (isLoginOver(problem)) return { message, next: START_AGAIN, code };
    if (code !== PIN_REFUSED) return { message, next: problem.next, code };
    return {
      message,
      next: "Check the letters and send it again, or press “Start again” for a fresh login.",
      code,
    };
  }
  return { message: "Openbell did not answer.", next: "Check this phone’s connection, then try again." };
}

/**
 * How a connection stands at `nowMs`. Good only while the worker's acknowledgement of a live token is at hand:
 * with a status too old (`isFresh` false) or a token that has run out since, it no longer is.
 */
export function describeConnection(
  connection: ApiConnectionStatus,
  facts: { readonly nowMs: number; readonly isFresh: boolean },
): Standing {
  const { token } = connection;
  const hasRunOut = token.expiresAt !== undefined && Date.parse(token.expiresAt) <= facts.nowMs;
  if (token.state === "active" && hasRunOut) return EXPIRED;
  if (token.state !== "active") return describeLifeless(connection);
  if (!facts.isFresh) {
    return { tone: "neutral", title: "Last known: active", note: "Not checked in the last minute." };
  }
  if (!connection.acknowledged) {
    return {
      tone: "pending",
      title: "Waiting for the worker",
      note: "Token stored; no real call made with it yet.",
    };
  }
  return { tone: "good", title: "Armed", note: "The worker made a real call with this token." };
}

const EXPIRED: Standing = {
  tone: "trouble",
  title: "Expired",
  note: "Tokens end at midnight in New York. Renew it.",
};

function describeLifeless({ token, needed }: ApiConnectionStatus): Standing {
  const isNeeded = needed === "every-morning";
  switch (token.state) {
    case "missing":
      return isNeeded
        ? { tone: "trouble", title: "No token", note: "Renew it to trade today." }
        : { tone: "neutral", title: "No token", note: "Renew it when you need it." };
    case "awaiting-pin":
      return { tone: "pending", title: "Waiting for your PIN", note: "A login is open at the broker." };
    case "idle":
      return { tone: "pending", title: "Asleep", note: "Unused for two hours. It wakes without a PIN." };
    case "rejected": {
      const why = token.rejection === undefined ? "" : ` (${spellCode(token.rejection)})`;
      return { tone: "trouble", title: "Rejected", note: `The broker refuses the token${why}. Renew it.` };
    }
    default:
      return isNeeded ? EXPIRED : { ...EXPIRED, tone: "neutral", note: "Renew it when you need it." };
  }
}

const MORNINGS = {
  waiting: { tone: "pending", title: "Waiting" },
  "armed-before-open": { tone: "good", title: "In time" },
  "armed-late": { tone: "pending", title: "Late" },
  missed: { tone: "trouble", title: "Missed" },
  "no-alert-needed": { tone: "neutral", title: "No need" },
} as const satisfies Record<ApiMorning["outcome"], { tone: Tone; title: string }>;

/** How a morning went, in one or two words. */
export function describeMorning(outcome: ApiMorning["outcome"]): {
  readonly tone: Tone;
  readonly title: string;
} {
  return MORNINGS[outcome];
}

const KEEP_ALIVE = {
  healthy: { tone: "good", title: "Healthy" },
  failing: { tone: "pending", title: "Failing" },
  unhealthy: { tone: "trouble", title: "Unhealthy" },
  resting: { tone: "neutral", title: "Resting" },
} as const satisfies Record<ApiConnectionStatus["keepAlive"]["health"], { tone: Tone; title: string }>;

/** The health of a connection's keep-alive, in one word. */
export function describeKeepAlive(health: ApiConnectionStatus["keepAlive"]["health"]): {
  readonly tone: Tone;
  readonly title: string;
} {
  return KEEP_ALIVE[health];
}

/** The mornings that ended, in one line: how many were in time, and the median from alert to armed. */
export function summariseMornings(
  mornings: readonly ApiMorning[],
): { readonly inTime: number; readonly of: number; readonly medianSeconds?: number } | undefined {
  const ended = mornings.filter(({ outcome }) => outcome !== "waiting" && outcome !== "no-alert-needed");
  if (ended.length === 0) return undefined;
  const inTime = ended.filter(({ outcome }) => outcome === "armed-before-open").length;
  const taken = ended.flatMap(({ secondsToArmed }) => secondsToArmed ?? []).sort((one, other) => one - other);
  const medianSeconds = median(taken);
  return { inTime, of: ended.length, ...(medianSeconds === undefined ? {} : { medianSeconds }) };
}

function median(sorted: readonly number[]): number | undefined {
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}
