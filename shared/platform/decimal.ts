import { Decimal } from "decimal.js";
import { z } from "zod";

/** A decimal as plain text, e.g. `-0.5`: no exponent, so that every reader takes it alike. */
const PLAIN = /^-?\d{1,30}(\.\d{1,30})?$/;

/** Schema of a stored or sent decimal: plain text outside, `Decimal` inside. */
export const decimalSchema = z.codec(
  // What is checked after this must not meet what is no decimal.
  z.string().regex(PLAIN, { error: "is a decimal such as 1.25", abort: true }),
  z.custom<Decimal>((value) => Decimal.isDecimal(value)),
  {
    decode: (text) => new Decimal(text),
    // It is also called with what is no decimal, before that is refused.
    encode: (decimal) => (Decimal.isDecimal(decimal) ? decimal.toFixed() : ""),
  },
);
