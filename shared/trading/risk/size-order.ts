/** How many units a signal trades: what the bot's size asks for, within its limits, in the broker's steps. Pure. */
import { Decimal } from "decimal.js";
import type { InstrumentRules } from "../../brokers/instrument-rules.ts";
import type { Size } from "../../config/bot.ts";
import type { BotLimits } from "../../config/limits.ts";

export interface SizeQuestion {
  readonly size: Size;
  /** Of the account, in its currency. */
  readonly equity: Decimal;
  /** Of one unit, as `weighedPrice` tells it, in the instrument's currency. */
  readonly price: Decimal;
  /** From the price to the stop loss, in the instrument's currency; a size by risk needs it. */
  readonly stopDistance: Decimal | undefined;
  /** What it loses besides where its stop is hit, as a share of the price, as `slippageOfStopOut` tells it. */
  readonly slippage: Decimal;
  /** Money of the account's currency for one of the instrument's. */
  readonly conversion: Decimal;
  readonly rules: Pick<InstrumentRules, "minimumQuantity" | "maximumQuantity" | "quantityStep">;
  readonly limits: Pick<BotLimits, "orderQuantity" | "orderNotional" | "riskPerTradePercent">;
}

export type Sized =
  | {
      readonly kind: "sized";
      readonly quantity: Decimal;
      /** The limit that made it smaller than its size asks for. */
      readonly cappedBy: keyof SizeQuestion["limits"] | "maximumQuantity" | undefined;
    }
  /** No order is possible; one sentence why. */
  | { readonly kind: "none"; readonly text: string };

/** Divides towards zero with room to spare, so that nothing is ever rounded over a limit. */
const Exact = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_DOWN });

/** The quantity of an order. It is rounded down, so it risks and costs no more than is allowed. */
export function sizeOrder(question: SizeQuestion): Sized {
  const { price, stopDistance, conversion, rules } = question;
  if (!price.gt(0) || !conversion.gt(0) || !rules.quantityStep.gt(0)) {
    return { kind: "none", text: "There is no price, no conversion or no step to size it by." };
  }
  if (stopDistance !== undefined && !stopDistance.gt(0)) {
    return { kind: "none", text: "The stop loss is not away from the price." };
  }
  const wanted = wantedBy(question);
  if (wanted === undefined) return { kind: "none", text: "A size by risk needs a stop loss and equity." };
  const { bound, cappedBy } = boundOf(question, wanted);
  const quantity = new Decimal(new Exact(bound).div(rules.quantityStep).floor().times(rules.quantityStep));
  if (quantity.gt(0) && quantity.gte(rules.minimumQuantity)) return { kind: "sized", quantity, cappedBy };
  const least = `the smallest order is ${rules.minimumQuantity.toFixed()}`;
  const by = cappedBy === undefined ? "The size asks for" : `The limit ${cappedBy} allows`;
  return { kind: "none", text: `${by} ${bound.toDecimalPlaces(8).toFixed()} units; ${least}.` };
}

function wantedBy(question: SizeQuestion): Decimal | undefined {
  const { size, equity, stopDistance } = question;
  if ("quantity" in size) return size.quantity;
  if (stopDistance === undefined || !equity.gt(0)) return undefined;
  return unitsAtRisk(equity, size.riskPercent, lostAUnit(question));
}

/** In the account's currency. Without a stop, all of it is at risk. */
function lostAUnit({ price, stopDistance, slippage, conversion }: SizeQuestion): Decimal {
  const exact = new Exact(price);
  const lost = stopDistance === undefined ? exact : exact.times(slippage).plus(stopDistance);
  return lost.times(conversion);
}

/** The least of what is wanted and what is allowed. */
function boundOf(
  question: SizeQuestion,
  wanted: Decimal,
): { readonly bound: Decimal; readonly cappedBy: Extract<Sized, { kind: "sized" }>["cappedBy"] } {
  const { equity, price, conversion, rules, limits } = question;
  const unit = new Exact(price).times(conversion);
  const caps = {
    orderQuantity: limits.orderQuantity,
    orderNotional: new Exact(limits.orderNotional).div(unit),
    riskPerTradePercent: unitsAtRisk(Decimal.max(equity, 0), limits.riskPerTradePercent, lostAUnit(question)),
    ...(rules.maximumQuantity !== undefined && { maximumQuantity: rules.maximumQuantity }),
  };
  let bound = wanted;
  let cappedBy: keyof typeof caps | undefined;
  for (const name of Object.keys(caps) as (keyof typeof caps)[]) {
    const cap = caps[name];
    if (cap === undefined || cap.gte(bound)) continue;
    bound = cap;
    cappedBy = name;
  }
  return { bound, cappedBy };
}

function unitsAtRisk(equity: Decimal, percent: Decimal, lostAUnit: Decimal): Decimal {
  return new Exact(equity).times(percent).div(100).div(lostAUnit);
}
