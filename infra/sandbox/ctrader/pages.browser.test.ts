import { createServer, type Server } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../../tests/support/browser.ts";
import { closeServer } from "../../local/services.ts";
import { listenAnywhere } from "../../local/testing/raw-http.ts";
import { type CtraderSimulator, createCtraderSimulator } from "./ctrader-simulator.ts";
import { openRig } from "./testing/rig.ts";

let browser: Browser;
let program: Server;
let simulator: CtraderSimulator;
let authorizeUrl: string;
/** What came to the program's redirect address. */
const came: string[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  program = createServer((request, response) => {
    came.push(request.url ?? "");
    response.end("back at the program");
  });
  const redirect = `http://127.0.0.1:${await listenAnywhere(program)}/callback`;
  const { clock, timers, log } = openRig();
  const authority = { ca: "", server: { cert: "", key: "" } };
  const random = { bytes: (count: number) => new Uint8Array(count).fill(3) };
  simulator = createCtraderSimulator(
    { clock, timers, log, random },
    { authority, registeredRedirects: [redirect] },
  );
  const at = await simulator.listen({ host: "127.0.0.1" });
  const { clientId } = at.applications.demo;
  const query = { client_id: clientId, redirect_uri: redirect, scope: "trading" };
  authorizeUrl = `${at.authorizeUrl}?${new URLSearchParams(query)}`;
});
afterAll(async () => {
  await simulator.close();
  await closeServer(program);
  await browser.close();
});

test.each(["light", "dark"] as const)(
  "on a narrow %s screen the user logs in, chooses accounts and is led back to the program",
  async (colorScheme) => {
    const page = await browser.newPage({ viewport: { width: 320, height: 700 }, colorScheme });
    const troubles: string[] = [];
    page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));

    await page.goto(authorizeUrl);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("checkbox").first().uncheck();
    const boxes = await page.getByRole("checkbox").count();
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    const heights = await page
      .locator("label.choice")
      .evaluateAll((labels) => labels.map((label) => label.getBoundingClientRect().height));
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText("back at the program").waitFor();

    expect(width).toBe(320);
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(44);
    expect(came.at(-1)).toMatch(/^\/callback\?code=[\w-]+$/);
    expect(boxes).toBeGreaterThan(1);
    expect(troubles).toEqual([]);
    await page.close();
  },
);
