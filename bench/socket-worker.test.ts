import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { BUDGET_MIB, measureContained } from "./socket-worker.ts";
import { BOTH } from "./worker-place.ts";

test.runIf(existsSync("/proc/self/smaps_rollup"))(
  "a worker at rest keeps no more than 80 MB",
  { timeout: 150_000 },
  async () => {
    const found = await measureContained({
      held: BOTH,
      restMs: 3_000,
      // Node collects some seconds after the last work; on a busy machine it comes to it later.
      isSettled: ({ residentMiB }) => residentMiB <= BUDGET_MIB,
      atMostMs: 60_000,
    });

    expect(found.residentMiB).toBeLessThanOrEqual(BUDGET_MIB);
    // Nothing of Node's is this small: the process was there.
    expect(found.residentMiB).toBeGreaterThan(30);
  },
);
