import { expect, test } from "vitest";
import {
  aConfirmedReceipt,
  anEquity,
  aReceipt,
  aStoppedTrading,
  aTrading,
  WHY,
} from "../testing/a-trading.ts";
import type { Answer } from "./api.ts";
import { createPageState } from "./state.ts";
import type { TradingClient } from "./trading-client.ts";
import { createTradingState } from "./trading-state.ts";
import { createTradingWatch } from "./trading-watch.ts";

const good = <T>(value: T): Answer<T> => ({ ok: true, value });
const silence = { ok: false, problem: { kind: "unreachable" } } as const;

/** A page whose owner is outside, on a clock that stands still until it is moved. */
function setUp(over: Partial<TradingClient> = {}) {
  const state = createTradingState();
  const page = createPageState();
  const timers = new Set<{ dueMs: number; run: () => void }>();
  const calls: string[] = [];
  let nowMs = 0;
  const never = async () => silence;
  const answers: TradingClient = {
    trading: async () => good(aTrading()),
    equity: async (account) => good(anEquity(account)),
    why: async () => good(WHY),
    receipt: async () => good(aReceipt()),
    ...{ kill: never, reduce: never, closeAll: never, resume: never, paper: never, live: never },
    ...over,
  };
  const noted = Object.entries(answers).map(([name, answer]) => [
    name,
    (...given: never[]) => {
      calls.push([name, ...given].join(" "));
      return (answer as (...given: never[]) => unknown)(...given);
    },
  ]);
  const watch = createTradingWatch({
    client: Object.fromEntries(noted) as TradingClient,
    state,
    page,
    monotonicMs: () => nowMs,
    isHidden: () => false,
    schedule(run, afterMs) {
      const timer = { dueMs: nowMs + afterMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  });
  async function pass(ms: number): Promise<void> {
    nowMs += ms;
    for (const timer of [...timers].filter(({ dueMs }) => dueMs <= nowMs)) {
      timers.delete(timer);
      timer.run();
    }
    await settle();
  }
  return { state, page, watch, calls, pass };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("nothing is asked before the owner is inside, and everything is forgotten when they are out", async () => {
  const { state, page, calls, pass } = setUp();
  await pass(60_000);
  const outside = [...calls];
  page.door.value = { kind: "inside" };
  await settle();
  const inside = state.report.value?.state;
  page.door.value = { kind: "link-needed", reason: "signed-out", request: "idle" };
  await pass(60_000);

  expect(outside).toEqual([]);
  expect(inside).toBe("active");
  expect(state.report.value).toBeUndefined();
  expect(calls).toEqual(["trading"]);
});

test("the view of trading is looked at often and its curves each minute; the morning asks for no curve", async () => {
  const { page, calls, pass } = setUp();
  page.door.value = { kind: "inside" };
  await settle();
  await pass(30_000);
  const aside = calls.splice(0);
  page.view.value = "trading";
  await settle();
  for (let look = 0; look < 12; look += 1) await pass(5_000);

  expect(aside).toEqual(["trading", "trading"]);
  expect(calls.filter((call) => call === "trading")).toHaveLength(13);
  expect(calls.filter((call) => call === "equity paper-ctrader-demo")).toHaveLength(2);
});

test("what was known stays when an answer is lost, and it is said that it was", async () => {
  const answers: Answer<ReturnType<typeof aTrading>>[] = [good(aTrading())];
  const { state, page, pass } = setUp({ trading: async () => answers.shift() ?? silence });
  page.door.value = { kind: "inside" };
  await settle();
  await pass(30_000);

  expect(state.report.value?.state).toBe("active");
  expect(state.problem.value).toEqual({ kind: "unreachable" });
});

test("the receipt of the kill that holds is followed until every account is confirmed, also after a lost answer", async () => {
  const answers: Answer<ReturnType<typeof aReceipt>>[] = [
    good(aReceipt()),
    silence,
    good(aConfirmedReceipt()),
  ];
  const { state, page, calls, pass } = setUp({
    trading: async () => good(aStoppedTrading()),
    receipt: async () => answers.shift() ?? silence,
  });
  page.door.value = { kind: "inside" };
  await settle();
  const open = state.receipt.value?.isOpen;
  for (let look = 0; look < 40; look += 1) await pass(500);

  expect(open).toBe(true);
  expect(state.receipt.value).toEqual(aConfirmedReceipt());
  expect(calls.filter((call) => call === "receipt k1")).toHaveLength(3);
});

test("why a bot did nothing is asked for once it is opened, and what was known stays while it is asked again", async () => {
  const { state, watch } = setUp();
  const asking = watch.askWhy("gold");
  const meanwhile = state.why.value.get("gold");
  await asking;
  const again = watch.askWhy("gold");
  const kept = state.why.value.get("gold");
  await again;

  expect(meanwhile).toBe("asked");
  expect(kept).toEqual(WHY);
});
