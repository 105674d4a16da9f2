import { beforeEach, expect, test } from "vitest";
import type { BusFaults } from "../../shared/platform/local/bus-faults.ts";
import { createDeliveryBoard, type DeliveryBoard } from "./delivery-board.ts";

let given: BusFaults[];
let board: DeliveryBoard;
beforeEach(() => {
  given = [];
  board = createDeliveryBoard((faults) => given.push(faults));
});

const CALM = { deliverTwice: false, dropFraction: 0, delayMs: 0 };

test("at first nothing is disturbed, and every switch explains itself", () => {
  expect(board.faults()).toEqual(CALM);
  expect(board.isDoubling()).toBe(false);
  expect(board.switches().map(({ name, value }) => [name, value])).toEqual(Object.entries(CALM));
  for (const { description } of board.switches()) expect(description).toMatch(/^[A-Z].*\.$/);
});

test("what is set goes to the bus and the scheduler at once, and the rest stays", async () => {
  await board.setFaults({ delayMs: 500 });
  const set = await board.setFaults({ deliverTwice: true, dropFraction: 0.5 });

  const all = { deliverTwice: true, dropFraction: 0.5, delayMs: 500 };
  expect(set).toEqual({ ok: true, value: all });
  expect(given.at(-1)).toEqual(all);
  expect(board.isDoubling()).toBe(true);
  expect(board.switches().map((one) => one.value)).toEqual([true, 0.5, 500]);
});

test("null puts one switch back", async () => {
  await board.setFaults({ deliverTwice: true, dropFraction: 1, delayMs: 500 });

  await board.setFaults({ deliverTwice: null, delayMs: null });

  expect(given.at(-1)).toEqual({ ...CALM, dropFraction: 1 });
  expect(board.isDoubling()).toBe(false);
});

test.each([
  undefined,
  null,
  [],
  "deliverTwice",
  { deliverTwice: "yes" },
  { dropFraction: 1.01 },
  { dropFraction: -0.01 },
  { dropFraction: Number.NaN },
  { delayMs: 0.5 },
  { delayMs: 600_001 },
  { deliverTwice: true, unknown: 1 },
])("%j is refused and changes nothing", async (patch) => {
  const refused = await board.setFaults(patch);

  expect(refused).toMatchObject({ ok: false, code: "SANDBOX_SWITCH_INVALID" });
  expect(given).toEqual([]);
  expect(board.faults()).toEqual(CALM);
});

test.each([
  [{ delayMs: -1 }, "delayMs"],
  [{ surprise: 1 }, "surprise"],
])("a refusal of %j names the switch and the problem in plain words", async (patch, name) => {
  const refused = await board.setFaults(patch);

  expect(refused).toMatchObject({
    detail: { switch: name, problem: expect.stringMatching(/^[A-Z][^✖→]+$/) },
  });
});

test("every switch tells where it starts and what it takes, also once it is moved", async () => {
  await board.setFaults({ deliverTwice: true, dropFraction: 0.5, delayMs: 500 });

  const views = board.switches();

  expect(views.map(({ name, initial, takes }) => [name, initial, takes])).toEqual([
    ["deliverTwice", false, "true or false"],
    ["dropFraction", 0, "number 0 to 1"],
    ["delayMs", 0, "whole number 0 to 600000"],
  ]);
});
