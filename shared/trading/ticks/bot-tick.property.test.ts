/** Ticks under what a bus, two processes and a store may do to them. */
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  aBot,
  aLot,
  BUY,
  GOLD,
  HOLD,
  openPlace,
  openTickHouse,
  PAPER,
  TEN,
  type TickHouse,
  type TickPlace,
} from "../../../tests/support/tick-house.ts";
import type { Store } from "../../platform/store.ts";
import type { Signal } from "../../strategies/strategy.ts";
import { isDone } from "../order-progress.ts";
import { orderId, orders } from "../records.ts";
import { accountRisks } from "../risk/records.ts";
import { isReasonCode } from "./reasons.ts";
import { ticks } from "./records.ts";

const CASES = 120;

/** What the strategy wants, by the minute: the same for everybody who asks about it. */
const ANSWERS = ["buy", "sell", "limit", "other-limit", "exit", "hold", "throw"] as const;

interface Step {
  /** `deliver`: so many copies of a minute's message at once, over both processes · `settle`: the broker speaks. */
  readonly kind: "deliver" | "settle" | "advance";
  readonly minute: number;
  readonly copies: number;
  readonly outcome: "filled" | "accepted" | "rejected" | "cancelled";
  /** The store's next transactions: passes, fails before it wrote, or loses the answer after it did. */
  readonly faults: readonly ("ok" | "before" | "after")[];
}

const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom("deliver", "deliver", "deliver", "settle", "advance"),
    minute: fc.integer({ min: 0, max: 3 }),
    copies: fc.integer({ min: 1, max: 4 }),
    outcome: fc.constantFrom("filled", "accepted", "rejected", "cancelled"),
    faults: fc.array(fc.constantFrom("ok", "ok", "before", "after"), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 14 },
);

function signalOf(answer: (typeof ANSWERS)[number], held: string | undefined): Signal {
  switch (answer) {
    case "buy":
    case "sell":
      return { ...BUY, side: answer };
    case "limit":
    case "other-limit":
      return { ...BUY, limitPrice: answer === "limit" ? 2_395 : 2_394 };
    case "exit":
      return held === undefined ? HOLD : { kind: "exit", positionId: held, why: "it falls" };
    case "hold":
      return HOLD;
    default:
      throw new Error("divided by zero");
  }
}

/** A store whose transactions fail as they are told, each fault once. */
function failing(store: Store, faults: string[]): Store {
  return {
    get: (collection, id) => store.get(collection, id),
    query: (collection, query) => store.query(collection, query),
    async transact(work) {
      const fault = faults.shift();
      if (fault === "before") throw new Error("the store is away");
      const result = await store.transact(work);
      if (fault === "after") throw new Error("the answer was lost");
      return result;
    },
    close: async () => undefined,
  };
}

/** What the worker and the broker do to the oldest order that is not over. */
async function settle(house: TickHouse, outcome: Step["outcome"]): Promise<void> {
  const order = (await house.orders()).find((one) => !isDone(one.state));
  if (order === undefined) return;
  const isFilled = outcome === "filled";
  await house.store.transact(async (transaction) =>
    transaction.set(orders, orderId(PAPER, order.clientOrderId), {
      ...order,
      isDue: false,
      state: outcome,
      changedAt: house.clock.now(),
      ...(isFilled && { filledQuantity: order.ticket.quantity }),
    }),
  );
  if (!isFilled) return;
  const { side, quantity, closes } = order.ticket;
  await house.lots(closes === undefined ? [aLot({ positionId: order.clientOrderId, side, quantity })] : []);
}

/** What holds at every moment. */
async function check(house: TickHouse): Promise<void> {
  const records = (await house.store.query(ticks)).map(({ value }) => value);
  const all = await house.orders();
  const named = records.flatMap((record) => record.orders);

  expect(named.sort()).toEqual(all.map((order) => order.clientOrderId).sort());
  for (const record of records) {
    expect(isReasonCode(record.reason)).toBe(true);
    expect(record.orders.length).toBe(record.reason === "ORDER_PROPOSED" ? 1 : 0);
  }
  const opening = all.filter((order) => order.ticket.closes === undefined && !isDone(order.state));
  expect(opening.length).toBeLessThanOrEqual(1);
  const closing = all.filter((order) => order.ticket.closes !== undefined && !isDone(order.state));
  expect(closing.length).toBeLessThanOrEqual(1);
  const risk = await house.store.get(accountRisks, PAPER);
  const reserved = (risk?.reservations ?? []).map((one) => one.clientOrderId);
  expect(new Set(reserved).size).toBe(reserved.length);
  for (const order of opening) expect(reserved).toContain(order.clientOrderId);
}

