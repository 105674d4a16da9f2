/** Trading on the page, in a real browser: what a person sees of it, and how they stop it. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../tests/support/browser.ts";
import { anArmedConnection, aStatus } from "./testing/a-status.ts";
import { aBrokenTrading, aConfirmedReceipt, aLiveTrading, aTrading } from "./testing/a-trading.ts";
import { type FakeConsole, GOOD_CODE, startFakeConsole } from "./testing/fake-console.ts";
import { openPage, type Watched } from "./testing/open-page.ts";

let browser: Browser;
let server: FakeConsole;
let watched: Watched;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startFakeConsole();
  server.world.status = aStatus({ connections: [anArmedConnection()] });
  watched = await openPage(browser, server.origin);
});
afterEach(async () => {
  await watched.context.close();
  await server.close();
});

const heading = (name: string) => watched.page.getByRole("heading", { name, level: 1 });
const button = (name: string) => watched.page.getByRole("button", { name });
const bodies = (call: string) => server.calls.filter((one) => one.call === call).map(({ body }) => body);
/** Has the page look at the server now. */
const look = () => watched.page.evaluate(() => dispatchEvent(new Event("online")));

async function open(): Promise<void> {
  await watched.page.goto(`${server.origin}/#c=${GOOD_CODE}`);
  await heading("All set").waitFor();
}

async function openTrading(): Promise<void> {
  await open();
  await watched.page.getByRole("link", { name: "Trading" }).click();
  await heading("Trading is on").waitFor();
}

test("bots, accounts, positions and orders are there with their kind of money, their day and their reason", async () => {
  await openTrading();
  const { page } = watched;

  const bot = await page.getByRole("article", { name: "palm-oil" }).innerText();
  const account = await page.getByRole("article", { name: "Paper beside cTrader demo" }).innerText();
  const positions = await page.getByRole("region", { name: "Open positions" }).innerText();
  await page.getByText("Last orders").click();
  const orders = await page.getByRole("region", { name: "Working orders" }).innerText();

  for (const said of ["PAPER", "−84.10 USD", "Limit −300.00 (3 %)", "1 of 1", "No signal. The RSI stands"]) {
    expect(bot).toContain(said);
  }
  expect(account).toContain("10,042.17 USD");
  expect(account).toContain("Equity, as of 05:30:48");
  expect(positions).toContain("Long 4 XAUUSD");
  expect(positions).toContain("old-palm is no longer configured: nobody decides when to close this.");
  expect(positions).toContain("Stop 2,019.40 · target 2,051.90");
  expect(positions).toContain("No stop known");
  expect(orders).toContain("Buy to close 12.5 PALMOIL, limit 964.50");
  expect(orders).toContain("Filled at 2,031.50 · gold");
  expect(await page.getByRole("img", { name: "Loss limit used: 28 %" }).count()).toBe(1);
  expect(await page.getByRole("img", { name: /^Equity from/ }).count()).toBe(4);
});

test("what was closed today has its prices, its result, its time and its reason; of many the latest are there", async () => {
  await openTrading();
  const { page } = watched;
  const trades = page.getByRole("region", { name: "Closed today" });

  const [first, second, third] = await trades.getByRole("listitem").allInnerTexts();
  const { trades: some } = server.world.trading;
  const closed = Array.from({ length: 12 }, (_, index) => ({ ...some.closed[0]!, id: `f${index}` }));
  server.world.trading = aTrading({ trades: { ...some, closed, isCut: true } });
  await look();
  await trades.getByText("2 earlier today").click();
  const many = await trades.innerText();
  server.world.trading = aTrading({ trades: { ...some, closed: [] } });
  await look();
  await trades.getByText("Nothing was closed today").waitFor();

  for (const said of [
    "Long 4 XAUUSD",
    "+130.07 USD",
    "2,019.20 → 2,051.90",
    "04:40:02",
    "closed by its target",
  ]) {
    expect(first).toContain(said);
  }
  expect(second).toContain("Short 12.5 PALMOIL");
  expect(second).toContain("palm-oil · closed by its stop");
  expect(third).toContain("not known → 2,024.50");
  expect(third).toContain("Not a bot’s");
  expect(third).not.toContain("closed by");
  expect(many.match(/Long 4 XAUUSD/g)).toHaveLength(12);
  expect(many).toContain("There are more than are listed here.");
});

