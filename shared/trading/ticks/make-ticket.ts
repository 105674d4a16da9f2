/** What a strategy wants, as an order that a broker can take. Pure. */
import { createHash } from "node:crypto";
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { InstrumentRules } from "../../brokers/instrument-rules.ts";
import type { Lot } from "../ledger/records.ts";
import type { StoredTicket } from "../records.ts";
import type { EnterSignal } from "./look.ts";

/** The prices of an entry, on the instrument's steps. Distances and prices are above 0. */
export interface EntryLevels {
  readonly stopDistance: Decimal;
  readonly takeProfitDistance: Decimal | undefined;
  /** Undefined for a market order. */
  readonly limitPrice: Decimal | undefined;
}

const ID_LENGTH = 20;
const MINUTE_MS = 60_000;

/**
 * The id of a tick's order, the same whoever computes it: 20 letters and digits of a hash, 103 bits. `leg` says
 * which of the tick's orders it is.
 */
export function clientOrderIdOf(bot: string, instant: Temporal.Instant, leg: string): string {
  const minute = Math.floor(instant.epochMilliseconds / MINUTE_MS);
  const hash = createHash("sha256").update(`${bot}|${minute}|${leg}`).digest("hex");
  return BigInt(`0x${hash}`).toString(36).padStart(ID_LENGTH, "0").slice(-ID_LENGTH);
}

/** Rounds to the instrument's steps: distances away from the price, a limit to the side that costs less. */
export function levelsOf(
  signal: EnterSignal,
  { priceStep, minimumLevelDistance }: InstrumentRules,
): EntryLevels {
  const distance = (wanted: number) => {
    const rounded = onStep(new Decimal(wanted), priceStep, Decimal.ROUND_UP);
    return minimumLevelDistance === undefined
      ? rounded
      : Decimal.max(rounded, onStep(minimumLevelDistance, priceStep, Decimal.ROUND_UP));
  };
  const { side, limitPrice, stopDistance, takeProfitDistance } = signal;
  const rounding = side === "buy" ? Decimal.ROUND_DOWN : Decimal.ROUND_UP;
  return {
    stopDistance: distance(stopDistance),
    takeProfitDistance: takeProfitDistance === undefined ? undefined : distance(takeProfitDistance),
    limitPrice: limitPrice === undefined ? undefined : onStep(new Decimal(limitPrice), priceStep, rounding),
  };
}

/** An order that opens. `closeAt`: when the session ends, and a resting order with it. */
export function entryTicket(
  { instrument, side }: { readonly instrument: string; readonly side: "buy" | "sell" },
  { stopDistance, takeProfitDistance, limitPrice }: EntryLevels,
  { quantity, closeAt }: { readonly quantity: Decimal; readonly closeAt: Temporal.Instant | undefined },
): StoredTicket {
  if (limitPrice === undefined) {
    return {
      ...{ instrument, side, quantity, type: "market", timeInForce: "ioc" },
      stopLoss: { distance: stopDistance },
      ...(takeProfitDistance && { takeProfit: { distance: takeProfitDistance } }),
    };
  }
  const sign = side === "buy" ? 1 : -1;
  const takeProfit = takeProfitDistance && limitPrice.plus(takeProfitDistance.times(sign));
  return {
    ...{ instrument, side, quantity, type: "limit", limitPrice },
    stopLoss: { price: limitPrice.minus(stopDistance.times(sign)) },
    ...(takeProfit && { takeProfit: { price: takeProfit } }),
    ...(closeAt === undefined ? { timeInForce: "gtc" } : { timeInForce: "gtd", expiresAt: closeAt }),
  };
}

/** However late a bot lets its ticks run: what opens at the market was weighed by the price of the moment. */
const OPENS_WITHIN_MS = 2 * MINUTE_MS;

/** Until when an order that opens at the market may be sent. `until`: when nothing is opened any more. */
export function opensBy(
  sendBy: Temporal.Instant,
  { now, until }: { readonly now: Temporal.Instant; readonly until: Temporal.Instant | undefined },
): Temporal.Instant {
  const isLater = sendBy.epochMilliseconds - now.epochMilliseconds > OPENS_WITHIN_MS;
  const by = isLater ? now.add({ milliseconds: OPENS_WITHIN_MS }) : sendBy;
  return until !== undefined && by.epochMilliseconds > until.epochMilliseconds ? until : by;
}

/** An order that closes all of a position. */
export function exitTicket({ positionId, instrument, side, quantity }: Lot): StoredTicket {
  return {
    ...{ instrument, quantity, type: "market", timeInForce: "ioc", closes: positionId },
    side: side === "buy" ? "sell" : "buy",
  };
}

function onStep(value: Decimal, step: Decimal, rounding: Decimal.Rounding): Decimal {
  return step.gt(0) ? value.div(step).toDecimalPlaces(0, rounding).times(step) : value;
}
