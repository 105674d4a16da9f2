import type { Temporal } from "temporal-polyfill";

/** Texts by name, of which any may be missing. */
export type Texts = Readonly<Record<string, string | undefined>>;

/** A request as it came in over HTTP. */
export interface Call {
  /** Which of the two hosts was called. */
  readonly door: "api" | "sandbox";
  readonly scheme: "http" | "https";
  readonly method: string;
  /** Path and query exactly as in the request line. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Texts;
  readonly body: string;
}

/** An answer, without the headers that every answer has. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What happens to a call: an answer, a connection closed in its face, or silence. */
export type Outcome =
  | { readonly kind: "reply"; readonly reply: Reply }
  | { readonly kind: "drop" }
  | { readonly kind: "silence" };

/** The path of a request line, as sent. */
export function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark === -1 ? target : target.slice(0, mark);
}

/** The query of a request line, as sent and without its `?`. */
export function queryOf(target: string): string {
  const mark = target.indexOf("?");
  return mark === -1 ? "" : target.slice(mark + 1);
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** An instant in the form of the `Date` header (RFC 9110). */
export function httpDate(instant: Temporal.Instant): string {
  const at = instant.toZonedDateTimeISO("UTC");
  const day = String(at.day).padStart(2, "0");
  const time = at.toPlainTime().toString({ smallestUnit: "second" });
  return `${DAYS[at.dayOfWeek - 1]}, ${day} ${MONTHS[at.month - 1]} ${at.year} ${time} GMT`;
}