test("each kind of money has its word and its colour: real money is red", async () => {
  await openTrading();
  const colorOf = (word: string) =>
    watched.page
      .locator(".badge", { hasText: word })
      .first()
      .evaluate((badge) => getComputedStyle(badge).backgroundColor);

  expect(await colorOf("LIVE")).toBe("rgb(176, 36, 27)");
  expect(await colorOf("DEMO")).toBe("rgb(227, 243, 233)");
  expect(await colorOf("PAPER")).toBe("rgb(236, 235, 230)");
});

test("two presses switch to paper; the bot says by whom, and a typed phrase with a reason brings it back", async () => {
  server.world.trading = aLiveTrading();
  await openTrading();
  const gold = watched.page.getByRole("article", { name: "gold" });

  await button("Switch to paper").click();
  await button("Yes, all bots to paper").click();
  await gold.getByText("Switched to paper on the phone: by /paper").waitFor();
  const positions = await watched.page.getByRole("region", { name: "Open positions" }).innerText();
  const isOff = await button("Switch to paper").isDisabled();
  await watched.page.getByText("Why, and how it goes on").click();
  await watched.page.getByLabel("Type LIVE GOLD").fill("live gold");
  await watched.page.getByLabel("Why may it trade live?").fill("mended");
  await button("Trade live again").click();
  await watched.page.getByText("Live again: gold.").waitFor();

  expect(positions).toContain("gold trades on paper now: nobody decides when to close this.");
  expect(isOff).toBe(true);
  expect(bodies("POST /api/trading/paper")).toHaveLength(1);
  expect(bodies("POST /api/trading/live").map((body) => JSON.parse(body))).toEqual([
    { scope: "bot:gold", phrase: "live gold", reason: "mended" },
  ]);
  expect(await gold.getByText("Switched to paper").count()).toBe(0);
});

test("what is not known is said to be so, and a break stands with what nothing opens for", async () => {
  server.world.trading = aBrokenTrading();
  await open();
  await watched.page.getByRole("link", { name: "Trading" }).click();
  await heading("Partly stopped").waitFor();

  const silent = await watched.page
    .getByRole("article", { name: "E*TRADE production", exact: true })
    .innerText();
  await watched.page.getByText("The books disagree").click();

  expect(silent).toContain("not known");
  expect(silent).toContain("No worker has led this account yet.");
  expect(silent).not.toContain("0.00");
  await watched.page.getByText("The broker has 10 XAUUSD more").waitFor();
});

test("two presses stop everything, from any view; the receipt tells each account and the seconds", async () => {
  await open();
  await button("Stop trading").click();
  await button("Stop everything now").click();
  await watched.page.getByRole("link", { name: "Details" }).click();
  await heading("Trading is stopped").waitFor();
  await watched.page.getByText("1 account of 2 not confirmed yet").waitFor();
  server.world.receipt = aConfirmedReceipt();
  await watched.page.getByText("confirmed within 0.5 s").waitFor();
  await watched.page.getByText("Why, and how it goes on").click();
  const receipt = await watched.page.locator(".receipt").innerText();

  expect(bodies("POST /api/trading/kill")).toHaveLength(1);
  expect(receipt).toContain(
    "1 order: 1 cancelled, 0 filled; 2 positions open, 1 stop or target left resting.",
  );
  expect(await watched.page.locator(".bar").innerText()).toContain("Trading is stopped");
});

test("one press stops nothing: it can be taken back, and runs out by itself", async () => {
  await openTrading();
  await button("Stop trading").click();
  await button("Cancel").click();
  await button("Stop trading").click();
  await button("Stop everything now").waitFor();
  await button("Stop trading").waitFor({ timeout: 7_000 });

  expect(bodies("POST /api/trading/kill")).toEqual([]);
});

test("the stop goes by keyboard, and is told as it goes", async () => {
  await openTrading();
  await button("Stop trading").focus();
  await watched.page.keyboard.press("Enter");
  await watched.page.getByRole("status").filter({ hasText: "within five seconds" }).waitFor();
  await button("Stop everything now").focus();
  await watched.page.waitForTimeout(350);
  await watched.page.keyboard.press("Enter");
  await watched.page.getByRole("status").filter({ hasText: "Trading is stopped" }).first().waitFor();

  expect(bodies("POST /api/trading/kill")).toHaveLength(1);
});

