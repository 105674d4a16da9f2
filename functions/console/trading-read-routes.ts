/** What the page and tools read of trading. */
import { Temporal } from "temporal-polyfill";
import { equitySchema, tradingSchema, whySchema } from "../../shared/console/trading-api.ts";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import { ownerRoute, type Route } from "./route.ts";

const MOST_HOURS = 48;

export const tradingReadRoutes: readonly Route[] = [
  ownerRoute({
    method: "GET",
    path: "/api/trading",
    status: 200,
    answer: tradingSchema,
    handle: async (_call, { services }) => succeed({ body: await services.trading() }),
  }),

  ownerRoute({
    method: "GET",
    path: "/api/trading/equity",
    status: 200,
    answer: equitySchema,
    async handle({ query }, { services }) {
      const hours = hoursOf(query("hours"));
      if (!hours.ok) return hours;
      const found = await services.equity({ account: query("account") ?? "", ...hours.value });
      return found.ok ? succeed({ body: found.value }) : found;
    },
  }),

  ownerRoute({
    method: "GET",
    path: "/api/trading/why",
    status: 200,
    answer: whySchema,
    async handle({ query }, { services }) {
      const day = dayOf(query("day"));
      if (!day.ok) return day;
      const found = await services.why({ bot: query("bot") ?? "", ...day.value });
      return found.ok ? succeed({ body: found.value }) : found;
    },
  }),
];

type Malformed = "REQUEST_MALFORMED";

function hoursOf(text: string | undefined): Result<{ readonly hours?: number }, Malformed> {
  if (text === undefined) return succeed({});
  const hours = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (hours < 1 || hours > MOST_HOURS) return fail("REQUEST_MALFORMED", { field: "hours" });
  return succeed({ hours });
}

function dayOf(text: string | undefined): Result<{ readonly day?: Temporal.PlainDate }, Malformed> {
  if (text === undefined) return succeed({});
  try {
    if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return succeed({ day: Temporal.PlainDate.from(text) });
  } catch {
    // A day that no calendar has.
  }
  return fail("REQUEST_MALFORMED", { field: "day" });
}
