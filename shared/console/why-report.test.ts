import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NOW } from "../../tests/support/risk-facts.ts";
import { openPlace, type TickPlace } from "../../tests/support/tick-house.ts";
import { silentLog } from "../../tests/support/token-house.ts";
import { configSchema } from "../config/config.ts";
import { createVirtualClock } from "../platform/local/virtual-clock.ts";
import { createNoteBots } from "../trading/ticks/first-seen.ts";
import { tickId, ticks } from "../trading/ticks/records.ts";
import { whySchema } from "./trading-api.ts";
import { reportWhy } from "./why-report.ts";

const config = configSchema.parse({});
const clock = createVirtualClock({ start: NOW });
let place: TickPlace;
beforeEach(() => {
  place = openPlace();
});
afterEach(() => place.close());

async function report(question: { bot: string; day?: Temporal.PlainDate }) {
  const found = await reportWhy({ store: place.store, clock, config }, question);
  return found.ok ? whySchema.parse(found.value) : found;
}

test("what was before a bot was first looked at was not missed, and a day before that is told as such", async () => {
  const noted = createNoteBots({ store: place.store, log: silentLog });
  const gold = { id: "gold" };
  const fresh = await report({ bot: "gold" });
  await noted([gold], NOW.subtract({ minutes: 31 }));
  await noted([gold], NOW);
  await createNoteBots({ store: place.store, log: silentLog })([gold], NOW);

  const later = await report({ bot: "gold" });
  const yesterday = await report({ bot: "gold", day: Temporal.PlainDate.from("2026-03-03") });

  expect(fresh).toMatchObject({ due: 0, missed: 0 });
  expect(later).toMatchObject({ due: 2, missed: 2 });
  expect(yesterday).toMatchObject({
    ...{ due: 0, missed: 0 },
    closed: "That was before Openbell first looked at this bot.",
  });
});

test("the day's reasons come counted and in words, today's unless another day is asked for", async () => {
  await place.store.transact(async (transaction) => {
    for (const minutes of [15, 30, 45]) {
      const instant = NOW.subtract({ minutes: minutes - 1 });
      const reason = minutes === 30 ? "RISK_DENIED" : "NO_SIGNAL";
      const tick = {
        bot: "gold",
        instant,
        reason,
        text: `at ${minutes}`,
        orders: [],
        tookMs: 1,
        at: instant,
      };
      transaction.set(ticks, tickId("gold", instant), { ...tick, keptUntil: instant.add({ hours: 24 }) });
    }
  });

  const today = await report({ bot: "gold" });
  const yesterday = await report({ bot: "gold", day: Temporal.PlainDate.from("2026-03-03") });

  expect(today).toMatchObject({
    bot: "gold",
    date: "2026-03-04",
    due: 3,
    missed: 0,
    reasons: [
      { reason: "NO_SIGNAL", count: 2, summary: "The strategy looked and wants nothing." },
      { reason: "RISK_DENIED", count: 1 },
    ],
    latest: [{ text: "at 15" }, { text: "at 30" }, { text: "at 45" }],
  });
  expect(yesterday).toMatchObject({ date: "2026-03-03", reasons: [], latest: [] });
});

test("of a bot that nobody knows it is told which there are", async () => {
  expect(await report({ bot: "silver" })).toMatchObject({
    code: "SCOPE_UNKNOWN",
    detail: { known: "palm-oil, opening-momentum, gold" },
  });
});
