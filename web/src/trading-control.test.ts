import { expect, test } from "vitest";
import type { ApiKillRequest } from "../../shared/console/control-api.ts";
import { aConfirmedReceipt, aReceipt, aStoppedTrading } from "../testing/a-trading.ts";
import type { Answer } from "./api.ts";
import type { TradingClient } from "./trading-client.ts";
import { createTradingControl } from "./trading-control.ts";
import { createTradingState } from "./trading-state.ts";

const good = <T>(value: T): Answer<T> => ({ ok: true, value });
const silence = { ok: false, problem: { kind: "unreachable" } } as const;

/** Controls on a clock that stands still until it is moved. */
function setUp(over: Partial<TradingClient> = {}) {
  const state = createTradingState();
  const timers = new Set<{ dueMs: number; run: () => void }>();
  const killed: ApiKillRequest[] = [];
  const followed: string[] = [];
  let nowMs = 0;
  let ids = 0;
  const standing = good({ scope: "all", state: "active" as const, isChanged: true });
  const never = async () => silence;
  const client: TradingClient = {
    trading: never,
    equity: never,
    why: never,
    receipt: never,
    kill: async () => good(aReceipt()),
    reduce: async () => standing,
    closeAll: async () => good({ scope: "all", accounts: [] }),
    resume: async () => standing,
    paper: async () => silence,
    live: async () => good({ scope: "bot:gold", bots: ["gold"] }),
    ...over,
  };
  const control = createTradingControl({
    client: {
      ...client,
      kill(request) {
        killed.push(request);
        return client.kill(request);
      },
    },
    state,
    watch: {
      follow: (id) => void followed.push(id),
      async look() {
        state.report.value = aStoppedTrading();
      },
    },
    schedule(run, afterMs) {
      const timer = { dueMs: nowMs + afterMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    newId: () => `wish-${++ids}`,
  });
  function pass(ms: number): void {
    nowMs += ms;
    for (const timer of [...timers].filter(({ dueMs }) => dueMs <= nowMs)) {
      timers.delete(timer);
      timer.run();
    }
  }
  return { state, control, killed, followed, pass };
}

test("one press stops nothing, and is forgotten after five seconds", async () => {
  const { state, control, killed, pass } = setUp();
  await control.kill();
  control.arm();
  pass(300);
  const armed = state.kill.value;
  pass(4_700);
  const later = state.kill.value;
  await control.kill();

  expect(armed).toEqual({ kind: "armed", isReady: true });
  expect(later).toEqual({ kind: "idle" });
  expect(killed).toEqual([]);
});

test("a second press stops everything; a trembling finger's is no second one", async () => {
  const { state, control, killed, followed, pass } = setUp();
  control.arm();
  pass(299);
  await control.kill();
  const trembled = [...killed];
  pass(1);
  await control.kill();

  expect(trembled).toEqual([]);
  expect(killed).toEqual([{ requestId: "wish-1", reason: "the Stop button was pressed" }]);
  expect(state.receipt.value).toEqual(aReceipt());
  expect(followed).toEqual(["k1"]);
  expect(state.report.value?.state).toBe("halted");
  expect(state.kill.value).toEqual({ kind: "idle" });
});

test("a receipt that is complete at once is not followed", async () => {
  const { control, followed, pass } = setUp({ kill: async () => good(aConfirmedReceipt()) });
  control.arm();
  pass(300);
  await control.kill();

  expect(followed).toEqual([]);
});

test("a wish of which nobody knows whether it arrived is said to be so, and goes out again as the same wish", async () => {
  let answers = 0;
  const { state, control, killed, pass } = setUp({
    kill: async () => (++answers === 1 ? silence : good(aReceipt())),
  });
  control.arm();
  pass(300);
  await control.kill();
  const unsure = state.kill.value;
  await control.killAgain();
  control.arm();
  pass(300);
  await control.kill();

  expect(unsure).toEqual({ kind: "failed", problem: { kind: "unreachable" } });
  expect(killed.map(({ requestId }) => requestId)).toEqual(["wish-1", "wish-1", "wish-2"]);
});

test("an old wish that had arrived, and was resumed since, becomes a new one: who presses now wants to stop now", async () => {
  const answers = [silence, good({ ...aConfirmedReceipt(), isLifted: true as const }), good(aReceipt())];
  const { state, control, killed, pass } = setUp({ kill: async () => answers.shift() ?? silence });
  control.arm();
  pass(300);
  await control.kill();
  await control.killAgain();

  expect(killed.map(({ requestId }) => requestId)).toEqual(["wish-1", "wish-1", "wish-2"]);
  expect(state.receipt.value).toEqual(aReceipt());
});

test("the accounts that a resume has left halted are named", async () => {
  const stillHalted = [{ account: "ctrader-dead", because: "no token" }];
  const { state, control } = setUp({
    resume: async () => good({ scope: "all", state: "active" as const, isChanged: true, stillHalted }),
  });

  await control.resume({ scope: "all", phrase: "RESUME ALL", reason: "seen" });

  expect(state.command.value).toMatchObject({ kind: "done", text: expect.stringContaining("ctrader-dead") });
});

test("it can be thought better of", async () => {
  const { state, control, killed, pass } = setUp();
  control.arm();
  pass(300);
  control.disarm();
  await control.kill();

  expect(state.kill.value).toEqual({ kind: "idle" });
  expect(killed).toEqual([]);
});

test.each([
  [[], "There is nothing of ours to close."],
  [[{ account: "a", orders: 1, left: 0 }], "1 order closes what is open."],
  [
    [
      { account: "a", orders: 2, left: 1 },
      { account: "b", orders: 1, left: 1 },
    ],
    "3 orders close what is open. 2 not ours are left alone.",
  ],
])("closing %j is told as %s", async (accounts, text) => {
  const { state, control } = setUp({ closeAll: async () => good({ scope: "all", accounts }) });
  await control.closeAll();

  expect(state.command.value).toEqual({ kind: "done", text });
});

test("a resume that is refused says why", async () => {
  const problem = {
    ...{ kind: "refused" as const, status: 409, code: "RESUME_TOO_SOON", message: "No.", next: "Wait." },
  };
  const { state, control } = setUp({ resume: async () => ({ ok: false, problem }) });
  await control.resume({ scope: "all", phrase: "RESUME ALL", reason: "mended" });

  expect(state.command.value).toEqual({ kind: "failed", problem });
});

const ON_PAPER = { scope: "all", switched: ["gold"], already: [], backSince: [], left: [] };

test("a switch to paper of which nobody knows whether it arrived is sent as the same wish", async () => {
  const sent: string[] = [];
  const { control, state } = setUp({
    async paper({ requestId }) {
      sent.push(requestId);
      return sent.length === 1 ? silence : good(ON_PAPER);
    },
  });

  await control.paper();
  await control.paper();
  await control.paper();

  expect(sent).toEqual(["wish-1", "wish-1", "wish-2"]);
  expect(state.command.value).toEqual({ kind: "done", text: "On paper now: gold." });
});

test("a switch that turns out to be an old wish is sent anew: who presses now wants it now", async () => {
  const sent: string[] = [];
  const { control, state } = setUp({
    async paper({ requestId }) {
      sent.push(requestId);
      return good(requestId === "wish-1" ? { ...ON_PAPER, backSince: ["gold"] } : ON_PAPER);
    },
  });

  await control.paper();

  expect(sent).toEqual(["wish-1", "wish-2"]);
  expect(state.command.value).toMatchObject({ kind: "done" });
});
