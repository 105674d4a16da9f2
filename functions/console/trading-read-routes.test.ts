import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { EQUITY, TRADING, WHY } from "./testing/fake-services.ts";
import { createHouse, type House } from "./testing/house.ts";

let house: House;
let cookie: string;

beforeEach(async () => {
  house = createHouse();
  cookie = await house.signIn();
});
afterEach(() => house.close());

test.each([
  ["/api/trading", TRADING],
  ["/api/trading/equity?account=paper-ctrader-demo", EQUITY],
  ["/api/trading/why?bot=gold", WHY],
])("%s tells the owner, and nobody else", async (path, told) => {
  const inside = await house.ask(path, { cookie });
  const outside = await house.ask(path);

  expect(inside.status).toBe(200);
  expect(await inside.json()).toEqual(told);
  expect(outside.status).toBe(401);
  expect(house.services.calls).toHaveLength(1);
});

test("the hours of the curve and the day of the reasons are handed on", async () => {
  await house.ask("/api/trading/equity?account=a&hours=48", { cookie });
  await house.ask("/api/trading/why?bot=gold&day=2026-11-20", { cookie });

  expect(house.services.calls).toEqual([
    ["equity", { account: "a", hours: 48 }],
    ["why", { bot: "gold", day: Temporal.PlainDate.from("2026-11-20") }],
  ]);
});

test.each([
  ["equity?account=a&hours=49", "hours"],
  ["equity?account=a&hours=0", "hours"],
  ["equity?account=a&hours=1e1", "hours"],
  ["why?bot=gold&day=2026-02-30", "day"],
  ["why?bot=gold&day=yesterday", "day"],
])("%s is refused before anything is read", async (question, field) => {
  const answer = await house.ask(`/api/trading/${question}`, { cookie });

  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ error: { code: "REQUEST_MALFORMED", detail: { field } } });
  expect(house.services.calls).toEqual([]);
});
