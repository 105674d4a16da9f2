/** The page in a real browser: what a person does with it, from link to armed. */
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../tests/support/browser.ts";
import { aConnection, anArmedConnection, aStatus } from "./testing/a-status.ts";
import {
  acknowledge,
  type FakeConsole,
  GOOD_CODE,
  GOOD_PIN,
  refusal,
  startFakeConsole,
} from "./testing/fake-console.ts";
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
  watched = await openPage(browser, server.origin, { permissions: ["clipboard-read", "clipboard-write"] });
});
afterEach(async () => {
  await watched.context.close();
  await server.close();
});

const open = (path = `/#c=${GOOD_CODE}`) => watched.page.goto(server.origin + path);
const renewButton = () => watched.page.getByRole("button", { name: "Renew E*TRADE production" }).first();
const sendButton = () => watched.page.getByRole("button", { name: "Send the PIN" });
const field = () => watched.page.getByLabel("PIN");
const heading = (name: string) => watched.page.getByRole("heading", { name, exact: true, level: 1 });
const bodies = (call: string) => server.calls.filter((one) => one.call === call).map(({ body }) => body);
/** Has the page look at the status now. */
const look = () => watched.page.evaluate(() => dispatchEvent(new Event("online")));

test("the link's code leaves the address bar and its history, and goes out by POST only", async () => {
  await open();
  await renewButton().waitFor();

  const asked = watched.page.url();
  await watched.page.goBack();

  expect(asked).toBe(`${server.origin}/`);
  expect(watched.page.url()).not.toContain(GOOD_CODE);
  expect(bodies("POST /api/session")).toEqual([JSON.stringify({ code: GOOD_CODE })]);
  expect(server.calls.every(({ headers }) => headers.referer === undefined)).toBe(true);
});

test("the two words of the message stand on every view of the session", async () => {
  await open();
  await renewButton().waitFor();
  const words = watched.page.getByRole("complementary", { name: "Two words" });

  const atHome = await words.innerText();
  await renewButton().click();
  await field().waitFor();
  const atPin = await words.innerText();

  expect(atHome).toContain("amber · heron");
  expect(atHome).toContain("Do these match your message?");
  expect(atPin).toContain("amber · heron");
});

test("from the alert's link to armed, green only on the worker's word", async () => {
  server.world.acknowledgeAfterMs = undefined;
  await open();
  await renewButton().click();
  const link = watched.page.getByRole("link", { name: "Open the broker’s page" });
  const href = await link.getAttribute("href");
  const [tab] = await Promise.all([watched.context.waitForEvent("page"), link.click()]);
  await tab.close();

  await field().fill(` ${GOOD_PIN.toLowerCase()} `);
  const shown = await field().inputValue();
  await sendButton().click();
  await heading("Almost there").waitFor();
  await watched.page.getByText("The worker tries the token").waitFor();
  await watched.page.waitForFunction(() => document.querySelectorAll(".line-done").length === 3);
  await watched.page.getByText("at the latest in half a minute").waitFor();
  const beforeWord = await watched.page.locator(".line").allInnerTexts();
  acknowledge(server.world, "etrade-production", "2026-03-23T12:31:05.000Z");
  await heading("Armed").waitFor();
  const afterWord = await watched.page.locator(".line").allInnerTexts();
  const outcome = await watched.page.locator(".outcome").innerText();
  await watched.page.getByRole("button", { name: "Done" }).click();

  expect(href).toBe(`${server.origin}/the-brokers-page?key=k&token=t%2Bt%3D`);
  expect(await link.count()).toBe(0);
  expect(shown).toBe(GOOD_PIN);
  expect(beforeWord[2]).toContain("The news is out");
  expect(beforeWord.map((text) => text.split("\n").at(-1))).toEqual(["done", "done", "done", "under way"]);
  expect(afterWord.map((text) => text.split("\n").at(-1))).toEqual(["done", "done", "done", "done"]);
  expect(outcome).toContain("2 accounts answered in 43 ms");
  await heading("All set").waitFor();
  expect(await watched.page.getByRole("article", { name: "E*TRADE production" }).innerText()).toContain(
    "Armed",
  );
  expect(watched.complaints).toEqual([]);
});

test("the broker's page opens in a tab that cannot reach back", async () => {
  await open();
  await renewButton().click();

  const link = watched.page.getByRole("link", { name: "Open the broker’s page" });

  expect(await link.getAttribute("target")).toBe("_blank");
  expect(await link.getAttribute("rel")).toBe("noopener noreferrer");
});

