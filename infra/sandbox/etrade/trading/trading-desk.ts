/** Answers the calls that belong to one account: balance, portfolio, transactions and orders. */
import type { Temporal } from "temporal-polyfill";
import { accountBalance, type SimulatedAccount } from "../accounts.ts";
import { type Dress, good, nothing, refuse } from "../dress.ts";
import type { Faults } from "../faults.ts";
import { type Call, pathOf, type Reply, type Texts } from "../http-words.ts";
import type { SessionOn } from "../market-hours.ts";
import type { AccountEndpoint } from "../vocabulary.ts";
import { buyingPower } from "./checks.ts";
import { eventsOf, listedOrder, type OrderDress } from "./dress-orders.ts";
import { createOrderDesk, type OrderAnswer } from "./order-desk.ts";
import { type ListAnswer, listOrders } from "./order-list.ts";
import { type PortfolioAsk, portfolio, positionLots } from "./portfolio.ts";
import { readBody } from "./read-body.ts";
import type { TradingBook } from "./trading-book.ts";
import { listTransactions } from "./transactions.ts";

/** One call on an account that is the caller's own. */
export interface AccountCall {
  readonly endpoint: AccountEndpoint;
  readonly account: SimulatedAccount;
  /** The order or position that the path names. */
  readonly item: string | undefined;
  readonly call: Call;
  readonly query: Texts;
  readonly now: Temporal.Instant;
  readonly dress: Dress;
}

interface DeskDeps {
  readonly book: TradingBook;
  readonly sessionOn: SessionOn;
  faults(): Faults;
}

export type TradingDesk = (asked: AccountCall) => Reply;

export function createTradingDesk(deps: DeskDeps): TradingDesk {
  const orders = createOrderDesk(deps);
  return function answer(asked) {
    const { endpoint, account, now, dress, call, item } = asked;
    const body = () => ({ account, now, body: readBody(call.body) });
    const change = () => ({ ...body(), orderId: Number(item) });
    switch (endpoint) {
      case "accounts/balance":
        return balance(deps, asked);
      case "accounts/portfolio":
        return listed(portfolio(portfolioAsk(deps, asked)), dress, deps.faults());
      case "accounts/lots":
        return listed(positionLots(portfolioAsk(deps, asked), item ?? ""), dress, deps.faults());
      case "accounts/transactions":
        return listed(transactions(deps, asked), dress, deps.faults());
      case "orders/list":
        return listed(list(deps, asked), dress, deps.faults());
      case "orders/details":
        return details(deps, asked);
      case "orders/preview":
        return done(orders.preview(body()), dress, deps.faults());
      case "orders/place":
        return done(orders.place(body()), dress, deps.faults());
      case "orders/cancel":
        return done(orders.cancel(body()), dress, deps.faults());
      case "orders/change-preview":
        return done(orders.preview(change()), dress, deps.faults());
      case "orders/change-place":
        return done(orders.place(change()), dress, deps.faults());
      default:
        return endpoint satisfies never;
    }
  };
}

function refusedReply(
  refusal: Parameters<typeof refuse>[0],
  dress: Dress,
  { missingErrorCode }: Pick<Faults, "missingErrorCode">,
): Reply {
  const { code: _, ...bare } = refusal;
  return refuse(missingErrorCode ? bare : refusal, dress);
}

function done(answer: OrderAnswer, dress: Dress, faults: Faults): Reply {
  return answer.ok ? good(answer.document, dress) : refusedReply(answer.refusal, dress, faults);
}

function listed(answer: ListAnswer, dress: Dress, faults: Faults): Reply {
  switch (answer.kind) {
    case "page":
      return good(answer.document, dress);
    case "nothing":
      return nothing();
    case "refused":
      return refusedReply(answer.refusal, dress, faults);
    default:
      return answer satisfies never;
  }
}

/** The address of a path below the account, or of one from the root, with the suffix that the call had. */
function addressOf({ call, account }: AccountCall, path: string): string {
  const suffix = pathOf(call.target).endsWith(".json") ? ".json" : "";
  const base = path.startsWith("/") ? path : `/v1/accounts/${account.accountIdKey}/${path}`;
  return `${call.scheme}://${call.headers.host ?? "localhost"}${base}${suffix}`;
}

function orderDress({ book, faults }: DeskDeps, asked: AccountCall): OrderDress {
  return {
    faults: faults(),
    nameOf: (symbol) => book.market.tape.listing(symbol).name,
    fateOf: (orderId, subject) => book.fateOf(asked.account.accountIdKey, orderId, subject),
    detailsOf: (orderId) => addressOf(asked, `orders/${orderId}`),
  };
}

function list(deps: DeskDeps, asked: AccountCall): ListAnswer {
  const { account, now, query } = asked;
  const { orders } = deps.book.at(account, now);
  const address = addressOf(asked, "orders");
  return listOrders(orders, { query, now, dress: orderDress(deps, asked), address });
}

function details(deps: DeskDeps, asked: AccountCall): Reply {
  const { account, now, item, dress } = asked;
  const found = deps.book.at(account, now).orders.find(({ orderId }) => String(orderId) === item);
  const faults = deps.faults();
  if (found === undefined) {
    const refusal = { status: 400, code: faults.orderUnknownCode, message: "The order was not found." };
    return refusedReply(refusal, dress, faults);
  }
  const shape = orderDress(deps, asked);
  const order = { ...listedOrder(found, shape), Events: eventsOf(found, shape) };
  return good({ OrdersResponse: { Order: [order] } }, dress);
}

function portfolioAsk(deps: DeskDeps, asked: AccountCall): PortfolioAsk {
  const { account, now, query } = asked;
  return {
    ...{ account, now, query, trading: deps.book.at(account, now) },
    market: { prices: deps.book.market.tape, sessionOn: deps.sessionOn },
    addressOf: (path) => addressOf(asked, path),
  };
}

function transactions(deps: DeskDeps, asked: AccountCall): ListAnswer {
  const { account, now, query } = asked;
  return listTransactions({
    ...{ account, query, faults: deps.faults(), sessionOn: deps.sessionOn },
    trading: deps.book.at(account, now),
    nameOf: (symbol) => deps.book.market.tape.listing(symbol).name,
    address: addressOf(asked, "transactions"),
  });
}

function balance({ book }: DeskDeps, asked: AccountCall): Reply {
  const { account, now, query, dress } = asked;
  if (query.instType !== "BROKERAGE") {
    return refuse({ status: 400, code: 7002, message: "The institution type is not valid." }, dress);
  }
  return good(
    accountBalance(account, moneyOf(book, account, now), { isRealTime: query.realTimeNAV === "true" }),
    dress,
  );
}

/** An account's money at a moment, in cents. */
export function moneyOf(book: TradingBook, account: SimulatedAccount, now: Temporal.Instant) {
  const trading = book.at(account, now);
  const at = { account, trading, market: book.market, now: now.epochMilliseconds, changes: undefined };
  const { reservedCents, netValueCents, grossCents } = buyingPower(at);
  return {
    cashCents: trading.cashCents,
    reservedCents,
    longCents: (grossCents + netValueCents) / 2,
    shortCents: (grossCents - netValueCents) / 2,
  };
}
