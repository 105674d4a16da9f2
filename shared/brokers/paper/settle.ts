/**
 * What a fill does to a paper account. Pure.
 *
 * 1. The quantity of a position is what its fills bought and sold, at any time.
 * 2. The balance changes by a fill's commission, and where it closes by its gross profit; by nothing else.
 * 3. All money is whole cents of the account's currency.
 */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { Side } from "../trading-broker.ts";
import type { PaperAccount, PaperFill, PaperPosition } from "./records.ts";

const CENTS = 2;
/** An average has no end of decimals; so many are kept. */
const AVERAGE_DECIMALS = 12;

/** Something was bought or sold. */
export interface Execution {
  readonly brokerOrderId: string;
  readonly positionId: string;
  readonly clientOrderId?: string;
  readonly instrument: string;
  readonly side: Side;
  /** Of a close, at most what the position has. */
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Money of the account for one of the price's currency. */
  readonly rate: Decimal;
  readonly feePercent: number;
  readonly at: Temporal.Instant;
}

export interface Settled {
  readonly account: PaperAccount;
  readonly fill: PaperFill;
}

/** Books a fill: it closes where the position is open on the other side, else it opens or adds. */
export function settle(account: PaperAccount, execution: Execution): Settled {
  const { quantity, price, rate, feePercent, side, positionId, at } = execution;
  const commission = cents(quantity.times(price).times(rate).times(feePercent).div(-100));
  const position = account.positions.find(({ id }) => id === positionId);
  const isClose = position !== undefined && position.side !== side;
  const lastFill = account.lastFill + 1;
  const fill: PaperFill = { id: `f${lastFill}`, ...factsOf(execution), commission };
  if (!isClose) {
    const balance = account.balance.plus(commission);
    const positions = withPosition(account.positions, opened(position, execution, commission));
    return { fill, account: { ...account, lastFill, balance, positions, changedAt: at } };
  }
  const grossProfit = profitOf(position, quantity, price, rate);
  const paid = cents(position.commission.times(quantity).div(position.quantity));
  const balance = account.balance.plus(grossProfit).plus(commission);
  const closed = {
    grossProfit,
    swap: new Decimal(0),
    commission: paid.plus(commission),
    balanceAfter: balance,
  };
  const left = { quantity: position.quantity.minus(quantity), commission: position.commission.minus(paid) };
  const positions = withPosition(account.positions, { ...position, ...left });
  return { fill: { ...fill, closed }, account: { ...account, lastFill, balance, positions, changedAt: at } };
}

/** What closing `quantity` of a position at `price` brings, before costs, in whole cents of the account's currency. */
export function profitOf(
  { side, price: entry }: Pick<PaperPosition, "side" | "price">,
  quantity: Decimal,
  price: Decimal,
  rate: Decimal,
): Decimal {
  const gain = side === "buy" ? price.minus(entry) : entry.minus(price);
  return cents(gain.times(quantity).times(rate));
}

function opened(
  position: PaperPosition | undefined,
  { positionId, instrument, side, quantity, price, at, clientOrderId }: Execution,
  commission: Decimal,
): PaperPosition {
  if (position === undefined) {
    const origin = { id: positionId, instrument, side, openedAt: at, clientOrderId: clientOrderId ?? "" };
    return { ...origin, quantity, price, commission };
  }
  const whole = position.quantity.plus(quantity);
  const money = position.price.times(position.quantity).plus(price.times(quantity));
  return {
    ...position,
    quantity: whole,
    price: money.div(whole).toDecimalPlaces(AVERAGE_DECIMALS),
    commission: position.commission.plus(commission),
  };
}

/** The positions with this one as it is now; one without a quantity is over. */
function withPosition(positions: readonly PaperPosition[], now: PaperPosition): PaperPosition[] {
  const isKnown = positions.some(({ id }) => id === now.id);
  const all = isKnown ? positions.map((one) => (one.id === now.id ? now : one)) : [...positions, now];
  return all.filter(({ quantity }) => quantity.gt(0));
}

function factsOf(execution: Execution) {
  const { brokerOrderId, positionId, clientOrderId, instrument, side, quantity, price, at } = execution;
  return {
    ...{ brokerOrderId, positionId, instrument, side, quantity, price, at },
    ...(clientOrderId !== undefined && { clientOrderId }),
  };
}

function cents(amount: Decimal): Decimal {
  return amount.toDecimalPlaces(CENTS, Decimal.ROUND_HALF_UP);
}
