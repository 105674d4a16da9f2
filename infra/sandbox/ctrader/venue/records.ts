/**
 * What the venue keeps of an account. Records change in place and are plain data, so that a venue can be written
 * down and read again. Prices are plain decimals, volumes hundredths of a unit, money whole cents, times
 * milliseconds since 1970.
 */
import type {
  ProtoOAAccessRights,
  ProtoOAClosePositionDetail,
  ProtoOADealStatus,
  ProtoOADepositWithdraw,
  ProtoOAMarginCall,
  ProtoOAOrderStatus,
  ProtoOAOrderTriggerMethod,
  ProtoOAOrderType,
  ProtoOAPositionStatus,
  ProtoOATimeInForce,
  ProtoOATotalMarginCalculationType,
  ProtoOATradeSide,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VenueAccount } from "../venue.ts";

export interface OrderRecord {
  readonly orderId: number;
  readonly symbolId: number;
  readonly side: ProtoOATradeSide;
  readonly type: ProtoOAOrderType;
  readonly createdAt: number;
  readonly clientOrderId: string | undefined;
  readonly label: string | undefined;
  readonly comment: string | undefined;
  positionId: number;
  volume: number;
  status: ProtoOAOrderStatus;
  timeInForce: ProtoOATimeInForce;
  updatedAt: number;
  closedAt: number | undefined;
  executedVolume: number;
  executionPrice: number | undefined;
  limitPrice: number | undefined;
  stopPrice: number | undefined;
  baseSlippagePrice: number | undefined;
  slippageInPoints: number | undefined;
  expiresAt: number | undefined;
  /** Distances times 100,000. */
  relativeStopLoss: number | undefined;
  relativeTakeProfit: number | undefined;
  trailingStopLoss: boolean;
  triggerMethod: ProtoOAOrderTriggerMethod;
  isClosing: boolean;
  /** Never opens anything: ends with the position that it reduces. */
  isReduceOnly: boolean;
  isStopOut: boolean;
  /** A STOP_LIMIT whose stop was reached rests as a limit order at this price. */
  restsAt: number | undefined;
  /** Whether the last look met the stop, for the methods that want two in a row. */
  wasMet: boolean;
}

export interface PositionRecord {
  readonly positionId: number;
  readonly symbolId: number;
  readonly label: string | undefined;
  readonly comment: string | undefined;
  /** The entry's; the protective order takes it over. */
  readonly clientOrderId: string | undefined;
  side: ProtoOATradeSide;
  volume: number;
  status: ProtoOAPositionStatus;
  price: number;
  swap: number;
  commission: number;
  marginRate: number;
  usedMargin: number;
  openedAt: number | undefined;
  closedAt: number | undefined;
  updatedAt: number;
  stopLoss: number | undefined;
  takeProfit: number | undefined;
  trailingStopLoss: boolean;
  /** How far behind the market a trailing stop stays, times 100,000. */
  trailingDistance: number | undefined;
  triggerMethod: ProtoOAOrderTriggerMethod;
  protectiveOrderId: number | undefined;
  wasMet: boolean;
  /** What is left of the deals that opened it, oldest first. */
  openings: { dealId: number; volume: number }[];
}

export interface DealRecord {
  readonly dealId: number;
  readonly orderId: number;
  readonly positionId: number;
  readonly symbolId: number;
  readonly side: ProtoOATradeSide;
  readonly volume: number;
  readonly filledVolume: number;
  readonly price: number;
  readonly status: ProtoOADealStatus;
  readonly createdAt: number;
  readonly executedAt: number;
  readonly marginRate: number;
  readonly commission: number;
  readonly baseToUsd: number;
  readonly closing: ProtoOAClosePositionDetail | undefined;
}

export interface OffsetRecord {
  readonly openedBy: number;
  readonly closedBy: number;
  readonly volume: number;
}

/** An account as it is set up. */
export interface AccountTerms extends VenueAccount {
  readonly depositAssetId: number;
  /** In cents of the deposit currency. */
  readonly startingBalance: number;
  /** Leverage times 100. */
  readonly leverageInCents: number;
  readonly accessRights: ProtoOAAccessRights;
  readonly marginCalculation: ProtoOATotalMarginCalculationType;
}

export interface AccountState {
  readonly terms: AccountTerms;
  balance: number;
  balanceVersion: number;
  readonly registeredAt: number;
  readonly orders: Map<number, OrderRecord>;
  readonly positions: Map<number, PositionRecord>;
  /** Those of `orders` that work, and some that did a moment ago: read by {@link workingOrders}. */
  readonly working: Set<OrderRecord>;
  /** Those of `positions` that are open or reserved, likewise: read by {@link livePositions}. */
  readonly live: Set<PositionRecord>;
  readonly deals: DealRecord[];
  readonly offsets: OffsetRecord[];
  readonly cashFlow: ProtoOADepositWithdraw[];
  readonly received: Map<string, number>;
  marginCalls: ProtoOAMarginCall[];
}

export const MONEY_DIGITS = 2;

export const isOpen = (position: PositionRecord): boolean =>
  position.status === "POSITION_STATUS_OPEN" && position.volume > 0;

export const isWorking = (order: OrderRecord): boolean => order.status === "ORDER_STATUS_ACCEPTED";

export const opposite = (side: ProtoOATradeSide): ProtoOATradeSide => (side === "BUY" ? "SELL" : "BUY");

/** The orders that wait for something, oldest first. Finished ones are forgotten here on the way. */
export function workingOrders(account: AccountState): OrderRecord[] {
  for (const order of account.working) if (!isWorking(order)) account.working.delete(order);
  return [...account.working];
}

/** The positions that are open or reserved, oldest first. Closed ones are forgotten here on the way. */
export function livePositions(account: AccountState): PositionRecord[] {
  for (const position of account.live) {
    if (position.status === "POSITION_STATUS_CLOSED") account.live.delete(position);
  }
  return [...account.live];
}
