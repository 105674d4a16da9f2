/**
 * Where a broker's page sends the owner's browser back, with a code in the query and nothing that would tell which
 * login it belongs to.
 *
 * 1. A code counts only in a browser with the owner's session, and only for a login that this session, or the
 *    terminal, waits for.
 * 2. It is handed in by the browser's own navigation alone: no frame, image or script of a page can do it.
 * 3. The answer leads to the page, whose address never holds the code.
 */
import type { ApiLanding } from "../../shared/console/api.ts";
import { ERRORS, type ErrorCode } from "../../shared/errors.ts";
import { fail } from "../../shared/platform/result.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { answerFailure } from "./answers.ts";
import type { ConsoleContext, ConsoleDeps } from "./context.ts";
import { ownerSession, type Route, spend } from "./route.ts";
import type { PageActor } from "./services.ts";

const PATH = "/api/oauth/ctrader/callback";
/** Longer than any code; what is longer is not looked at. */
const LONGEST_CODE = 1_000;
/** Marks the second round, see {@link comeOnceMore}. */
const AGAIN = "again";

export const redirectRoutes: readonly Route[] = [{ method: "GET", path: PATH, run }];

async function run(context: ConsoleContext, deps: ConsoleDeps): Promise<Response> {
  if (!isNavigation(context)) return answerFailure(context, fail("ORIGIN_REFUSED"));
  const session = await ownerSession(context, deps);
  if (!session.ok) {
    const isFirst = context.req.query(AGAIN) === undefined;
    return isFirst ? comeOnceMore(context) : explain(context, "SESSION_REQUIRED");
  }
  const spent = await spend(deps.limits.pins, context.get("address"));
  if (!spent.ok) return explain(context, spent.code, spent.detail.retryAfterSeconds);
  const actor = { kind: "page", session: session.value.id } as const;
  return leadTo(context, await settle(context, deps, actor));
}

async function settle(context: ConsoleContext, deps: ConsoleDeps, actor: PageActor): Promise<ApiLanding> {
  const code = codeOf(context);
  if (code === undefined) {
    const denied = await deps.services.denyByRedirect({ actor });
    return { failed: "LOGIN_DENIED", ...denied };
  }
  if (code.length > LONGEST_CODE) return { failed: "PIN_MALFORMED" };
  const completed = await deps.services.completeByRedirect({ code: Secret.of(code), actor });
  if (!completed.ok) return { failed: completed.code };
  const { connection, generation } = completed.value;
  return { connected: connection, generation };
}

/** A bare `+` may be a part of a code, never a blank. Undefined where the broker says that there is none. */
function codeOf({ req }: ConsoleContext): string | undefined {
  const query = new URLSearchParams(new URL(req.url).search.replaceAll("+", "%2B"));
  const code = query.get("code") ?? "";
  return query.has("error") || code === "" ? undefined : code;
}

/** HEAD sends nothing in. Browsers say where a request comes from; what does not say it is no browser of today. */
function isNavigation({ req }: ConsoleContext): boolean {
  if (req.method !== "GET") return false;
  const [mode, destination] = [req.header("sec-fetch-mode"), req.header("sec-fetch-dest")];
  return (mode ?? "navigate") === "navigate" && (destination ?? "document") === "document";
}

function leadTo(context: ConsoleContext, landing: ApiLanding): Response {
  if ("failed" in landing) context.set("code", landing.failed);
  const fields = Object.entries(landing).map(([name, value]): [string, string] => [name, String(value)]);
  return new Response(null, { status: 303, headers: { location: `/#${new URLSearchParams(fields)}` } });
}

/**
 * The session's cookie does not come with a request that another site's page has caused, and the broker's redirect
 * is one. So this answer has the browser ask for the same address once more, out of a page of our own.
 */
function comeOnceMore({ req }: ConsoleContext): Response {
  const query = new URLSearchParams(new URL(req.url).search.replaceAll("+", "%2B"));
  query.set(AGAIN, "1");
  const address = escapeText(`${PATH}?${query}`);
  return page(
    200,
    `<meta http-equiv="refresh" content="0; url=${address}">`,
    `<p><a href="${address}">Go on to Openbell</a></p>`,
  );
}

/** What went wrong where there is no way to the page; its address still holds the code, for the terminal. */
function explain(context: ConsoleContext, code: ErrorCode, retryAfterSeconds?: string | number): Response {
  context.set("code", code);
  const { status, summary, next } = ERRORS[code];
  const terminal =
    "Did you begin this login in the terminal? Copy the whole address of this page into it, within a minute.";
  const response = page(
    status,
    "",
    `<h1>Not connected</h1><p>${escapeText(summary)} ${escapeText(next)}</p><p>${terminal}</p><p>${code}</p>`,
  );
  if (retryAfterSeconds !== undefined) response.headers.set("Retry-After", String(retryAfterSeconds));
  return response;
}

function page(status: number, head: string, body: string): Response {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Openbell</title>${head}</head><body>${body}</body></html>`;
  return new Response(html, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}

function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
