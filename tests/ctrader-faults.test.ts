/**
 * A thousand seeded runs of a session against the simulated broker, with every fault that is known of the real
 * one. `OPENBELL_FAULT_SEED=17 npx vitest run tests/ctrader-faults.test.ts` plays one run again.
 */
import { expect, test } from "vitest";
import { type FaultRun, playFaultRun } from "./support/ctrader/fault-run.ts";

const RUNS = 1_000;
const BLOCK = 100;
const chosen = process.env.OPENBELL_FAULT_SEED;

async function playAll(seeds: readonly string[]): Promise<FaultRun> {
  const total = { faults: [] as string[], orders: 0, filled: 0, unknown: 0, connections: 0 };
  for (const seed of seeds) {
    const run = await playFaultRun(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed} broke`, { cause: error });
    });
    total.faults.push(...run.faults.map((fault) => `seed ${seed}: ${fault}`));
    total.orders += run.orders;
    total.filled += run.filled;
    total.unknown += run.unknown;
    total.connections += run.connections;
  }
  return total;
}

const blocks = Array.from({ length: RUNS / BLOCK }, (_, at) => at * BLOCK);

test.each(chosen === undefined ? blocks : [])(
  "after the faults of seeds from %i on, orders, fills and positions equal the broker's, none was sent twice, and every call has settled",
  { timeout: 120_000 },
  async (first) => {
    const run = await playAll(Array.from({ length: BLOCK }, (_, at) => String(first + at)));

    expect(run.faults).toEqual([]);
    // The faults must have bitten: else the runs show nothing.
    expect(run.filled).toBeGreaterThan(BLOCK);
    expect(run.unknown).toBeGreaterThan(BLOCK / 10);
    expect(run.connections).toBeGreaterThan(BLOCK * 1.5);
  },
);

test.runIf(chosen !== undefined)("the chosen seed holds", { timeout: 60_000 }, async () => {
  const run = await playAll([chosen ?? ""]);

  expect(run.faults).toEqual([]);
});
