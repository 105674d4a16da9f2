/** Ticks on Firestore, whose client repeats transactions by itself. */
import { expect, test } from "vitest";
import { aProjectId, describeEmulated } from "../../../tests/support/emulators/describe-emulated.ts";
import {
  aBot,
  aLot,
  BUY,
  openTickHouse,
  PAPER,
  TEN,
  type TickPlace,
} from "../../../tests/support/tick-house.ts";
import { createFirestoreStore } from "../../platform/gcp/firestore-store.ts";
import { accountRisks } from "../risk/records.ts";
import type { RunBotTick } from "./bot-tick.ts";
import { ticks } from "./records.ts";

/** As the bus does: what lost too many races comes again. */
async function deliver(run: RunBotTick, bot: string, triesLeft = 10): Promise<void> {
  try {
    await run({ bot, instant: TEN });
  } catch (error) {
    if (triesLeft === 0) throw error;
    await deliver(run, bot, triesLeft - 1);
  }
}

describeEmulated("ticks on Firestore", (hosts) => {
  function place(): TickPlace {
    const store = createFirestoreStore({ projectId: aProjectId(), emulatorHost: hosts.firestore });
    return { store, empty: () => undefined, close: () => store.close() };
  }

  test("a tick that two processes run at once, several times, is one record with one order", async () => {
    const own = place();
    const house = await openTickHouse({ place: own });
    try {
      house.script.answer = BUY;
      const processes = [house.start(), house.start()];

      const runs = await Promise.all(
        Array.from({ length: 6 }, (_, copy) => processes[copy % 2]?.({ bot: "gold", instant: TEN })),
      );

      expect(runs.filter((run) => run?.kind === "ran")).toHaveLength(1);
      const [order, ...others] = await house.orders();
      expect(others).toEqual([]);
      const [record] = await house.store.query(ticks);
      expect(record?.value).toMatchObject({ reason: "ORDER_PROPOSED", orders: [order?.clientOrderId] });
    } finally {
      await own.close();
    }
  }, 60_000);

  test("bots of one account at once, over two processes, overshoot none of its limits", async () => {
    const own = place();
    const bots = Array.from({ length: 8 }, (_, index) => aBot({ id: `bot-${index + 10}` }));
    const house = await openTickHouse({ place: own, bots });
    try {
      house.script.answer = BUY;
      const processes = [house.start(), house.start()];

      await Promise.all(bots.flatMap(({ id }) => processes.map((run) => deliver(run, id))));

      const proposed = await house.orders();
      const limit = house.config.accounts[0]?.limits.openPositions ?? 0;
      expect(proposed.length).toBeGreaterThan(0);
      expect(proposed.length).toBeLessThanOrEqual(limit);
      expect((await house.store.get(accountRisks, PAPER))?.reservations).toHaveLength(proposed.length);
      expect(await house.store.query(ticks)).toHaveLength(bots.length);
    } finally {
      await own.close();
    }
  }, 120_000);

  test("a close is written once", async () => {
    const own = place();
    const house = await openTickHouse({ place: own });
    try {
      await house.lots([aLot()]);
      house.script.answer = { kind: "exit", positionId: "p1", why: "it falls" };

      await Promise.all([house.start(), house.start()].map((run) => run({ bot: "gold", instant: TEN })));

      expect(await house.orders()).toMatchObject([{ ticket: { closes: "p1" } }]);
    } finally {
      await own.close();
    }
  }, 60_000);
});
