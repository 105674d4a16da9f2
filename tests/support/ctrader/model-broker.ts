/** A broker in a few hundred lines: one hedged account, what it answers, and the events it tells. For tests of the desk and the book. */

import type { OrderRequestName } from "../../../shared/brokers/ctrader/protocol/names.ts";
import type {
  Messages,
  ProtoOADeal,
  ProtoOAExecutionEvent,
  ProtoOANewOrderReq,
  ProtoOAOrder,
  ProtoOAPosition,
  ProtoOATradeSide,
} from "../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VirtualTimers } from "../../../shared/platform/local/virtual-timers.ts";

import { createModelState } from "./model-state.ts";

/** The one account. */
export const ACCOUNT = 7;
const FILL_AFTER_MS = 120;
const PROTECTION_AFTER_MS = 6;

type Told = (event: ProtoOAExecutionEvent, clientMsgId: string | undefined) => void;

/** The broker's own state, and hands that a test lays on it. */
export interface ModelBroker {
  readonly orders: Map<number, ProtoOAOrder>;
  readonly positions: Map<number, ProtoOAPosition>;
  readonly deals: ProtoOADeal[];
  balance(): { readonly amount: number; readonly version: number };
  now(): number;
  /** Who hears the events; undefined: nobody. */
  hear(told: Told | undefined): void;
  /** Gives back the code of a refusal. */
  process(name: OrderRequestName, body: Messages[OrderRequestName], clientMsgId: string): string | undefined;
  /** The price reaches a pending order. */
  trigger(orderId: number, volume?: number): void;
  /** The protective order of a position is hit. */
  stopOut(positionId: number): void;
  working(): ProtoOAOrder[];
  open(): ProtoOAPosition[];
}

