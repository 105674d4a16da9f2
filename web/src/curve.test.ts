import { expect, test } from "vitest";
import { curveOf } from "./curve.ts";

const SIZE = { width: 100, height: 10 };
const at = (minute: number, equity: string) => ({
  at: new Date(Date.UTC(2026, 2, 23, 12, minute)).toISOString(),
  equity,
});

test("the lowest lies at the bottom and the highest at the top, and a gap is as wide as it was long", () => {
  const curve = curveOf([at(0, "100"), at(1, "90"), at(10, "110")], SIZE);

  expect(curve?.line).toBe("0.0,5.0 10.0,10.0 100.0,0.0");
  expect([curve?.first.equity, curve?.last.equity, curve?.lowest.equity, curve?.highest.equity]).toEqual([
    ...["100", "110", "90", "110"],
  ]);
});

test("what never moved is a line through the middle, and one point is no curve", () => {
  expect(curveOf([at(0, "5"), at(5, "5")], SIZE)?.line).toBe("0.0,5.0 100.0,5.0");
  expect(curveOf([at(0, "5")], SIZE)).toBeUndefined();
  expect(curveOf([], SIZE)).toBeUndefined();
});
