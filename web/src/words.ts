/** Words for what the interface says in codes. */
import type { ApiConnectionStatus, ApiErrorCode, ApiMorning, ApiSocket } from "../../shared/console/api.ts";

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
    // What a redirect came to has its button named already.
    const isSettled = code !== PIN_REFUSED || problem.next === START_AGAIN;
    if (isSettled) return { message, next: problem.next, code };
    return {
      message,
      next: "Check the letters and send it again, or press “Start again” for a fresh login.",
      code,
    };
  }
  return { message: "Openbell did not answer.", next: "Check this phone’s connection, then try again." };
}

const LANDINGS: Partial<Record<ApiErrorCode, readonly [message: string, next: string]>> = {
  LOGIN_DENIED: ["The access was not granted at the broker’s page.", START_AGAIN],
  PIN_MALFORMED: ["The broker’s page brought no code that could be one.", START_AGAIN],
  PIN_REFUSED: ["The broker did not take its own code, which is good for one minute.", START_AGAIN],
  PIN_WRONG_TOO_OFTEN: ["The broker refused too many codes.", START_AGAIN],
  AUTHORIZATION_BUSY: ["The code is being handed in already.", "Wait a moment."],
  AUTHORIZATION_CLOSED: ["This login is over: it was used, or another was begun after it.", START_AGAIN],
  AUTHORIZATION_EXPIRED: ["This login is older than ten minutes.", START_AGAIN],
  AUTHORIZATION_OUTCOME_UNKNOWN: [
    "The broker’s answer was lost.",
    "Openbell finds out within a minute whether it gave a token; the page shows it.",
  ],
  REDIRECT_UNEXPECTED: [
    "The broker’s page led here, but this browser waits for no login.",
    "Begin the login in this browser.",
  ],
};

/** Codes that leave open whether a token came. */
const UNCERTAIN: ReadonlySet<ApiErrorCode> = new Set(["AUTHORIZATION_BUSY", "AUTHORIZATION_OUTCOME_UNKNOWN"]);

/** What a broker's redirect came to, in the page's own words: the address brings a code and no others. */
export function describeLanding(code: ApiErrorCode): Problem {
  const [message, next] = LANDINGS[code] ?? ["The login at the broker did not succeed.", START_AGAIN];
  return { kind: "refused", status: UNCERTAIN.has(code) ? 504 : 422, code, message, next };
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
  if (token.state === "active" && hasRunOut) return expired(connection);
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
  if (connection.socket?.ready === false) {
    return {
      tone: "pending",
      title: "Not connected",
      note: "The token works, but the broker’s connection is down: no order can be sent.",
    };
  }
  return { tone: "good", title: "Armed", note: "The worker made a real call with this token." };
}

/**
 * The headline while nothing needs the owner. All is set only with every token that is needed proven, and with no
 * connection of a live token that is down: below that headline no card may say that no order can be sent.
 */
export function describeCalm(connections: readonly ApiConnectionStatus[], isFresh: boolean): Standing {
  const isProven = ({ acknowledged, token }: ApiConnectionStatus) => acknowledged && token.state === "active";
  const down = connections.find((one) => isProven(one) && one.socket?.ready === false);
  if (isFresh && down !== undefined) {
    const note = `${down.label} is being connected: no order can be sent there yet.`;
    return { tone: "pending", title: "Not all set yet", note };
  }
  const needed = connections.filter((one) => one.needed === "every-morning");
  if (!isFresh || needed.length === 0 || !needed.every(isProven)) {
    return {
      tone: "neutral",
      title: "Nothing needs you",
      note: "Your phone rings one hour before the market opens.",
    };
  }
  const note = "The worker has made a real call with every token that is needed.";
  return { tone: "good", title: "All set", note };
}

/** What the button does that brings a token. */
export function verbOf({ login }: Pick<ApiConnectionStatus, "login">): "Renew" | "Connect" {
  return login === "redirect" ? "Connect" : "Renew";
}

function expired(connection: ApiConnectionStatus): Standing {
  const ends = connection.login === "pin" ? "Tokens end at midnight in New York." : "The token has ended.";
  return { tone: "trouble", title: "Expired", note: `${ends} ${verbOf(connection)} it.` };
}

function describeLifeless(connection: ApiConnectionStatus): Standing {
  const { token, needed, login } = connection;
  const isNeeded = needed === "every-morning";
  const verb = verbOf(connection);
  switch (token.state) {
    case "missing":
      return isNeeded
        ? { tone: "trouble", title: "No token", note: `${verb} it to trade today.` }
        : { tone: "neutral", title: "No token", note: `${verb} it when you need it.` };
    case "awaiting-pin": {
      const awaited = login === "pin" ? "your PIN" : "the broker’s page";
      return { tone: "pending", title: `Waiting for ${awaited}`, note: "A login is open at the broker." };
    }
    case "idle":
      return { tone: "pending", title: "Asleep", note: "Unused for two hours. It wakes without a PIN." };
    case "rejected": {
      const why = token.rejection === undefined ? "" : ` (${spellCode(token.rejection)})`;
      return { tone: "trouble", title: "Rejected", note: `The broker refuses the token${why}. ${verb} it.` };
    }
    default:
      return isNeeded
        ? expired(connection)
        : { ...expired(connection), tone: "neutral", note: `${verb} it when you need it.` };
  }
}

const PHASES = {
  stopped: "not held",
  waiting: "waiting",
  connecting: "connecting",
  application: "logging in",
  account: "logging in",
  reconciling: "comparing books",
  subscribing: "asking for prices",
  ready: "ready",
} as const satisfies Record<ApiSocket["phase"], string>;

const AWAITED = {
  token: "for a token",
  backoff: "to try again",
  maintenance: "for the broker’s maintenance",
  person: "for you",
} as const satisfies Record<NonNullable<ApiSocket["waitingFor"]>, string>;

/** What a worker that is alive writes at least each half minute. */
const SOCKET_SILENT_AFTER_MS = 90_000;

/** How the socket stands that the worker holds for a connection, in a few words. */
export function describeSocket(socket: ApiSocket, nowMs: number): string {
  if (nowMs - Date.parse(socket.at) > SOCKET_SILENT_AFTER_MS) return "silent";
  const awaited = socket.phase === "waiting" ? socket.waitingFor : undefined;
  return awaited === undefined ? PHASES[socket.phase] : `waiting ${AWAITED[awaited]}`;
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

/** A connection's environment in a word; what moves real money stands out. */
export function environmentBadge(
  environment: string,
  isSimulated: boolean,
): { readonly word: string; readonly isReal: boolean } {
  if (isSimulated) return { word: `${environment}, simulated`, isReal: false };
  return { word: environment, isReal: environment !== "sandbox" && environment !== "demo" };
}
