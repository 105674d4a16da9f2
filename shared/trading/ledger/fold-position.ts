/**
 * What the fills of one position come to. Pure.
 *
 * 1. A position has one direction. A fill against it closes: first what the fill's own owner has of it, then
 *    what nobody of ours has, then the oldest of others. What is left of the fill turns the position over.
 * 2. Nothing is lost between parts: what a whole brought or cost is the sum of its parts, to the last digit.
 * 3. Where the broker tells figures of what closed, those count; else they are computed from prices.
 */
import type { Decimal } from "decimal.js";
import { minus, over, plus, share, sum, times, ZERO } from "./exact.ts";
import type { Holding, Leg, PositionBook } from "./position-book.ts";
import type { Trade } from "./records.ts";

export interface FoldedPosition {
  readonly holdings: readonly Holding[];
  /** In the order of the fills that closed them. */
  readonly trades: readonly Trade[];
}

type Name = Pick<PositionBook, "account" | "positionId" | "instrument">;

/** What is left open and what was closed, from `carried` on. */
export function foldPosition(book: Omit<PositionBook, "keptUntil">): FoldedPosition {
  let holdings: readonly Holding[] = book.carried;
  const trades: Trade[] = [];
  for (const leg of book.legs) {
    const next = foldLeg(book, holdings, leg);
    holdings = next.holdings;
    trades.push(...next.trades);
  }
  return { holdings, trades };
}

function foldLeg(name: Name, holdings: readonly Holding[], leg: Leg): FoldedPosition {
  const against = closingOrder(
    holdings.filter((one) => one.side !== leg.side),
    leg.bot,
  );
  const parts = takeFrom(against, leg.quantity);
  const taken = sum(parts.map((part) => part.quantity));
  const closing = closingQuantity(leg, taken);
  const money = moneyOf(leg, closing);
  const untold = minus(closing, taken);
  if (untold.gt(0)) parts.push({ holding: undefined, quantity: untold });

  const left = new Map<Holding, Holding | undefined>();
  const trades = parts.map(({ holding, quantity }, index) => {
    const paid = money.take(quantity, index === parts.length - 1);
    if (holding === undefined) return untoldTrade(name, leg, { quantity, ...paid });
    const cut = cutHolding(holding, quantity);
    left.set(holding, cut.left);
    return tradeOf(name, leg, { cut: cut.part, ...paid });
  });
  const kept = holdings.flatMap((one) => (left.has(one) ? (left.get(one) ?? []) : one));
  const opening = minus(leg.quantity, closing);
  return { holdings: opening.gt(0) ? withOpened(kept, leg, opening, money.opening) : kept, trades };
}

interface Part {
  /** Undefined: of what was closed nobody told the opening. */
  readonly holding: Holding | undefined;
  readonly quantity: Decimal;
}

function takeFrom(against: readonly Holding[], quantity: Decimal): Part[] {
  const parts: Part[] = [];
  let rest = quantity;
  for (const holding of against) {
    if (rest.lte(0)) break;
    const taken = rest.lt(holding.quantity) ? rest : holding.quantity;
    parts.push({ holding, quantity: taken });
    rest = minus(rest, taken);
  }
  return parts;
}

/** Whose share goes first; among others those who opened first. */
function closingOrder(against: readonly Holding[], owner: string | undefined): readonly Holding[] {
  const rank = ({ bot }: Holding) => (bot === owner ? 0 : bot === undefined ? 1 : 2);
  return against.toSorted((one, other) => rank(one) - rank(other));
}

function closingQuantity({ closing, closed, quantity }: Leg, taken: Decimal): Decimal {
  const told = closing ?? (closed !== undefined && taken.isZero() ? quantity : taken);
  return told.lt(taken) ? taken : told.gt(quantity) ? quantity : told;
}

interface Paid {
  /** Undefined where the broker tells no figures. */
  readonly gross: Decimal | undefined;
  readonly swap: Decimal;
  /** With figures: of the way in and out; without: of the way out. */
  readonly commission: Decimal;
}

