/**
 * A fill: what it does to a position and to the balance.
 *
 * 1. The volume of a position is what its deals bought and sold, at any time.
 * 2. The balance changes by closing alone, by exactly what `closePositionDetail` says.
 * 3. What a position has paid to open is charged once, when it is closed, part by part.
 */
import type { ProtoOAClosePositionDetail } from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import { type Rates, ratesOf } from "./conversion.ts";
import type { Floor } from "./floor.ts";
import { leverageOf } from "./margin.ts";
import { averagePrice, commission, conversionFee, grossProfit, margin, share } from "./money.ts";
import {
  type AccountState,
  type DealRecord,
  isOpen,
  MONEY_DIGITS,
  type OrderRecord,
  type PositionRecord,
} from "./records.ts";
import { symbolOf } from "./symbols.ts";

export interface Fill {
  readonly order: OrderRecord;
  readonly position: PositionRecord;
  /** What was sent for execution, and what of it was filled. */
  readonly volume: number;
  readonly filledVolume: number;
  readonly price: number;
  /** When it was sent for execution. */
  readonly createdAt: number;
}

interface Settling extends Fill {
  readonly dealId: number;
  readonly rates: Rates;
  /** Commission of the whole fill. */
  readonly cost: number;
}

/** Settles a fill and gives its deal, which is on record then. */
export function settle(floor: Floor, account: AccountState, fill: Fill): DealRecord {
  const { order, position, filledVolume } = fill;
  const symbol = symbolOf(order.symbolId);
  const rates = ratesOf(floor.market, symbol, account.terms.depositAssetId);
  const cost = commission({ symbol, volume: filledVolume, price: fill.price, ...rates });
  const settling: Settling = { ...fill, dealId: ++floor.ids.deal, rates, cost };
  const isReducing = isOpen(position) && position.side !== order.side;
  const closed = isReducing ? Math.min(filledVolume, position.volume) : 0;
  const closing = closed > 0 ? closePart(floor, account, settling, closed) : undefined;
  if (filledVolume > closed) openPart(floor, account, settling, filledVolume - closed);
  const deal: DealRecord = {
    dealId: settling.dealId,
    orderId: order.orderId,
    positionId: position.positionId,
    symbolId: order.symbolId,
    side: order.side,
    volume: fill.volume,
    filledVolume,
    price: fill.price,
    status: filledVolume < fill.volume ? "PARTIALLY_FILLED" : "FILLED",
    createdAt: fill.createdAt,
    executedAt: floor.market.now(),
    marginRate: rates.baseToDeposit,
    commission: cost,
    baseToUsd: rates.baseToUsd,
    closing,
  };
  account.deals.push(deal);
  return deal;
}

function closePart(
  floor: Floor,
  account: AccountState,
  settling: Settling,
  closed: number,
): ProtoOAClosePositionDetail {
  const { position, rates } = settling;
  const symbol = symbolOf(position.symbolId);
  const gross = grossProfit({
    side: position.side,
    entry: position.price,
    exit: settling.price,
    volume: closed,
    quoteToDeposit: rates.quoteToDeposit,
  });
  const openingShare = share(position.commission, closed, position.volume);
  const closingShare = share(settling.cost, closed, settling.filledVolume);
  const swap = share(position.swap, closed, position.volume);
  const isConverted = symbol.quoteAssetId !== account.terms.depositAssetId;
  const fee = isConverted ? conversionFee(gross, symbol.rules.pnlConversionFeeRate ?? 0) : 0;
  account.balance += gross + swap + openingShare + closingShare + fee;
  account.balanceVersion += 1;
  const entryPrice = position.price;
  takeOpenings(account, settling, closed);
  reduce(position, closed, { commission: openingShare, swap }, floor.market.now());
  return {
    entryPrice,
    grossProfit: gross,
    swap,
    commission: openingShare + closingShare,
    balance: account.balance,
    quoteToDepositConversionRate: rates.quoteToDeposit,
    closedVolume: closed,
    balanceVersion: account.balanceVersion,
    moneyDigits: MONEY_DIGITS,
    pnlConversionFee: fee,
  };
}

function reduce(
  position: PositionRecord,
  closed: number,
  taken: { readonly commission: number; readonly swap: number },
  now: number,
): void {
  const left = position.volume - closed;
  position.usedMargin = share(position.usedMargin, left, position.volume);
  position.commission -= taken.commission;
  position.swap -= taken.swap;
  position.volume = left;
  position.updatedAt = now;
  if (left > 0) return;
  position.status = "POSITION_STATUS_CLOSED";
  position.price = 0;
  position.marginRate = 0;
  position.closedAt = now;
  position.stopLoss = undefined;
  position.takeProfit = undefined;
  position.trailingStopLoss = false;
  position.trailingDistance = undefined;
}

function takeOpenings(account: AccountState, settling: Settling, closed: number): void {
  let left = closed;
  const { openings } = settling.position;
  for (let first = openings[0]; first !== undefined && left > 0; first = openings[0]) {
    const volume = Math.min(first.volume, left);
    account.offsets.push({ openedBy: first.dealId, closedBy: settling.dealId, volume });
    first.volume -= volume;
    left -= volume;
    if (first.volume === 0) openings.shift();
  }
}

function openPart(floor: Floor, account: AccountState, settling: Settling, opened: number): void {
  const { position, order, rates, price } = settling;
  const symbol = symbolOf(position.symbolId);
  const now = floor.market.now();
  const before = position.volume;
  const ratio = leverageOf(floor, account, symbol, before + opened);
  const cost = settling.cost - share(settling.cost, settling.filledVolume - opened, settling.filledVolume);
  position.price =
    before === 0 ? price : averagePrice({ price: position.price, volume: before }, { price, volume: opened });
  position.side = order.side;
  position.volume = before + opened;
  position.commission += cost;
  position.usedMargin += margin(opened, rates.baseToDeposit, ratio);
  position.marginRate = rates.baseToDeposit;
  position.updatedAt = now;
  position.openings.push({ dealId: settling.dealId, volume: opened });
  if (before > 0) return;
  account.live.add(position);
  position.status = "POSITION_STATUS_OPEN";
  position.openedAt = now;
  position.closedAt = undefined;
}
