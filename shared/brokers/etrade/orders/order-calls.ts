/** The calls of E*TRADE's module of orders. Those that act leave at most once. */
import type { Temporal } from "temporal-polyfill";
import { fail, type Result, succeed } from "../../../platform/result.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { AccountIdKey } from "../accounts.ts";
import type { Calls, Written } from "../calls.ts";
import type { TokenPair } from "../token.ts";
import { encodePathSegment } from "../url.ts";
import { type OrderRequest, orderBody } from "./order-request.ts";
import {
  cancelledSchema,
  type EtradeOrder,
  type OrderMessage,
  type OrderPage,
  type OrderPreview,
  orderPageSchema,
  type PlacedOrder,
  placedSchema,
  previewSchema,
} from "./order-schemas.ts";

/** Whose orders, and by which right. */
export interface OrderAccess {
  readonly token: TokenPair;
  readonly accountIdKey: AccountIdKey;
}

/** What a list of orders is narrowed to. Both dates are the exchange's, or neither is given. */
export interface OrderQuery {
  readonly status?: "OPEN" | "EXECUTED" | "CANCEL_REQUESTED" | "CANCELLED" | "INDIVIDUAL_FILLS";
  readonly from?: Temporal.PlainDate;
  readonly to?: Temporal.PlainDate;
  readonly marker?: string;
  /** Rows a page, at most 100. */
  readonly count: number;
}

export interface OrderCalls {
  /** One page, newest first; an account without orders has an empty one. */
  list(access: OrderAccess, query: OrderQuery): Promise<Result<OrderPage, BrokerCallFailure>>;
  /** Undefined where the broker answers without naming this order. */
  details(access: OrderAccess, orderId: string): Promise<Result<EtradeOrder | undefined, BrokerCallFailure>>;
  /** Has no effect on the market; it is asked once all the same. */
  preview(access: OrderAccess, request: OrderRequest, options: WriteOptions): Promise<Written<OrderPreview>>;
  /** Places what was previewed, with all of its preview ids as they came. */
  place(
    access: OrderAccess,
    request: OrderRequest,
    options: WriteOptions & { readonly preview: OrderPreview },
  ): Promise<Written<PlacedOrder>>;
  /** Done means asked for: the order is cancelled some seconds later, or filled. */
  cancel(
    access: OrderAccess,
    orderId: string,
    options: Pick<WriteOptions, "mayLeave">,
  ): Promise<Written<{ readonly messages: readonly OrderMessage[] }>>;
}

export interface WriteOptions {
  /** Asked in the moment before the bytes leave. */
  mayLeave(): boolean;
  /** The order that is changed in place of a new one: the broker cancels it and makes another with an id of its own. */
  readonly changes?: string;
}

export function createOrderCalls(calls: Calls): OrderCalls {
  return {
    async list(access, query) {
      const read = await calls.read({
        module: "order",
        path: pathOf(access, ""),
        query: queryOf(query),
        token: access.token,
        schema: orderPageSchema,
      });
      return read.ok ? succeed(read.value.value ?? { orders: [], rows: 0, unreadable: 0 }) : read;
    },
    async details(access, orderId) {
      const path = pathOf(access, `/${orderPath(orderId)}`);
      const read = await calls.read({ module: "order", path, token: access.token, schema: orderPageSchema });
      if (!read.ok) return read;
      const page = read.value.value;
      if (page !== undefined && page.unreadable > 0) {
        return fail("BROKER_REPLY_UNREADABLE", { module: "order" });
      }
      return succeed(page?.orders.find((one) => one.orderId === orderId));
    },
    preview: (access, request, { mayLeave, changes }) =>
      calls.write({
        ...doorOf(access, "preview", changes),
        body: { PreviewOrderRequest: orderBody(request) },
        schema: previewSchema,
        mayLeave,
      }),
    place: (access, request, { preview, mayLeave, changes }) =>
      calls.write({
        ...doorOf(access, "place", changes),
        body: placeBody(request, preview),
        schema: placedSchema,
        mayLeave,
      }),
    cancel: (access, orderId, { mayLeave }) =>
      calls.write({
        method: "PUT",
        path: pathOf(access, "/cancel"),
        token: access.token,
        body: { CancelOrderRequest: { orderId: Number(orderPath(orderId)) } },
        schema: cancelledSchema,
        mayLeave,
      }),
  };
}

function doorOf(access: OrderAccess, step: "preview" | "place", changes: string | undefined) {
  const { token } = access;
  return changes === undefined
    ? ({ method: "POST", path: pathOf(access, `/${step}`), token } as const)
    : ({ method: "PUT", path: pathOf(access, `/${orderPath(changes)}/change/${step}`), token } as const);
}

function pathOf({ accountIdKey }: OrderAccess, rest: string): string {
  return `/v1/accounts/${encodePathSegment(accountIdKey)}/orders${rest}.json`;
}

/** Only this spelling counts: others are ignored, and the answer then blames a time-out. */
function placeBody(request: OrderRequest, { previewIds }: OrderPreview): Readonly<Record<string, unknown>> {
  return { PlaceOrderRequest: { ...orderBody(request), PreviewIds: previewIds } };
}

/** Throws a RangeError for what is no order number of this broker. */
function orderPath(orderId: string): string {
  if (!/^\d{1,15}$/.test(orderId)) throw new RangeError("An order's number has 1 to 15 digits.");
  return orderId;
}

function queryOf({ status, from, to, marker, count }: OrderQuery): Readonly<Record<string, string>> {
  return {
    count: String(count),
    ...(status !== undefined && { status }),
    ...(from !== undefined && to !== undefined && { fromDate: dateText(from), toDate: dateText(to) }),
    ...(marker !== undefined && { marker }),
  };
}

/** Month, day and year as `MMDDYYYY`. */
function dateText({ year, month, day }: Temporal.PlainDate): string {
  return [month, day].map((part) => String(part).padStart(2, "0")).join("") + String(year);
}