/** Opens the model on the machine's virtual time. */
export function createModelBroker(
  timers: VirtualTimers,
  options: { readonly fillAfterMs?: number } = {},
): ModelBroker {
  const state = createModelState(timers);
  const { orders, positions, deals, now, nextId, put, putPosition, deal } = state;
  let told: Told | undefined;

  function tell(
    executionType: ProtoOAExecutionEvent["executionType"],
    facts: Omit<ProtoOAExecutionEvent, "ctidTraderAccountId" | "executionType">,
    clientMsgId: string | undefined,
  ): void {
    told?.({ ctidTraderAccountId: ACCOUNT, executionType, ...facts }, clientMsgId);
  }

  function protective(positionId: number): ProtoOAOrder | undefined {
    return [...orders.values()].find(
      (one) =>
        one.orderType === "STOP_LOSS_TAKE_PROFIT" &&
        one.positionId === positionId &&
        one.orderStatus === "ORDER_STATUS_ACCEPTED",
    );
  }

  /** Fills `volume` of an order that opens, and places its levels. */
  function fillOpening(orderId: number, volume: number, clientMsgId: string | undefined): void {
    const order = orders.get(orderId);
    const held = positions.get(order?.positionId ?? 0);
    if (order?.orderStatus !== "ORDER_STATUS_ACCEPTED" || held === undefined) return;
    const executedVolume = (order.executedVolume ?? 0) + volume;
    const isWhole = executedVolume === order.tradeData.volume;
    const filled = put(order, {
      executedVolume,
      executionPrice: 1.1,
      ...(isWhole ? { orderStatus: "ORDER_STATUS_FILLED" as const } : {}),
    });
    const one = deal(filled, volume);
    const position = putPosition(held, {
      positionStatus: "POSITION_STATUS_OPEN",
      price: 1.1,
      tradeData: { ...held.tradeData, volume: held.tradeData.volume + volume },
    });
    tell(
      isWhole ? "ORDER_FILLED" : "ORDER_PARTIAL_FILL",
      { order: filled, position, deal: one },
      clientMsgId,
    );
    if (isWhole) timers.after(PROTECTION_AFTER_MS, () => protect(filled, clientMsgId));
  }

  function protect(entry: ProtoOAOrder, clientMsgId: string | undefined): void {
    const position = positions.get(entry.positionId ?? 0);
    if (position?.positionStatus !== "POSITION_STATUS_OPEN") return;
    if (!entry.relativeStopLoss && !entry.relativeTakeProfit) return;
    const stopLoss = entry.relativeStopLoss ? 1 : undefined;
    const takeProfit = entry.relativeTakeProfit ? 2 : undefined;
    const order = put(
      {
        orderId: nextId(),
        orderType: "STOP_LOSS_TAKE_PROFIT",
        orderStatus: "ORDER_STATUS_ACCEPTED",
        closingOrder: true,
        positionId: position.positionId,
        tradeData: {
          symbolId: entry.tradeData.symbolId,
          volume: position.tradeData.volume,
          tradeSide: opposite(entry.tradeData.tradeSide),
          openTimestamp: now(),
        },
        ...(entry.clientOrderId === undefined ? {} : { clientOrderId: entry.clientOrderId }),
        ...(stopLoss === undefined ? {} : { stopPrice: stopLoss }),
        ...(takeProfit === undefined ? {} : { limitPrice: takeProfit }),
      },
      {},
    );
    const next = putPosition(position, {
      ...(stopLoss === undefined ? {} : { stopLoss }),
      ...(takeProfit === undefined ? {} : { takeProfit }),
    });
    tell("ORDER_ACCEPTED", { order, position: next, isServerEvent: true }, clientMsgId);
  }

  function fillClosing(orderId: number, clientMsgId: string | undefined): void {
    const order = orders.get(orderId);
    const position = positions.get(order?.positionId ?? 0);
    if (order?.orderStatus !== "ORDER_STATUS_ACCEPTED" || position === undefined) return;
    const rest = position.tradeData.volume - order.tradeData.volume;
    if (position.positionStatus !== "POSITION_STATUS_OPEN" || rest < 0) {
      const cancelled = put(order, { orderStatus: "ORDER_STATUS_CANCELLED" });
      tell("ORDER_CANCELLED", { order: cancelled }, clientMsgId);
      return;
    }
    const filled = put(order, {
      orderStatus: "ORDER_STATUS_FILLED",
      executedVolume: order.tradeData.volume,
      executionPrice: 1.1,
    });
    const one = deal(filled, order.tradeData.volume);
    const next = putPosition(position, {
      positionStatus: rest === 0 ? "POSITION_STATUS_CLOSED" : "POSITION_STATUS_OPEN",
      tradeData: { ...position.tradeData, volume: rest },
    });
    tell("ORDER_FILLED", { order: filled, position: next, deal: one }, clientMsgId);
    const guard = protective(position.positionId);
    if (guard === undefined || guard.orderId === orderId) return;
    timers.after(PROTECTION_AFTER_MS, () => {
      const living = protective(position.positionId);
      if (living === undefined) return;
      const volume = positions.get(position.positionId)?.tradeData.volume ?? 0;
      if (volume === 0) {
        tell(
          "ORDER_CANCELLED",
          { order: put(living, { orderStatus: "ORDER_STATUS_CANCELLED" }) },
          clientMsgId,
        );
      } else {
        const smaller = put(living, { tradeData: { ...living.tradeData, volume } });
        tell("ORDER_REPLACED", { order: smaller, isServerEvent: true }, clientMsgId);
      }
    });
  }

  function newOrder(body: ProtoOANewOrderReq, clientMsgId: string): void {
    const isMarket = body.orderType === "MARKET";
    const positionId = nextId();
    const tradeData = {
      symbolId: body.symbolId,
      volume: body.volume,
      tradeSide: body.tradeSide,
      openTimestamp: now(),
      ...(body.comment === undefined ? {} : { comment: body.comment }),
    };
    const order = put(
      {
        orderId: nextId(),
        tradeData,
        orderType: body.orderType,
        orderStatus: "ORDER_STATUS_ACCEPTED",
        executedVolume: 0,
        closingOrder: false,
        positionId,
        timeInForce: isMarket ? "IMMEDIATE_OR_CANCEL" : "GOOD_TILL_CANCEL",
        ...(body.clientOrderId === undefined ? {} : { clientOrderId: body.clientOrderId }),
        ...(body.limitPrice === undefined ? {} : { limitPrice: body.limitPrice }),
        ...(body.relativeStopLoss === undefined ? {} : { relativeStopLoss: body.relativeStopLoss }),
        ...(body.relativeTakeProfit === undefined ? {} : { relativeTakeProfit: body.relativeTakeProfit }),
      },
      {},
    );
    const position = putPosition(
      {
        positionId,
        positionStatus: "POSITION_STATUS_CREATED",
        swap: 0,
        tradeData: { ...tradeData, volume: 0 },
        price: 0,
        moneyDigits: 2,
      },
      {},
    );
    tell("ORDER_ACCEPTED", { order, position }, clientMsgId);
    if (isMarket) {
      timers.after(options.fillAfterMs ?? FILL_AFTER_MS, () =>
        fillOpening(order.orderId, body.volume, clientMsgId),
      );
    }
  }

  function close(positionId: number, volume: number, clientMsgId: string): string | undefined {
    const position = positions.get(positionId);
    if (position?.positionStatus !== "POSITION_STATUS_OPEN") return "POSITION_NOT_FOUND";
    if (volume > position.tradeData.volume) return "TRADING_BAD_VOLUME";
    const order = put(
      {
        orderId: nextId(),
        tradeData: {
          symbolId: position.tradeData.symbolId,
          volume,
          tradeSide: opposite(position.tradeData.tradeSide),
          openTimestamp: now(),
        },
        orderType: "MARKET",
        orderStatus: "ORDER_STATUS_ACCEPTED",
        timeInForce: "IMMEDIATE_OR_CANCEL",
        executedVolume: 0,
        closingOrder: true,
        positionId,
      },
      {},
    );
    tell("ORDER_ACCEPTED", { order, position }, clientMsgId);
    timers.after(options.fillAfterMs ?? FILL_AFTER_MS, () => fillClosing(order.orderId, clientMsgId));
    return undefined;
  }

  function cancel(orderId: number, clientMsgId: string): string | undefined {
    const order = orders.get(orderId);
    if (order?.orderStatus !== "ORDER_STATUS_ACCEPTED" || order.orderType === "MARKET")
      return "ORDER_NOT_FOUND";
    const position = positions.get(order.positionId ?? 0);
    const cancelled = put(order, { orderStatus: "ORDER_STATUS_CANCELLED" });
    const ended =
      position?.positionStatus === "POSITION_STATUS_CREATED"
        ? { position: putPosition(position, { positionStatus: "POSITION_STATUS_CLOSED" }) }
        : {};
    tell("ORDER_CANCELLED", { order: cancelled, ...ended }, clientMsgId);
    return undefined;
  }

  const working = () =>
    [...orders.values()].filter(
      (one) => one.orderStatus === "ORDER_STATUS_ACCEPTED" && one.orderType !== "MARKET",
    );
  return {
    orders,
    positions,
    deals,
    balance: state.balance,
    now,
    hear(next) {
      told = next;
    },
    process(name, body, clientMsgId) {
      switch (name) {
        case "ProtoOANewOrderReq":
          newOrder(body as Messages["ProtoOANewOrderReq"], clientMsgId);
          return undefined;
        case "ProtoOAClosePositionReq": {
          const { positionId, volume } = body as Messages["ProtoOAClosePositionReq"];
          return close(positionId, volume, clientMsgId);
        }
        case "ProtoOACancelOrderReq":
          return cancel((body as Messages["ProtoOACancelOrderReq"]).orderId, clientMsgId);
        default:
          return "UNSUPPORTED_MESSAGE";
      }
    },
    trigger(orderId, volume) {
      const order = orders.get(orderId);
      if (order === undefined) return;
      fillOpening(orderId, volume ?? order.tradeData.volume - (order.executedVolume ?? 0), undefined);
    },
    stopOut(positionId) {
      const guard = protective(positionId);
      if (guard !== undefined) fillClosing(guard.orderId, undefined);
    },
    working,
    open: () => [...positions.values()].filter((one) => one.positionStatus === "POSITION_STATUS_OPEN"),
  };
}

function opposite(side: ProtoOATradeSide): ProtoOATradeSide {
  return side === "BUY" ? "SELL" : "BUY";
}
