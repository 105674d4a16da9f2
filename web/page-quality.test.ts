/** What holds on every view of the page: size, speed, calm, access, and what it lets nobody do. */
import { readdir, readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../tests/support/browser.ts";
import { aConnection, anArmedConnection, aStatus } from "./testing/a-status.ts";
import { aBrokenTrading, aConfirmedReceipt, aStoppedTrading } from "./testing/a-trading.ts";
import { findFaintText, findSmallTargets } from "./testing/audit.ts";
import { type FakeConsole, GOOD_CODE, GOOD_PIN, startFakeConsole } from "./testing/fake-console.ts";
import { openPage, type Watched } from "./testing/open-page.ts";

const DIST = new URL("dist/", import.meta.url);

let browser: Browser;
let server: FakeConsole;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await startFakeConsole();
});
afterEach(() => server.close());

/** Every trouble at once: long texts, several things to do, words of all lengths. */
const troubled = () =>
  aStatus({
    attention: [
      {
        kind: "keep-alive",
        connection: "etrade-production",
        text: "E*TRADE production: keep-alive failed 3 times in a row. The broker did not answer in time; whether it acted is unknown. Look at the state before you try again.",
      },
      { kind: "alert-undelivered", text: "Telegram refused the message of 05:30 PT." },
    ],
    connections: [
      anArmedConnection({
        token: {
          state: "idle",
          generation: 7,
          expiresAt: "2026-03-24T04:00:00.000Z",
          renewableUntil: "2026-03-24T04:00:00.000Z",
        },
        acknowledged: false,
        keepAlive: {
          connection: "etrade-production",
          health: "unhealthy",
          failuresInRow: 3,
          lastAt: "2026-03-22T12:30:42.000Z",
          lastOutcome: "BROKER_REPLY_UNREADABLE",
          nextAt: "2026-03-23T12:33:42.000Z",
        },
      }),
      aConnection({
        id: "etrade-sandbox",
        label: "The sandbox with the longest label of all",
        environment: "sandbox",
        needed: "on-demand",
        token: { state: "rejected", generation: 3, rejection: "BROKER_TOKEN_REJECTED" },
        loginBudget: { used: 5, limit: 5 },
      }),
    ],
  });

/** Walks through every view and stops at each. */
async function visitEveryView(watched: Watched, stop: (view: string) => Promise<void>): Promise<void> {
  const { page } = watched;
  const heading = (name: string | RegExp) => page.getByRole("heading", { name, level: 1 });
  await page.goto(`${server.origin}/`);
  await heading(/^Open Openbell/).waitFor();
  await stop("no session");
  await page.getByRole("button").click();
  await page.getByText("Look at your phone.").waitFor();
  await stop("link sent");
  await page.goto(`${server.origin}/?again#c=${GOOD_CODE}`);
  await heading("Token needed").waitFor();
  await stop("home");
  await page.getByRole("button", { name: "Renew E*TRADE production" }).first().click();
  await page.getByLabel("PIN").fill("ZZZZ9");
  await stop("pin");
  await page.getByRole("button", { name: "Send the PIN" }).click();
  await page.getByText("does not accept this PIN").waitFor();
  await stop("wrong pin");
  server.world.acknowledgeAfterMs = 1_500;
  await page.getByLabel("PIN").fill(GOOD_PIN);
  await page.getByRole("button", { name: "Send the PIN" }).click();
  await heading("Almost there").waitFor();
  await stop("confirming");
  await heading("Armed").waitFor();
  await stop("armed");
  await page.getByRole("button", { name: "Done" }).click();
  await heading("All set").waitFor();
  await stop("all set");
  server.world.status = troubled();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await heading("Keep-alive fails").waitFor();
  await stop("trouble");
  await visitTrading(watched, stop);
}

