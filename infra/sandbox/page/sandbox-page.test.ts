import type { Browser, Page } from "playwright-core";
import { Temporal } from "temporal-polyfill";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchBrowser } from "../../../tests/support/browser.ts";
import { startTrialSandbox, type TrialSandbox } from "./sandbox-page.fixture.ts";

/** A Monday morning half a minute before the first alert. */
const START = "2026-11-23T13:29:31.250Z";

const minute = Temporal.Duration.from({ minutes: 1 });

/** As much of a form's control as these tests look at. */
interface Control {
  readonly labels?: ArrayLike<unknown> | null;
  readonly ariaLabel: string | null;
  readonly textContent: string | null;
}

let sandbox: TrialSandbox;

beforeEach(async () => {
  sandbox = await startTrialSandbox(START);
});

afterEach(() => sandbox.close());

describe("over HTTP", () => {
  test("the page loads nothing but its own files and runs nothing inline", async () => {
    const answer = await fetch(`${sandbox.address}/sandbox/page/`);
    const html = await answer.text();

    const policy = answer.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain("unsafe");
    expect(html).not.toMatch(/<style|<script>|style=|onclick=/);
    const files = [...html.matchAll(/(?:href|src)="(\/sandbox\/page\/[\w.]+)"/g)].map((match) => match[1]);
    expect(files).toHaveLength(3);
    for (const file of files) {
      const asset = await fetch(sandbox.address + file);
      expect([asset.status, asset.headers.get("x-content-type-options")]).toEqual([200, "nosniff"]);
      expect(asset.headers.get("content-type")).toMatch(/^text\/(css|javascript); charset=utf-8$/);
    }
  });

  test("a browser that opens the sandbox's address is led to the page, a program gets JSON", async () => {
    const forPerson = await fetch(`${sandbox.address}/sandbox`, { headers: { accept: "text/html,*/*" } });
    const forProgram = await fetch(`${sandbox.address}/sandbox`);

    expect(new URL(forPerson.url).pathname).toBe("/sandbox/page/");
    expect(await forPerson.text()).toContain("<title>Sandbox</title>");
    expect(await forProgram.json()).toMatchObject({ clock: { now: START }, telegram: { chatId: 4242 } });
  });

  test.each([
    ["an ordinary night", "2026-11-24T02:00:00Z", "2026-11-24T14:30:00.000Z", "2026-11-24T05:00:00.000Z"],
    ["the open itself", "2026-11-24T14:30:00Z", "2026-11-25T14:30:00.000Z", "2026-11-25T05:00:00.000Z"],
    ["Thanksgiving", "2026-11-26T15:00:00Z", "2026-11-27T14:30:00.000Z", "2026-11-27T05:00:00.000Z"],
    [
      "the short day in March",
      "2026-03-08T06:00:00Z",
      "2026-03-09T13:30:00.000Z",
      "2026-03-09T04:00:00.000Z",
    ],
  ])("what comes next is right for %s", async (_, at, open, midnight) => {
    const answer = await fetch(`${sandbox.address}/sandbox/page/marks?at=${at}`);

    expect(await answer.json()).toMatchObject({ open, midnight });
  });

  test.each([
    ["2026-11-23T13:29:59Z", "2026-11-23T13:30:00.000Z"],
    ["2026-11-23T13:30:00Z", "2026-11-23T14:00:00.000Z"],
    ["2026-11-23T14:00:00Z", "2026-11-23T14:20:00.000Z"],
    ["2026-11-23T14:20:00Z", "2026-11-24T13:30:00.000Z"],
    ["2026-11-25T20:00:00Z", "2026-11-27T13:30:00.000Z"],
    ["2026-03-06T20:00:00Z", "2026-03-09T12:30:00.000Z"],
  ])("after %s the phone rings next at %s", async (at, ring) => {
    const answer = await fetch(`${sandbox.address}/sandbox/page/marks?at=${at}`);

    expect(await answer.json()).toMatchObject({ ring });
  });

  test.each([
    ["?at=yesterday", 400, "REQUEST_MALFORMED"],
    ["", 400, "REQUEST_MALFORMED"],
    ["?at=2060-01-01T00:00:00Z", 400, "CALENDAR_OUT_OF_RANGE"],
  ])("asking for what comes next with %j is refused with %i", async (query, status, code) => {
    const answer = await fetch(`${sandbox.address}/sandbox/page/marks${query}`);

    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { code } });
  });
});

