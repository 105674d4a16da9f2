import { expect, test } from "vitest";
import { aBot, aTrading } from "../testing/a-trading.ts";
import { planReceiptPoll, planTradingPoll } from "./trading-plan.ts";

const lively = aTrading();
const calm = aTrading({
  bots: [aBot({ session: { isOpen: false } })],
  positions: [],
  orders: { working: [], isCut: false, last: [] },
});
const facts = { isHidden: false, isShown: true, report: lively, problem: undefined };
const limited = (retryAfterMs?: number) => ({
  kind: "refused" as const,
  status: 429,
  ...{ code: "RATE_LIMITED", message: "", next: "" },
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

test.each([
  ["nobody looks at the page", { ...facts, isHidden: true }, undefined],
  ["the morning is shown", { ...facts, isShown: false }, 30_000],
  ["something may move", facts, 5_000],
  ["nothing is open and no session is on", { ...facts, report: calm }, 15_000],
  ["nothing has come yet", { ...facts, report: undefined }, 5_000],
  ["the server did not answer", { ...facts, problem: { kind: "unreachable" as const } }, 5_000],
  ["the server names a wait", { ...facts, problem: limited(42_000) }, 42_000],
  ["the server names none", { ...facts, problem: limited() }, 30_000],
])("while %s, the next look is in %s", (_case, given, wait) => {
  expect(planTradingPoll(given)).toBe(wait);
});

test("all that the page asks in a minute stays within the server's hundred, a kill and a renewal under way", () => {
  const everyMs = planTradingPoll(facts) ?? 0;
  let receipts = 0;
  for (let passedMs = 0; passedMs < 60_000; receipts += 1) passedMs += planReceiptPoll(receipts);
  const curves = 5;
  const statusWhileWaiting = 30;

  expect(60_000 / everyMs + receipts + curves + statusWhileWaiting).toBeLessThan(100);
});
