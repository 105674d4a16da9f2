import { once } from "node:events";
import type { Server } from "node:http";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { failureSchema } from "../../shared/console/api.ts";
import { serveFunction } from "../serve.ts";
import { createConsoleHandler } from "./handler.ts";
import { createHouse, type House, ORIGIN } from "./testing/house.ts";

let house: House;
let server: Server;
let base: string;

beforeEach(async () => {
  house = createHouse();
  const handler = createConsoleHandler(house.app, house.deps.log);
  server = serveFunction({ name: "console-under-test", handler, log: house.deps.log });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await house.close();
});

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${base}${path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", origin: ORIGIN, ...headers },
  });

test("under the functions framework a link signs in, and the cookie carries a PIN to its login", async () => {
  const signedIn = await post("/api/session", JSON.stringify({ code: await house.issueCode() }));
  const [cookie = ""] = signedIn.headers.getSetCookie();
  const [pair = ""] = cookie.split(";");
  const path = "/api/connections/etrade-production/authorizations/login-1/pin";

  const entered = await post(path, '{"pin":"a1b2c"}', { cookie: pair });

  expect(signedIn.status).toBe(200);
  expect(entered.status).toBe(202);
  expect(house.services.calls).toEqual([["complete", expect.objectContaining({ pin: "a1b2c" })]]);
});

test("under the framework the answers have the same headers, once", async () => {
  const answer = await fetch(`${base}/api/health`);

  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("x-frame-options")).toBe("DENY");
  expect(answer.headers.has("x-powered-by")).toBe(false);
  expect(answer.headers.has("etag")).toBe(false);
});

test.each([
  ["broken JSON", '{"code":"CANARY"', {}, 400, "REQUEST_MALFORMED"],
  ["5 kB", JSON.stringify({ code: "x".repeat(5_000) }), {}, 413, "REQUEST_TOO_LARGE"],
  ["10 MB", JSON.stringify({ code: "x".repeat(10_000_000) }), {}, 413, "REQUEST_TOO_LARGE"],
  ["a form", "code=CANARY", { "content-type": "application/x-www-form-urlencoded" }, 415, "REQUEST_NOT_JSON"],
  ["another site's call", '{"code":"CANARY"}', { origin: "https://evil.example" }, 403, "ORIGIN_REFUSED"],
])("under the framework %s is refused in the one body", async (_what, body, headers, status, code) => {
  const answer = await post("/api/session", body, headers);

  expect(answer.status).toBe(status);
  expect(failureSchema.parse(await answer.json()).error.code).toBe(code);
  expect(JSON.stringify(house.logged)).not.toContain("CANARY");
});

test("the page's own host counts as its origin when it comes through the proxy", async () => {
  const headers = { origin: "https://second.example", "x-forwarded-host": "second.example" };

  expect((await post("/api/session/link", "{}", headers)).status).toBe(202);
});

test("a host that is none is refused in the one body", async () => {
  const sent = request(`${base}/api/health`, { headers: { host: "a b" } }).end();
  const [answer] = await once(sent, "response");
  const body = failureSchema.parse(JSON.parse(Buffer.concat(await answer.toArray()).toString()));

  expect(answer.statusCode).toBe(400);
  expect(answer.headers["cache-control"]).toBe("no-store");
  expect(body.error.code).toBe("REQUEST_MALFORMED");
});

test("without a forwarded address, limits count by the socket", async () => {
  const statuses = [];
  for (let i = 0; i < 101; i += 1) statuses.push((await fetch(`${base}/api/health`)).status);

  expect(statuses.slice(0, 100).every((status) => status === 200)).toBe(true);
  expect(statuses[100]).toBe(429);
  const forwarded = await fetch(`${base}/api/health`, { headers: { "x-forwarded-for": "192.0.2.4" } });
  expect(forwarded.status).toBe(200);
});