test("a stored token without the worker's word stays amber, however the page is opened", async () => {
  server.world.status = aStatus({ connections: [anArmedConnection({ acknowledged: false })] });

  await open();
  const card = watched.page.getByRole("article", { name: "E*TRADE production" });
  await card.getByText("Waiting for the worker").waitFor();

  expect(await card.locator(".tone-good").count()).toBe(0);
  expect(await watched.page.locator(".attention .tone-good").count()).toBe(0);
});

test("a wrong PIN says so beside the field, counts the attempt, and the next one works", async () => {
  await open();
  await renewButton().click();
  await field().fill("ZZZZ9");
  await sendButton().click();

  const complaint = watched.page.getByRole("alert").filter({ hasText: "does not accept this PIN" });
  await complaint.waitFor();
  await watched.page.locator(".time-left", { hasText: "Attempts left4" }).waitFor();
  const isInvalid = await field().getAttribute("aria-invalid");
  const describedBy = await field().getAttribute("aria-describedby");
  await watched.page.keyboard.type(GOOD_PIN);
  await sendButton().click();
  await heading("Armed").waitFor();

  expect(isInvalid).toBe("true");
  expect(describedBy).toBe("pin-hint");
  expect(bodies("POST /api/connections/etrade-production/authorizations").length).toBe(1);
});

test("after the last wrong PIN the login is over, and one button starts a new one", async () => {
  await open();
  await renewButton().click();
  await field().waitFor();
  const [connection] = server.world.status.connections;
  const authorization = { ...connection!.authorization!, attemptsLeft: 1 };
  server.world.status = aStatus({ connections: [{ ...connection!, authorization }] });
  await field().fill("ZZZZ9");
  await sendButton().click();
  await heading("This login is over").waitFor();

  await watched.page.getByRole("button", { name: "Start again" }).click();
  await field().waitFor();

  expect(await heading("Renew E*TRADE production").count()).toBe(1);
});

test("a refused PIN shows its code, and the button that its words name begins a new login", async () => {
  await open();
  await renewButton().click();
  await field().fill("ZZZZ9");
  const { id } = server.world.status.connections[0]!.authorization!;
  server.world.overrides.set(`POST /api/connections/etrade-production/authorizations/${id}/pin`, {
    status: 422,
    body: {
      error: {
        code: "PIN_REFUSED",
        message: "The broker did not take this PIN.",
        next: "Press Renew.",
        detail: {},
      },
    },
  });
  await sendButton().click();
  const complaint = watched.page.getByRole("alert").filter({ hasText: "press “Start again”" });
  await complaint.waitFor();

  const code = await complaint.locator("code").innerText();
  await watched.page.getByRole("button", { name: "Start again" }).click();
  await complaint.waitFor({ state: "detached" });
  await field().waitFor();

  expect(code).toBe("PIN_REFUSED");
  expect(bodies("POST /api/connections/etrade-production/authorizations").length).toBe(2);
});

test("a PIN is pasted by the button or into the field, whole, whatever was there before", async () => {
  await open();
  await renewButton().click();
  await field().fill("OLD");
  await watched.page.evaluate(() => navigator.clipboard.writeText(" ab12c\n"));

  await watched.page.getByRole("button", { name: "Paste" }).click();
  await watched.page.waitForFunction(() => document.activeElement?.textContent === "Send the PIN");
  const byButton = await field().inputValue();
  await field().fill("XY");
  await watched.page.keyboard.press("ControlOrMeta+V");
  const byKeys = await field().inputValue();

  expect(byButton).toBe("AB12C");
  expect(byKeys).toBe("AB12C");
});

test("where the clipboard cannot be read there is no paste button, and a refused clipboard is told", async () => {
  await watched.context.clearPermissions();
  await open();
  await renewButton().click();
  await watched.page.getByRole("button", { name: "Paste" }).click();
  await watched.page.getByText("Press and hold the field instead.").waitFor();
  await watched.page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));

  await watched.page.reload();
  await field().waitFor();

  expect(await watched.page.getByRole("button", { name: "Paste" }).count()).toBe(0);
});

test("the PIN can be sent only when it has the form of one", async () => {
  await open();
  await renewButton().click();
  await field().waitFor();

  const states: boolean[] = [];
  for (const pin of ["", "AB1", "AB12", "AB12C", "ABCDEFGHIJ", "ABCDEFGHIJK", "AB-12"]) {
    await field().fill(pin);
    states.push(await sendButton().isEnabled());
  }

  expect(states).toEqual([false, false, true, true, true, false, false]);
});

