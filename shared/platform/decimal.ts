import { Decimal } from "decimal.js";
import { z } from "zod";

/** A decimal as plain text, e.g. `-0.5`: no exponent, so that every reader takes it alike. */
const PLAIN = /^-?\d{1,30}(\.\d{1,30})?$/;

/** Schema of a stored or sent decimal: plain text outside, `Decimal` inside. */
export const decimalSchema = z.codec(
  z.string().regex(PLAIN, { error: "is a decimal such as 1.25" }),
  z.custom<Decimal>((value) => Decimal.isDecimal(value) && value.isFinite()),
  { decode: (text) => new Decimal(text), encode: (decimal) => decimal.toFixed() },
);
