/**
 * The core of `trading-exactly-once.test.ts` on Google's Firestore: its transactions lock what they read, wait for
 * each other, and are tried again by the client.
 */
import { afterAll, expect, test } from "vitest";
import { createFirestoreStore } from "../shared/platform/gcp/firestore-store.ts";
import type { Store } from "../shared/platform/store.ts";
import { aProjectId, describeEmulated } from "./support/emulators/describe-emulated.ts";
import { playCases, type Stage } from "./support/trading/play-case.ts";
import { furnish } from "./support/trading/trading-config.ts";

const FIRST = 20_000;
const CASES = 24;
/** Cases at a time; each has a project of its own. */
const LANES = 4;

const numbersOf = (lane: number) =>
  Array.from({ length: CASES / LANES }, (_, at) => FIRST + at * LANES + lane);

describeEmulated("trading on Firestore", (hosts) => {
  const opened: Store[] = [];
  const stage: Stage = {
    // What is committed is heard of when the answer comes.
    isInOrder: false,
    async store() {
      const store = createFirestoreStore({ projectId: aProjectId(), emulatorHost: hosts.firestore });
      opened.push(store);
      await furnish(store);
      return store;
    },
  };
  afterAll(async () => void (await Promise.all(opened.map((store) => store.close()))));

  test("one order a decision, none after a kill is confirmed, no limit overshot, books and broker equal to the cent", {
    timeout: 300_000,
  }, async () => {
    const lanes = await Promise.all(
      Array.from({ length: LANES }, (_, lane) => playCases(numbersOf(lane), stage)),
    );

    const arrived = lanes.reduce((sum, lane) => sum + lane.arrived, 0);
    const filled = lanes.reduce((sum, lane) => sum + lane.filled, 0);
    expect(arrived).toBeGreaterThan(CASES / 2);
    expect(filled).toBeGreaterThan(CASES / 3);
  });
});