/** Deals the fill's money out to its parts; the last part that closes takes what is left. */
function moneyOf(leg: Leg, closing: Decimal) {
  const { closed } = leg;
  const ofOut = share(leg.commission, closing, leg.quantity);
  const whole = {
    gross: closed?.grossProfit ?? ZERO,
    swap: closed?.swap ?? ZERO,
    commission: closed?.commission ?? ofOut,
  };
  let rest = whole;
  const take = (quantity: Decimal, isLast: boolean): Paid => {
    const of = (key: keyof typeof whole) => (isLast ? rest[key] : share(whole[key], quantity, closing));
    const part = { gross: of("gross"), swap: of("swap"), commission: of("commission") };
    rest = {
      gross: minus(rest.gross, part.gross),
      swap: minus(rest.swap, part.swap),
      commission: minus(rest.commission, part.commission),
    };
    return { ...part, gross: closed === undefined ? undefined : part.gross };
  };
  return { take, opening: closing.isZero() ? leg.commission : minus(leg.commission, ofOut) };
}

function cutHolding(holding: Holding, quantity: Decimal) {
  const cost = share(holding.cost, quantity, holding.quantity);
  const fees = share(holding.fees, quantity, holding.quantity);
  const part: Holding = { ...holding, quantity, cost, fees };
  const rest = minus(holding.quantity, quantity);
  const left: Holding | undefined = rest.lte(0)
    ? undefined
    : { ...holding, quantity: rest, cost: minus(holding.cost, cost), fees: minus(holding.fees, fees) };
  return { part, left };
}

function tradeOf(name: Name, leg: Leg, { cut, ...paid }: Paid & { readonly cut: Holding }): Trade {
  const out = times(cut.quantity, leg.price);
  const computed = cut.side === "buy" ? minus(out, cut.cost) : minus(cut.cost, out);
  return {
    ...closedBy(name, leg),
    ...(cut.bot !== undefined && { bot: cut.bot }),
    side: cut.side,
    quantity: cut.quantity,
    entryPrice: over(cut.cost, cut.quantity),
    openedAt: cut.openedAt,
    ...sums(paid.gross ?? computed, {
      fees: paid.gross === undefined ? plus(cut.fees, paid.commission) : paid.commission,
      swap: paid.swap,
    }),
  };
}

/** Of a closing without an opening only the broker's figures are known; it counts for whose fill it is. */
function untoldTrade(
  name: Name,
  leg: Leg,
  { quantity, ...paid }: Paid & { readonly quantity: Decimal },
): Trade {
  const entryPrice = leg.closed?.entryPrice;
  return {
    ...closedBy(name, leg),
    ...(leg.bot !== undefined && { bot: leg.bot }),
    side: leg.side === "buy" ? "sell" : "buy",
    quantity,
    ...(entryPrice !== undefined && { entryPrice }),
    ...sums(paid.gross ?? ZERO, { fees: paid.commission, swap: paid.swap }),
  };
}

function closedBy({ account, positionId, instrument }: Name, leg: Leg) {
  const { fill, at, price, clientOrderId } = leg;
  const order = clientOrderId === undefined ? {} : { clientOrderId };
  return { account, positionId, instrument, brokerFillId: fill, closedAt: at, exitPrice: price, ...order };
}

function sums(profit: Decimal, { fees, swap }: { readonly fees: Decimal; readonly swap: Decimal }) {
  return { profit, fees, swap, net: sum([profit, fees, swap]) };
}

/** One owner has one share of a position: more of it moves its average price. */
function withOpened(
  holdings: readonly Holding[],
  leg: Leg,
  quantity: Decimal,
  fees: Decimal,
): readonly Holding[] {
  const { bot, side, at: openedAt, clientOrderId, stopLoss } = leg;
  const cost = times(quantity, leg.price);
  const stop = stopLoss === undefined ? {} : { stopLoss };
  const before = holdings.find((one) => one.bot === bot);
  if (before === undefined) {
    const order = clientOrderId === undefined ? {} : { clientOrderId };
    const owner = bot === undefined ? {} : { bot };
    return [...holdings, { ...owner, side, quantity, cost, fees, openedAt, ...order, ...stop }];
  }
  const grown: Holding = {
    ...before,
    quantity: plus(before.quantity, quantity),
    cost: plus(before.cost, cost),
    fees: plus(before.fees, fees),
    ...stop,
  };
  return holdings.map((one) => (one === before ? grown : one));
}
