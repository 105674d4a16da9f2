import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { measureContained } from "./socket-worker.ts";

/** 80 MB and 5 per cent: one start of Node differs from the next by up to 2 MB, and by as much before it has collected. */
const ALLOWED_MIB = 80;

test.runIf(existsSync("/proc/self/smaps_rollup"))(
  "a worker at rest keeps no more than 80 MB, but for what differs from start to start",
  { timeout: 150_000 },
  async () => {
    const found = await measureContained({
      restMs: 3_000,
      // Node collects some seconds after the last work; on a busy machine it comes to it later.
      isSettled: ({ residentMiB }) => residentMiB <= ALLOWED_MIB,
      atMostMs: 60_000,
    });

    expect(found.residentMiB).toBeLessThanOrEqual(ALLOWED_MIB);
    // Nothing of Node's is this small: the process was there.
    expect(found.residentMiB).toBeGreaterThan(30);
  },
);
