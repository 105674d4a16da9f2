/**
 * No order leaves without the acknowledgement of the token that is in force, nor after that token's end: at the
 * claim, and once more in the moment before the bytes go. By the executor, on every kind of day.
 */
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { afterEach, describe, expect, test } from "vitest";
import type { Clock } from "../shared/platform/clock.ts";
import { acknowledgementId, acknowledgeToken } from "../shared/tokens/acknowledger.ts";
import { acknowledgements, tokens } from "../shared/tokens/records.ts";
import { orders } from "../shared/trading/records.ts";
import { logIn } from "./support/token-house.ts";
import { openTradingHouse, rest, type TradingHouse, type TradingProcess } from "./support/trading-house.ts";

const at = (iso: string) => Temporal.Instant.from(iso);

/** Mornings at nine in New York, and the midnight that ends their tokens, as they stand in the world's clocks. */
const DAYS = [
  { day: "an ordinary Monday", morning: "2026-11-23T14:00:00Z", midnight: "2026-11-24T05:00:00Z" },
  {
    day: "the Saturday before summer time",
    morning: "2026-03-07T14:00:00Z",
    midnight: "2026-03-08T05:00:00Z",
  },
  { day: "the day of 23 hours", morning: "2026-03-08T13:00:00Z", midnight: "2026-03-09T04:00:00Z" },
  {
    day: "the Saturday before winter time",
    morning: "2026-10-31T13:00:00Z",
    midnight: "2026-11-01T04:00:00Z",
  },
  { day: "the day of 25 hours", morning: "2026-11-01T14:00:00Z", midnight: "2026-11-02T05:00:00Z" },
  {
    day: "the half day after Thanksgiving",
    morning: "2026-11-27T14:00:00Z",
    midnight: "2026-11-28T05:00:00Z",
  },
  { day: "the half day before Christmas", morning: "2026-12-24T14:00:00Z", midnight: "2026-12-25T05:00:00Z" },
] as const;

let house: TradingHouse | undefined;
afterEach(() => house?.close());

/** A clock that a test may put forward in any moment, and what the client at the broker holds. */
interface World {
  readonly house: TradingHouse;
  readonly worker: TradingProcess;
  readonly clock: { aheadMs: number };
  readonly held: { generation: number | undefined };
  /** Asks for an order that may be sent for days. */
  order(id: string): Promise<void>;
  look(): Promise<void>;
  acknowledge(): Promise<void>;
  state(id: string): Promise<string>;
}

/** A login that was acknowledged at `morning`, and one process that trades with it. */
async function openWorld(morning: string, broker: "etrade" | "ctrader" = "etrade"): Promise<World> {
  const open = await openTradingHouse({ start: at(morning), broker });
  house = open;
  const ahead = { aheadMs: 0 };
  const clock: Clock = {
    now: () => open.clock.now().add({ milliseconds: ahead.aheadMs }),
    sleep: open.clock.sleep,
  };
  const held: World["held"] = { generation: 1 };
  const worker = await open.start({ clock, heldGeneration: () => held.generation });
  await worker.open();
  return {
    ...{ house: open, worker, clock: ahead, held },
    async order(id) {
      await open.submit(id, { sendBy: clock.now().add({ hours: 24 * 400 }) });
    },
    async look() {
      await worker.executor.wake();
      await rest(worker.executor);
    },
    async acknowledge() {
      const outcome = await acknowledgeToken(open.parts(), open.connection);
      if (!outcome.ok) throw new Error(outcome.code);
    },
    state: async (id) => (await open.read(id)).state,
  };
}

