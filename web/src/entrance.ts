/** The door of the page: coming in with a link, asking for a fresh one, going out. */
import type { ApiClient, Problem } from "./api.ts";
import type { Entry } from "./entry.ts";
import type { Schedule } from "./poller.ts";
import type { Renewal } from "./renewal.ts";
import type { Door, PageState } from "./state.ts";
import type { Watch } from "./watch.ts";

export interface Entrance {
  /** Lets the person in with what the page was opened with. */
  enter(entry: Entry): Promise<void>;
  /** Tries once more what did not reach the server. */
  retry(): Promise<void>;
  /** Goes to the screen that sends a fresh link. */
  askForLink(): void;
  sendFreshLink(): Promise<void>;
  signOut(): Promise<void>;
}

export interface EntranceDeps {
  readonly api: ApiClient;
  readonly state: PageState;
  readonly watch: Watch;
  readonly renewal: Pick<Renewal, "comeBack" | "land">;
  readonly schedule: Schedule;
}

const USED_BEFORE = "This link had been used before; you are still signed in, so its two words may differ.";

/** How long after a failure the code is handed in again by itself. */
const RETRY_AFTER_MS = 10_000;

export function createEntrance({ api, state, watch, renewal, schedule }: EntranceDeps): Entrance {
  /** A code that may not have reached the server. */
  let unspentCode: string | undefined;
  let callOffRetry = () => {};
  const standing = (): Door => state.door.value;

  async function openSession(code: string): Promise<void> {
    callOffRetry();
    const answer = await api.openSession(code);
    unspentCode = undefined;
    if (answer.ok) {
      state.door.value = { kind: "opening" };
      watch.expectSession();
      return watch.look();
    }
    if (isPassing(answer.problem)) holdCode(code, answer.problem);
    else await enterWithSpentCode();
  }

  function holdCode(code: string, problem: Problem): void {
    unspentCode = code;
    state.connectivity.value = { failuresInRow: 1, problem };
    state.door.value = { kind: "unreachable", isHoldingCode: true };
    const asked = problem.kind === "refused" ? problem.retryAfterMs : undefined;
    callOffRetry = schedule(() => void openSession(code), asked ?? RETRY_AFTER_MS);
  }

  /** Who taps a used link once more, but is signed in already, comes in. */
  async function enterWithSpentCode(): Promise<void> {
    state.door.value = { kind: "opening" };
    await watch.look();
    const door = standing();
    if (door.kind === "inside") state.notice.value = USED_BEFORE;
    if (door.kind === "link-needed") state.door.value = { ...door, reason: "spent" };
  }

  return {
    async enter(entry) {
      state.door.value = { kind: "opening" };
      if (entry.kind === "code") return openSession(entry.code);
      await watch.look();
      if (entry.kind === "landing" && standing().kind === "inside") await renewal.land(entry.landing);
      if (entry.kind === "callback" && standing().kind === "inside") await renewal.comeBack(entry);
    },
    async retry() {
      state.door.value = { kind: "opening" };
      await (unspentCode === undefined ? watch.look() : openSession(unspentCode));
    },
    askForLink() {
      state.door.value = { kind: "link-needed", reason: "no-session", request: "idle" };
    },
    ...createWayOut({ api, state, watch }),
  };
}

function createWayOut({ api, state, watch }: Pick<EntranceDeps, "api" | "state" | "watch">) {
  return {
    async sendFreshLink(): Promise<void> {
      const door = state.door.value;
      if (door.kind !== "link-needed" || door.request === "sending") return;
      state.door.value = { ...door, request: "sending" };
      const answer = await api.sendFreshLink();
      if (state.door.value.kind !== "link-needed") return;
      state.door.value = { ...state.door.value, request: answer.ok ? "sent" : answer.problem };
    },
    async signOut(): Promise<void> {
      const answer = await api.closeSession();
      if (!answer.ok && isPassing(answer.problem)) {
        state.connectivity.value = { failuresInRow: 1, problem: answer.problem };
        return;
      }
      watch.forget();
      state.door.value = { kind: "link-needed", reason: "signed-out", request: "idle" };
    },
  };
}

/** Whether the same request may succeed a little later. */
function isPassing(problem: Problem): boolean {
  return problem.kind === "unreachable" || problem.status >= 500 || problem.status === 429;
}