test("taps in a row send one PIN and begin one login", async () => {
  await open();
  await renewButton().dblclick();
  await field().fill(GOOD_PIN);
  await sendButton().dblclick();
  await heading("Armed").waitFor();

  expect(bodies("POST /api/connections/etrade-production/authorizations").length).toBe(1);
  const pins = server.calls.filter(({ call }) => call.endsWith("/pin"));
  expect(pins.map(({ body }) => body)).toEqual([JSON.stringify({ pin: GOOD_PIN })]);
});

test("the login's five minutes are counted down, and then it can only be started again", async () => {
  await open();
  await renewButton().click();
  await field().fill("AB12C");
  const timer = watched.page.getByRole("timer");
  const first = await timer.innerText();

  server.world.jumpMs = 295_000;
  await look();
  await watched.page.waitForFunction(() => document.body.innerText.includes("This login has expired"));

  expect(first).toMatch(/^(5:0[01]|4:5\d)$/);
  expect(await timer.innerText()).toBe("0:00");
  expect(await sendButton().count()).toBe(0);
  expect(await watched.page.getByRole("link", { name: "Open the broker’s page" }).count()).toBe(0);
  await watched.page.getByRole("button", { name: "Start again" }).click();
  await sendButton().waitFor();
  expect(await timer.innerText()).toMatch(/^(5:0[01]|4:5\d)$/);
});

test("a reload in the middle of a login goes on at the PIN", async () => {
  await open();
  await renewButton().click();
  await field().waitFor();

  await watched.page.reload();
  await field().fill(GOOD_PIN);
  await sendButton().click();
  await heading("Armed").waitFor();

  expect(bodies("POST /api/connections/etrade-production/authorizations").length).toBe(1);
});

test("a PIN whose answer got lost is found accepted, without a second login", async () => {
  await open();
  await renewButton().click();
  const [connection] = server.world.status.connections;
  await field().fill(GOOD_PIN);
  const id = server.world.status.connections[0]!.authorization!.id;
  server.world.overrides.set(`POST /api/connections/etrade-production/authorizations/${id}/pin`, "drop");
  await sendButton().click();
  await watched.page.getByRole("alert").filter({ hasText: "did not answer" }).waitFor();

  server.world.status = aStatus({ connections: [anArmedConnection({ id: connection!.id })] });
  await heading("Armed").waitFor();

  expect(bodies("POST /api/connections/etrade-production/authorizations").length).toBe(1);
});

test("the broker's way back cleans the address, hands in the code and goes on to armed", async () => {
  await open();
  await renewButton().waitFor();

  await open("/callback/etrade?oauth_token=a%2Bb%2Fc%3D&oauth_verifier=AB12C");
  await heading("Armed").waitFor();

  expect(watched.page.url()).toBe(`${server.origin}/`);
  expect(bodies("POST /api/oauth/etrade/callback")).toEqual([
    JSON.stringify({ requestToken: "a+b/c=", verifier: "AB12C" }),
  ]);
});

test("a spent link shows one button, which sends a fresh one to the phone", async () => {
  await open("/#c=spent");
  await heading("This link no longer works").waitFor();

  const buttons = await watched.page.getByRole("button").allInnerTexts();
  await watched.page.getByRole("button").click();
  await watched.page.getByRole("status").filter({ hasText: "Look at your phone" }).waitFor();

  expect(buttons).toEqual(["Send me a fresh link"]);
  expect(bodies("POST /api/session/link")).toEqual(["{}"]);
});

test("without a session there is the same one button", async () => {
  await open("/");
  await heading("Open Openbell from your phone’s message").waitFor();

  expect(await watched.page.getByRole("button").allInnerTexts()).toEqual(["Send me a fresh link"]);
});

test("too many links asked for is told in words", async () => {
  server.world.overrides.set(
    "POST /api/session/link",
    refusal(429, "Too many links were asked for.", "Wait a minute."),
  );
  await open("/");

  await watched.page.getByRole("button").click();
  await watched.page
    .getByRole("alert")
    .filter({ hasText: "Too many links were asked for. Wait a minute." })
    .waitFor();

  expect(await watched.page.getByRole("button").isEnabled()).toBe(true);
});

