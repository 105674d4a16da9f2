/** A symbol's rules in the product's own words. Pure. */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../../config/connection.ts";
import type { InstrumentRules } from "../instrument-rules.ts";
import type { ProtoOASymbol } from "./protocol/open-api.generated.ts";
import type { KnownSymbol } from "./symbols.ts";
import { isTradedAt } from "./trading-hours.ts";
import { unitsOf } from "./units.ts";

/** The least volume that a message can hold: a hundredth of a unit. */
const LEAST_VOLUME = 1;

export interface RulesContext {
  readonly connection: ConnectionId;
  readonly instrument: string;
  /** What the symbol costs now, for distances that are fractions of it. */
  readonly price: Decimal | undefined;
  readonly now: Temporal.Instant;
}

/** Undefined where the currency of the symbol's prices is not known. */
export function rulesOfSymbol(
  { light, rules, quoteAsset }: KnownSymbol,
  { connection, instrument, price, now }: RulesContext,
): InstrumentRules | undefined {
  if (quoteAsset === "") return undefined;
  const step = rules.stepVolume || LEAST_VOLUME;
  const least = leastDistance(rules, price);
  return {
    connection,
    instrument,
    minimumQuantity: unitsOf(rules.minVolume || step),
    ...(rules.maxVolume ? { maximumQuantity: unitsOf(rules.maxVolume) } : {}),
    quantityStep: unitsOf(step),
    priceStep: pointOf(rules),
    currency: quoteAsset,
    ...(least?.gt(0) && { minimumLevelDistance: least }),
    canSell: rules.enableShortSelling === true,
    isTradable:
      light.enabled !== false && (rules.tradingMode ?? "ENABLED") === "ENABLED" && isTradedAt(rules, now),
    at: now,
  };
}

function pointOf({ digits }: ProtoOASymbol): Decimal {
  return new Decimal(10).pow(-digits);
}

/** The longer of the two, so that one distance is far enough for either level. */
function leastDistance(rules: ProtoOASymbol, price: Decimal | undefined): Decimal | undefined {
  const least = Math.max(rules.slDistance ?? 0, rules.tpDistance ?? 0);
  if (rules.distanceSetIn === "SYMBOL_DISTANCE_IN_PERCENTAGE") return price?.mul(least).div(100);
  return pointOf(rules).mul(least);
}
