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
  const windows: { readonly from: number; readonly to: number }[] = [];
  const orders = ids.map((clientOrderId, index) => anOrder({ orderId: 100 + index, clientOrderId }));
  const request = async (
    name: string,
    body: { orderId?: number; fromTimestamp?: number; toTimestamp?: number },
  ) => {
    asked[name] = (asked[name] ?? 0) + 1;
    if (isAway) return fail("BROKER_TIMEOUT");
    const { fromTimestamp: from, toTimestamp: to = 0 } = body;
    if (from !== undefined) {
      froms.push(from);
      windows.push({ from, to });
    }
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
  return { looks, asked, froms, windows };
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

test.each([
  ["set back by hours", -5 * 3_600_000],
  ["slow by ten minutes", -10 * 60_000],
  ["fast by ten minutes", 10 * 60_000],
])("no order is called absent because our clock is %s", async (_, wrongMs) => {
  const { looks, windows } = aBroker(["o1"]);
  const findOnce = openFinds(() => ({ ...looks, brokerNow: () => looks.brokerNow() + wrongMs }));

  // Sent by our clock as it was then, or as it is now.
  const sent = wrongMs < -3_600_000 ? SINCE : SINCE + wrongMs;
  await findOnce("never", sent);

  expect(windows.every(({ from, to }) => from < SINCE && to > SINCE)).toBe(true);
  expect(windows).toHaveLength(2);
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
