import { expect, test } from "vitest";
import { fail, succeed } from "../../platform/result.ts";
import { openFinds } from "./order-finds.ts";
import type { LookParts } from "./order-looks.ts";
import { AN_ACCOUNT, anOrder } from "./testing/messages.ts";

const SINCE = 1_000_000;

/** A broker that has these orders, and counts what it is asked. */
function aBroker(ids: readonly string[], { isAway = false } = {}) {
  const asked: Record<string, number> = {};
  const froms: number[] = [];
  const orders = ids.map((clientOrderId, index) => anOrder({ orderId: 100 + index, clientOrderId }));
  const request = async (name: string, body: { orderId?: number; fromTimestamp?: number }) => {
    asked[name] = (asked[name] ?? 0) + 1;
    if (isAway) return fail("BROKER_TIMEOUT");
    if (body.fromTimestamp !== undefined) froms.push(body.fromTimestamp);
    if (name === "ProtoOAOrderListReq") return succeed({ order: orders, hasMore: false });
    if (name === "ProtoOADealListReq") return succeed({ deal: [], hasMore: false });
    return succeed({ order: orders.find((one) => one.orderId === body.orderId), deal: [] });
  };
  const looks: LookParts = {
    request: request as LookParts["request"],
    account: AN_ACCOUNT,
    brokerNow: () => SINCE + 60_000,
    positions: () => new Map(),
  };
  return { looks, asked, froms };
}

test("forty orders that are asked for at once cost one read of the broker's list, and each gets its own answer", async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `o${index}`);
  const { looks, asked, froms } = aBroker(ids.slice(0, 30));
  const findOnce = openFinds(() => looks);

  const answers = await Promise.all(ids.map((id, index) => findOnce(id, SINCE + 40 - index)));

  expect(asked).toEqual({ ProtoOAOrderListReq: 1, ProtoOAOrderDetailsReq: 30, ProtoOADealListReq: 1 });
  // From before the oldest of them.
  expect(Math.max(...froms)).toBeLessThanOrEqual(SINCE + 1);
  const found = answers.map((one) => one.ok && one.value.kind === "found" && one.value.order.clientOrderId);
  expect(found.slice(0, 30)).toEqual(ids.slice(0, 30));
  expect(answers.slice(30)).toEqual(ids.slice(30).map(() => succeed({ kind: "absent" })));
});

test("who asks while a search runs comes into the next one", async () => {
  const { looks, asked } = aBroker(["o1", "o2", "o3"]);
  const findOnce = openFinds(() => looks);

  const first = findOnce("o1", SINCE);
  await Promise.resolve();
  await Promise.resolve();
  const others = [findOnce("o2", SINCE), findOnce("o3", SINCE)];

  expect((await Promise.all([first, ...others])).every((one) => one.ok)).toBe(true);
  expect(asked.ProtoOAOrderListReq).toBe(2);
});

test("without a channel, or an answer, nobody is told that an order is absent", async () => {
  const { looks } = aBroker(["o1"], { isAway: true });
  const unconnected = openFinds(() => undefined);
  const unanswered = openFinds(() => looks);

  expect(await Promise.all([unconnected("o1", SINCE), unanswered("o1", SINCE)])).toEqual([
    fail("BROKER_UNREACHABLE"),
    fail("BROKER_UNREACHABLE"),
  ]);
});