test("a browser that refuses the cookie is told so, not sent in circles", async () => {
  server.world.isCookieKept = false;

  await open();
  await heading("This browser refused the session cookie").waitFor();
  await watched.page.getByRole("button", { name: "Get a fresh link" }).click();

  expect(await watched.page.getByRole("button", { name: "Send me a fresh link" }).count()).toBe(1);
});

test("a fresh link tapped while the page stands open lets in without a reload", async () => {
  await open("/");
  await heading("Open Openbell from your phone’s message").waitFor();

  await watched.page.evaluate((code) => {
    location.hash = `#c=${code}`;
  }, GOOD_CODE);
  await renewButton().waitFor();

  expect(watched.page.url()).toBe(`${server.origin}/`);
});

test("a session that ends while the page is open leads to the fresh link", async () => {
  await open();
  await renewButton().waitFor();

  server.world.hasSession = false;
  await look();

  await watched.page.getByRole("button", { name: "Send me a fresh link" }).waitFor();
  expect(await watched.page.getByText("amber").count()).toBe(0);
});

test("the time to expiry ticks each second by the server's clock, and follows its jumps", async () => {
  server.world.status = aStatus({ attention: [], connections: [anArmedConnection()] });
  await open();
  const timer = watched.page.getByRole("article").getByRole("timer");
  await timer.waitFor();

  const texts = new Set<string>();
  for (let look = 0; look < 26; look += 1) {
    texts.add(await timer.innerText());
    await watched.page.waitForTimeout(100);
  }
  server.world.jumpMs = 3_600_000;
  await look();
  await watched.page.waitForFunction(() =>
    document.querySelector("article .countdown")?.textContent?.startsWith("14:2"),
  );

  expect([...texts][0]).toMatch(/^15:(29:00|28:5\d)$/);
  expect(texts.size).toBeGreaterThanOrEqual(3);
  expect(texts.size).toBeLessThanOrEqual(4);
});

test("a silent worker is named first, however armed the connection is", async () => {
  const text = "The worker has been silent for more than three minutes.";
  server.world.status = aStatus({
    attention: [{ kind: "worker-silent", text }],
    connections: [anArmedConnection()],
  });
  await open();

  await heading("Worker is silent").waitFor();

  const panel = watched.page.getByRole("region", { name: "What needs you now" });
  expect(await panel.getByText(text).count()).toBe(1);
  expect(await panel.locator(".tone-good").count()).toBe(0);
  expect(await watched.page.getByText("All set").count()).toBe(0);
});

test("at the moment of expiry green goes out by itself", async () => {
  server.world.status = aStatus({ attention: [], connections: [anArmedConnection()] });
  server.world.jumpMs = 15 * 3_600_000 + 28 * 60_000 + 58_000;
  await open();
  const card = watched.page.getByRole("article", { name: "E*TRADE production" });

  await card.getByText("Armed", { exact: true }).waitFor();
  await card.getByText("Expired").waitFor({ timeout: 5_000 });

  expect(await card.locator(".tone-good").count()).toBe(0);
});

test("forcing the keep-alive tells its outcome in words", async () => {
  server.world.status = aStatus({ attention: [], connections: [anArmedConnection()] });
  await open();

  await watched.page.getByRole("button", { name: "Force now" }).click();
  await watched.page.getByRole("status").filter({ hasText: "E*TRADE production: ok." }).waitFor();

  expect(bodies("POST /api/keep-alive")).toEqual(["{}"]);
});

test("when the server is away the page stays, says so, and recovers", async () => {
  await open();
  await renewButton().waitFor();
  const banner = watched.page.getByRole("status").filter({ hasText: "Openbell did not answer." });

  server.world.overrides.set("GET /api/status", "drop");
  await look();
  await banner.waitFor();
  const isStillThere = await renewButton().isVisible();
  server.world.overrides.delete("GET /api/status");
  await banner.waitFor({ state: "detached" });

  expect(isStillThere).toBe(true);
});

test("history shows each morning's alert, arming and time between, the newest first", async () => {
  await open();

  const rows = watched.page.getByRole("table").getByRole("row");
  await rows.first().waitFor();
  const before = await rows.count();
  const first = await rows.nth(1).innerText();
  await watched.page.getByRole("button", { name: "Show all 8" }).click();

  expect(first.split(/\s*\t\s*/)).toEqual(["Fri 20 Mar", "05:30", "05:30", "0:38", "In time"]);
  expect(before).toBe(6);
  expect(await rows.count()).toBe(9);
});