async function visitTrading({ page }: Watched, stop: (view: string) => Promise<void>): Promise<void> {
  const heading = (name: string) => page.getByRole("heading", { name, level: 1 });
  await page.getByRole("link", { name: "Trading" }).click();
  await heading("Trading is on").waitFor();
  await page
    .getByRole("img", { name: /^Equity from/ })
    .first()
    .waitFor();
  await stop("trading");
  await page.getByText("Why, today").first().click();
  await page.getByText("Last orders").click();
  await stop("trading, opened");
  server.world.trading = aBrokenTrading();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await heading("Partly stopped").waitFor();
  await stop("trading in trouble");
  await page.getByText("Why, and how it goes on").click();
  await page.getByText("The books disagree").click();
  await stop("trading in trouble, opened");
  await page.getByText("The books disagree").click();
  await page.getByRole("button", { name: "Stop trading" }).click();
  await page.getByRole("button", { name: "Stop everything now" }).waitFor();
  await stop("about to stop");
  server.world.receipt = aConfirmedReceipt();
  server.world.trading = aStoppedTrading();
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await heading("Trading is stopped").waitFor();
  await page.getByText("No order works any more").waitFor();
  await stop("stopped");
}

test("the scripts are at most 40 kB when compressed, and the first HTML names all of them", async () => {
  const files = await readdir(new URL("assets/", DIST));
  const html = await readFile(new URL("index.html", DIST), "utf8");

  const scripts = files.filter((name) => name.endsWith(".js"));
  const sizes = await Promise.all(
    scripts.map(async (name) => gzipSync(await readFile(new URL(`assets/${name}`, DIST))).length),
  );

  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(40_000);
  expect(sizes.length).toBeGreaterThan(0);
  for (const name of files) expect(html).toContain(`/assets/${name}`);
});

test("the HTML carries no inline script, style or handler, and names no broker", async () => {
  const html = await readFile(new URL("index.html", DIST), "utf8");

  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=/i);
  expect(html).toContain("<title>Openbell</title>");
  expect(html).toContain('<meta name="robots" content="noindex, nofollow"');
  expect(html).not.toMatch(/e\*?trade/i);
});

test("the first paint waits for nothing beyond the HTML and its stylesheet", async () => {
  const watched = await openPage(browser, server.origin);
  await watched.page.route(/\.js$|\/api\//, () => {});

  await watched.page.goto(`${server.origin}/`, { waitUntil: "commit" });
  await watched.page.getByText("Openbell", { exact: true }).waitFor();
  await watched.page.waitForFunction(
    () => performance.getEntriesByName("first-contentful-paint").length === 1,
  );
  const loaded = await watched.page.evaluate(() =>
    performance.getEntriesByType("resource").map(({ name }) => name.replace(/^.*\./, "")),
  );

  expect(loaded.filter((extension) => extension !== "svg" && extension !== "webmanifest")).toEqual(["css"]);
  await watched.context.close();
});

test("every answer forbids framing, sniffing, indexing and foreign content, and only hashed files are kept", async () => {
  const html = await fetch(`${server.origin}/`);
  const [asset = ""] = await readdir(new URL("assets/", DIST));
  const script = await fetch(`${server.origin}/assets/${asset}`);

  for (const { headers } of [html, script]) {
    expect(headers.get("content-security-policy")).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    );
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("strict-transport-security")).toContain("max-age=31536000");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("x-robots-tag")).toContain("noindex");
  }
  expect(html.headers.get("cache-control")).toBe("no-cache");
  expect(script.headers.get("cache-control")).toContain("immutable");
});

test("no view shifts, complains, breaks the content policy or asks another origin", async () => {
  const watched = await openPage(browser, server.origin);

  await visitEveryView(watched, async () => {
    await watched.page.waitForTimeout(600);
    expect(await watched.shifts()).toEqual([]);
  });

  expect(watched.complaints).toEqual([]);
  expect(watched.foreign).toEqual([]);
  await watched.context.close();
});

