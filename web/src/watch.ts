/**
 * Watches the server: keeps the status, the server's time and the renewal under way up to date, and notices
 * when the session is gone.
 */
import { batch } from "@preact/signals";
import type { ApiStatus } from "../../shared/console/api.ts";
import type { ApiClient, Problem } from "./api.ts";
import type { ServerClock } from "./clock.ts";
import { planPoll } from "./poll-plan.ts";
import { createPoller, type Schedule } from "./poller.ts";
import type { Door, PageState } from "./state.ts";
import { advance, isUncertain, type RenewalStep, resume } from "./steps.ts";
import { describeConnection } from "./words.ts";

/** A status older than this vouches for nothing. */
const FRESH_FOR_MS = 60_000;
/** Two clocks that lie further apart than this since the last status: the machine slept, or was set. */
const LONGEST_DRIFT_MS = 5_000;

export interface Watch {
  /** Asks for the status at once. */
  look(): Promise<void>;
  /** Once a second: moves the clock on, and looks when something has just run out. */
  tick(): void;
  /** The page was hidden or shown. */
  visibilityChanged(): void;
  /** A session was opened a moment ago: if the next status says 401, the browser has refused the cookie. */
  expectSession(): void;
  /** Forgets the status, for instance at sign-out. */
  forget(): void;
}

export interface WatchDeps {
  readonly api: ApiClient;
  readonly state: PageState;
  readonly clock: ServerClock;
  readonly monotonicMs: () => number;
  /** The machine's own time in epoch milliseconds, right or wrong: it goes on while the machine sleeps. */
  readonly wallMs: () => number;
  readonly schedule: Schedule;
  readonly isHidden: () => boolean;
}

/** What the watch remembers from one look to the next. */
interface Memory {
  /** On the page's monotonic clock. */
  receivedAtMs: number;
  /** The same moment on the machine's clock. */
  receivedAtWallMs: number;
  isSessionExpected: boolean;
  hasResumed: boolean;
}

export function createWatch(deps: WatchDeps): Watch {
  const { api, state, clock, monotonicMs } = deps;
  const memory: Memory = {
    receivedAtMs: Number.NEGATIVE_INFINITY,
    receivedAtWallMs: Number.NEGATIVE_INFINITY,
    isSessionExpected: false,
    hasResumed: false,
  };

  async function ask(): Promise<void> {
    if (!isWatching(state.door.value)) return;
    const askedAtMs = monotonicMs();
    const answer = await api.status();
    batch(() => {
      if (answer.ok) receive(deps, memory, { status: answer.value, askedAtMs });
      else stumble(state, memory, answer.problem);
    });
  }

  const poller = createPoller({ ask, plan: () => planFor(deps), schedule: deps.schedule });

  return {
    look: () => poller.now(),
    tick() {
      const status = state.status.peek();
      if (status === undefined) return;
      const beforeMs = state.nowMs.peek();
      const nowMs = clock.nowMs();
      const wasFresh = state.isFresh.peek();
      const hasSlept = isSleepBehind(deps, memory);
      batch(() => {
        state.nowMs.value = nowMs;
        state.isFresh.value = !hasSlept && monotonicMs() - memory.receivedAtMs < FRESH_FOR_MS;
        leaveArmed(state);
      });
      if (wasFresh && hasSlept) void poller.now();
      else if (turningPoints(status).some((atMs) => atMs > beforeMs && atMs <= nowMs)) void poller.now();
    },
    visibilityChanged() {
      if (deps.isHidden()) poller.replan();
      else void poller.now();
    },
    expectSession() {
      memory.isSessionExpected = true;
    },
    forget: () => forget(state),
  };
}

/** On some machines the monotonic clock stands still in sleep: then only the other one tells of the gap. */
function isSleepBehind({ monotonicMs, wallMs }: WatchDeps, memory: Memory): boolean {
  const passedMs = monotonicMs() - memory.receivedAtMs;
  const passedWallMs = wallMs() - memory.receivedAtWallMs;
  return Math.abs(passedWallMs - passedMs) > LONGEST_DRIFT_MS;
}

