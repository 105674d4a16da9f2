/** The requests that change orders and positions. Each gives the reason against it, or does what was asked. */
import type { Messages } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { checkClosing, checkNewOrder, checkRights, checkSymbol, positionNotFound } from "./checks.ts";
import { cancelRest, fillSoon } from "./execute.ts";
import { type Floor, type Origin, type Refusal, refusal, tellExecution } from "./floor.ts";
import { recordClosing, recordOrder } from "./make-order.ts";
import { equity } from "./margin.ts";
import {
  type AccountState,
  isOpen,
  isWorking,
  MONEY_DIGITS,
  type OrderRecord,
  type PositionRecord,
  workingOrders,
} from "./records.ts";
import { symbolOf } from "./symbols.ts";

/** Takes a new order, or refuses it; the faults of the venue may lose it or keep it quiet. */
export function newOrder(
  floor: Floor,
  account: AccountState,
  request: Messages["ProtoOANewOrderReq"],
  asked: Origin,
): Refusal | undefined {
  const { clientOrderId } = request;
  if (clientOrderId !== undefined) {
    account.received.set(clientOrderId, (account.received.get(clientOrderId) ?? 0) + 1);
  }
  const faults = floor.faults();
  const drawn = (share: number) => share > 0 && floor.draw() < share;
  if (drawn(faults.lostOrderShare)) return undefined;
  const against = checkNewOrder(floor, account, request);
  if (against !== undefined) return against;
  const origin = { ...asked, isSilent: drawn(faults.silentOrderShare) };
  const { order, position } = recordOrder(floor, account, request);
  if (drawn(faults.rejectedOrderShare)) reject(floor, account, { order, position, origin });
  else accept(floor, account, { order, position, origin });
  return undefined;
}

interface Taken {
  readonly order: OrderRecord;
  readonly position: PositionRecord;
  readonly origin: Origin;
}

function accept(floor: Floor, account: AccountState, taken: Taken): void {
  const { order, position, origin } = taken;
  const { acceptanceHasPosition, acceptedTwice } = floor.unsure();
  const shown = acceptanceHasPosition ? { order, position } : { order };
  const event = { type: "ORDER_ACCEPTED", ...shown, isServerEvent: false } as const;
  tellExecution(floor, account, event, origin);
  const isMarket = order.type === "MARKET" || order.type === "MARKET_RANGE";
  if (isMarket && acceptedTwice) tellExecution(floor, account, event, origin);
  const isNowOrNever = order.timeInForce === "IMMEDIATE_OR_CANCEL" || order.timeInForce === "FILL_OR_KILL";
  if (isMarket || (isNowOrNever && order.type === "LIMIT")) fillSoon(floor, { account, order, origin });
}

function reject(floor: Floor, account: AccountState, taken: Taken): void {
  const { order, position, origin } = taken;
  const now = floor.market.now();
  order.status = "ORDER_STATUS_REJECTED";
  order.updatedAt = now;
  order.closedAt = now;
  if (position.status === "POSITION_STATUS_CREATED") giveUp(account, position);
  const event = {
    type: "ORDER_REJECTED",
    order,
    errorCode: "TRADING_DISABLED",
    isServerEvent: false,
  } as const;
  tellExecution(floor, account, event, origin);
}

/** A position that was reserved for an order that never was, unless another order counts on it. */
function giveUp(account: AccountState, position: PositionRecord): void {
  if (workingOrders(account).some((order) => order.positionId === position.positionId)) return;
  account.positions.delete(position.positionId);
  account.live.delete(position);
}

/** Closes a position, or a part of it. */
export function closePosition(
  floor: Floor,
  account: AccountState,
  request: Messages["ProtoOAClosePositionReq"],
  origin: Origin,
): Refusal | undefined {
  const position = account.positions.get(request.positionId);
  if (position === undefined || !isOpen(position)) {
    return positionNotFound(request.positionId);
  }
  const symbol = symbolOf(position.symbolId);
  const isStepped = request.volume % symbol.rules.stepVolume === 0 || request.volume === position.volume;
  const against =
    checkRights(account) ??
    checkSymbol(floor, symbol, true) ??
    (isStepped
      ? undefined
      : refusal("TRADING_BAD_VOLUME", `Close volume ${request.volume / 100} is not in steps`)) ??
    checkClosing(account, position, request.volume);
  if (against !== undefined) return against;
  const order = recordClosing(floor, account, position, request.volume);
  accept(floor, account, { order, position, origin });
  return undefined;
}

/** Cancels an order that rests. */
export function cancelOrder(
  floor: Floor,
  account: AccountState,
  request: Messages["ProtoOACancelOrderReq"],
  origin: Origin,
): Refusal | undefined {
  const order = account.orders.get(request.orderId);
  const isLate = order?.status === "ORDER_STATUS_FILLED" && floor.unsure().lateCancelIsEvent;
  if (order === undefined || !(isWorking(order) || isLate)) {
    const text = `Order not found with id ${request.orderId}`;
    return refusal("ORDER_NOT_FOUND", text, request.orderId);
  }
  const against = checkRights(account);
  if (against !== undefined) return against;
  if (order.type === "STOP_LOSS_TAKE_PROFIT") {
    const text = `Order ${order.orderId} protects a position`;
    return refusal("UNABLE_TO_CANCEL_ORDER", text, order.orderId);
  }
  if (isLate || isInExecution(order)) {
    const event = { type: "ORDER_CANCEL_REJECTED", order, isServerEvent: false } as const;
    tellExecution(floor, account, event, origin);
    return undefined;
  }
  cancelRest(floor, { account, order, origin });
  return undefined;
}

/** An order that does not rest, or no longer: it will be filled in a moment. */
export function isInExecution(order: OrderRecord): boolean {
  const isNow = order.timeInForce === "IMMEDIATE_OR_CANCEL" || order.timeInForce === "FILL_OR_KILL";
  return isNow || order.executedVolume > 0;
}

/** Money paid in or out by the broker, in cents; everybody at the account hears of it. */
export function deposit(floor: Floor, account: AccountState, cents: number): void {
  account.balance += cents;
  account.balanceVersion += 1;
  const depositWithdraw = {
    operationType: cents < 0 ? ("BALANCE_WITHDRAW" as const) : ("BALANCE_DEPOSIT" as const),
    balanceHistoryId: ++floor.ids.balance,
    balance: account.balance,
    delta: cents,
    changeBalanceTimestamp: floor.market.now(),
    balanceVersion: account.balanceVersion,
    equity: equity(floor, account),
    moneyDigits: MONEY_DIGITS,
  };
  account.cashFlow.push(depositWithdraw);
  const { ctidTraderAccountId } = account.terms;
  const body = { ctidTraderAccountId, executionType: "DEPOSIT_WITHDRAW", depositWithdraw } as const;
  floor.tell(account, { name: "ProtoOAExecutionEvent", body: { ...body, isServerEvent: true } }, undefined);
}
