import { expect, test } from "vitest";
import { configSchema } from "./config.ts";
import { watchedOf } from "./watched.ts";

const { connections, bots } = configSchema.parse({});
const connection = (id: string) => {
  const found = connections.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no connection ${id}`);
  return found;
};

test("what its owner named comes first, then what its bots trade, each with the bots' bars", () => {
  expect(watchedOf(connection("ctrader-demo"), bots)).toEqual([
    { symbol: "EURUSD", bars: ["M1"] },
    { symbol: "PALMOIL", bars: ["M5"] },
    { symbol: "XAUUSD", bars: ["M15"] },
  ]);
});

test("a symbol that two want is followed once, with the bars of both", () => {
  const [palm, , gold] = bots;
  if (palm === undefined || gold === undefined) throw new Error("no bots");
  const both = { ...gold, instruments: ["PALMOIL", "EURUSD"] };

  expect(watchedOf(connection("ctrader-demo"), [palm, both])).toEqual([
    { symbol: "EURUSD", bars: ["M1", "M15"] },
    { symbol: "PALMOIL", bars: ["M5", "M15"] },
  ]);
});

test("a connection follows nothing of another's", () => {
  expect(watchedOf(connection("etrade-sandbox"), bots)).toEqual([]);
  expect(watchedOf(connection("etrade-production"), bots).map((one) => one.symbol)).toEqual([
    "AAPL",
    "AMZN",
    "MSFT",
    "NVDA",
    "TSLA",
  ]);
});

test("what a bot still holds is followed too, with its bars while it is configured", () => {
  const held = [
    { instrument: "XAGUSD", bot: "gold" },
    { instrument: "USDJPY", bot: "former" },
    { instrument: "PALMOIL", bot: "palm-oil" },
  ];

  expect(watchedOf(connection("ctrader-demo"), bots, held)).toEqual([
    ...watchedOf(connection("ctrader-demo"), bots),
    { symbol: "XAGUSD", bars: ["M15"] },
    { symbol: "USDJPY", bars: [] },
  ]);
});
