import type { Answer, Pair, Rig } from "./rig.ts";

/** A customer with an access token and one account, who sends order calls as a client would. */
export interface Trader {
  readonly key: string;
  readonly token: Pair;
  call(
    method: string,
    path: string,
    given?: { body?: unknown; query?: Query; timeoutMs?: number },
  ): Promise<Answer>;
  preview(ticket: Ticket): Promise<Answer>;
  /** Places with these preview ids. */
  place(ticket: Ticket, previewIds: unknown): Promise<Answer>;
  /** Previews and places; gives the order's id. Throws when either is refused. */
  order(ticket: Ticket): Promise<number>;
  cancel(orderId: number): Promise<Answer>;
  /** All rows of the first page; none for an empty list. */
  list(query?: Query): Promise<readonly Row[]>;
  one(orderId: number): Promise<Row>;
  balance(): Promise<{ readonly cash: number; readonly total: number }>;
  positions(): Promise<Readonly<Record<string, number>>>;
}

type Query = readonly (readonly [string, string])[];

/** A row of a list, with what tests look at. */
export interface Row {
  readonly orderId: number;
  readonly status: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly leg: Readonly<Record<string, unknown>>;
}

/** What an order asks for; the rest is a plain order of the regular session for today. */
export interface Ticket {
  readonly id: string;
  readonly symbol?: string;
  readonly action?: string;
  readonly quantity?: number | string;
  readonly priceType?: string;
  readonly limitPrice?: number | string;
  readonly stopPrice?: number | string;
  readonly orderTerm?: string;
  readonly marketSession?: string;
  readonly allOrNone?: boolean | string;
}

/** The object below the root of a preview or place. */
export function requestOf(ticket: Ticket) {
  const { id, symbol = "AAPL", action = "BUY", quantity = 10, priceType = "MARKET" } = ticket;
  const { orderTerm = "GOOD_FOR_DAY", marketSession = "REGULAR", allOrNone = "false" } = ticket;
  const { limitPrice, stopPrice } = ticket;
  return {
    orderType: "EQ",
    clientOrderId: id,
    Order: [
      {
        ...{ allOrNone, priceType, orderTerm, marketSession },
        ...(limitPrice === undefined ? {} : { limitPrice }),
        ...(stopPrice === undefined ? {} : { stopPrice }),
        Instrument: [
          {
            Product: { securityType: "EQ", symbol },
            orderAction: action,
            quantityType: "QUANTITY",
            quantity,
          },
        ],
      },
    ],
  };
}

function rowOf(order: { orderId: number; OrderDetail: [{ status: string; Instrument: [object] }] }): Row {
  const [detail] = order.OrderDetail;
  return {
    orderId: order.orderId,
    status: detail.status,
    detail: { ...detail },
    leg: { ...detail.Instrument[0] },
  };
}

const rowsOf = (answer: Answer): readonly Row[] =>
  answer.status === 204 ? [] : JSON.parse(answer.body).OrdersResponse.Order.map(rowOf);

/** Logs in and takes the account with this index: 0 is the margin account, 1 the cash account. */
export async function startTrader(rig: Rig, index = 0): Promise<Trader> {
  const token = await rig.accessToken();
  const list = JSON.parse((await rig.call("/v1/accounts/list.json", { token })).body);
  const key: string = list.AccountListResponse.Accounts.Account[index].accountIdKey;
  rig.simulator.setFaults({ ordersPerSecond: 0, accountsPerSecond: 0, idleAfterMinutes: 1_440 });
  const path = (rest: string) => `/v1/accounts/${key}/${rest}.json`;
  const trader: Trader = {
    key,
    token,
    call: (method, rest, { body, query, timeoutMs } = {}) =>
      rig.call(path(rest), {
        method,
        token,
        ...(query === undefined ? {} : { query }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      }),
    preview: (ticket) =>
      trader.call("POST", "orders/preview", { body: { PreviewOrderRequest: requestOf(ticket) } }),
    place: (ticket, PreviewIds) =>
      trader.call("POST", "orders/place", {
        body: { PlaceOrderRequest: { ...requestOf(ticket), PreviewIds } },
      }),
    async order(ticket) {
      const preview = await trader.preview(ticket);
      if (preview.status !== 200) throw new Error(preview.body);
      const placed = await trader.place(ticket, JSON.parse(preview.body).PreviewOrderResponse.PreviewIds);
      if (placed.status !== 200) throw new Error(placed.body);
      return JSON.parse(placed.body).PlaceOrderResponse.OrderIds[0].orderId;
    },
    cancel: (orderId) => trader.call("PUT", "orders/cancel", { body: { CancelOrderRequest: { orderId } } }),
    list: async (query = []) => rowsOf(await trader.call("GET", "orders", { query })),
    async one(orderId) {
      const [row] = rowsOf(await trader.call("GET", `orders/${orderId}`));
      if (row === undefined) throw new Error("no such order");
      return row;
    },
    async balance() {
      const query = [
        ["instType", "BROKERAGE"],
        ["realTimeNAV", "true"],
      ] as const;
      const { Computed } = JSON.parse((await trader.call("GET", "balance", { query })).body).BalanceResponse;
      return { cash: Computed.netCash, total: Computed.RealTimeValues.totalAccountValue };
    },
    async positions() {
      const answer = await trader.call("GET", "portfolio");
      if (answer.status === 204) return {};
      const [page] = JSON.parse(answer.body).PortfolioResponse.AccountPortfolio;
      const rows: { symbolDescription: string; quantity: number }[] = page.Position;
      return Object.fromEntries(rows.map((row) => [row.symbolDescription, row.quantity]));
    },
  };
  return trader;
}

/** The broker's code in a refusal. */
export function codeOf(answer: Answer): number | undefined {
  return answer.body === "" ? undefined : JSON.parse(answer.body).Error?.code;
}
