import { z } from "zod";
import { codeSchema, sessionSchema } from "../../shared/console/api.ts";
import { toIso } from "../../shared/platform/instant.ts";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import type { RedeemedLink } from "../../shared/sessions/links.ts";
import { reportIncident } from "../http/incident.ts";
import type { ConsoleDeps } from "./context.ts";
import { note } from "./note.ts";
import { openRoute, ownerRoute, type Route } from "./route.ts";
import { endedSessionCookie, sessionCookie } from "./session-cookie.ts";

const nothing = z.strictObject({});

/** Signing in by a link, asking for a fresh link, signing out. */
export const sessionRoutes: readonly Route[] = [
  openRoute({
    method: "POST",
    path: "/api/session",
    status: 200,
    limiter: (limits) => limits.signIns,
    body: codeSchema,
    answer: sessionSchema,
    async handle({ body, address }, deps) {
      const link = await redeemOwn(deps, body.code);
      if (!link.ok) {
        await note(deps, {
          actor: `visitor:${address}`,
          action: "signed-in",
          subject: "page",
          outcome: link.code,
        });
        return link;
      }
      const { session, cookieValue } = await deps.sessions.open(link.value);
      await note(deps, { actor: `page:${session.id}`, action: "signed-in", subject: "page", outcome: "ok" });
      const [first, second] = session.words;
      return succeed({
        body: { words: [first, second], expiresAt: toIso(session.expiresAt) },
        setCookie: sessionCookie(cookieValue),
      });
    },
  }),

  openRoute({
    method: "POST",
    path: "/api/session/link",
    status: 202,
    body: nothing,
    answer: nothing,
    async handle({ address }, deps) {
      // The answer is the same whether a link went out or not: a stranger learns nothing from it.
      if (!(await deps.limits.linkRequests.allow())) deps.log.info("link-request-over-limit");
      else await sendFreshLink(deps, address);
      return succeed({ body: {} });
    },
  }),

  ownerRoute({
    method: "DELETE",
    path: "/api/session",
    status: 204,
    async handle({ session }, deps) {
      await deps.sessions.close(session.id);
      await note(deps, { actor: `page:${session.id}`, action: "signed-out", subject: "page", outcome: "ok" });
      return succeed({ body: undefined, setCookie: endedSessionCookie() });
    },
  }),
];

/** Burns a code; one that was made for another chat than the owner's is spent and counts for nothing. */
async function redeemOwn(deps: ConsoleDeps, code: string): Promise<Result<RedeemedLink, "LINK_NOT_VALID">> {
  const link = await deps.links.redeem(code);
  if (!link.ok) return link;
  return link.value.chatId === deps.options.ownerChatId ? link : fail("LINK_NOT_VALID");
}

async function sendFreshLink(deps: ConsoleDeps, address: string): Promise<void> {
  const outcome = await attempt(deps);
  await note(deps, { actor: `visitor:${address}`, action: "link-requested", subject: "page", outcome });
}

async function attempt(deps: ConsoleDeps): Promise<string> {
  try {
    const sent = await deps.services.sendFreshLink();
    return sent.ok ? "ok" : sent.code;
  } catch (thrown) {
    reportIncident(deps.log, thrown, { route: "/api/session/link" });
    return "INTERNAL";
  }
}
