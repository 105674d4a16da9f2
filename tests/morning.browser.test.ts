/** The whole morning as a person lives it, in a real browser: phone, page, broker, PIN, green. */
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Temporal } from "temporal-polyfill";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "./support/browser.ts";
import { openTestStack, PRODUCTION, type TestStack } from "./support/stack.ts";

const PHONE_SCREEN = { width: 390, height: 844 };
let browser: Browser;
let context: BrowserContext;
let stack: TestStack;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  stack = await openTestStack({ isFlowing: true });
  context = await browser.newContext({ viewport: PHONE_SCREEN });
});
afterEach(async () => {
  await context.close();
  await stack.close();
});

/** Rings the phone and taps the message's button, which opens the page in a new tab. */
async function tapAlert(): Promise<{ page: Page; phone: Page; alert: string }> {
  const phone = await context.newPage();
  await phone.goto(stack.addresses.phone);
  await stack.clock.advanceBy(Temporal.Duration.from({ seconds: 31 }));
  const button = phone.getByRole("link", { name: "Renew now" });
  await button.waitFor();
  const alert = await phone.getByRole("log").innerText();
  const [page] = await Promise.all([context.waitForEvent("page"), button.click()]);
  await page.getByRole("complementary", { name: "Two words" }).waitFor();
  return { page, phone, alert };
}

/** Presses Renew, logs in at the broker's own page, and reads the PIN off it. */
async function fetchPin(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Renew E*TRADE production" }).first().click();
  const link = page.getByRole("link", { name: "Open the broker’s page" });
  const [broker] = await Promise.all([context.waitForEvent("page"), link.click()]);
  await broker.getByRole("button", { name: "Log on" }).click();
  await broker.getByRole("button", { name: "Accept" }).click();
  const pin = await broker.getByLabel("Verification code").inputValue();
  await broker.close();
  await page.bringToFront();
  return pin;
}

async function setBrokerFaults(faults: unknown): Promise<void> {
  const answer = await fetch(`${stack.addresses.sandbox}/etrade/faults`, {
    method: "POST",
    body: JSON.stringify(faults),
  });
  expect(answer.status).toBe(200);
}

test("the phone rings, the owner taps, brings the PIN, and green means that the worker said so", async () => {
  const { page, phone, alert } = await tapAlert();
  const words = await page.getByRole("complementary", { name: "Two words" }).innerText();
  const pin = await fetchPin(page);
  await setBrokerFaults({ maintenance: true });

  await page.getByLabel("PIN", { exact: true }).fill(` ${pin.toLowerCase()} `);
  await page.getByRole("button", { name: "Send the PIN" }).click();
  await page.getByRole("heading", { name: "Almost there" }).waitFor();
  const beforeTheWorker = await stack.app.services.status();
  const armedTooEarly = await page.getByRole("heading", { name: "Armed" }).count();
  await setBrokerFaults({ maintenance: null });
  await page.getByRole("heading", { name: "Armed" }).waitFor({ timeout: 40_000 });

  const proof = /must show these words: (\w+) (\w+)/.exec(alert);
  expect(words.toLowerCase()).toContain(proof?.[1]);
  expect(words.toLowerCase()).toContain(proof?.[2]);
  expect(page.url()).not.toContain("#c=");
  expect(beforeTheWorker.connections.find((one) => one.id === PRODUCTION)?.acknowledged).toBe(false);
  expect(armedTooEarly).toBe(0);
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByText("The worker made a real call with this token.").waitFor();
  await phone.getByText("E*TRADE production is active").waitFor();
}, 90_000);
