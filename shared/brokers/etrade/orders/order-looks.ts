/** Reading the list of orders page by page. */
import type { Temporal } from "temporal-polyfill";
import { fail, type Result, succeed } from "../../../platform/result.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { OrderAccess, OrderCalls, OrderQuery } from "./order-calls.ts";
import type { EtradeOrder, OrderPage } from "./order-schemas.ts";

/** Orders by the broker's number. */
export type OrderList = ReadonlyMap<string, EtradeOrder>;

const ROWS_A_PAGE = 100;
const MOST_PAGES = 100;

/**
 * Every order that was placed since then, whatever became of it; older ones may be among them. It is complete or
 * a failure: a page that does not come, and a row that cannot be read, say nothing of what is not there.
 */
export function readOrdersSince(
  calls: Pick<OrderCalls, "list">,
  access: OrderAccess,
  since: Temporal.Instant,
): Promise<Result<OrderList, BrokerCallFailure>> {
  return readPages(calls, access, {}, (page) => endsBefore(page, since));
}

/** Every order that the query names. */
export function readOrders(
  calls: Pick<OrderCalls, "list">,
  access: OrderAccess,
  query: Omit<OrderQuery, "count" | "marker">,
): Promise<Result<OrderList, BrokerCallFailure>> {
  return readPages(calls, access, query, () => false);
}

/**
 * The marker alone says whether there is more: pages may be shorter than they were asked to be. It may be there
 * on the last page too, and the next one may repeat a row, so a page that brings nothing new is the end.
 */
async function readPages(
  calls: Pick<OrderCalls, "list">,
  access: OrderAccess,
  query: Omit<OrderQuery, "count" | "marker">,
  isEnough: (page: OrderPage) => boolean,
): Promise<Result<OrderList, BrokerCallFailure>> {
  const orders = new Map<string, EtradeOrder>();
  let marker: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const read = await calls.list(access, {
      ...query,
      count: ROWS_A_PAGE,
      ...(marker !== undefined && { marker }),
    });
    if (!read.ok) return read;
    const page = read.value;
    if (page.unreadable > 0) return fail("BROKER_REPLY_UNREADABLE", { module: "order" });
    const known = orders.size;
    for (const order of page.orders) orders.set(order.orderId, order);
    if (page.marker === undefined || page.marker === marker || orders.size === known || isEnough(page)) {
      return succeed(orders);
    }
    marker = page.marker;
  }
  return fail("BROKER_REPLY_UNREADABLE", { module: "order" });
}

/** Only where the rows come as they should, newest first, does an old one say that all newer ones were seen. */
function endsBefore({ orders }: OrderPage, since: Temporal.Instant): boolean {
  const times = orders.map(({ placedAt }) => placedAt?.epochMilliseconds);
  const isSorted = times.every((time, index) => {
    const before = index === 0 ? Number.POSITIVE_INFINITY : times[index - 1];
    return time !== undefined && before !== undefined && time <= before;
  });
  const last = times.at(-1);
  return isSorted && last !== undefined && last < since.epochMilliseconds;
}
