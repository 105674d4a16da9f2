/** What an account holds and is worth, in the product's own words. Pure. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { AccountMoney, OpenPosition } from "../../trading-broker.ts";
import type { EtradeBalance } from "../balance.ts";
import type { EtradeHolding } from "../portfolio.ts";
import { positionIdOf } from "./order-request.ts";

const NEVER = Temporal.Instant.fromEpochMilliseconds(0);

/** One position a symbol, however many rows the broker tells it in; what adds up to nothing is none. */
export function positionsOf(holdings: readonly EtradeHolding[]): readonly OpenPosition[] {
  const bySymbol = Map.groupBy(holdings, ({ symbol }) => symbol);
  return [...bySymbol].flatMap(([symbol, rows]) => {
    const quantity = sum(rows.map((row) => row.quantity));
    if (quantity.isZero()) return [];
    const isShort = quantity.isNegative();
    const money = sum(rows.map((row) => row.quantity.times(row.price)));
    const times = rows.flatMap(({ acquiredAt }) => (acquiredAt === undefined ? [] : [acquiredAt]));
    return [
      {
        id: positionIdOf(symbol, isShort),
        instrument: symbol,
        side: isShort ? ("sell" as const) : ("buy" as const),
        quantity: quantity.abs(),
        price: money.div(quantity).toDecimalPlaces(8),
        openedAt: times.toSorted(Temporal.Instant.compare)[0] ?? NEVER,
        commission: sum(rows.map((row) => row.commission)).neg(),
        swap: new Decimal(0),
      },
    ];
  });
}

/**
 * The account's money such that balance and unrealised profit together are what the account is worth: shares
 * count in the balance with what was paid for them. Undefined where the broker tells too little.
 */
export function moneyOf(
  balance: EtradeBalance,
  holdings: readonly EtradeHolding[],
): AccountMoney | undefined {
  const cost = sum(holdings.map((row) => row.quantity.times(row.price)));
  const gains = holdings.map(({ totalGain, marketValue, quantity, price }) =>
    marketValue === undefined ? totalGain : marketValue.minus(quantity.times(price)),
  );
  const known = gains.filter((gain) => gain !== undefined);
  const unrealised = known.length === holdings.length ? sum(known) : undefined;
  const { totalAccountValue } = balance;
  const cash = balance.netCash ?? balance.cashBalance ?? balance.cashAvailableForInvestment;
  const without = cash?.plus(cost);
  const whole =
    totalAccountValue === undefined || unrealised === undefined
      ? without
      : totalAccountValue.minus(unrealised);
  if (whole === undefined) return undefined;
  return { currency: "USD", balance: whole, ...(unrealised !== undefined && { unrealised }) };
}

function sum(amounts: readonly Decimal[]): Decimal {
  return amounts.reduce((total, amount) => total.plus(amount), new Decimal(0));
}
