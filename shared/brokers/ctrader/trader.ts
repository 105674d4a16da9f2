/** A cTrader session as the product trades through it: tickets in, standings, fills and positions out, in decimals. */
import type { Log } from "../../platform/log.ts";
import { fail, type Result, succeed } from "../../platform/result.ts";
import type { Timers } from "../../platform/timers.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type {
  AccountMoney,
  OrderStanding,
  OrderTicket,
  SoughtClose,
  TradingBroker,
} from "../trading-broker.ts";
import type { AccountBook } from "./book.ts";
import { openFills } from "./fills.ts";
import { amountOf } from "./money.ts";
import type { ChangeAnswer, FoundOrder, OrderCall, OrderDesk } from "./order-desk.ts";
import { TICKET_INVALID } from "./order-refusals.ts";
import type { ProtoOADeal, ProtoOAOrder } from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";
import type { KnownSymbol, SymbolDirectory } from "./symbols.ts";
import { closeOf, orderOf } from "./tickets.ts";
import { openPositionOf, workingOrderOf } from "./trader-views.ts";
import { volumeOf } from "./units.ts";

/** What trading needs of a session. */
export interface TraderParts {
  isReady(): boolean;
  refresh(): Promise<Result<void, BrokerCallFailure>>;
  /** Undefined while it is not known; the list of names has it. */
  currency(): string | undefined;
  readonly orders: OrderDesk;
  readonly book: AccountBook;
  readonly symbols: SymbolDirectory;
  readonly timers: Timers;
  readonly log: Log;
}

interface Trader {
  readonly parts: TraderParts;
  readonly fills: ReturnType<typeof openFills>;
}

/** A cTrader session as the product trades through it. */
export function openTrader(parts: TraderParts): TradingBroker {
  const { book, symbols, orders } = parts;
  const trader: Trader = { parts, fills: openFills(parts) };
  const changed = new Set<() => void>();
  const tell = () => {
    for (const listener of [...changed]) listener();
  };
  book.listen((news) => {
    tell();
    // The money has no currency before the names are read, and no news may come for long after them.
    if (news.kind !== "reconciled" || parts.currency() !== undefined) return;
    void symbols.loadNames().then((loaded) => loaded.ok && tell());
  });
  const nameOf = (symbolId: number) => symbols.nameOf(symbolId) ?? `#${symbolId}`;
  return {
    attachesLevels: true,
    money: () => moneyOf(parts),
    isReady: () => parts.isReady(),
    place(ticket, mayLeave, standing) {
      place(trader, ticket, mayLeave, standing).catch((error: unknown) => {
        // A fault of ours: whether the order had left is not known here, and the broker is asked for it.
        parts.log.error("order-not-followed", { order: ticket.clientOrderId, error });
        standing({ kind: "unknown" });
      });
    },
    find: (clientOrderId, since, closing, brokerOrderId) =>
      find(trader, clientOrderId, since.epochMilliseconds, {
        ...(closing !== undefined && { closing }),
        ...(brokerOrderId !== undefined && { brokerOrderId }),
      }),
    async cancel(brokerOrderId, mayLeave) {
      return resultOf(await orders.cancel({ orderId: Number(brokerOrderId) }, { mayLeave }));
    },
    async refresh() {
      const compared = await parts.refresh();
      return compared.ok && parts.currency() === undefined ? symbols.loadNames() : compared;
    },
    onFill: trader.fills.listen,
    onChange(listener) {
      changed.add(listener);
      return () => changed.delete(listener);
    },
    positions: () =>
      [...book.positions().values()].map((one) => openPositionOf(one, nameOf(one.tradeData.symbolId))),
    workingOrders: () =>
      [...book.orders().values()].map((one) => workingOrderOf(one, nameOf(one.tradeData.symbolId))),
  };
}

function moneyOf({ book, currency }: TraderParts): AccountMoney | undefined {
  const balance = book.balance();
  const name = currency();
  if (balance === undefined || name === undefined) return undefined;
  return { currency: name, balance: amountOf(balance.amount, balance.moneyDigits) };
}

type Tell = (now: OrderStanding) => void;

async function place(
  trader: Trader,
  ticket: OrderTicket,
  mayLeave: () => boolean,
  tell: Tell,
): Promise<void> {
  const symbol = await trader.parts.symbols.byName(ticket.instrument);
  if (!symbol.ok) {
    tell({ kind: "not-sent" });
    return;
  }
  if (symbol.value === undefined) {
    tell(invalid(`the broker has no instrument ${ticket.instrument}`));
    return;
  }
  const call = sendTicket(trader, ticket, symbol.value, mayLeave, tell);
  if (typeof call === "string") {
    tell(invalid(call));
    return;
  }
  const accepted = await call.accepted;
  if (accepted.kind === "unknown") tell({ kind: "unknown" });
  const end = await call.done;
  switch (end.kind) {
    case "filled":
    case "cancelled":
    case "expired":
      tell({ kind: end.kind, ...about(trader, end.order, end.deals, ticket) });
      break;
    case "rejected":
      tell(rejected(end.refusal));
      break;
    default:
      tell({ kind: end.kind });
  }
}