describe.each(DAYS)("E*TRADE, $day", ({ morning, midnight }) => {
  test("the last second before midnight may send; midnight and all after it may not, until a new login is proved", async () => {
    const world = await openWorld(morning);
    await world.house.clock.advanceTo(at(midnight).subtract({ seconds: 1 }));
    await world.order("before");
    await world.look();

    await world.house.clock.advanceTo(at(midnight));
    await world.order("after");
    await world.look();
    await world.house.clock.advanceTo(at(midnight).add({ hours: 9 }));
    await world.look();
    const dead = [...world.house.venue.arrived];
    await logIn(world.house);
    world.held.generation = 2;
    await world.look();
    const unproved = [...world.house.venue.arrived];
    await world.acknowledge();
    await world.look();

    expect(dead).toEqual(["before"]);
    expect(unproved).toEqual(["before"]);
    expect(world.house.venue.arrived).toEqual(["before", "after"]);
    expect(await world.house.read("after")).toMatchObject({ state: "filled", generation: 2 });
  });

  test("a token that dies between the claim and the last moment sends nothing", async () => {
    const world = await openWorld(morning);
    await world.house.clock.advanceTo(at(midnight).subtract({ milliseconds: 1 }));
    await world.order("late");
    world.worker.broker.beforeLeaving = () => {
      world.clock.aheadMs = 1;
    };

    await world.look();

    expect(world.house.venue.arrived).toEqual([]);
    expect(await world.state("late")).toBe("not-sent");
  });

  test("one that still lives in that moment does", async () => {
    const world = await openWorld(morning);
    await world.house.clock.advanceTo(at(midnight).subtract({ milliseconds: 2 }));
    await world.order("just");
    world.worker.broker.beforeLeaving = () => {
      world.clock.aheadMs = 1;
    };

    await world.look();

    expect(world.house.venue.arrived).toEqual(["just"]);
  });
});

describe.each(["etrade", "ctrader"] as const)("at %s", (broker) => {
  const MORNING = "2026-11-23T14:00:00Z";

  test("a new token that nobody has proved yet holds every order back, however long the old one would have lived", async () => {
    const world = await openWorld(MORNING, broker);
    await logIn(world.house);
    await world.order("a1");
    await world.look();
    const before = [...world.house.venue.arrived];

    await world.acknowledge();
    world.held.generation = 2;
    await world.look();

    expect(before).toEqual([]);
    expect(world.house.venue.arrived).toEqual(["a1"]);
    expect(await world.house.read("a1")).toMatchObject({ generation: 2 });
  });

  test("an acknowledgement of somebody else, or of an older generation that comes late, proves nothing", async () => {
    const world = await openWorld(MORNING, broker);
    const { connection, store } = world.house;
    const old = await store.get(acknowledgements, acknowledgementId(connection.id, "worker"));
    if (old === undefined) throw new Error("the first token was proved");
    await logIn(world.house);
    await store.transact(async (transaction) => {
      transaction.set(acknowledgements, acknowledgementId(connection.id, "worker"), old);
      const other = { ...old, by: "other", generation: 2, version: 2 };
      transaction.set(acknowledgements, acknowledgementId(connection.id, "other"), other);
    });
    await world.order("a1");

    await world.look();

    expect(world.house.venue.arrived).toEqual([]);
    expect(await world.state("a1")).toBe("created");
  });

  test("a token whose place another one takes between the claim and the last moment sends nothing", async () => {
    const world = await openWorld(MORNING, broker);
    await world.order("a1");
    world.worker.broker.beforeLeaving = () => {
      world.held.generation = 2;
    };

    await world.look();

    expect(world.house.venue.arrived).toEqual([]);
    expect(await world.state("a1")).toBe("not-sent");
  });

  test("nor does a process whose client at the broker holds none", async () => {
    const world = await openWorld(MORNING, broker);
    world.held.generation = undefined;
    await world.order("a1");

    await world.look();

    expect(world.house.venue.arrived).toEqual([]);
  });

  test("a token that the broker has refused sends nothing, although it was proved", async () => {
    const world = await openWorld(MORNING, broker);
    const { connection, store, clock } = world.house;
    await store.transact(async (transaction) => {
      const record = await transaction.get(tokens, connection.id);
      if (record === undefined) throw new Error("there is a token");
      transaction.set(tokens, connection.id, { ...record, rejected: { at: clock.now(), code: "X" } });
    });
    await world.order("a1");

    await world.look();

    expect(world.house.venue.arrived).toEqual([]);
    expect(await world.state("a1")).toBe("created");
  });
});

