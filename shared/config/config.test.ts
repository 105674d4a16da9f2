import { expect, test } from "vitest";
import { configSchema } from "./config.ts";

test("nothing given means E*TRADE with production each morning, three rungs and 75 minutes", () => {
  const config = configSchema.parse({});

  expect(config.connections.map((one) => [one.id, one.needed])).toEqual([
    ["etrade-production", "every-morning"],
    ["etrade-sandbox", "on-demand"],
  ]);
  expect(config.alerts.minutesBeforeOpen).toEqual([60, 30, 10]);
  expect(config.tokens).toEqual({ loginsPerDay: 8, wrongPins: 5, keepAliveAfterMinutes: 75 });
  expect(config.owner.timeZone).toBe("America/New_York");
});

test.each([
  "UTC",
  "Europe/Paris",
  "Asia/Kolkata",
  "Asia/Ho_Chi_Minh",
  "Europe/Kyiv",
  "America/Argentina/Salta",
])("%s is a zone", (timeZone) => {
  expect(configSchema.parse({ owner: { timeZone } }).owner.timeZone).toBe(timeZone);
});

test.each(["", "Mars/Olympus", "america/new_york", "+05:30", "Europe/Paris "])(
  "%j is no zone",
  (timeZone) => {
    expect(configSchema.safeParse({ owner: { timeZone } }).success).toBe(false);
  },
);

test.each([
  [{ surprise: 1 }],
  [{ tokens: { wrongPins: 0 } }],
  [{ tokens: { keepAliveAfterMinutes: 120 } }],
  [{ alerts: { minutesBeforeOpen: [] } }],
  [{ alerts: { minutesBeforeOpen: [65] } }],
  [{ connections: [] }],
  [{ connections: [{ ...configSchema.parse({}).connections[0], broker: "other" }] }],
])("%j is refused", (given) => {
  expect(configSchema.safeParse(given).success).toBe(false);
});

test("two connections of one name are refused", () => {
  const [one] = configSchema.parse({}).connections;

  expect(configSchema.safeParse({ connections: [one, one] }).success).toBe(false);
});
