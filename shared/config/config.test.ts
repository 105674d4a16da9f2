import { expect, test } from "vitest";
import { configSchema } from "./config.ts";

test("nothing given means E*TRADE with production each morning, a cTrader demo, three rungs and 75 minutes", () => {
  const config = configSchema.parse({});

  expect(config.connections.map((one) => [one.id, one.needed])).toEqual([
    ["etrade-production", "every-morning"],
    ["etrade-sandbox", "on-demand"],
    ["ctrader-demo", "on-demand"],
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

const aCtrader = { ...configSchema.parse({}).connections[2], id: "ctrader-live", environment: "live" };

test("a cTrader connection follows EURUSD by the minute unless it says otherwise", () => {
  const { watch: _, ...given } = aCtrader as Record<string, unknown>;

  const [read] = configSchema.parse({ connections: [given] }).connections;

  expect(read).toMatchObject({ watch: [{ symbol: "EURUSD", bars: ["M1"] }] });
});

test("a watched symbol has bars of the minute unless it says otherwise", () => {
  const [read] = configSchema.parse({
    connections: [{ ...aCtrader, watch: [{ symbol: "XAUUSD" }] }],
  }).connections;

  expect(read).toMatchObject({ watch: [{ symbol: "XAUUSD", bars: ["M1"] }] });
});

test.each([
  [{ environment: "sandbox" }],
  [{ environment: "production" }],
  [{ watch: [{ symbol: "" }] }],
  [{ watch: [{ symbol: "EURUSD", bars: ["M7"] }] }],
  [{ watch: [{ symbol: "EURUSD" }, { symbol: "EURUSD" }] }],
])("a cTrader connection with %j is refused", (given) => {
  expect(configSchema.safeParse({ connections: [{ ...aCtrader, ...given }] }).success).toBe(false);
});

test("what only cTrader has is refused for E*TRADE", () => {
  const [etrade] = configSchema.parse({}).connections;

  expect(configSchema.safeParse({ connections: [{ ...etrade, watch: [] }] }).success).toBe(false);
  expect(configSchema.safeParse({ connections: [{ ...etrade, environment: "demo" }] }).success).toBe(false);
});
