import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { describeEmulated } from "../tests/support/emulators/describe-emulated.ts";
import { BUDGET_MIB, measureContainedCloud } from "./socket-worker.ts";
import { CTRADER_ALONE } from "./worker-place.ts";

describeEmulated("the worker's container", (hosts) => {
  test.runIf(existsSync("/proc/self/smaps_rollup"))(
    "with Google's clients and a cTrader socket it keeps at rest no more than 80 MB",
    { timeout: 200_000 },
    async () => {
      const found = await measureContainedCloud(hosts, {
        held: CTRADER_ALONE,
        restMs: 3_000,
        // Node collects some seconds after the last work; on a busy machine it comes to it later.
        isSettled: ({ residentMiB }) => residentMiB <= BUDGET_MIB,
        atMostMs: 90_000,
      });

      expect(found.residentMiB).toBeLessThanOrEqual(BUDGET_MIB);
      // Nothing of Node's is this small: the process was there.
      expect(found.residentMiB).toBeGreaterThan(30);
    },
  );
});
