import type { Hono } from "hono";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { EXCHANGE_TIME_ZONE, nextSession } from "../../../shared/calendar/sessions.ts";
import { midnightAfter } from "../../../shared/calendar/zoned.ts";
import { instantSchema, toIso } from "../../../shared/platform/instant.ts";
import { type Result, succeed } from "../../../shared/platform/result.ts";
import { createPageShell, refuse } from "./page-shell.ts";

const ASSETS = ["sandbox.css", "sandbox.js", "api.js", "clock.js", "dom.js", "jobs.js", "switches.js"];

const marksQuerySchema = z.strictObject({ at: instantSchema });

/**
 * The sandbox as a page for people, to be mounted one level under the sandbox's JSON interface, which it calls:
 * the clock, the jobs, the simulators' switches and what a client of them needs. `GET /marks?at=` tells what comes
 * next after an instant, `{ ring, open, midnight }`: the phone's next ring if nobody renews, the market's open, and
 * midnight in New York. `minutesBeforeOpen`: the rungs of the morning.
 */
export function createSandboxPage(options: { readonly minutesBeforeOpen: readonly number[] }): Hono {
  const asset = (name: string) => new URL(name, import.meta.url);
  const page = createPageShell({ html: asset("sandbox.html"), assets: ASSETS.map(asset) });
  page.get("/marks", (context) => {
    const query = marksQuerySchema.safeParse(context.req.query());
    if (!query.success) return refuse(context, "REQUEST_MALFORMED", { field: "at" });
    const { at } = query.data;
    const session = nextSession(at);
    if (!session.ok) return refuse(context, session.code, session.detail);
    const ring = nextRing(at, options.minutesBeforeOpen);
    if (!ring.ok) return refuse(context, ring.code, ring.detail);
    const midnight = midnightAfter(at, EXCHANGE_TIME_ZONE);
    return context.json({
      ring: toIso(ring.value),
      open: toIso(session.value.open),
      midnight: toIso(midnight),
    });
  });
  return page;
}

/** The first rung after `at`: one of the morning under way, else the first of the next morning. */
function nextRing(
  at: Temporal.Instant,
  minutesBeforeOpen: readonly number[],
): Result<Temporal.Instant, "CALENDAR_OUT_OF_RANGE"> {
  const coming = nextSession(at);
  if (!coming.ok) return coming;
  const rungs = minutesBeforeOpen.toSorted((one, other) => other - one);
  const [first = 0] = rungs;
  const due = rungs
    .map((minutes) => coming.value.open.subtract({ minutes }))
    .find((rung) => Temporal.Instant.compare(rung, at) > 0);
  if (due !== undefined) return succeed(due);
  const after = nextSession(coming.value.open);
  return after.ok ? succeed(after.value.open.subtract({ minutes: first })) : after;
}
