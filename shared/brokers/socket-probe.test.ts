import { beforeEach, expect, test } from "vitest";
import { createVirtualTimers } from "../platform/local/virtual-timers.ts";
import { succeed } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";
import type { HeldSocketState, HeldToken } from "./held-socket.ts";
import { probeBySocket } from "./socket-probe.ts";

const TOKEN = Secret.of("token");
const EVIDENCE = { accounts: 1, latencyMs: 1, tradable: ["0001"] };

let timers: ReturnType<typeof createVirtualTimers>;
let state: HeldSocketState;
let stored: HeldToken | undefined;
let proved: number[];
let watchers: Set<(state: HeldSocketState) => void>;

beforeEach(() => {
  timers = createVirtualTimers();
  state = { phase: "ready" };
  stored = { token: TOKEN, generation: 3 };
  proved = [];
  watchers = new Set();
});

function go(next: HeldSocketState): void {
  state = next;
  for (const watcher of watchers) watcher(next);
}

/** What a probe of the token ends with; undefined while it waits. */
function probe(token = TOKEN) {
  const socket = {
    state: () => state,
    watch(listener: (state: HeldSocketState) => void) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    async prove({ generation }: HeldToken) {
      proved.push(generation);
      return succeed(EVIDENCE);
    },
  };
  let outcome: unknown;
  void probeBySocket({ socket, timers, current: async () => stored })(token).then((one) => {
    outcome = one.ok ? "ok" : one.code;
  });
  return () => outcome;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

test("the stored token is proved on a socket that is ready", async () => {
  const outcome = probe();
  await settle();

  expect([outcome(), proved]).toEqual(["ok", [3]]);
});

test("a token that is not the stored one any more is not proved", async () => {
  const outcome = probe(Secret.of("older"));
  await settle();

  expect([outcome(), proved]).toEqual(["BROKER_UNAVAILABLE", []]);
});

test.each<HeldSocketState>([
  { phase: "connecting" },
  { phase: "subscribing" },
  { phase: "waiting", waitingFor: "token" },
])("a socket that is on its way (%j) is waited for", async (on) => {
  state = on;
  const outcome = probe();
  await settle();
  const early = outcome();
  go({ phase: "ready" });
  await settle();

  expect([early, outcome(), proved, watchers.size]).toEqual([undefined, "ok", [3], 0]);
});

test("a socket that does not become ready in ten seconds is waited for no longer", async () => {
  state = { phase: "connecting" };
  const outcome = probe();
  await timers.advance(9_999);
  await settle();
  const early = outcome();
  await timers.advance(1);
  await settle();

  expect([early, outcome(), proved, watchers.size]).toEqual([undefined, "BROKER_UNREACHABLE", [], 0]);
});

test.each<[HeldSocketState, string]>([
  [{ phase: "waiting", waitingFor: "backoff", lastTrouble: "refused" }, "BROKER_UNREACHABLE"],
  [{ phase: "waiting", waitingFor: "maintenance", lastTrouble: "BROKER_UNAVAILABLE" }, "BROKER_UNAVAILABLE"],
  [
    { phase: "waiting", waitingFor: "person", lastTrouble: "BROKER_CREDENTIALS_REJECTED" },
    "BROKER_CREDENTIALS_REJECTED",
  ],
  [{ phase: "stopped" }, "BROKER_UNREACHABLE"],
])("a socket that is not on its way (%j) is not waited for", async (where, code) => {
  state = where;
  const outcome = probe();
  await settle();

  expect([outcome(), proved]).toEqual([code, []]);
});

test("a socket that gives up while it is waited for ends the wait", async () => {
  state = { phase: "connecting" };
  const outcome = probe();
  await settle();
  go({ phase: "waiting", waitingFor: "backoff", lastTrouble: "refused" });
  await settle();

  expect([outcome(), watchers.size]).toEqual(["BROKER_UNREACHABLE", 0]);
});
