import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import type { BotConfig } from "../../config/bot.ts";
import { DEFAULT_BOTS } from "../../config/default-bots.ts";
import { sessionAt } from "./bot-session.ts";
import { dueBots, dueInstants, isOnCadence, latestStart } from "./due-bots.ts";

const at = (text: string) => Temporal.Instant.from(text);
const newYork = (text: string) =>
  Temporal.PlainDateTime.from(text).toZonedDateTime("America/New_York").toInstant();
const { afterMinutes: _, ...GIVEN } = DEFAULT_BOTS[0] as BotConfig;
const aBot = (over: Partial<BotConfig> = {}): BotConfig => ({
  ...GIVEN,
  everyMinutes: 1,
  session: "exchange",
  ...over,
});
const isDue = (bot: BotConfig, instant: Temporal.Instant) => dueBots([bot], instant).length === 1;

describe("the exchange's session", () => {
  test.each([
    ["the minute of the open", "2026-11-23T09:30", true],
    ["the minute before the open", "2026-11-23T09:29", false],
    ["the last minute", "2026-11-23T15:59", true],
    ["the minute of the close", "2026-11-23T16:00", false],
    ["a holiday", "2026-11-26T11:00", false],
    ["a half day at noon", "2026-11-27T12:59", true],
    ["a half day after its close", "2026-11-27T13:00", false],
    ["a Sunday", "2026-11-22T11:00", false],
  ])("%s", (_, text, expected) => {
    expect(isDue(aBot(), newYork(text))).toBe(expected);
  });

  test("the extended one begins at four and ends with the regular one", () => {
    const bot = aBot({ session: "extended" });

    const due = ["2026-11-27T03:59", "2026-11-27T04:00", "2026-11-27T12:59", "2026-11-27T13:00"];
    expect(due.map((text) => isDue(bot, newYork(text)))).toEqual([false, true, true, false]);
  });

  test("what is closed says why", () => {
    expect(sessionAt("exchange", newYork("2026-11-26T11:00"))).toMatchObject({
      reason: "MARKET_CLOSED",
      text: "The exchange is closed: Thanksgiving Day.",
    });
    expect(sessionAt("exchange", newYork("2026-11-23T08:00"))).toMatchObject({
      reason: "OUTSIDE_SESSION",
      text: "The session begins at Mon 2026-11-23 09:30 ET.",
    });
    expect(sessionAt("exchange", newYork("2026-11-27T14:00"))).toMatchObject({
      text: "The session ended at Fri 2026-11-27 13:00 ET.",
    });
    expect(sessionAt("exchange", newYork("2061-11-28T14:00"))).toMatchObject({ reason: "MARKET_CLOSED" });
  });
});

describe("a session of the bot's own", () => {
  const night = { timeZone: "Asia/Kuala_Lumpur", days: [1, 5], from: "21:00", to: "02:30" } as const;
  const local = (text: string) =>
    Temporal.PlainDateTime.from(text).toZonedDateTime(night.timeZone).toInstant();
  const bot = aBot({ session: { ...night, days: [...night.days] } });

  test.each([
    ["before it begins", "2026-11-23T20:59", false],
    ["Monday evening", "2026-11-23T21:00", true],
    ["the night that Monday began", "2026-11-24T02:29", true],
    ["its end", "2026-11-24T02:30", false],
    ["Tuesday evening, which is none of its days", "2026-11-24T22:00", false],
    ["the Saturday night that Friday began", "2026-11-28T01:00", true],
    ["Saturday evening", "2026-11-28T22:00", false],
  ])("%s", (_, text, expected) => {
    expect(isDue(bot, local(text))).toBe(expected);
  });

  test("one from a time to the same time lasts a day", () => {
    const whole = aBot({ session: { timeZone: "UTC", days: [3], from: "00:00", to: "00:00" } });

    expect(
      ["2026-11-24T23:59Z", "2026-11-25T00:00Z", "2026-11-25T23:59Z", "2026-11-26T00:00Z"].map((text) =>
        isDue(whole, at(text)),
      ),
    ).toEqual([false, true, true, false]);
  });
});

describe("the cadence", () => {
  test("counts from New York's midnight", () => {
    const bot = aBot({ everyMinutes: 45, session: "always" });

    const due = ["00:00", "00:44", "00:45", "01:30", "09:00", "09:30", "23:15"];
    expect(due.map((time) => isDue(bot, newYork(`2026-11-23T${time}`)))).toEqual([
      true,
      false,
      true,
      true,
      true,
      false,
      true,
    ]);
  });

  test("lies behind its instants by as many minutes as the bot is given", () => {
    const bot = aBot({ everyMinutes: 15, afterMinutes: 1, session: "always" });

    const due = ["00:00", "00:01", "00:15", "00:16", "09:31", "23:46"];
    expect(due.map((time) => isDue(bot, newYork(`2026-11-23T${time}`)))).toEqual([
      ...[false, true, false],
      ...[true, true, true],
    ]);
  });

  test.each([
    ["spring", "2026-03-08", 23],
    ["autumn", "2026-11-01", 25],
    ["any other day", "2026-11-23", 24],
  ])("two hours lie between two ticks, also where the clocks change: %s", (_, date, hours) => {
    const bot = aBot({ everyMinutes: 120, session: "always" });
    const from = Temporal.PlainDate.from(date).toZonedDateTime("America/New_York").toInstant();

    const instants = dueInstants(bot, { from, until: from.add({ hours }) });

    expect(instants.map((one) => from.until(one).total("minutes"))).toEqual(
      Array.from({ length: Math.ceil(hours / 2) }, (_, index) => index * 120),
    );
  });

  test("every day begins anew, and the instants of a day are those at which the bot is due", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_440 }),
        fc.integer({ min: 0, max: 600 }),
        fc.constantFrom("always" as const, "exchange" as const),
        (everyMinutes, day, session) => {
          const bot = aBot({ everyMinutes, session });
          const start = Temporal.PlainDate.from("2026-01-01").add({ days: day });
          const from = start.toZonedDateTime("America/New_York").toInstant();
          const until = start.add({ days: 1 }).toZonedDateTime("America/New_York").toInstant();

          expect(isOnCadence(bot, from)).toBe(true);
          const listed = new Set(dueInstants(bot, { from, until }).map(String));
          for (let minute = 0; minute < from.until(until).total("minutes"); minute += 97) {
            const instant = from.add({ minutes: minute });
            expect(isDue(bot, instant)).toBe(listed.has(String(instant)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

test("a bot is due in the whole minute, whatever the second", () => {
  expect(isDue(aBot(), newYork("2026-11-23T09:30:59.999"))).toBe(true);
});

test("a tick may start until its tolerance is over", () => {
  expect(String(latestStart({ toleranceSeconds: 45 }, at("2026-11-23T14:30:00Z")))).toBe(
    "2026-11-23T14:30:45Z",
  );
});
