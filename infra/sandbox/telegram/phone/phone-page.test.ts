import { serve } from "@hono/node-server";
import { Hono } from "hono";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../../../tests/support/browser.ts";
import { CHAT_ID, startHook, startSimulator } from "../simulator.fixture.ts";
import { createPhonePage } from "./phone-page.ts";

/** The page on its own port, as the sandbox mounts it. */
async function startPhone() {
  const telegram = await startSimulator();
  const app = new Hono().route("/sandbox/phone", createPhonePage(telegram.simulator));
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  const root = `http://127.0.0.1:${address.port}/sandbox/phone`;
  return {
    ...telegram,
    root,
    post: (call: string, body: string, type = "application/json") =>
      fetch(`${root}/${call}`, { method: "POST", headers: { "content-type": type }, body }),
    say: (text: string, ...rows: object[][]) =>
      telegram.call("sendMessage", { chat_id: CHAT_ID, text, reply_markup: { inline_keyboard: rows } }),
    async [Symbol.asyncDispose]() {
      if ("closeAllConnections" in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await telegram.simulator.close();
    },
  };
}

test("the messages are a JSON array of the bot's messages only", async () => {
  await using phone = await startPhone();
  await phone.say(
    "Now?",
    [{ text: "Open", url: "http://127.0.0.1:1/#c" }],
    [{ text: "Later", callback_data: "later" }],
  );
  await phone.post("send", '{"text":"/status"}');

  const response = await fetch(`${phone.root}/messages`);

  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  expect(await response.json()).toEqual([
    {
      id: 1,
      at: "2026-11-23T13:30:00.000Z",
      text: "Now?",
      buttons: [[{ text: "Open", url: "http://127.0.0.1:1/#c" }], [{ text: "Later", callbackData: "later" }]],
    },
  ]);
});

test("what is tapped and sent by HTTP reaches the bot", async () => {
  await using phone = await startPhone();
  await using hook = await startHook();
  await phone.call("setWebhook", { url: hook.url });
  await phone.say("Now?", [{ text: "Later", callback_data: "later" }]);

  const tapped = await phone.post("tap", '{"messageId":1,"callbackData":"later"}');
  const sent = await phone.post("send", '{"text":" /status "}');
  await phone.simulator.settled();

  expect([tapped.status, sent.status]).toEqual([204, 204]);
  expect(hook.requests.map(({ body }) => body)).toMatchObject([
    { callback_query: { data: "later" } },
    { message: { text: "/status" } },
  ]);
});

test.each([
  ["send", "{", 400, "REQUEST_MALFORMED"],
  ["send", '{"text":"  "}', 400, "REQUEST_MALFORMED"],
  ["send", JSON.stringify({ text: "x".repeat(4097) }), 400, "REQUEST_MALFORMED"],
  ["send", JSON.stringify({ text: "x".repeat(70_000) }), 413, "REQUEST_TOO_LARGE"],
  ["tap", '{"messageId":"1","callbackData":"later"}', 400, "REQUEST_MALFORMED"],
  ["tap", '{"messageId":1,"callbackData":"gone"}', 404, "SANDBOX_BUTTON_UNKNOWN"],
])("%s of %.60s is %i %s", async (call, body, status, code) => {
  await using phone = await startPhone();

  const response = await phone.post(call, body);

  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code } });
  expect(phone.simulator.phone.conversation()).toEqual([]);
});

test("a form on another site cannot write to the bot", async () => {
  await using phone = await startPhone();

  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    expect((await phone.post("send", '{"text":"/start"}', type)).status).toBe(415);
  }
  expect(phone.simulator.phone.conversation()).toEqual([]);
});

