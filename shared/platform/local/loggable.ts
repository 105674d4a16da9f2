import { constants } from "node:os";
import { Temporal } from "temporal-polyfill";
import { ERRORS } from "../../errors.ts";
import { Secret } from "../secret.ts";

const MASK = "[secret]";
const DEEPEST = 6;
const MOST_ENTRIES = 50;
const LONGEST_TEXT = 2_000;

/** Names whose values are never logged, wherever they stand and however they are written. */
const SENSITIVE =
  /token|secret|password|passphrase|authorization|cookie|verifier|signature|credential|(api|consumer|private|master|signing)[-_]?key|account[-_]?(id|number|key)|(auth|login|access|session|verification)[-_]?code|one[-_]?time|(^|[-_])(pin|otp|jwt|body)$/i;
const SENSITIVE_ENDING = /[a-z](Pin|Otp|Jwt|Body)$/;
/** A login code under this name is masked; a code that says what went wrong is not. */
const CODE = /^code$/i;
const SYSTEM_CODE = /^(ERR_[A-Z0-9_]+|E[A-Z_]{5,})$/;
/** Secrets inside of texts, such as an address in an error's message. */
const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/\bbot\d{5,}:[\w-]{20,}/g, `bot${MASK}`],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${MASK}`],
  [
    /\b(\w*(?:token|secret|password|verifier|signature|key|code|pin))(["']?\s*[=:]\s*["']?)[^\s&"',;)]+/gi,
    `$1$2${MASK}`,
  ],
];

/**
 * What may stand in a log line: a plain copy of `value` with sensitive names masked at any depth, errors cut
 * down to name, code, message and stack (never the request or answer they carry), instants as text, and
 * depth, breadth and length bounded. It is the second net: callers log no secrets in the first place.
 */
export function toLoggable(value: unknown): unknown {
  return copy(value, 0);
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value === "string") return shorten(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Secret) return MASK;
  if (value instanceof Temporal.Instant || value instanceof Temporal.Duration) return value.toString();
  if (value instanceof Temporal.PlainDate || value instanceof Temporal.ZonedDateTime) return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[no date]" : value.toISOString();
  if (value instanceof URL) return `${value.origin}${value.pathname}`;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (depth >= DEEPEST) return "[deeper]";
  if (value instanceof Error) return copyError(value, depth);
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((one) => copy(one, depth + 1));
  if (value instanceof Set) return copy([...value], depth);
  return copyEntries(value instanceof Map ? [...value] : Object.entries(value), depth);
}

function copyEntries(entries: readonly (readonly [unknown, unknown])[], depth: number): object {
  const plain = entries.slice(0, MOST_ENTRIES).map(([name, value]) => {
    const key = nameOf(name);
    return [key, isSensitive(key, value) ? MASK : copy(value, depth + 1)] as const;
  });
  return Object.fromEntries(plain);
}

/** A map's key may be anything, an object that cannot be made a text included. */
function nameOf(key: unknown): string {
  return typeof key === "object" && key !== null ? "[object]" : String(key);
}

function isSensitive(name: string, value: unknown): boolean {
  if (typeof value === "boolean" || value === undefined || value === null) return false;
  if (CODE.test(name)) return !isErrorCode(value);
  return SENSITIVE.test(name) || SENSITIVE_ENDING.test(name);
}

function isErrorCode(value: unknown): boolean {
  if (typeof value !== "string") return typeof value === "number";
  return Object.hasOwn(ERRORS, value) || Object.hasOwn(constants.errno, value) || SYSTEM_CODE.test(value);
}

function copyError(error: Error, depth: number): object {
  const code = (error as { readonly code?: unknown }).code;
  return {
    name: error.name,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    message: shorten(error.message),
    ...(error.stack === undefined ? {} : { stack: shorten(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: copy(error.cause, depth + 1) }),
    ...(error instanceof AggregateError ? { errors: copy(error.errors, depth + 1) } : {}),
  };
}

function shorten(text: string): string {
  const bounded =
    text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)`;
  return SECRET_TEXT.reduce((masked, [pattern, mask]) => masked.replace(pattern, mask), bounded);
}
