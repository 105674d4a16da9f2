import { expect, test } from "vitest";
import { DECODERS, measureDecode } from "./socket-decode.ts";

test("all three clients read the same prices, and each has its cost", () => {
  const costs = measureDecode({
    rounds: 3,
    prices: { openbell: 100, protobufjs: 100, "ctrader-layer": 100 },
  });

  for (const name of DECODERS) expect(costs[name]).toBeGreaterThan(0);
});