describe("in a browser", () => {
  let browser: Browser;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    page = await browser.newPage();
    faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (message) => {
      // A refused order is an answer, not a fault of the page.
      if (message.type() === "error" && !message.text().includes("400")) faults.push(message.text());
    });
    await page.goto(`${sandbox.address}/sandbox/page/`);
    await page.getByRole("heading", { name: "Clock" }).waitFor();
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const note = (text: string) => page.locator("#note").getByText(text).waitFor();
  const press = (name: string) => page.getByRole("button", { name }).click();
  const row = (name: string) =>
    page.locator(".switch").filter({ has: page.getByText(name, { exact: true }) });

  test("the clock is told in Eastern, Pacific and world time with its date", async () => {
    expect(await page.locator("#now").textContent()).toBe("08:29:31");
    expect(await page.locator("#date").textContent()).toBe("Monday, November 23, 2026");
    expect(await page.locator("#zones").textContent()).toBe("Mon 05:29 PT · Mon 13:29 UTC");
  });

  test("time that passes elsewhere shows by itself", async () => {
    await sandbox.clock.advanceBy(minute.add({ seconds: 1 }));

    await page.getByText("08:30:32", { exact: true }).waitFor();
  });

  test("a step runs what is due on the way and says where the clock stands", async () => {
    await press("+10 min");

    await note("The clock stands at Mon 08:39 ET.");
    expect(sandbox.clock.now().toString()).toBe("2026-11-23T13:39:31.25Z");
    expect(sandbox.calls).toEqual(["morning-alert", "keep-alive", "keep-alive"]);
    await page
      .getByRole("row", { name: /morning-alert/ })
      .getByText("good, Mon 08:30 ET")
      .waitFor();
  });

  test.each([
    ["To the next ring", "2026-11-23T13:30:00Z"],
    ["To the next run of keep-alive", "2026-11-23T13:30:00Z"],
    ["To the next open", "2026-11-23T14:30:00Z"],
    ["To midnight ET", "2026-11-24T05:00:00Z"],
  ])("%s goes there exactly", async (name, instant) => {
    await press(name);

    await note("The clock stands at");
    expect(sandbox.clock.now().toString()).toBe(instant);
  });

  test("the next open is the one after where the clock stands at the press", async () => {
    await sandbox.clock.advanceTo(sandbox.clock.now().add({ hours: 2 }));

    await press("To the next open");

    await note("The clock stands at Tue 09:30 ET.");
    expect(sandbox.clock.now().toString()).toBe("2026-11-24T14:30:00Z");
  });

  test.each([
    ["PT90M", "2026-11-23T14:59:31.25Z"],
    ["2026-11-23T20:00:00Z", "2026-11-23T20:00:00Z"],
  ])("the free field takes %s", async (text, instant) => {
    await page.getByLabel("Move to an instant, or on by a duration").fill(text);
    await page.keyboard.press("Enter");

    await note("The clock stands at");
    expect(sandbox.clock.now().toString()).toBe(instant);
  });

  test.each([
    ["2026-11-22T00:00:00Z", "the clock does not go back"],
    ["tomorrow", "not an ISO 8601 instant or duration"],
  ])("moving to %s is refused in words and moves nothing", async (text, words) => {
    await page.getByLabel("Move to an instant, or on by a duration").fill(text);
    await press("Move");

    await note(words);
    expect(sandbox.clock.now().toString()).toBe("2026-11-23T13:29:31.25Z");
  });

  test("a job runs when its button is pressed, and its failure is told", async () => {
    sandbox.answerJobsWith(500);

    await press("Run keep-alive now");

    await note("keep-alive: failed (500), Mon 08:29 ET.");
    expect(sandbox.calls).toEqual(["keep-alive"]);
    await page
      .getByRole("row", { name: /keep-alive/ })
      .getByText("failed (500)")
      .waitFor();
  });

  test("each kind of switch is set by its own kind of control", async () => {
    await page.getByText("Simulated broker").first().click();

    await page.getByLabel("maintenance", { exact: true }).check();
    await note("maintenance is now on.");
    await page.getByLabel("idleAfterMinutes", { exact: true }).fill("30");
    await page.keyboard.press("Enter");
    await note("idleAfterMinutes is now 30.");
    await page.getByLabel("renewBody", { exact: true }).selectOption("pair");
    await note("renewBody is now pair.");
    await page.getByLabel("rateLimitStatus", { exact: true }).selectOption("429");
    await note("rateLimitStatus is now 429.");
    await page.getByLabel("registeredCallback", { exact: true }).fill("http://127.0.0.1:8080/back");
    await page.keyboard.press("Enter");
    await note("registeredCallback is now http://127.0.0.1:8080/back.");
    await page.getByLabel("failNext", { exact: true }).fill('{ "kind": "timeout-after-accept" }');
    await page.keyboard.press("Enter");
    await note("failNext is now");

    expect(sandbox.boards.get("etrade")?.faults()).toMatchObject({
      maintenance: true,
      idleAfterMinutes: 30,
      renewBody: "pair",
      rateLimitStatus: 429,
      registeredCallback: "http://127.0.0.1:8080/back",
      failNext: { kind: "timeout-after-accept", where: "any", times: 1 },
    });
    await page.getByText("6 changed").waitFor();
  });

  test("a switch that was changed is put back alone", async () => {
    await page.getByText("Simulated broker").first().click();
    await page.getByLabel("maintenance", { exact: true }).check();
    await note("maintenance is now on.");
    await page.getByLabel("noAccounts", { exact: true }).check();
    await note("noAccounts is now on.");

    await press("Put maintenance back");

    await note("maintenance is put back to off.");
    expect(sandbox.boards.get("etrade")?.faults()).toMatchObject({ maintenance: false, noAccounts: true });
    expect(await page.getByLabel("maintenance", { exact: true }).isChecked()).toBe(false);
    await expect.poll(() => row("maintenance").getByRole("button").count()).toBe(0);
  });

  test("a value that a switch does not take is told, marked and left for correction", async () => {
    await page.getByText("Simulated broker").first().click();
    const field = page.getByLabel("earlyDeathShare", { exact: true });

    await field.fill("7");
    await page.keyboard.press("Tab");

    await note("earlyDeathShare:");
    expect(await field.getAttribute("aria-invalid")).toBe("true");
    expect(await field.inputValue()).toBe("7");
    expect(sandbox.boards.get("etrade")?.faults()).toMatchObject({ earlyDeathShare: 0 });
    await field.fill("0.5");
    await page.keyboard.press("Tab");
    await note("earlyDeathShare is now 0.5.");
    expect(await field.getAttribute("aria-invalid")).toBe("false");
  });

  test("a client's addresses and keys stand on the page, and the phone and console are linked", async () => {
    for (const text of ["http://127.0.0.1:8081", "trial-key", "trader", "http://127.0.0.1:8083"]) {
      await page.getByText(text, { exact: true }).waitFor();
    }
    const links = page.getByRole("navigation").getByRole("link");
    const addresses = await links.evaluateAll((found: readonly { href?: string }[]) =>
      found.map((one) => one.href),
    );
    expect(addresses).toEqual(["http://127.0.0.1:8080/", `${sandbox.address}/sandbox/phone/`]);
  });

  test("on a small screen nothing is cut off, and every control has a name", async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    for (const summary of await page.locator("summary").all()) await summary.click();

    const width = await page.evaluate("document.documentElement.scrollWidth");
    const nameless = await page
      .locator("input, select, button")
      .evaluateAll(
        (all: readonly Control[]) =>
          all.filter((one) => !(one.labels?.length || one.ariaLabel || one.textContent?.trim())).length,
      );

    expect([width, nameless]).toEqual([360, 0]);
  });

  test("the clock is moved by keyboard alone", async () => {
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("+1 min");

    await page.keyboard.press("Enter");

    await note("The clock stands at Mon 08:30 ET.");
  });

  test("a sandbox that has ended is told at the top of the page", async () => {
    await sandbox.close();

    await page.getByText("The sandbox does not answer. Is it still running?").waitFor();
    faults = faults.filter((fault) => !fault.includes("ERR_"));
    sandbox = await startTrialSandbox(START);
  });
});
