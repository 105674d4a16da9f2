import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { Lot } from "./records.ts";
import { type Prices, rollAccount, valueLots } from "./value-account.ts";

const d = (value: string | number) => new Decimal(value);
const MONDAY = Temporal.Instant.from("2026-11-23T15:00:00Z");

const aLot = (over: Partial<Lot> = {}): Lot => ({
  positionId: "p1",
  instrument: "GOLD",
  side: "buy",
  quantity: d(2),
  price: d(100),
  openedAt: MONDAY,
  fees: d(-1),
  ...over,
});

const prices: Prices = {
  quoteOf: (instrument) => (instrument === "SILENT" ? undefined : { bid: d("101.5"), ask: d(102) }),
  conversionOf: (instrument) => (instrument === "PALM" ? d("0.25") : instrument === "ODD" ? undefined : d(1)),
};

test("longs are valued at the bid and shorts at the ask, in the account's currency", () => {
  const { unrealised, byBot, unvalued } = valueLots(
    [
      aLot({ bot: "gold" }),
      aLot({ side: "sell", bot: "gold" }),
      aLot({ instrument: "PALM", bot: "palm" }),
      aLot(),
    ],
    prices,
  );

  expect(unrealised.toString()).toBe("2.75");
  expect(Object.fromEntries([...byBot].map(([bot, value]) => [bot, value.toString()]))).toEqual({
    gold: "-1",
    palm: "0.75",
  });
  expect(unvalued).toEqual([]);
});

test.each(["SILENT", "ODD"])("a lot of %s cannot be valued, and that is said", (instrument) => {
  const lot = aLot({ instrument, bot: "gold" });

  const { unrealised, byBot, unvalued } = valueLots([lot, aLot()], prices);

  expect(unrealised.toString()).toBe("3");
  expect(byBot.has("gold")).toBe(false);
  expect(unvalued).toEqual([lot]);
});

const marks = (one: ReturnType<typeof rollAccount>) => ({
  peak: one.peakEquity.toString(),
  day: [one.day, one.dayEquity.toString()],
  week: [one.week, one.weekEquity.toString()],
});

test("at its first sight an account is measured from what it has", () => {
  expect(marks(rollAccount(undefined, MONDAY, d(500)))).toEqual({
    peak: "500",
    day: ["2026-11-23", "500"],
    week: ["2026-11-23", "500"],
  });
});

test("within a day only the peak moves, and only up", () => {
  const first = rollAccount(undefined, MONDAY, d(500));
  const up = rollAccount(first, MONDAY.add({ hours: 1 }), d(700));
  const down = rollAccount(up, MONDAY.add({ hours: 2 }), d(600));

  expect(marks(down)).toEqual({ peak: "700", day: ["2026-11-23", "500"], week: ["2026-11-23", "500"] });
});

test("New York's midnight begins a day and its Monday a week; a clock set back begins nothing", () => {
  const first = rollAccount(undefined, MONDAY, d(500));
  const late = rollAccount(first, Temporal.Instant.from("2026-11-24T04:59:59Z"), d(510));
  const tuesday = rollAccount(late, Temporal.Instant.from("2026-11-24T05:00:00Z"), d(520));
  const back = rollAccount(tuesday, MONDAY, d(530));
  const nextWeek = rollAccount(back, Temporal.Instant.from("2026-11-30T05:00:00Z"), d(540));

  expect(marks(late).day).toEqual(["2026-11-23", "500"]);
  expect(marks(tuesday)).toMatchObject({ day: ["2026-11-24", "520"], week: ["2026-11-23", "500"] });
  expect(marks(back).day).toEqual(["2026-11-24", "520"]);
  expect(marks(nextWeek)).toMatchObject({ day: ["2026-11-30", "540"], week: ["2026-11-30", "540"] });
});

test.each([
  ["what was lost until the morning's login is lost in the day", 1, 560, 500, "560"],
  ["what was won, or paid in, is no gain of the day", 1, 400, 500, "500"],
  ["what was seen a week ago says nothing", 6, 560, 500, "500"],
])("a day whose beginning nobody saw: %s", (_, days, last, equity, begun) => {
  const at = MONDAY.subtract({ hours: 24 * days });
  const before = { ...rollAccount(undefined, at, d(last)), equity: d(last), at };

  expect(marks(rollAccount(before, MONDAY, d(equity)))).toMatchObject({
    day: ["2026-11-23", begun],
    week: ["2026-11-23", begun],
  });
});
