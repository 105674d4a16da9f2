import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";

/** 2100-01-01 in seconds: a later "second" is a millisecond that was taken for one. */
const LATEST_SECONDS = 4_102_444_800;

/**
 * Parses JSON with every number as a `Decimal` made from its digits, so that no amount of money passes through
 * a binary float. `undefined` for text that is not JSON.
 */
export function parseExactJson(text: string): unknown {
  try {
    return JSON.parse(text, toExact);
  } catch {
    return undefined;
  }
}

/** JSON with every `Decimal` as a number of exactly its digits: what {@link parseExactJson} read goes back as it came. */
export function writeExactJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, given: unknown) {
    const before = this[key];
    return Decimal.isDecimal(before) ? rawJson(before.toFixed()) : given;
  });
}

/** An exact number: money, price or quantity. */
export const decimalSchema = z.instanceof(Decimal).refine((value) => value.isFinite());

/** An exact number that may be left out or null. */
export const optionalDecimalSchema = decimalSchema.nullish().transform((value) => value ?? undefined);

/** Text that may be left out or null; then empty. */
export const optionalTextSchema = z
  .string()
  .nullish()
  .transform((value) => value?.trim() ?? "");

/** A whole number small enough for JavaScript's own. */
export const wholeNumberSchema = decimalSchema
  .refine((value) => value.isInteger() && value.abs().lte(Number.MAX_SAFE_INTEGER))
  .transform((value) => value.toNumber());

/** A moment in seconds since 1970; zero, E*TRADE's word for "never", becomes `undefined`. */
export const epochSecondsSchema = wholeNumberSchema
  .refine((seconds) => seconds >= 0 && seconds < LATEST_SECONDS)
  .transform((seconds) =>
    seconds === 0 ? undefined : Temporal.Instant.fromEpochMilliseconds(seconds * 1000),
  );

/** Text that some answers give as a number, e.g. an account's id. */
export const textSchema = z.union([z.string(), decimalSchema.transform((value) => value.toFixed())]);

/** An object's type where fields that may be undefined may be absent instead. */
export type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The fields of `fields` that have a value. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}

function toExact(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" && context?.source !== undefined ? new Decimal(context.source) : value;
}

/** A number by its digits, which `JSON.stringify` writes as they are; not yet in the language's own types. */
function rawJson(digits: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(digits);
}
