/**
 * The core of `trading-exactly-once.test.ts` on Google's Firestore: its transactions lock what they read, wait for
 * each other, and are tried again by the client.
 */
import { afterAll, expect, test } from "vitest";
import { createFirestoreStore } from "../shared/platform/gcp/firestore-store.ts";
import type { Store } from "../shared/platform/store.ts";
import { aProjectId, describeEmulated } from "./support/emulators/describe-emulated.ts";
import { playCases } from "./support/trading/play-case.ts";
import { furnish } from "./support/trading/trading-config.ts";

const FIRST = 20_000;
const CASES = 30;

describeEmulated("trading on Firestore", (hosts) => {
  const opened: Store[] = [];
  afterAll(async () => void (await Promise.all(opened.map((store) => store.close()))));

  test("one order a decision, none after a kill is confirmed, no limit overshot, books and broker equal to the cent", {
    timeout: 300_000,
  }, async () => {
    const numbers = Array.from({ length: CASES }, (_, at) => FIRST + at);

    const { arrived, filled } = await playCases(numbers, {
      // What is committed is heard of when the answer comes.
      isInOrder: false,
      async store() {
        const store = createFirestoreStore({ projectId: aProjectId(), emulatorHost: hosts.firestore });
        opened.push(store);
        await furnish(store);
        return store;
      },
    });

    expect(arrived).toBeGreaterThan(CASES / 2);
    expect(filled).toBeGreaterThan(CASES / 3);
  });
});
