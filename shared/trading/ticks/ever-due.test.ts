import { expect, test } from "vitest";
import type { BotSession } from "../../config/bot.ts";
import { dueOnlyAfter } from "./ever-due.ts";

const own = (timeZone: string, from: string, to: string, days = [1, 2, 3, 4, 5]): BotSession => ({
  timeZone,
  days,
  from,
  to,
});

test.each<[string, BotSession, number, number | undefined, number | null | undefined]>([
  ["each minute", "exchange", 1, undefined, undefined],
  ["at midnight, in a market that never closes", "always", 1_440, undefined, undefined],
  ["at midnight, while the exchange is closed", "exchange", 1_440, undefined, 570],
  ["at the open each day", "exchange", 1_440, 570, undefined],
  ["every twelve hours, at noon among them", "exchange", 720, undefined, undefined],
  ["every ten hours, in the morning before the open and in the evening", "exchange", 600, 480, 570],
  ["in London's morning", own("Europe/London", "08:00", "08:30"), 60, 10, undefined],
  ["beside London's morning", own("Europe/London", "08:00", "08:10"), 60, 30, 0],
  [
    "over midnight into the next day",
    own("America/New_York", "23:50", "00:10", [5]),
    1_440,
    undefined,
    undefined,
  ],
  ["on no day", own("Europe/London", "08:00", "09:00", []), 1, undefined, null],
])("a bot that ticks %s", (_when, session, everyMinutes, afterMinutes, only) => {
  const cadence = { session, everyMinutes, ...(afterMinutes !== undefined && { afterMinutes }) };

  expect(dueOnlyAfter(cadence)).toBe(only);
});