/** Nothing but its own orders and positions keeps it from trading. */
const BOT = aBot({
  toleranceSeconds: 3_600,
  limits: {
    ...JSON.parse(JSON.stringify(aBot().limits)),
    ...{ duplicateWithin: 0, repeats: 1_000, rejectionsInRow: 1_000 },
  },
});

let place: TickPlace;
beforeAll(() => {
  place = openPlace();
});
afterAll(() => place.close());

test("however messages are doubled, reordered and repeated, by two processes at once over a failing store, each tick is one record and at most one order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...ANSWERS), { minLength: 4, maxLength: 4 }),
      steps,
      async (answers, plan) => {
        place.empty();
        const house = await openTickHouse({ place, bots: [BOT] });
        try {
          const faults: string[] = [];
          const store = failing(house.store, faults);
          const processes = [house.start({ store }), house.start({ store })];
          const asked: number[] = [];
          for (const step of plan) {
            if (step.kind === "settle") await settle(house, step.outcome);
            if (step.kind === "advance") {
              await house.clock.advanceBy(Temporal.Duration.from({ minutes: 1 }));
              await house.quote({ [GOLD]: [2_400, 2_400.4] });
              await house.bars(3);
            }
            if (step.kind !== "deliver") continue;
            const passed = Math.round(TEN.until(house.clock.now()).total("minutes"));
            const minute = Math.min(step.minute, passed);
            house.script.answer = ({ positions }) => signalOf(answers[minute] ?? "hold", positions[0]?.id);
            faults.push(...step.faults);
            const instant = TEN.add({ minutes: minute });
            await Promise.allSettled(
              Array.from({ length: step.copies }, (_, copy) =>
                processes[copy % processes.length]?.({ bot: "gold", instant }),
              ),
            );
            faults.length = 0;
            asked.push(minute);
            await check(house);
          }
          // What failed comes again until it is through.
          for (const minute of new Set(asked)) {
            await house.start()({ bot: "gold", instant: TEN.add({ minutes: minute }) });
          }
          await check(house);
          expect(await house.store.query(ticks)).toHaveLength(new Set(asked).size);
        } finally {
          await house.close();
        }
      },
    ),
    { numRuns: CASES },
  );
}, 120_000);

test("a tick that was written wakes the worker again as long as its order waits", async () => {
  const house = await openTickHouse();
  try {
    house.script.answer = BUY;
    const run = house.start();
    await run({ bot: "gold", instant: TEN });
    await run({ bot: "gold", instant: TEN });
    const [order] = await house.orders();
    expect(house.bus.published).toEqual([
      { connection: PAPER, clientOrderId: order?.clientOrderId },
      { connection: PAPER, clientOrderId: order?.clientOrderId },
    ]);

    await settle(house, "accepted");
    await run({ bot: "gold", instant: TEN });
    expect(house.bus.published).toHaveLength(2);
  } finally {
    await house.close();
  }
});

test("a wake-up that the bus does not take costs no order", async () => {
  const house = await openTickHouse();
  try {
    house.script.answer = BUY;
    const publish = () => Promise.reject(new Error("the bus is away"));

    const outcome = await house.start({ bus: { ...house.bus, publish } })({ bot: "gold", instant: TEN });

    expect(outcome).toMatchObject({ kind: "ran", record: { reason: "ORDER_PROPOSED" } });
    expect(await house.orders()).toMatchObject([{ state: "created", isDue: true }]);
  } finally {
    await house.close();
  }
});

test("many bots of one account at once, over two processes, overshoot none of its limits", async () => {
  const bots = Array.from({ length: 24 }, (_, index) => aBot({ id: `bot-${index + 10}` }));
  const house = await openTickHouse({ bots });
  try {
    house.script.answer = BUY;
    const processes = [house.start(), house.start()];

    const runs = await Promise.all(
      bots.flatMap(({ id }) => processes.map((run) => run({ bot: id, instant: TEN }))),
    );

    expect(runs.filter((run) => run.kind === "ran")).toHaveLength(bots.length);
    const proposed = await house.orders();
    const limits = house.config.accounts[0]?.limits;
    expect(proposed.length).toBeGreaterThan(0);
    expect(proposed.length).toBeLessThanOrEqual(limits?.openPositions ?? 0);
    const risk = await house.store.get(accountRisks, PAPER);
    expect(risk?.reservations).toHaveLength(proposed.length);
  } finally {
    await house.close();
  }
});
