import { expect, test } from "vitest";
import { formatBots } from "./format-bots.ts";

test("a bot that was switched to paper says when, by whom, and how it goes back", () => {
  const bot = {
    ...{ bot: "gold", account: "paper-ctrader-demo", strategy: "trend-breakout", instruments: ["XAUUSD"] },
    ...{ state: "active", positions: 0 },
  };
  const switched = { at: "2026-03-04T15:00:00.000Z", who: "telegram", why: "it trades nonsense" };

  const lines = formatBots([{ ...bot, switched }, bot]).split("\n");

  expect(lines).toHaveLength(4);
  expect(lines[3]).toBe(
    "gold: switched to paper by telegram at Wed 2026-03-04 10:00 New York: it trades nonsense. To bring it back: openbell live gold",
  );
});
