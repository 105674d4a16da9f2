import { afterEach, beforeEach, expect, test } from "vitest";
import { createRecordedLog } from "../../shared/platform/local/recorded-log.ts";
import { createVirtualTimers, type VirtualTimers } from "../../shared/platform/local/virtual-timers.ts";
import type { Store } from "../../shared/platform/store.ts";
import { kills } from "../../shared/trading/control/records.ts";
import { openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { watchKills } from "./watch-kills.ts";

let house: TokenHouse;
let timers: VirtualTimers;
let isWanted: boolean;
let seen: number;
let end: () => Promise<void>;
let recorded: ReturnType<typeof createRecordedLog>;
let isAway: boolean;

beforeEach(() => {
  house = openTokenHouse();
  timers = createVirtualTimers();
  recorded = createRecordedLog();
  [isWanted, seen, isAway] = [true, 0, false];
  const store: Pick<Store, "query"> = {
    query: (...asked) => (isAway ? Promise.reject(new Error("away")) : house.store.query(...asked)),
  };
  end = watchKills(
    { store, timers, log: recorded.log },
    {
      isWanted: () => isWanted,
      seen: () => {
        seen += 1;
      },
    },
  );
});
afterEach(async () => {
  await end();
  await house.close();
});

const pass = async (ms: number) => {
  for (let passed = 0; passed < ms; passed += 500) {
    await timers.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

async function put(id: string, isOpen = true): Promise<void> {
  const at = house.clock.now();
  const kill = { id, scope: "all", actor: { kind: "page" as const }, why: "x", at, parts: [], isOpen };
  await house.store.transact(async (transaction) => transaction.set(kills, id, kill));
}

test("a kill that nobody has told of is seen within half a second, and once", async () => {
  await put("one");

  await pass(500);
  const first = seen;
  await pass(5_000);
  await put("two");
  await pass(500);

  expect([first, seen]).toEqual([1, 2]);
});

test("a kill that is confirmed is none to be seen", async () => {
  await put("one", false);

  await pass(1_000);

  expect(seen).toBe(0);
});

test("who leads nothing does not look, and sees the kill once it leads", async () => {
  isWanted = false;
  isAway = true;
  await put("one");
  await pass(5_000);
  const before = [seen, recorded.lines.length];

  [isWanted, isAway] = [true, false];
  await pass(500);

  expect([...before, seen]).toEqual([0, 0, 1]);
});

test("a store that is away is told of once, and looked into again", async () => {
  isAway = true;
  await put("one");
  await pass(5_000);

  isAway = false;
  await pass(500);

  expect(recorded.lines.map(({ event }) => event)).toEqual(["kills-not-looked-for"]);
  expect(seen).toBe(1);
});

test("once it is ended nothing is seen any more", async () => {
  await end();
  await put("one");

  await pass(5_000);

  expect(seen).toBe(0);
});
