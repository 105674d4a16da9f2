/** What a day has brought, against what it may cost. Pure. */
import { Decimal } from "decimal.js";
import type { AccountRecord } from "../trading/account-record.ts";
import { minus, over, times, ZERO } from "../trading/ledger/exact.ts";
import { rollBook } from "../trading/ledger/periods.ts";
import type { BotLedger, Lot } from "../trading/ledger/records.ts";
import { type Prices, valueLots } from "../trading/ledger/value-account.ts";
import { resultOf } from "../trading/risk/check-losses.ts";
import type { ApiTradingDay } from "./trading-api.ts";

const HUNDRED = new Decimal(100);

interface DayFacts {
  /** New York's date. */
  readonly date: string;
  readonly net: Decimal | undefined;
  readonly record: AccountRecord | undefined;
  readonly lossLimitPercent: Decimal | undefined;
}

/** A day as it is shown; a limit is a share of the equity with which the account began it. */
export function dayOf({ date, net, record, lossLimitPercent }: DayFacts): ApiTradingDay {
  const whole = record?.day === date ? record.dayEquity : record?.equity;
  const limit =
    whole === undefined || lossLimitPercent === undefined
      ? undefined
      : over(times(whole, lossLimitPercent), HUNDRED);
  const lost = net === undefined ? undefined : Decimal.max(net.neg(), ZERO);
  return {
    date,
    ...(net !== undefined && { net: net.toFixed() }),
    ...(limit !== undefined && { lossLimit: limit.toFixed() }),
    ...(lossLimitPercent !== undefined && { lossLimitPercent: lossLimitPercent.toFixed() }),
    ...(lost !== undefined &&
      limit?.gt(0) && { usedPercent: times(over(lost, limit), HUNDRED).toDecimalPlaces(1).toNumber() }),
  };
}

/** What the account has brought today; unknown while nobody has seen it today. */
export function accountNet(record: AccountRecord | undefined, date: string): Decimal | undefined {
  return record?.day === date ? minus(record.equity, record.dayEquity) : undefined;
}

/**
 * What a bot has brought today; unknown where one of its positions has no price, or where it holds one and its
 * ledger has not begun the day yet.
 */
export function botNet(
  ledger: BotLedger | undefined,
  lots: readonly Lot[],
  { date, now, prices }: { date: string; now: Parameters<typeof rollBook>[1]; prices: Prices },
): Decimal | undefined {
  const { unrealised, unvalued } = valueLots(lots, prices);
  if (unvalued.length > 0) return undefined;
  if (ledger === undefined) return lots.length === 0 ? ZERO : undefined;
  const isBegun = ledger.day.date === date && ledger.day.isUnpriced !== true;
  if (!isBegun && lots.length > 0) return undefined;
  return resultOf(rollBook(ledger, now, ZERO).day, unrealised);
}
