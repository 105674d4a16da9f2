/** Records as the broker writes them: which fields are there in which state, zeros included. */
import type {
  ProtoOADeal,
  ProtoOAOrder,
  ProtoOAPosition,
  ProtoOATradeData,
  ProtoOATrader,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { AccountState, DealRecord, OrderRecord, PositionRecord } from "./records.ts";
import { MONEY_DIGITS } from "./records.ts";
import { symbolOf } from "./symbols.ts";

/** `T`, whose optional fields may be written as undefined. */
type Loose<T> = {
  readonly [K in keyof T]: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K];
};

/** Leaves out what is undefined: a field of the protocol is there or it is not. */
export function present<T extends object>(loose: Loose<T>): T {
  return Object.fromEntries(Object.entries(loose).filter(([, value]) => value !== undefined)) as T;
}

const nonEmpty = (text: string | undefined) => (text === "" ? undefined : text);

/** An order, now. */
export function dressOrder(order: OrderRecord): ProtoOAOrder {
  const { measurementUnits } = symbolOf(order.symbolId).rules;
  const hasStop =
    order.type === "STOP" || order.type === "STOP_LIMIT" || order.type === "STOP_LOSS_TAKE_PROFIT";
  return present<ProtoOAOrder>({
    orderId: order.orderId,
    tradeData: present<ProtoOATradeData>({
      symbolId: order.symbolId,
      volume: order.volume,
      tradeSide: order.side,
      openTimestamp: order.createdAt,
      label: nonEmpty(order.label),
      guaranteedStopLoss: false,
      comment: nonEmpty(order.comment),
      measurementUnits,
      closeTimestamp: order.closedAt,
    }),
    orderType: order.type,
    orderStatus: order.status,
    expirationTimestamp: order.expiresAt,
    executionPrice: order.executionPrice,
    executedVolume: order.executedVolume,
    utcLastUpdateTimestamp: order.updatedAt,
    baseSlippagePrice: order.baseSlippagePrice,
    slippageInPoints: order.slippageInPoints,
    closingOrder: order.isClosing,
    limitPrice: order.limitPrice,
    stopPrice: order.stopPrice,
    clientOrderId: order.clientOrderId,
    timeInForce: order.timeInForce,
    positionId: order.positionId,
    relativeStopLoss: order.relativeStopLoss,
    relativeTakeProfit: order.relativeTakeProfit,
    isStopOut: order.isStopOut,
    trailingStopLoss: order.trailingStopLoss,
    stopTriggerMethod: hasStop ? order.triggerMethod : undefined,
  });
}

/** A position, now. One that is reserved or closed has zeros where an open one has figures. */
export function dressPosition(position: PositionRecord): ProtoOAPosition {
  const isOpen = position.status === "POSITION_STATUS_OPEN";
  return present<ProtoOAPosition>({
    positionId: position.positionId,
    tradeData: present<ProtoOATradeData>({
      symbolId: position.symbolId,
      volume: position.volume,
      tradeSide: position.side,
      openTimestamp: position.openedAt,
      label: nonEmpty(position.label),
      guaranteedStopLoss: false,
      comment: nonEmpty(position.comment),
      measurementUnits: symbolOf(position.symbolId).rules.measurementUnits,
      closeTimestamp: position.closedAt,
    }),
    positionStatus: position.status,
    swap: position.swap,
    price: position.price,
    stopLoss: isOpen ? position.stopLoss : undefined,
    takeProfit: isOpen ? position.takeProfit : undefined,
    utcLastUpdateTimestamp: position.updatedAt,
    commission: position.commission,
    marginRate: position.marginRate,
    mirroringCommission: 0,
    guaranteedStopLoss: false,
    usedMargin: position.usedMargin,
    stopLossTriggerMethod: isOpen && position.stopLoss !== undefined ? position.triggerMethod : undefined,
    moneyDigits: MONEY_DIGITS,
    trailingStopLoss: position.trailingStopLoss,
  });
}

/** A deal. `isHistoric`: as lists have it, where the last change is the time of its creation. */
export function dressDeal(deal: DealRecord, isHistoric = false): ProtoOADeal {
  return present<ProtoOADeal>({
    dealId: deal.dealId,
    orderId: deal.orderId,
    positionId: deal.positionId,
    volume: deal.volume,
    filledVolume: deal.filledVolume,
    symbolId: deal.symbolId,
    createTimestamp: deal.createdAt,
    executionTimestamp: deal.executedAt,
    utcLastUpdateTimestamp: isHistoric ? deal.createdAt : deal.executedAt,
    executionPrice: deal.price,
    tradeSide: deal.side,
    dealStatus: deal.status,
    marginRate: deal.marginRate,
    commission: deal.commission,
    baseToUsdConversionRate: deal.baseToUsd,
    closePositionDetail: deal.closing,
    moneyDigits: MONEY_DIGITS,
  });
}

/** The account itself. */
export function dressTrader(account: AccountState): ProtoOATrader {
  const { terms } = account;
  return {
    ctidTraderAccountId: terms.ctidTraderAccountId,
    balance: account.balance,
    balanceVersion: account.balanceVersion,
    managerBonus: 0,
    ibBonus: 0,
    nonWithdrawableBonus: 0,
    accessRights: terms.accessRights,
    depositAssetId: terms.depositAssetId,
    swapFree: false,
    leverageInCents: terms.leverageInCents,
    totalMarginCalculationType: terms.marginCalculation,
    maxLeverage: terms.leverageInCents,
    frenchRisk: false,
    traderLogin: terms.traderLogin,
    accountType: terms.isNetted ? "NETTED" : "HEDGED",
    brokerName: terms.brokerTitle,
    registrationTimestamp: account.registeredAt,
    isLimitedRisk: false,
    limitedRiskMarginCalculationStrategy: "ACCORDING_TO_LEVERAGE",
    moneyDigits: MONEY_DIGITS,
    fairStopOut: true,
    stopOutStrategy: "MOST_MARGIN_USED_FIRST",
  };
}