test("the watches of these tests see what they watch for", async () => {
  const watched = await openPage(browser, server.origin);
  await watched.page.goto(`${server.origin}/`);
  await watched.page.getByRole("button").waitFor();
  // What is pushed before it was ever painted has not moved for anybody.
  await watched.page.evaluate(() => new Promise((painted) => setTimeout(painted, 200)));

  await watched.page.evaluate(() => {
    const block = document.createElement("div");
    block.className = "words-question";
    block.textContent = "pushes";
    document.querySelector("main")?.prepend(block, document.createElement("hr"));
    const faint = document.createElement("button");
    faint.textContent = "x";
    faint.style.cssText = "color: #999; background: #fff; width: 20px; height: 20px";
    const image = new Image();
    image.src = "https://elsewhere.example/x.png";
    document.body.append(faint, image);
  });
  await watched.page.waitForTimeout(600);

  expect((await watched.shifts()).length).toBeGreaterThan(0);
  expect(watched.complaints.join()).toContain("img-src");
  expect(watched.foreign).toEqual(["https://elsewhere.example/x.png"]);
  expect(await findFaintText(watched.page)).toEqual(["x: 2.85"]);
  expect(await findSmallTargets(watched.page)).toEqual(["x: 20 × 20"]);
  await watched.context.close();
});

test.each(["light", "dark"] as const)(
  "in %s, all text is well readable and nothing is too small to tap",
  async (colorScheme) => {
    const watched = await openPage(browser, server.origin, { colorScheme });
    const grounds = new Set<string>();

    await visitEveryView(watched, async (view) => {
      expect(await findFaintText(watched.page), view).toEqual([]);
      expect(await findSmallTargets(watched.page), view).toEqual([]);
      grounds.add(await watched.page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    });

    expect([...grounds]).toEqual([colorScheme === "light" ? "rgb(244, 243, 239)" : "rgb(20, 22, 26)"]);
    await watched.context.close();
  },
);

test("360 px are enough for every view, also with text at 200 %", async () => {
  const watched = await openPage(browser, server.origin, { isMobile: true, hasTouch: true });
  const width = () => watched.page.evaluate(() => document.documentElement.scrollWidth);

  const zoom = (size: string) =>
    watched.page.evaluate((fontSize) => {
      document.documentElement.style.fontSize = fontSize;
    }, size);

  await visitEveryView(watched, async (view) => {
    expect(await width(), view).toBe(360);
    expect(await watched.page.evaluate(isTableCut), view).toBe(false);
    await zoom("200%");
    expect(await width(), `${view} at 200 %`).toBe(360);
    await zoom("100%");
  });

  await watched.context.close();
});

test("the whole way can be gone by keyboard, and the focus is always to be seen", async () => {
  const watched = await openPage(browser, server.origin);
  const { page } = watched;
  await page.goto(`${server.origin}/#c=${GOOD_CODE}`);
  await page.getByRole("heading", { name: "Token needed" }).waitFor();

  await tabTo(page, "Renew E*TRADE production");
  await page.keyboard.press("Enter");
  await page.getByLabel("PIN").waitFor();
  await focusComesTo(page, "Renew E*TRADE production");
  await tabTo(page, "Open the broker’s page");
  await page.keyboard.press("Tab");
  await page.keyboard.type("ab12c");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Almost there" }).waitFor();
  await focusComesTo(page, "Almost there");
  await page.getByRole("heading", { name: "Armed" }).waitFor();
  await tabTo(page, "Done");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "All set" }).waitFor();
  await focusComesTo(page, "All set");

  expect(await focused(page)).toBe("All set");
  await watched.context.close();
});

test("a screen reader finds landmarks, headings, names and states", async () => {
  const watched = await openPage(browser, server.origin);
  server.world.status = aStatus({ attention: [], connections: [anArmedConnection()] });
  await watched.page.goto(`${server.origin}/#c=${GOOD_CODE}`);
  await watched.page.getByRole("heading", { name: "All set" }).waitFor();

  const tree = await watched.page.locator("body").ariaSnapshot();

  for (const line of [
    "- banner:",
    "- main:",
    "- contentinfo:",
    '- complementary "Two words":',
    '- region "What needs you now":',
    '- heading "All set" [level=1]',
    '- region "Market":',
    '- heading "Connections" [level=2]',
    '- article "E*TRADE production":',
    '- button "Renew E*TRADE production"',
    '- region "Keep-alive":',
    '- button "Force now"',
    '- region "Mornings":',
    '- columnheader "Armed"',
    '- rowheader "Fri 20 Mar"',
  ]) {
    expect(tree).toContain(line);
  }
  expect(tree).toMatch(/timer "Token ends in 15 hours 2[89] minutes"/);
  await watched.context.close();
});