test("signing out ends the session and shows nothing of it any more", async () => {
  await open();
  await watched.page.getByRole("button", { name: "Sign out" }).click();
  await heading("You are signed out").waitFor();

  expect(server.world.hasSession).toBe(false);
  expect(await watched.page.getByText("E*TRADE").count()).toBe(0);
});

test("production and simulation are marked so that nobody mistakes one for the other", async () => {
  await open();
  const notice = watched.page.getByText("Everything here is simulated");
  await notice.waitFor();
  const badge = watched.page.getByRole("article", { name: "E*TRADE production" }).locator(".badge");
  const colour = () => badge.evaluate((node) => getComputedStyle(node).backgroundColor);
  const simulated = [await badge.textContent(), await colour()];

  server.world.status = aStatus({ profile: "cloud", connections: [aConnection()] });
  await look();
  await notice.waitFor({ state: "detached" });

  expect([await badge.textContent(), await colour()]).toEqual(["production", "rgb(245, 184, 61)"]);
  expect(simulated[0]).toBe("production, simulated");
  expect(simulated[1]).not.toBe("rgb(245, 184, 61)");
});

/** E*TRADE armed, a cTrader demo without a token and a live one with a socket. */
function withCtrader(): void {
  const ctrader = { broker: "ctrader", login: "redirect", needed: "on-demand" } as const;
  const at = "2026-03-23T12:30:58.000Z";
  const socket = { phase: "ready", ready: true, readySince: at, epoch: 4, build: "0.1.0", at } as const;
  server.world.status = aStatus({
    connections: [
      anArmedConnection(),
      aConnection({ ...ctrader, id: "ctrader-demo", label: "cTrader demo", environment: "demo" }),
      anArmedConnection({
        ...{ ...ctrader, id: "ctrader-live", label: "cTrader live", environment: "live" },
        socket: { ...socket, lastFrameAt: at },
      }),
    ],
  });
}

test("Connect leads to the broker in this tab and back, and green comes by the worker's word alone", async () => {
  withCtrader();
  server.world.acknowledgeAfterMs = undefined;
  await open();
  await watched.page.getByRole("button", { name: "Connect cTrader demo" }).click();

  await heading("Almost there").waitFor();
  const tabs = watched.context.pages().length;
  const address = watched.page.url();
  const beforeWord = await watched.page.locator(".line").allInnerTexts();
  acknowledge(server.world, "ctrader-demo", "2026-03-23T12:31:05.000Z");
  await look();
  await heading("Armed").waitFor();

  expect(tabs).toBe(1);
  expect(address).toBe(`${server.origin}/`);
  expect(beforeWord.at(-1)).not.toContain("done");
  expect(bodies("GET /api/oauth/ctrader/callback")).toHaveLength(1);
  expect(watched.complaints).toEqual([]);
});

test("who comes back from the broker without an end finds the login open, without any PIN", async () => {
  withCtrader();
  server.world.overrides.set("GET /api/oauth/ctrader/callback", {
    status: 303,
    headers: { location: "/#failed=PIN_REFUSED" },
  });
  await open();
  await watched.page.getByRole("button", { name: "Connect cTrader demo" }).click();

  await heading("Connect cTrader demo").waitFor();
  await watched.page.getByText("good for one minute. Press “Start again”").waitFor();

  expect(await watched.page.getByRole("link", { name: "Go to the broker’s page" }).count()).toBe(1);
  expect(await watched.page.getByText("PIN", { exact: false }).count()).toBe(1);
  expect(await field().count()).toBe(0);
});

test("demo and live are marked so that nobody mistakes one for the other, and the socket tells how it stands", async () => {
  withCtrader();
  server.world.status = { ...server.world.status, profile: "cloud" };
  await open();
  const card = (name: string) => watched.page.getByRole("article", { name });
  await card("cTrader live").waitFor();

  const colour = (name: string) =>
    card(name)
      .locator(".badge")
      .evaluate((badge) => getComputedStyle(badge).backgroundColor);

  expect(await colour("cTrader live")).toBe(await colour("E*TRADE production"));
  expect(await colour("cTrader demo")).not.toBe(await colour("cTrader live"));
  expect(await card("cTrader live").innerText()).toMatch(/Socket\s*ready/);
  expect(await card("cTrader live").innerText()).toContain("build 0.1.0, epoch 4");
  expect(await card("cTrader demo").innerText()).not.toContain("Socket");
});
