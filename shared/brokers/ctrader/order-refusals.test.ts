import { expect, test } from "vitest";
import { isInconclusive, ticketInvalid } from "./order-refusals.ts";

test("a broker that says nothing of an order, or that it could not say, has not refused it", () => {
  const refusal = { brokerCode: "", description: "", action: "unknown" } as const;

  expect(isInconclusive({ ...refusal, brokerCode: "UNKNOWN_ERROR" })).toBe(true);
  expect(isInconclusive({ ...refusal, brokerCode: "TIMEOUT_ERROR", action: "transient" })).toBe(true);
  expect(isInconclusive({ ...refusal, brokerCode: "A_BROKERS_OWN_RULE" })).toBe(false);
  expect(isInconclusive({ ...refusal, brokerCode: "NOT_ENOUGH_MONEY", action: "business" })).toBe(false);
  expect(isInconclusive(ticketInvalid("no volume"))).toBe(false);
});