test("a stop whose answer is lost is not told as done, and goes out again as the same wish", async () => {
  server.world.overrides.set("POST /api/trading/kill", "drop");
  await openTrading();
  await button("Stop trading").click();
  await button("Stop everything now").click();
  await watched.page.getByText("No answer: it may trade on", { exact: true }).waitFor();
  server.world.overrides.clear();
  await button("Try again").click();
  await heading("Trading is stopped").waitFor();

  const wishes = bodies("POST /api/trading/kill").map((body) => JSON.parse(body).requestId);
  expect(new Set(wishes).size).toBe(1);
  expect(wishes.length).toBeGreaterThan(1);
});

test("signed out and offline, the page says that it can stop nothing", async () => {
  await watched.page.goto(`${server.origin}/`);
  await heading("Open Openbell from your phone’s message").waitFor();
  const outside = await watched.page.locator(".bar").innerText();
  await openTrading();
  await watched.context.setOffline(true);
  await watched.page.getByText("No stop leaves this device").waitFor();

  expect(outside).toContain("This page cannot stop trading. /kill in your chat can.");
  expect(await button("Stop trading").isDisabled()).toBe(true);
});

test("trading goes on only after the hold, by the typed phrase, and with a reason", async () => {
  await openTrading();
  await button("Stop trading").click();
  await button("Stop everything now").click();
  await heading("Trading is stopped").waitFor();
  await watched.page.getByText("Why, and how it goes on").click();
  const early = await watched.page.getByRole("button", { name: /^Possible in/ }).isDisabled();
  server.world.jumpMs = 6 * 60_000;
  await look();
  await watched.page.getByLabel("Type RESUME ALL").fill("resume  all");
  const withoutReason = await button("Go on").isDisabled();
  await watched.page.getByLabel("Why may it go on?").fill("the price feed is back");
  await button("Go on").click();
  await heading("Trading is on").waitFor();

  expect([early, withoutReason]).toEqual([true, true]);
  expect(bodies("POST /api/trading/resume").map((body) => JSON.parse(body))).toEqual([
    { scope: "all", phrase: "resume  all", reason: "the price feed is back" },
  ]);
});

test("only closing and closing all need a second press each, and tell what came of it", async () => {
  await openTrading();
  await button("Close all positions").click();
  await button("Yes, close all at the market").click();
  await watched.page.getByText("2 orders close what is open. 1 not ours is left alone.").waitFor();
  await button("Only close from now on").click();
  await button("Yes, open nothing new").click();
  await heading("Only closing").waitFor();

  expect(bodies("POST /api/trading/close")).toHaveLength(1);
  expect(bodies("POST /api/trading/reduce")).toHaveLength(1);
});

test("why nothing happened is counted when it is asked for, and not before", async () => {
  await openTrading();
  const before = server.calls.filter(({ call }) => call.includes("/why")).length;
  await watched.page.getByText("Why, today").first().click();
  await watched.page.getByText("Due 102 times so far; nobody ran 1.").waitFor();

  expect(before).toBe(0);
  expect(await watched.page.locator(".reasons li").first().innerText()).toContain("88");
});

test("the view has an address: it stays over a reload, and the browser's way back leads to the morning", async () => {
  await openTrading();
  await watched.page.reload();
  await heading("Trading is on").waitFor();
  await watched.page.goBack();
  await heading("All set").waitFor();

  expect(new URL(watched.page.url()).hash).not.toBe("#trading");
});

test("an answer that has grown old is not told as if it were of now", async () => {
  await openTrading();
  server.world.overrides.set("GET /api/trading", { status: 503 });
  server.world.jumpMs = 60_000;
  await look();
  await heading("Last known: trading is on").waitFor();

  expect(await watched.page.locator(".control-note").innerText()).toContain("nothing newer has come");
});

test("a home without bots says so", async () => {
  const none = { bots: [], accounts: [], positions: [], totals: [] };
  server.world.trading = aTrading({ ...none, orders: { working: [], isCut: false, last: [] } });
  await open();
  await watched.page.getByRole("link", { name: "Trading" }).click();
  await heading("No bots").waitFor();

  await watched.page.getByText("Nothing is open.").waitFor();
  await watched.page.getByText("No order is working.").waitFor();
});