test("a cTrader token outlives midnight, and ends with its own life to the second", async () => {
  const world = await openWorld("2026-03-07T14:00:00Z", "ctrader");
  const end = at("2026-03-07T14:00:00Z").add({ seconds: 2_628_000 });

  await world.house.clock.advanceTo(end.subtract({ seconds: 1 }));
  await world.order("before");
  await world.look();
  await world.house.clock.advanceTo(end);
  await world.order("after");
  await world.look();

  expect(world.house.venue.arrived).toEqual(["before"]);
  expect(await world.state("after")).toBe("created");
});

/** What may happen while nothing is under way. */
const STEPS = [
  "log-in",
  "acknowledge",
  "hold-newest",
  "hold-oldest",
  "next-midnight",
  "hour",
  "order",
  "order",
] as const;
type Step = (typeof STEPS)[number];
/** In between only what takes no time to happen can. */
const BETWEEN = ["nothing", "hold-newest", "hold-oldest", "midnight"] as const;

test("whatever happens in whatever order: what arrives left with the acknowledged token in force, alive", async () => {
  let arrivals = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...DAYS),
      fc.array(fc.record({ step: fc.constantFrom(...STEPS), between: fc.constantFrom(...BETWEEN) }), {
        minLength: 4,
        maxLength: 12,
      }),
      async ({ morning }, steps) => {
        const world = await openWorld(morning);
        try {
          for (const [index, one] of steps.entries()) arrivals += await play(world, one, index);
        } finally {
          await world.house.close();
          house = undefined;
        }
      },
    ),
    { numRuns: 120 },
  );
  // Else nothing was shown.
  expect(arrivals).toBeGreaterThan(20);
}, 60_000);

/** Does a step, looks, and says how many orders have left. Throws where one left that must not. */
async function play(
  { house: open, ...world }: World,
  { step, between }: { readonly step: Step; readonly between: (typeof BETWEEN)[number] },
  index: number,
): Promise<number> {
  const { connection, store, clock } = open;
  const record = await store.get(tokens, connection.id);
  const newest = record?.generation ?? 0;
  switch (step) {
    case "log-in":
      if (newest < 6) await logIn(open);
      break;
    case "acknowledge":
      await acknowledgeToken(open.parts(), connection);
      break;
    case "hold-newest":
      world.held.generation = newest;
      break;
    case "hold-oldest":
      world.held.generation = 1;
      break;
    case "next-midnight":
      if (record !== undefined && Temporal.Instant.compare(record.expiresAt, clock.now()) > 0) {
        await clock.advanceTo(record.expiresAt);
      }
      break;
    case "hour":
      await clock.advanceTo(clock.now().add({ hours: 1 }));
      break;
    case "order":
      await world.order(`o${index}`);
      break;
    default:
      step satisfies never;
  }
  const now = await store.get(tokens, connection.id);
  const proof = await store.get(acknowledgements, acknowledgementId(connection.id, "worker"));
  world.worker.broker.beforeLeaving = () => {
    if (between === "hold-newest") world.held.generation = newest;
    if (between === "hold-oldest") world.held.generation = 1;
    if (between === "midnight" && now !== undefined) {
      world.clock.aheadMs = Math.max(0, now.expiresAt.epochMilliseconds - clock.now().epochMilliseconds);
    }
  };
  const before = open.venue.arrived.length;
  await world.look();
  const arrived = open.venue.arrived.slice(before);
  const leftAt = clock.now().epochMilliseconds + world.clock.aheadMs;
  world.clock.aheadMs = 0;
  for (const id of arrived) {
    const { value: sent } = (await store.query(orders, { where: { clientOrderId: id } }))[0] ?? {
      value: undefined,
    };
    expect({
      isProved: proof?.generation === now?.generation,
      isHeld: world.held.generation === now?.generation,
      isAlive: now !== undefined && leftAt < now.expiresAt.epochMilliseconds,
      claimedBy: sent?.generation,
    }).toEqual({ isProved: true, isHeld: true, isAlive: true, claimedBy: now?.generation });
  }
  return arrived.length;
}
