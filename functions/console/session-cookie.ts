import { getCookie } from "hono/cookie";
import { serialize } from "hono/utils/cookie";
import type { Secret } from "../../shared/platform/secret.ts";
import { SESSION_LIFE } from "../../shared/sessions/sessions.ts";
import type { ConsoleContext } from "./context.ts";

/** The only cookie that Firebase Hosting lets through to a function. */
const NAME = "__session";
const ATTRIBUTES = { httpOnly: true, secure: true, sameSite: "Strict", path: "/" } as const;

export function readSessionCookie(context: ConsoleContext): string | undefined {
  return getCookie(context, NAME);
}

/** The header that gives the browser its session: out of scripts' reach, never sent by other sites' pages. */
export function sessionCookie(value: Secret): string {
  return serialize(NAME, value.reveal(), { ...ATTRIBUTES, maxAge: SESSION_LIFE.total("seconds") });
}

/** The header that makes the browser forget its session. */
export function endedSessionCookie(): string {
  return serialize(NAME, "", { ...ATTRIBUTES, maxAge: 0 });
}
