import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { describeEmulated } from "../tests/support/emulators/describe-emulated.ts";
import { measureContainedCloud } from "./socket-worker.ts";

/** 80 MB and 5 per cent, as for the worker on SQLite: one start of Node differs from the next. */
const ALLOWED_MIB = 80;

describeEmulated("the worker's container", (hosts) => {
  test.runIf(existsSync("/proc/self/smaps_rollup"))(
    "with Google's clients it keeps at rest no more than 80 MB, but for what differs from start to start",
    { timeout: 200_000 },
    async () => {
      const found = await measureContainedCloud(hosts, {
        restMs: 3_000,
        // Node collects some seconds after the last work; on a busy machine it comes to it later.
        isSettled: ({ residentMiB }) => residentMiB <= ALLOWED_MIB,
        atMostMs: 90_000,
      });

      expect(found.residentMiB).toBeLessThanOrEqual(ALLOWED_MIB);
      // Nothing of Node's is this small: the process was there.
      expect(found.residentMiB).toBeGreaterThan(30);
    },
  );
});
