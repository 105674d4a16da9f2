/** A process dies at each of its waits in turn; another one takes over. Nothing is sent twice, nothing is lost. */
import { afterEach, expect, test } from "vitest";
import { openTradingHouse, pass, rest, type TradingHouse } from "../../tests/support/trading-house.ts";
import type { Store } from "../platform/store.ts";
import { fills, orders } from "./records.ts";

const BEHAVIOURS = ["fill", "rest", "silent"] as const;

let house: TradingHouse | undefined;
afterEach(() => house?.close());

/** A store that calls `die` before or after its `at`th call, and from then on never answers. */
function createMortalStore(store: Store, at: number, when: "before" | "after", die: () => void) {
  let calls = 0;
  let isDead = false;
  const never = () => new Promise<never>(() => {});
  async function run<R>(call: () => Promise<R>): Promise<R> {
    if (isDead) return never();
    calls += 1;
    const isStruck = calls === at;
    if (isStruck && when === "before") {
      isDead = true;
      die();
      return never();
    }
    const result = await call();
    if (!isStruck) return isDead ? never() : result;
    isDead = true;
    die();
    return never();
  }
  const mortal: Store = {
    get: (...given) => run(() => store.get(...given)),
    query: (...given) => run(() => store.query(...given)),
    transact: (work) => run(() => store.transact(work)),
    close: async () => undefined,
  };
  return { mortal, calls: () => calls, isDead: () => isDead };
}

async function settleRealTime(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Runs three orders, each with another behaviour of the broker, in a process that dies; then in its successor. */
async function runWithDeath(at: number, when: "before" | "after"): Promise<boolean> {
  house = await openTradingHouse();
  const { venue } = house;
  const fate = createMortalStore(house.store, at, when, () => first.broker.die());
  const first = await house.start({ store: fate.mortal });
  for (const id of BEHAVIOURS) await house.submit(id);
  first.broker.beforeLeaving = (id) => {
    venue.behaviour = id as (typeof BEHAVIOURS)[number];
  };
  first.broker.setReady(true);
  first.executor.opened();
  await settleRealTime();
  first.executor.close();
  first.broker.die();
  if (venue.orders.has("silent")) venue.fill("silent");

  venue.behaviour = "fill";
  const second = await house.start();
  await second.open();
  await pass(house.timers, second.executor, 15);
  await rest(second.executor);

  await expectTruth(`death ${when} call ${at}`);
  return fate.isDead();
}

async function expectTruth(run: string): Promise<void> {
  if (house === undefined) throw new Error("no house");
  const { venue, store } = house;
  const stored = (await store.query(orders)).map(({ value }) => value);
  const told = stored.map(({ clientOrderId, state, filledQuantity }) => {
    const isThere = venue.orders.has(clientOrderId);
    return { run, clientOrderId, isThere, state, filled: filledQuantity.toString() };
  });

  expect(told).toEqual(
    stored.map(({ clientOrderId, state }) => {
      const real = venue.orders.get(clientOrderId);
      const filled = String((real?.fills ?? []).reduce((sum, one) => sum + one.quantity.toNumber(), 0));
      const isGone = state === "absent" || state === "not-sent" ? state : "absent";
      return { run, clientOrderId, isThere: real !== undefined, state: real?.state ?? isGone, filled };
    }),
  );
  expect([run, venue.arrived.length]).toEqual([run, new Set(venue.arrived).size]);
  const real = [...venue.orders.values()].flatMap((one) => one.fills.map(({ id }) => id)).sort();
  expect([run, ...(await store.query(fills)).map(({ value }) => value.brokerFillId).sort()]).toEqual([
    run,
    ...real,
  ]);
}

test.each(["before", "after"] as const)("a death right %s any call to the store", async (when) => {
  let at = 1;
  while (await runWithDeath(at, when)) {
    await house?.close();
    house = undefined;
    at += 1;
  }

  // So many calls does the run make; fewer would mean that some were not tried.
  expect(at).toBeGreaterThan(15);
});
