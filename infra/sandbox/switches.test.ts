import { beforeEach, expect, test } from "vitest";
import { fail, succeed } from "../../shared/platform/result.ts";
import { choice, type HeldSwitches, holdSwitches, type Positions, toggle, whole } from "./switches.ts";

const TABLE = {
  late: toggle("Everything comes late."),
  lost: whole(0, [0, 3], "So many are lost; counts down."),
  mood: choice(["good", "bad"], "How it feels."),
};
const START = { late: false, lost: 0, mood: "good" };

let told: Positions<typeof TABLE>[];
let switches: HeldSwitches<typeof TABLE>;
beforeEach(() => {
  told = [];
  switches = holdSwitches(TABLE, {
    start: { mood: "bad" },
    act: (next) =>
      next.lost === 3
        ? fail("SANDBOX_SWITCH_INVALID", { switch: "lost", problem: "too many" })
        : succeed({ ...next, mood: "good" }),
    changed: (now) => told.push(now),
  });
});

test("it begins at its start, and a patch holds as what it has brought about", () => {
  const before = switches.current();

  const patched = switches.patch({ late: true });

  expect(before).toEqual({ ...START, mood: "bad" });
  expect(patched).toEqual(succeed({ ...START, late: true }));
  expect(told).toEqual([switches.current()]);
  expect(switches.view().map(({ name, value }) => [name, value])).toEqual([
    ["late", true],
    ["lost", 0],
    ["mood", "good"],
  ]);
});

test.each([{ lost: 4 }, { nothing: 1 }, { lost: 3 }])(
  "a patch that is refused, %j, changes nothing",
  (patch) => {
    const before = switches.current();

    expect(switches.patch(patch)).toMatchObject({ ok: false, code: "SANDBOX_SWITCH_INVALID" });
    expect(switches.current()).toBe(before);
    expect(told).toEqual([]);
  },
);

test("a counted switch hits as often as it says and then no more", () => {
  switches.patch({ lost: 2 });

  expect([1, 2, 3].map(() => switches.spend("lost"))).toEqual([true, true, false]);
  expect(switches.current().lost).toBe(0);
});

test("what is turned from inside is not asked about", () => {
  switches.turn({ lost: 3 });

  expect(switches.current()).toEqual({ ...START, lost: 3, mood: "bad" });
});

test("two that are made of one table have nothing in common", () => {
  const other = holdSwitches(TABLE);
  switches.turn({ late: true });

  expect(other.current()).toEqual(START);
});
