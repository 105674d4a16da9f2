import { expect, test } from "vitest";
import { summarize, tableOf } from "./summary.ts";

test("percentiles are samples by nearest rank, whatever their order", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  expect(summarize(hundred)).toEqual({ count: 100, p50: 50, p95: 95, max: 100 });
  expect(summarize([3, 1, 2])).toEqual({ count: 3, p50: 2, p95: 3, max: 3 });
  expect(summarize([7])).toEqual({ count: 1, p50: 7, p95: 7, max: 7 });
});

test("nothing measured has no figures", () => {
  expect(() => summarize([])).toThrow(RangeError);
});

test("columns stand under their headings", () => {
  const rows = [
    ["where", "ms"],
    ["here", "1"],
    ["elsewhere", "1000"],
  ];

  expect(tableOf(rows)).toEqual(["where         ms", "here           1", "elsewhere   1000"]);
});
