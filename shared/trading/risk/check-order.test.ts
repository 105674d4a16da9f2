import { expect, test } from "vitest";
import { aQuestion, someFacts } from "../../../tests/support/risk-facts.ts";
import { checkOrder } from "./check-order.ts";

test("an order of the default bot passes on a fresh account", () => {
  expect(checkOrder(aQuestion(), someFacts())).toMatchObject({ kind: "passed", warnings: [] });
});
