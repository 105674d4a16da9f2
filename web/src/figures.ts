/** Writes decimals, which come as text, for people. What is not known is said to be so, and never a zero. */

export const UNKNOWN = "not known";

const MONEY = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const PRICE = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 2, maximumFractionDigits: 5 });
const QUANTITY = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 8 });

/** `10,000.25 USD`. */
export function money(amount: string | undefined, currency?: string): string {
  if (amount === undefined) return UNKNOWN;
  return withCurrency(minus(MONEY.format(Number(amount))), currency);
}

/** `+12.30 USD` or `−12.30 USD`; a zero has no sign. */
export function signed(amount: string | undefined, currency?: string): string {
  if (amount === undefined) return UNKNOWN;
  const text = MONEY.format(Math.abs(Number(amount)));
  const isZero = /^[0.,]*$/.test(text);
  const sign = isZero ? "" : Number(amount) < 0 ? "−" : "+";
  return withCurrency(sign + text, currency);
}

/** `2,034.55`: as many places as it needs, two at least. */
export function price(amount: string | undefined): string {
  return amount === undefined ? UNKNOWN : minus(PRICE.format(Number(amount)));
}

/** `1,000` or `0.25`. */
export function quantity(amount: string): string {
  return minus(QUANTITY.format(Number(amount)));
}

/** Whether an amount is a gain, a loss, or neither. */
export function direction(amount: string | undefined): "gain" | "loss" | "flat" {
  const value = Number(amount ?? 0);
  return value > 0 ? "gain" : value < 0 ? "loss" : "flat";
}

/** `1 bot`, `3 bots`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function withCurrency(text: string, currency: string | undefined): string {
  return currency === undefined ? text : `${text} ${currency}`;
}

/** A hyphen is easily overlooked. */
function minus(text: string): string {
  return text.replace("-", "−");
}
