import { Decimal } from "decimal.js";

/** The fields of a quote's `Product` that tell which symbol it answers. Numbers are exact. */
export interface QuotedProduct {
  readonly symbol: string;
  readonly callPut?: string | null | undefined;
  readonly expiryYear?: Decimal | null | undefined;
  readonly expiryMonth?: Decimal | null | undefined;
  readonly expiryDay?: Decimal | null | undefined;
  readonly strikePrice?: Decimal | null | undefined;
}

/**
 * The form by which symbols are compared: upper-case, and for options (`underlier:year:month:day:CALL:strike`)
 * without leading or trailing zeros in the numbers.
 */
export function canonicalSymbol(symbol: string): string {
  const parts = symbol.toUpperCase().split(":");
  return parts.length === 6 ? parts.map(withoutZeros).join(":") : parts.join(":");
}

/** The canonical symbol of a product: an option's answer names its underlier and spells the rest in fields. */
export function productSymbol(product: QuotedProduct): string {
  const { symbol, callPut, expiryYear, expiryMonth, expiryDay, strikePrice } = product;
  if (!callPut || !expiryYear || !expiryMonth || !expiryDay || !strikePrice) return canonicalSymbol(symbol);
  const numbers = [expiryYear, expiryMonth, expiryDay].map((value) => value.toFixed());
  return canonicalSymbol([symbol, ...numbers, callPut, strikePrice.toFixed()].join(":"));
}

function withoutZeros(part: string): string {
  return /^\d+(\.\d+)?$/.test(part) ? new Decimal(part).toFixed() : part;
}