test("progress and failures are announced as they come", async () => {
  const watched = await openPage(browser, server.origin);
  const { page } = watched;
  await page.goto(`${server.origin}/#c=${GOOD_CODE}`);
  await page.getByRole("button", { name: "Renew E*TRADE production" }).first().click();

  await page.getByLabel("PIN").fill("ZZZZ9");
  await page.getByRole("button", { name: "Send the PIN" }).click();
  await page.getByRole("alert").filter({ hasText: "does not accept this PIN" }).waitFor();
  await page.getByLabel("PIN").fill(GOOD_PIN);
  await page.getByRole("button", { name: "Send the PIN" }).click();
  await page.getByRole("status").filter({ hasText: "The worker tries the token" }).waitFor();
  await page.getByRole("status").filter({ hasText: "2 accounts answered" }).waitFor();

  expect(await page.getByRole("alert").filter({ hasText: "PIN" }).count()).toBe(0);
  await watched.context.close();
});

test("who wants less motion gets none", async () => {
  const watched = await openPage(browser, server.origin, { reducedMotion: "reduce" });
  server.world.acknowledgeAfterMs = undefined;
  const { page } = watched;
  await page.goto(`${server.origin}/#c=${GOOD_CODE}`);
  await page.getByRole("button", { name: "Renew E*TRADE production" }).first().click();
  await page.getByLabel("PIN").fill(GOOD_PIN);
  await page.getByRole("button", { name: "Send the PIN" }).click();
  await page.locator(".line-active").waitFor();

  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  await watched.context.close();
});

test("the page can be installed: manifest and icons are served as what they say they are", async () => {
  const manifest = (await (await fetch(`${server.origin}/manifest.webmanifest`)).json()) as {
    name: string;
    display: string;
    start_url: string;
    icons: { src: string; sizes: string; type: string; purpose?: string }[];
  };

  expect(manifest).toMatchObject({ name: "Openbell", display: "standalone", start_url: "/" });
  expect(manifest.icons.map(({ sizes, purpose }) => `${sizes} ${purpose ?? "any"}`)).toEqual([
    "any any",
    "192x192 any",
    "512x512 any",
    "512x512 maskable",
  ]);
  for (const { src, sizes, type } of manifest.icons) {
    const icon = await fetch(server.origin + src);
    expect(icon.headers.get("content-type")).toBe(type);
    if (type === "image/png") {
      const header = new DataView(await icon.arrayBuffer());
      expect(`${header.getUint32(16)}x${header.getUint32(20)}`).toBe(sizes);
    }
  }
});

/** Runs in the page. */
function isTableCut(): boolean {
  return [...document.querySelectorAll(".scroller")].some((box) => box.scrollWidth > box.clientWidth);
}

async function focused(page: Page): Promise<string> {
  return await page.evaluate(() => document.activeElement?.textContent ?? "");
}

/** The focus goes to a view's heading after the view is painted; fails when it never does. */
async function focusComesTo(page: Page, text: string): Promise<void> {
  await page.waitForFunction((wanted) => document.activeElement?.textContent === wanted, text);
}

/** Presses Tab until the element of this name has the focus, and sees that the focus is drawn. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 25; presses += 1) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === null) return { name: "", outline: "" };
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      return {
        name: element.getAttribute("aria-label") ?? element.textContent,
        outline: `${outlineStyle} ${outlineWidth}`,
      };
    });
    expect(now.outline, now.name ?? "").toBe("solid 3px");
    if (now.name === name) return;
  }
  throw new Error(`Tab does not lead to “${name}”.`);
}
