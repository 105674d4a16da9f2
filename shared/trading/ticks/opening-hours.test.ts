import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { aBot, aConfig, BUY, CONNECTION, GOLD, openTickHouse } from "../../../tests/support/tick-house.ts";
import type { Connection } from "../../config/connection.ts";
import { opensBy } from "./make-ticket.ts";
import { openingHours } from "./opening-hours.ts";

const at = (text: string) => Temporal.Instant.from(text);
const etrade = (now: string, closeAt?: string) =>
  openingHours(
    { broker: "etrade" },
    { now: at(now), closeAt: closeAt === undefined ? undefined : at(closeAt) },
  );

test.each([
  [
    "before the open, in an extended session",
    "2026-11-23T13:00:00Z",
    "2026-11-23T21:00:00Z",
    "opens at Mon 2026-11-23 09:30 ET",
  ],
  ["seconds before the close", "2026-11-23T20:59:45Z", "2026-11-23T21:00:00Z", "closes in seconds"],
  [
    "on the Monday after the clocks went back, before the open",
    "2026-11-02T14:29:59Z",
    undefined,
    "opens at Mon 2026-11-02 09:30 ET",
  ],
])("E*TRADE would keep a market order %s: none is given", (_, now, closeAt, words) => {
  expect(etrade(now, closeAt).closedToMarket).toContain(words);
  expect(etrade(now, closeAt).closed).toBeUndefined();
});

test.each([
  ["in the night of a bot without a session", "2026-11-24T03:00:00Z", "opens at Tue 2026-11-24 09:30 ET"],
  ["on a holiday", "2026-11-26T15:00:00Z", "opens at Fri 2026-11-27 09:30 ET"],
  ["after the close of a half day", "2026-11-27T18:00:00Z", "opens at Mon 2026-11-30 09:30 ET"],
])(
  "at E*TRADE nothing is opened %s, at whatever price: it would rest over the token's end",
  (_, now, words) => {
    const { closed, closedToMarket } = etrade(now);

    expect(closed).toContain(words);
    expect(closedToMarket).toBe(closed);
  },
);

test("what rests at E*TRADE ends with the exchange's day, also of a bot without a session or with a longer one", () => {
  const close = "2026-11-23T21:00:00Z";

  expect(String(etrade("2026-11-23T15:00:00Z").restsUntil)).toBe(close);
  expect(String(etrade("2026-11-23T15:00:00Z", "2026-11-24T02:00:00Z").restsUntil)).toBe(close);
  expect(String(etrade("2026-11-23T15:00:00Z", "2026-11-23T18:00:00Z").restsUntil)).toBe(
    "2026-11-23T18:00:00Z",
  );
});

test("in the regular session it takes market orders until shortly before the close", () => {
  const hours = etrade("2026-11-27T17:59:00Z");

  expect(hours).toMatchObject({ closed: undefined, closedToMarket: undefined });
  expect(String(hours.until)).toBe("2026-11-27T17:59:45Z");
});

test("once the bot's own session has ended nothing is opened, at whatever price and broker", () => {
  const now = at("2026-11-23T21:00:00Z");

  for (const broker of ["etrade", "ctrader"] as const) {
    const hours = openingHours({ broker }, { now, closeAt: now });
    expect([hours.closed, hours.closedToMarket]).toEqual(Array(2).fill("The bot's session has ended."));
  }
});

test("cTrader says by itself when it trades", () => {
  const night = { now: at("2026-11-24T03:00:00Z"), closeAt: undefined };

  expect(openingHours({ broker: "ctrader" }, night)).toEqual({
    ...{ closed: undefined, closedToMarket: undefined, until: undefined, restsUntil: undefined },
  });
});

test("an order that opens at the market is not sent after the session, however late ticks may run", () => {
  const now = at("2026-11-23T20:59:00Z");
  const until = at("2026-11-23T20:59:45Z");

  expect(String(opensBy(now.add({ hours: 1 }), { now, until }))).toBe(String(until));
  expect(String(opensBy(now.add({ seconds: 30 }), { now, until }))).toBe("2026-11-23T20:59:30Z");
});

test.each([
  ["market order", {}, "RISK_DENIED", 0],
  ["limit order, which rests until the session that it is for,", { limitPrice: 2_395 }, "ORDER_PROPOSED", 1],
] as const)("a bot in E*TRADE's extended session: a %s", async (_, over, reason, count) => {
  const house = await openTickHouse({
    bots: [aBot({ session: "extended" })],
    start: at("2026-11-23T13:00:00Z"),
  });
  try {
    house.script.answer = { ...BUY, ...over };
    const stock = { label: "Stocks", needed: "on-demand", broker: "etrade", environment: "sandbox" } as const;
    const connections: Connection[] = [{ id: CONNECTION, ...stock }];
    const run = house.start({ over: { config: { ...aConfig(house.config.bots), connections } } });
    await house.quote({ [GOLD]: [2_400, 2_400.4] });

    expect(await run({ bot: "gold", instant: house.clock.now() })).toMatchObject({ record: { reason } });
    expect(await house.orders()).toHaveLength(count);
  } finally {
    await house.close();
  }
});
