/** The broker's way back in a real browser, whose cookie another site's redirect does not bring. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../../tests/support/browser.ts";
import { createHouse, type House } from "./testing/house.ts";

let browser: Browser;
let house: House;
let context: BrowserContext;
let servers: Server[];
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  house = createHouse();
  servers = [];
  context = await browser.newContext();
});
afterEach(async () => {
  await context.close();
  for (const server of servers) server.close();
  house.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, resolve));
  return (server.address() as AddressInfo).port;
}

/** Our console on 127.0.0.1, and the broker on localhost, which to a browser is another site. */
async function open() {
  const asked: string[] = [];
  const listener = getRequestListener((request) => {
    asked.push(`${request.headers.get("cookie") === null ? "without" : "with"} cookie`);
    return house.app.fetch(request);
  });
  const port = await listen(
    createServer((request, response) => {
      // The page itself stands on Hosting.
      if (request.url?.startsWith("/api/")) void listener(request, response);
      else response.writeHead(200, { "content-type": "text/html" }).end("<h1>The page</h1>");
    }),
  );
  const own = `http://127.0.0.1:${port}`;
  const callback = `${own}/api/oauth/ctrader/callback?code=a%2Bb`;
  const brokerPort = await listen(
    createServer((request, response) => {
      if (request.url === "/agree") response.writeHead(302, { location: callback }).end();
      else {
        response
          .writeHead(200, { "content-type": "text/html" })
          .end(`<a href="/agree">Allow</a><img src="${callback}"><iframe src="${callback}"></iframe>`);
      }
    }),
  );
  return { own, callback, broker: `http://localhost:${brokerPort}/`, asked };
}

const cookieFor = async (url: string) => ({
  ...{ name: "__session", value: await house.signIn(), url, httpOnly: true },
  ...{ secure: false, sameSite: "Strict" as const },
});
const codes = () =>
  house.services.calls.flatMap(([method, given]) =>
    method === "completeByRedirect" ? [(given as { code: string }).code] : [],
  );

test("the broker's redirect is handed in once, with the strict cookie, and lands on the page without the code", async () => {
  const { own, broker, asked } = await open();
  await context.addCookies([await cookieFor(own)]);
  const page = await context.newPage();
  await page.goto(broker);
  await page.waitForLoadState("networkidle");
  const bySubresources = [...codes()];
  asked.length = 0;

  await page.getByRole("link", { name: "Allow" }).click();
  await page.getByRole("heading", { name: "The page" }).waitFor();

  expect(bySubresources).toEqual([]);
  expect(asked).toEqual(["without cookie", "with cookie"]);
  expect(codes()).toEqual(["a+b"]);
  expect(page.url()).toBe(`${own}/#connected=etrade-production&generation=3`);
});

test("a browser without a session ends with words, after two rounds", async () => {
  const { broker, asked } = await open();
  const page = await context.newPage();
  await page.goto(broker);
  await page.waitForLoadState("networkidle");
  asked.length = 0;

  await page.getByRole("link", { name: "Allow" }).click();
  await page.getByRole("heading", { name: "Not connected" }).waitFor();

  expect(asked).toHaveLength(2);
  expect(codes()).toEqual([]);
});