test.each(["", "/phone.css", "/phone.js", "/messages"])(
  "%s/ forbids everything but its own files",
  async (path) => {
    await using phone = await startPhone();

    const response = await fetch(phone.root + path);

    expect(response.status).toBe(200);
    expect(response.headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
  },
);

describe("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  /** Opens the phone at 360 px; every complaint of the browser fails the test. */
  async function open(root: string): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext({ viewport: { width: 360, height: 640 } });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (line) => {
      if (line.type() === "error") complaints.push(line.text());
    });
    await page.goto(root);
    await page.getByText("Nothing here leaves this machine").waitFor();
    return { page, complaints };
  }

  test("a message appears at once, its link opens a new page, and its button answers the bot", async () => {
    await using phone = await startPhone();
    await using site = await startHook();
    await using hook = await startHook();
    await phone.call("setWebhook", { url: hook.url });
    const { page, complaints } = await open(phone.root);
    expect(await page.title()).toBe("Simulated phone");
    await page.getByText("No messages yet").waitFor();

    await phone.say(
      "Good <b>morning</b>\nThe market opens soon.",
      [{ text: "Renew now", url: `${site.url}#code` }],
      [{ text: "Later", callback_data: "later" }],
    );
    const log = page.getByRole("log");
    await log.getByText("Good <b>morning</b>").waitFor();
    const opened = page.waitForEvent("popup");
    await page.getByRole("link", { name: "Renew now" }).click();
    const popup = await opened;
    await popup.waitForLoadState();
    await page.getByRole("button", { name: "Later" }).press("Enter");
    await page.getByRole("button", { name: "Later", disabled: false }).waitFor();
    await phone.simulator.settled();

    expect(await log.getAttribute("aria-live")).toBe("polite");
    expect(popup.url()).toBe(`${site.url}#code`);
    expect(await popup.evaluate("window.opener")).toBeNull();
    expect(hook.requests[0]?.body.callback_query).toMatchObject({ data: "later" });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("the owner writes by keyboard, and the newest message is in view", async () => {
    await using phone = await startPhone();
    for (let n = 0; n < 20; n += 1) await phone.say(`message ${n}`);
    const { page, complaints } = await open(phone.root);

    await page.getByLabel("Message to the bot").fill("hello");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "/status" }).press("Enter");
    await page.getByRole("article", { name: "You" }).nth(1).waitFor();

    const newest = page.getByRole("article").last();
    const box = (await newest.boundingBox())!;
    const field = (await page.getByLabel("Message to the bot").boundingBox())!;
    expect(await page.getByRole("article", { name: "You" }).locator(".text").allTextContents()).toEqual([
      "hello",
      "/status",
    ]);
    expect(box.y).toBeGreaterThan(0);
    expect(box.y + box.height).toBeLessThanOrEqual(field.y);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test("an edit replaces the message in place and a note of the bot is shown", async () => {
    await using phone = await startPhone();
    await using hook = await startHook();
    await phone.call("setWebhook", { url: hook.url });
    await phone.say("before", [{ text: "Go", callback_data: "go" }]);
    const { page } = await open(phone.root);

    await page.getByRole("button", { name: "Go" }).click();
    await page.getByRole("button", { name: "Go", disabled: false }).waitFor();
    await phone.simulator.settled();
    const { id } = hook.requests[0]!.body.callback_query as { id: string };
    await phone.call("answerCallbackQuery", { callback_query_id: id, text: "Going" });
    await phone.call("editMessageText", { chat_id: CHAT_ID, message_id: 1, text: "after" });
    await page.getByText("after").waitFor();
    await page.getByText("Going").waitFor();

    expect(await page.getByRole("article").count()).toBe(1);
    expect(await page.getByText("before").count()).toBe(0);
    await page.context().close();
  });

  test("nothing moves when messages arrive: the layout does not shift", async () => {
    await using phone = await startPhone();
    const { page } = await open(phone.root);
    await page.evaluate(`
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shift += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    `);
    const places = () =>
      page.evaluate(
        `["header", "#composer"].map((part) => JSON.stringify(document.querySelector(part).getBoundingClientRect()))`,
      );
    const before = await places();

    await phone.say("one\ntwo\nthree", [{ text: "Open", url: "http://127.0.0.1:1/" }]);
    await page.getByRole("link", { name: "Open" }).waitFor();

    expect(await places()).toEqual(before);
    expect(await page.evaluate("window.shift")).toBe(0);
    await page.context().close();
  });
});
