import { Temporal } from "temporal-polyfill";

/** What a piece of a quote path names. */
export type QuotedSymbol =
  | { readonly kind: "equity"; readonly symbol: string }
  | {
      readonly kind: "option";
      readonly symbol: string;
      readonly right: "CALL" | "PUT";
      readonly expiry: Temporal.PlainDate;
      /** Dollars. */
      readonly strike: number;
    };

const EQUITY = /^[A-Z]{1,5}(\.[A-Z])?$/;
const OPTION = /^([A-Z]{1,5}(?:\.[A-Z])?):(\d{4}):(\d{1,2}):(\d{1,2}):(CALL|PUT):(\d{1,6}(?:\.\d{1,3})?)$/;

/**
 * Reads `AAPL` or `AAPL:2026:1:16:CALL:250` (year, month, day, right, strike), small letters too. Undefined for
 * anything else, also for encoded colons and for a date that does not exist.
 */
export function readSymbol(text: string): QuotedSymbol | undefined {
  const upper = text.toUpperCase();
  if (EQUITY.test(upper)) return { kind: "equity", symbol: upper };
  const [, symbol, year, month, day, right, strike] = OPTION.exec(upper) ?? [];
  if (symbol === undefined || (right !== "CALL" && right !== "PUT")) return undefined;
  try {
    const fields = { year: Number(year), month: Number(month), day: Number(day) };
    const expiry = Temporal.PlainDate.from(fields, { overflow: "reject" });
    return { kind: "option", symbol, right, expiry, strike: Number(strike) };
  } catch {
    return undefined;
  }
}

/** The option's OSI key: root padded with `-` to six, date, right, and the strike in thousandths with eight digits. */
export function osiKey(option: Extract<QuotedSymbol, { kind: "option" }>): string {
  const root = option.symbol.replace(".", "").padEnd(6, "-");
  const date = option.expiry.toString().replaceAll("-", "").slice(2);
  const strike = String(Math.round(option.strike * 1_000)).padStart(8, "0");
  return `${root}${date}${option.right === "CALL" ? "C" : "P"}${strike}`;
}
