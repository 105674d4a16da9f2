/** Messages of the broker with usual values, for tests. */
import type { ChannelEvent } from "../channel.ts";
import type {
  ProtoOADeal,
  ProtoOAExecutionEvent,
  ProtoOAExecutionType,
  ProtoOAOrder,
  ProtoOAPosition,
  ProtoOATradeData,
} from "../protocol/open-api.generated.ts";

/** The account of these messages. */
export const AN_ACCOUNT = 1_000_001;

/** Ten units bought, in the broker's words. */
export function aTrade(over: Partial<ProtoOATradeData> = {}): ProtoOATradeData {
  return { symbolId: 1, volume: 1_000, tradeSide: "BUY", openTimestamp: 1_000, ...over };
}

/** A market order that was accepted. */
export function anOrder(over: Partial<ProtoOAOrder> = {}): ProtoOAOrder {
  return {
    orderId: 11,
    tradeData: aTrade(),
    orderType: "MARKET",
    orderStatus: "ORDER_STATUS_ACCEPTED",
    executedVolume: 0,
    closingOrder: false,
    positionId: 5,
    timeInForce: "IMMEDIATE_OR_CANCEL",
    utcLastUpdateTimestamp: 1_000,
    ...over,
  };
}

/** The protective order of position 5. */
export function aProtection(over: Partial<ProtoOAOrder> = {}): ProtoOAOrder {
  return anOrder({
    orderId: 12,
    orderType: "STOP_LOSS_TAKE_PROFIT",
    closingOrder: true,
    timeInForce: "GOOD_TILL_CANCEL",
    tradeData: aTrade({ tradeSide: "SELL" }),
    stopPrice: 1,
    limitPrice: 2,
    utcLastUpdateTimestamp: 1_150,
    ...over,
  });
}

/** An open position. */
export function aPosition(over: Partial<ProtoOAPosition> = {}): ProtoOAPosition {
  return {
    positionId: 5,
    tradeData: aTrade(),
    positionStatus: "POSITION_STATUS_OPEN",
    swap: 0,
    price: 1.1,
    commission: -3,
    usedMargin: 100,
    moneyDigits: 2,
    guaranteedStopLoss: false,
    utcLastUpdateTimestamp: 1_140,
    ...over,
  };
}

/** The deal that filled order 11. */
export function aDeal(over: Partial<ProtoOADeal> = {}): ProtoOADeal {
  return {
    dealId: 21,
    orderId: 11,
    positionId: 5,
    volume: 1_000,
    filledVolume: 1_000,
    symbolId: 1,
    createTimestamp: 1_000,
    executionTimestamp: 1_140,
    executionPrice: 1.1,
    tradeSide: "BUY",
    dealStatus: "FILLED",
    commission: -3,
    moneyDigits: 2,
    ...over,
  };
}

/** The deal that closed so much of position 5. */
export function aClosingDeal(
  over: Partial<ProtoOADeal> = {},
  close: { readonly balance?: number; readonly balanceVersion?: number } = {},
): ProtoOADeal {
  return aDeal({
    dealId: 22,
    orderId: 13,
    tradeSide: "SELL",
    executionTimestamp: 2_140,
    closePositionDetail: {
      entryPrice: 1.1,
      grossProfit: -8_081,
      swap: 0,
      commission: -5_485,
      balance: 5_122_386_119,
      balanceVersion: 8,
      moneyDigits: 2,
      ...close,
    },
    ...over,
  });
}

/** An execution event as the channel hands it on. */
export function anEvent(
  executionType: ProtoOAExecutionType,
  facts: Partial<ProtoOAExecutionEvent> = {},
  clientMsgId?: string,
): ChannelEvent & { readonly name: "ProtoOAExecutionEvent" } {
  return {
    name: "ProtoOAExecutionEvent",
    body: { ctidTraderAccountId: AN_ACCOUNT, executionType, ...facts },
    clientMsgId,
  };
}