function receive(
  { state, clock, monotonicMs, wallMs }: WatchDeps,
  memory: Memory,
  { status, askedAtMs }: { status: ApiStatus; askedAtMs: number },
): void {
  const atMs = monotonicMs();
  clock.set(status.now);
  memory.receivedAtMs = atMs;
  memory.receivedAtWallMs = wallMs();
  memory.isSessionExpected = false;
  state.status.value = status;
  state.nowMs.value = clock.nowMs();
  state.isFresh.value = true;
  state.connectivity.value = { failuresInRow: 0 };
  if (state.door.value.kind !== "inside") state.door.value = { kind: "inside" };

  const { renewal } = state;
  if (renewal.value !== undefined) {
    renewal.value = advance(renewal.value, { type: "looked", status, askedAtMs, atMs });
  } else if (!memory.hasResumed) {
    renewal.value = resumable(status, atMs);
  }
  memory.hasResumed = true;
  leaveArmed(state);
}

/** "Armed" is said of now: once it no longer holds, the overview tells what does. */
function leaveArmed(state: PageState): void {
  const renewal = state.renewal.peek();
  if (renewal?.step !== "armed") return;
  const connection = state.status.peek()?.connections.find(({ id }) => id === renewal.connection);
  const facts = { nowMs: state.nowMs.peek(), isFresh: state.isFresh.peek() };
  const isGood = connection !== undefined && describeConnection(connection, facts).tone === "good";
  if (!isGood) state.renewal.value = undefined;
}

function stumble(state: PageState, memory: Memory, problem: Problem): void {
  if (problem.kind === "refused" && problem.status === 401) {
    forget(state);
    state.door.value = memory.isSessionExpected
      ? { kind: "cookie-refused" }
      : { kind: "link-needed", reason: "no-session", request: "idle" };
    return;
  }
  const failuresInRow = state.connectivity.value.failuresInRow + 1;
  state.connectivity.value = { failuresInRow, problem };
  if (state.door.value.kind === "opening") state.door.value = { kind: "unreachable", isHoldingCode: false };
}

function forget(state: PageState): void {
  state.status.value = undefined;
  state.renewal.value = undefined;
  state.keepAlive.value = { kind: "idle" };
  state.connectivity.value = { failuresInRow: 0 };
  state.notice.value = undefined;
  state.isFresh.value = false;
}

function planFor({ state, isHidden }: WatchDeps): number | undefined {
  const door = state.door.peek();
  if (!isWatching(door) || door.kind === "cookie-refused") return undefined;
  const renewal = state.renewal.peek();
  const { failuresInRow, problem } = state.connectivity.peek();
  return planPoll({
    isHidden: isHidden(),
    isAwaitingOutcome: isAwaitingOutcome(renewal),
    isLate: renewal?.step === "confirming" && renewal.isLate,
    failuresInRow,
    ...(problem === undefined ? {} : { problem }),
  });
}

/** Without a session, and before the code that brings one is handed in, there is nothing to see. */
function isWatching(door: Door): boolean {
  return door.kind !== "link-needed" && !(door.kind === "unreachable" && door.isHoldingCode);
}

function isAwaitingOutcome(renewal: RenewalStep | undefined): boolean {
  if (renewal?.step === "confirming") return true;
  if (renewal?.step !== "pin" || renewal.isSending || renewal.problem === undefined) return false;
  return isUncertain(renewal.problem);
}

/** The login that is already open when the page is opened; the one that has the longest to live. */
function resumable(status: ApiStatus, atMs: number): RenewalStep | undefined {
  const open = status.connections
    .filter((connection) => (connection.authorization?.expiresAt ?? "") > status.now)
    .sort((one, other) =>
      (one.authorization?.expiresAt ?? "").localeCompare(other.authorization?.expiresAt ?? ""),
    );
  const connection = open.at(-1);
  return connection && resume(connection, atMs);
}

/** Instants at which what the page shows stops being true by itself. */
function turningPoints(status: ApiStatus): number[] {
  const { open, close } = status.market.session;
  const tokens = status.connections.flatMap(({ token }) => [token.expiresAt, token.idleAt]);
  return [open, close, status.sessionExpiresAt, ...tokens].flatMap((at) =>
    at === undefined ? [] : [Date.parse(at)],
  );
}
