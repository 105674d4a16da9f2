/** A bot whose list of instruments was changed while it held one of them: it still sees it, and still leaves it. */
import { afterEach, expect, test } from "vitest";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { aClockBot, anAccount, openBotStack, playUntil, waitForBooks } from "./support/bot-stack.ts";
import { DEMO } from "./support/ctrader-stack.ts";
import { at, here, openTrading, PAPER, toNine } from "./support/trading-features.ts";

const folder = makeTemporaryFolder();
afterEach(async () => {
  await here.stack.close();
  folder.remove();
});

test("what has left a bot's list is still followed after a restart, and closed when its strategy leaves it", async () => {
  const bot = (instrument: string) =>
    aClockBot("metal", {
      ...{ instruments: [instrument], size: { quantity: 1 } },
      parameters: { enterAt: "09:00", exitAt: "09:20" },
    });
  await openTrading([bot("XAUUSD")], { folder: folder.path });
  await toNine();
  await waitForBooks(here.stack, PAPER, ({ lots }) => expect(lots).toMatchObject([{ instrument: "XAUUSD" }]));

  await here.stack.close();
  const parts = { accounts: [anAccount(DEMO, "paper")], bots: [bot("USDJPY")] };
  here.stack = await openBotStack({ folder: folder.path, ...parts });
  await playUntil(here.stack, at("14:25:30"));

  const { trades } = await waitForBooks(here.stack, PAPER, ({ lots }) => expect(lots).toEqual([]));
  expect(trades).toMatchObject([{ bot: "metal", instrument: "XAUUSD" }]);
});
