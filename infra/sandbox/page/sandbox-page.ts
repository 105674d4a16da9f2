import type { Hono } from "hono";
import { z } from "zod";
import { EXCHANGE_TIME_ZONE, nextSession } from "../../../shared/calendar/sessions.ts";
import { midnightAfter } from "../../../shared/calendar/zoned.ts";
import { instantSchema, toIso } from "../../../shared/platform/instant.ts";
import { createPageShell, refuse } from "./page-shell.ts";

const ASSETS = ["sandbox.css", "sandbox.js", "api.js", "clock.js", "dom.js", "jobs.js", "switches.js"];

const marksQuerySchema = z.strictObject({ at: instantSchema });

/**
 * The sandbox as a page for people, to be mounted one level under the sandbox's JSON interface, which it calls:
 * the clock, the jobs, the simulators' switches and what a client of them needs. `GET /marks?at=` tells the next
 * open and the next midnight in New York after an instant, `{ open, midnight }`.
 */
export function createSandboxPage(): Hono {
  const asset = (name: string) => new URL(name, import.meta.url);
  const page = createPageShell({ html: asset("sandbox.html"), assets: ASSETS.map(asset) });
  page.get("/marks", (context) => {
    const query = marksQuerySchema.safeParse(context.req.query());
    if (!query.success) return refuse(context, "REQUEST_MALFORMED", { field: "at" });
    const { at } = query.data;
    const session = nextSession(at);
    if (!session.ok) return refuse(context, session.code, session.detail);
    const midnight = midnightAfter(at, EXCHANGE_TIME_ZONE);
    return context.json({ open: toIso(session.value.open), midnight: toIso(midnight) });
  });
  return page;
}
