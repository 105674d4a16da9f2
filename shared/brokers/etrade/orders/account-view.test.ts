import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { EtradeHolding } from "../portfolio.ts";
import { moneyOf, positionsOf } from "./account-view.ts";

const at = (text: string) => Temporal.Instant.from(text);

const aHolding = (over: Partial<EtradeHolding> = {}): EtradeHolding => ({
  ...{ symbol: "AAPL", securityType: "EQ", quantity: new Decimal(10), price: new Decimal(240) },
  ...{ commission: new Decimal(1), marketValue: new Decimal(2_500) },
  ...over,
});

test("rows of one symbol are one position, at their average and from the earliest", () => {
  const rows = [
    aHolding({ acquiredAt: at("2026-02-01T00:00:00Z") }),
    aHolding({ quantity: new Decimal(30), price: new Decimal(200), acquiredAt: at("2026-01-01T00:00:00Z") }),
  ];

  expect(positionsOf(rows)).toEqual([
    {
      ...{ id: "AAPL", instrument: "AAPL", side: "buy", quantity: new Decimal(40), price: new Decimal(210) },
      ...{ openedAt: at("2026-01-01T00:00:00Z"), commission: new Decimal(-2), swap: new Decimal(0) },
    },
  ]);
});

test("a short position is one of its own name, and what adds up to nothing is none", () => {
  const rows = [
    aHolding({ quantity: new Decimal(-5) }),
    aHolding({ symbol: "KO" }),
    aHolding({ symbol: "KO", quantity: new Decimal(-10) }),
  ];

  expect(positionsOf(rows)).toMatchObject([{ id: "AAPL:short", side: "sell", quantity: new Decimal(5) }]);
});

test("a security whose name no document can have gets one that a document can", () => {
  expect(positionsOf([aHolding({ symbol: "US T 3% É" })])[0]?.id).toMatch(/^[A-Za-z0-9._:-]+$/);
});

test.each([
  ["with what the account is worth", { totalAccountValue: new Decimal(15_000) }],
  ["with the cash alone", { netCash: new Decimal(12_500) }],
])("balance and unrealised profit add up to the account's worth %s", (_name, balance) => {
  const money = moneyOf({ mode: "MARGIN", ...balance }, [aHolding()]);

  expect(money).toEqual({ currency: "USD", balance: new Decimal(14_900), unrealised: new Decimal(100) });
});

test("without anything told of the money nothing is said of it", () => {
  expect(moneyOf({ mode: "CASH" }, [])).toBeUndefined();
});