function sendTicket(
  trader: Trader,
  ticket: OrderTicket,
  symbol: KnownSymbol,
  mayLeave: () => boolean,
  tell: Tell,
): OrderCall | string {
  const { orders, book } = trader.parts;
  const options = {
    mayLeave,
    progress(order: ProtoOAOrder, deals: readonly ProtoOADeal[]) {
      trader.fills.own(order.orderId, ticket.clientOrderId);
      tell({ kind: "accepted", ...about(trader, order, deals, ticket) });
    },
  };
  if (ticket.closes !== undefined) {
    const request = closeOf(ticket, symbol, book.positions().get(Number(ticket.closes)));
    return typeof request === "string" ? request : orders.close(request, options);
  }
  const request = orderOf(ticket, symbol);
  return typeof request === "string" ? request : orders.submit(request, options);
}

function about(
  trader: Trader,
  order: ProtoOAOrder,
  deals: readonly ProtoOADeal[],
  ticket: Pick<OrderTicket, "clientOrderId">,
) {
  trader.fills.own(order.orderId, ticket.clientOrderId);
  return {
    brokerOrderId: String(order.orderId),
    ...(order.positionId ? { positionId: String(order.positionId) } : {}),
    fills: deals.map((deal) => trader.fills.fillOf(deal, ticket.clientOrderId)),
  };
}

async function find(
  trader: Trader,
  clientOrderId: string,
  sinceMs: number,
  { closing, brokerOrderId }: { readonly closing?: SoughtClose; readonly brokerOrderId?: string },
): Promise<Result<OrderStanding, BrokerCallFailure>> {
  const { orders, symbols } = trader.parts;
  const names = await symbols.loadNames();
  if (!names.ok) return names;
  const volume = closing === undefined ? undefined : volumeOf(closing.quantity);
  const orderId = brokerOrderId === undefined ? trader.fills.orderIdOf(clientOrderId) : Number(brokerOrderId);
  const found =
    closing === undefined || volume === undefined || orderId !== undefined
      ? await orders.find(clientOrderId, sinceMs, orderId)
      : await orders.findClose(
          {
            positionId: Number(closing.positionId),
            volume,
            take: (seen) => take(trader, seen, clientOrderId, closing),
          },
          sinceMs,
        );
  return found.ok ? succeed(standingOf(trader, found.value, clientOrderId)) : found;
}

/** Takes an order of the broker's for a close of ours, unless it is another's. */
async function take(
  { fills }: Trader,
  orderId: number,
  clientOrderId: string,
  closing: SoughtClose,
): Promise<boolean> {
  const isElsewhere = await closing.isOthers?.(String(orderId));
  const owner = fills.ownerOf(orderId);
  if (isElsewhere === true || (owner !== undefined && owner !== clientOrderId)) return false;
  fills.own(orderId, clientOrderId);
  return true;
}

function standingOf(trader: Trader, found: FoundOrder, clientOrderId: string): OrderStanding {
  if (found.kind === "absent") return found;
  const { order, deals } = found;
  const facts = about(trader, order, deals, { clientOrderId });
  switch (order.orderStatus) {
    case "ORDER_STATUS_ACCEPTED":
      return { kind: "accepted", ...facts };
    case "ORDER_STATUS_FILLED":
      return { kind: "filled", ...facts };
    case "ORDER_STATUS_CANCELLED":
      return { kind: "cancelled", ...facts };
    case "ORDER_STATUS_EXPIRED":
      return { kind: "expired", ...facts };
    case "ORDER_STATUS_REJECTED":
      return { kind: "rejected", brokerCode: "ORDER_REJECTED", reason: "" };
    default:
      return order.orderStatus satisfies never;
  }
}

function resultOf(answer: ChangeAnswer): Result<void, BrokerCallFailure> {
  switch (answer.kind) {
    case "done":
      return succeed(undefined);
    case "rejected": {
      const { brokerCode, description } = answer.refusal;
      return fail("BROKER_REFUSED", { brokerCode, description });
    }
    case "not-sent":
      return fail("BROKER_UNREACHABLE");
    case "unknown":
      return fail("BROKER_TIMEOUT");
    default:
      return answer satisfies never;
  }
}

function invalid(reason: string): OrderStanding {
  return { kind: "rejected", brokerCode: TICKET_INVALID, reason };
}

function rejected({ brokerCode, description }: CtraderRefusal): OrderStanding {
  return { kind: "rejected", brokerCode, reason: description };
}
