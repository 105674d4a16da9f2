/** Plays one case to its end, and says what was wrong. */
import fc from "fast-check";
import type { Store } from "../../../shared/platform/store.ts";
import { accounts } from "../../../shared/trading/account-record.ts";
import { faultsAtRest } from "./at-rest.ts";
import { createMemoryStore, type MemoryStore } from "./memory-store.ts";
import { type Plan, plans } from "./plan.ts";
import { furnish } from "./trading-config.ts";
import { TradingWorld } from "./trading-world.ts";

const LOOK_EVERY_MS = 5_000;
const REST_WITHIN_MS = 180_000;
const LEFT_WITHIN_MS = 25_000;
/** A real store's calls last longer than the case knows of, and on a busy machine longer than a lease. */
const REAL_STORE_LONGER = 10;

/** What came of a case, so that a suite can show that its cases were about something. */
export interface Played {
  /** Empty where the case holds. */
  readonly faults: readonly string[];
  readonly arrived: number;
  readonly filled: number;
  readonly deaths: number;
  readonly kills: number;
  readonly events: number;
}

export interface Stage {
  /** A store with rules, prices and a token in it, and nothing else. */
  store(): Promise<Store>;
  readonly isInOrder: boolean;
}

let furnished: Promise<MemoryStore> | undefined;

/** In memory: thousands of cases. */
export const MEMORY: Stage = {
  isInOrder: true,
  async store() {
    furnished ??= (async () => {
      const store = createMemoryStore();
      await furnish(store);
      return store;
    })();
    return createMemoryStore((await furnished).contents());
  },
};

export async function playCase(plan: Plan, stage: Stage): Promise<Played> {
  const store = await stage.store();
  const world = new TradingWorld(plan, { store, isInOrder: stage.isInOrder });
  const { simulation, witness, venue } = world;
  await begin(world);
  for (const { deed, thenMs } of plan.steps) {
    world.do(deed);
    await simulation.runUntil(simulation.now + thenMs);
    if (witness.faults.length > 0) break;
  }
  world.calm();
  let faults = await restOf(world, faultsAtRest);
  // What is held can always be left: no limit, no loss and no earlier trouble traps it.
  if (faults.length === 0 && plan.course % 4 === 0) faults = await leave(world);
  return {
    faults,
    arrived: witness.arrivedCount(),
    filled: venue.fills.length,
    deaths: world.slots.reduce((sum, one) => sum + one.starts - 1, 0),
    kills: witness.kills.size,
    events: simulation.events,
  };
}

/** Lets time pass until nothing is wrong any more; what still is, where it never comes to that. */
async function restOf(
  world: TradingWorld,
  look: (world: TradingWorld) => Promise<readonly string[]>,
  withinMs = REST_WITHIN_MS,
): Promise<readonly string[]> {
  const { simulation, witness } = world;
  const end = simulation.now + withinMs * (world.isInOrder ? 1 : REAL_STORE_LONGER);
  for (;;) {
    if (witness.faults.length > 0) return witness.faults;
    await simulation.runUntil(simulation.now + LOOK_EVERY_MS);
    const faults = [...witness.faults, ...(await look(world))];
    if (faults.length === 0 || simulation.now >= end) return faults;
  }
}

/** An order that was on its way at one tick is there at the next. */
async function leave(world: TradingWorld): Promise<readonly string[]> {
  const look = async () => [...(await faultsAtRest(world)), ...heldIn(world)];
  let faults: readonly string[] = [];
  for (let round = 0; round < 4; round += 1) {
    world.leaveAll();
    faults = await restOf(world, look, LEFT_WITHIN_MS);
    if (faults.length === 0) break;
  }
  return faults;
}

function heldIn({ venue, witness }: TradingWorld): readonly string[] {
  const held = [...venue.positions.values()].filter(({ clientOrderId }) =>
    witness.orders.has(clientOrderId ?? ""),
  );
  const working = venue.orders.filter(
    ({ state, ticket }) => state === "accepted" && witness.orders.has(ticket.clientOrderId),
  );
  return [
    ...held.map(({ id, quantity }) => `${quantity} of position ${id} cannot be left`),
    ...working.map(({ brokerOrderId }) => `order ${brokerOrderId} cannot be taken back`),
  ];
}

/** Rough weather comes when a worker leads: before that nothing could happen. */
async function begin(world: TradingWorld): Promise<void> {
  const { simulation, store, setting } = world;
  do await simulation.runUntil(simulation.now + 25);
  while ((await store.get(accounts, setting.account.id)) === undefined && simulation.now < 2_000);
  world.roughen();
}

/** What many cases came to. */
export type Tally = { -readonly [K in Exclude<keyof Played, "faults">]: number } & { cases: number };

/**
 * Plays the cases of these numbers, each the same on every machine. One that does not hold is made as small as
 * it can be, and throws: with its number, its plan, and what was wrong.
 */
export async function playCases(numbers: readonly number[], stage: Stage): Promise<Tally> {
  const tally: Tally = { cases: 0, arrived: 0, filled: 0, deaths: 0, kills: 0, events: 0 };
  for (const number of numbers) {
    const { faults, ...played } = await playCase(planOf(number), stage);
    if (faults.length > 0) await shrink(number, faults, stage);
    tally.cases += 1;
    for (const key of Object.keys(played) as (keyof typeof played)[]) tally[key] += played[key];
  }
  return tally;
}

const drawsOf = (number: number) => ({ seed: Math.imul(number + 1, 0x9e3779b1) | 0, numRuns: 1 });

/** The plan of a number. */
export function planOf(number: number): Plan {
  const [plan] = fc.sample(fc.noBias(plans), drawsOf(number));
  if (plan === undefined) throw new Error("There is no plan.");
  return plan;
}

async function shrink(number: number, faults: readonly string[], stage: Stage): Promise<never> {
  const replay = `OPENBELL_TRADING_SEED=${number} plays it again.`;
  const holds = fc.asyncProperty(fc.noBias(plans), async (plan) => {
    const found = await playCase(plan, stage);
    if (found.faults.length > 0) throw new Error(`Seed ${number}: ${found.faults.join("; ")}. ${replay}`);
  });
  await fc.assert(holds, { ...drawsOf(number), interruptAfterTimeLimit: 15_000 });
  throw new Error(`Seed ${number}, not the same when played again: ${faults.join("; ")}. ${replay}`);
}
