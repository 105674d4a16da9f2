/** How well a bot, a strategy or an account has traded, from its trades. Derived when it is read, never stored. */
import type { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { AccountId } from "../../config/account.ts";
import type { Store, Stored } from "../../platform/store.ts";
import type { FillRecord, OrderRecord } from "../records.ts";
import { minus, over, plus, sum, times, ZERO } from "./exact.ts";
import { type Trade, trades } from "./records.ts";

/** Money in the account's currency, net of all costs. What cannot be said of so few trades is missing. */
export interface Performance {
  readonly trades: number;
  /** With a net above zero; those at zero are neither. */
  readonly wins: number;
  readonly losses: number;
  /** Of 100 trades. */
  readonly winRate?: Decimal;
  readonly net: Decimal;
  /** What the winners brought for each unit that the losers cost; missing without losers. */
  readonly profitFactor?: Decimal;
  readonly averageWin?: Decimal;
  /** Below zero. */
  readonly averageLoss?: Decimal;
  /** What a trade brought on average. */
  readonly expectancy?: Decimal;
  /** The deepest fall of the sum of all trades below its highest point, at or above zero. */
  readonly maxDrawdown: Decimal;
}

/** The performance of trades, in whatever order they come. Pure. */
export function performanceOf(all: readonly Trade[]): Performance {
  const nets = all.toSorted(byClose).map((trade) => trade.net);
  const won = nets.filter((net) => net.gt(0));
  const lost = nets.filter((net) => net.lt(0));
  const [gain, loss, net] = [sum(won), sum(lost), sum(nets)];
  return {
    trades: nets.length,
    wins: won.length,
    losses: lost.length,
    net,
    maxDrawdown: deepestFall(nets),
    ...(nets.length > 0 && {
      winRate: over(ZERO.plus(won.length).times(100), ZERO.plus(nets.length)),
      expectancy: over(net, ZERO.plus(nets.length)),
    }),
    ...(won.length > 0 && { averageWin: over(gain, ZERO.plus(won.length)) }),
    ...(lost.length > 0 && {
      averageLoss: over(loss, ZERO.plus(lost.length)),
      profitFactor: over(gain, loss.neg()),
    }),
  };
}

/** The performance of each group of trades, e.g. by bot or by its strategy; those without a name are left out. Pure. */
export function performanceBy(
  all: readonly Trade[],
  nameOf: (trade: Trade) => string | undefined,
): ReadonlyMap<string, Performance> {
  const groups = Map.groupBy(all, nameOf);
  return new Map(
    [...groups].flatMap(([name, group]) =>
      name === undefined ? [] : [[name, performanceOf(group)] as const],
    ),
  );
}

/**
 * How much worse an order was filled than it was asked for, or at the market than it was quoted, in percent of
 * that price, below zero where it was better; undefined where nothing was filled, or no such price is known. Pure.
 */
export function slippageOf(
  { ticket, quotedPrice }: Pick<OrderRecord, "ticket" | "quotedPrice">,
  fills: readonly Pick<FillRecord, "quantity" | "price">[],
): Decimal | undefined {
  const asked = ticket.stopPrice ?? ticket.limitPrice ?? quotedPrice;
  const quantity = sum(fills.map((fill) => fill.quantity));
  if (asked === undefined || quantity.isZero()) return undefined;
  const paid = over(sum(fills.map((fill) => times(fill.quantity, fill.price))), quantity);
  const worse = ticket.side === "buy" ? minus(paid, asked) : minus(asked, paid);
  return over(times(worse, ZERO.plus(100)), asked);
}

/** The slippage of a market order by its own record; undefined while nothing of it is filled. Pure. */
export function marketSlippageOf(order: OrderRecord): Decimal | undefined {
  const { filledQuantity: quantity, filledWorth, ticket } = order;
  if (ticket.type !== "market" || filledWorth === undefined || quantity.isZero()) return undefined;
  return slippageOf(order, [{ quantity, price: over(filledWorth, quantity) }]);
}

export interface TradeSelection {
  readonly account: AccountId;
  readonly bot?: string;
  /** At most so many, the newest; default 5,000. */
  readonly most?: number;
}

const MOST = 5_000;
const PAGE = 1_000;

/** The newest trades of an account or of one bot in it, the oldest first. */
export async function readTrades(
  store: Pick<Store, "query">,
  selection: TradeSelection,
): Promise<readonly Trade[]> {
  const { most = MOST, ...where } = selection;
  const found: Stored<Trade>[] = [];
  for (;;) {
    const limit = Math.min(PAGE, most - found.length);
    if (limit <= 0) break;
    const after = found.at(-1);
    const page = await store.query(trades, {
      where,
      orderBy: ["closedAt", "desc"],
      limit,
      ...(after && { after }),
    });
    found.push(...page);
    if (page.length < limit) break;
  }
  return found.map(({ value }) => value).reverse();
}

function byClose(one: Trade, other: Trade): number {
  return Temporal.Instant.compare(one.closedAt, other.closedAt);
}

function deepestFall(nets: readonly Decimal[]): Decimal {
  let [sofar, peak, deepest] = [ZERO, ZERO, ZERO];
  for (const net of nets) {
    sofar = plus(sofar, net);
    if (sofar.gt(peak)) peak = sofar;
    const fall = minus(peak, sofar);
    if (fall.gt(deepest)) deepest = fall;
  }
  return deepest;
}
