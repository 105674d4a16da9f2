/** The doors: addresses, methods, names and interfaces by which nobody comes in. */
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openFront } from "../infra/local/front.ts";
import { createHosting } from "../infra/local/hosting.ts";
import { readHostingConfig } from "../infra/local/hosting-config.ts";
import { failureSchema } from "../shared/console/api.ts";
import { type BesiegedStack, openBesiegedStack } from "./support/besieged-stack.ts";
import { type Caller, codeOf } from "./support/http-caller.ts";
import { rawCall } from "./support/raw-call.ts";
import { recordedLog } from "./support/recorded-log.ts";
import { PRODUCTION, ROOT, type TestStack } from "./support/stack.ts";

const JSON_TYPE = { "content-type": "application/json" };

let besieged: BesiegedStack;
let stack: TestStack;
let origin: string;
let call: Caller;

beforeEach(async () => {
  besieged = await openBesiegedStack();
  ({ stack, origin, call } = besieged);
});
afterEach(() => besieged.close());

test("wrong methods and unknown addresses of the interface are refused in the one form", async () => {
  const wrong = [
    ["PUT", "/api/session"],
    ["GET", "/api/session"],
    ["POST", "/api/status"],
    ["DELETE", "/api/status"],
    ["GET", `/api/connections/${PRODUCTION}/authorizations`],
    ["PATCH", "/api/keep-alive"],
    ["POST", "/api/health"],
  ];

  for (const [method = "", path = ""] of wrong) {
    const answer = await call(method, path, method === "GET" || method === "DELETE" ? {} : { body: {} });
    expect([method, path, answer.status, codeOf(answer)]).toEqual([method, path, 405, "METHOD_NOT_ALLOWED"]);
    expect(answer.headers.get("allow")).toMatch(/GET|POST/);
  }
  for (const path of ["/api/", "/api/nothing", "/api/connections", "/api/status/more", "/api//status"]) {
    const answer = await call("GET", path);
    expect([path, answer.status]).toEqual([path, 404]);
    expect(codeOf(answer)).toBe("ROUTE_UNKNOWN");
  }
  expect((await call("POST", "/", { body: {} })).status).toBe(405);
  await besieged.expectStillWorking();
});

test("paths with tricks lead to no file outside the page, and headers without measure are cut off", async () => {
  const tricks = [
    "/..%2f..%2fpackage.json",
    "/%2e%2e/%2e%2e/package.json",
    "/../../package.json",
    "/..%5c..%5cpackage.json",
    "/assets/..%2f..%2f..%2fpackage.json",
    "//package.json",
    "//evil.example/package.json",
    "/%00",
    "/index.html%00.js",
    "/%",
    "/%c0%ae%c0%ae/package.json",
    "/api/..%2f..%2fpackage.json",
    `/api/connections/${PRODUCTION}/authorizations/..%2f..%2fx/pin`,
    `/api/connections/${PRODUCTION}/authorizations/a%00b/pin`,
    "/api/%2e%2e/sandbox",
    "/sandbox/..%2f..%2fpackage.json",
    "/sandbox/page/..%2fsandbox-page.ts",
    "http://evil.example/package.json",
  ];

  for (const path of tricks) {
    const answer = await rawCall(origin, { path });
    expect([path, answer.status < 500]).toEqual([path, true]);
    expect(answer.text).not.toContain("devDependencies");
    expect(answer.text).not.toContain("import ");
  }
  for (const size of [15_800, 16_300, 40_000]) {
    const answer = await rawCall(origin, {
      path: "/api/status",
      headers: { cookie: besieged.cookie, "x-long": "x".repeat(size) },
    });
    expect([size, answer.status >= 200 && answer.status < 500]).toEqual([size, true]);
  }
  await besieged.expectStillWorking();
});

test("the sandbox's clock takes no nonsense and does not move for it", async () => {
  const before = stack.clock.now().toString();
  const orders = [
    {},
    [],
    null,
    "",
    "tomorrow",
    '{"advance":',
    { advance: "PT1H", to: "2030-01-01T00:00:00Z" },
    { advance: "-PT1H" },
    { advance: "soon" },
    { advance: "P10Y" },
    { advance: { hours: -1 } },
    { advance: { hours: 1e20 } },
    { advance: 3600 },
    { advance: null },
    { to: "2020-01-01T00:00:00Z" },
    { to: "2999-01-01T00:00:00Z" },
    { to: "2026-11-23" },
    { to: 1 },
    { to: "x".repeat(5_000) },
    { by: "PT1H" },
  ];

  for (const body of orders) {
    const answer = await call("POST", "/sandbox/clock", { body });
    expect([body, answer.status, codeOf(answer)]).toEqual([body, 400, "SANDBOX_CLOCK_INVALID"]);
  }
  const huge = await call("POST", "/sandbox/clock", { body: { to: "x".repeat(100_000) } });

  expect([huge.status, codeOf(huge)]).toEqual([413, "REQUEST_TOO_LARGE"]);
  expect(stack.clock.now().toString()).toBe(before);
  await besieged.expectStillWorking();
});

test("the sandbox's switches, jobs and phone take no nonsense, and nothing is half set", async () => {
  const faults = async () => (await call("GET", "/sandbox/etrade/faults")).text;
  const before = await faults();
  const messages = await stack.owner.messages();
  const nonsense: readonly (readonly [string, unknown, number])[] = [
    ["/sandbox/etrade/faults", { latencyMs: 5, nothing: true }, 400],
    ["/sandbox/etrade/faults", { latencyMs: -1 }, 400],
    ["/sandbox/etrade/faults", { maintenance: "yes" }, 400],
    ["/sandbox/etrade/faults", [], 400],
    ["/sandbox/etrade/faults", "{", 400],
    ["/sandbox/telegram/faults", { unreachable: 1 }, 400],
    ["/sandbox/delivery/faults", { dropFraction: 2 }, 400],
    ["/sandbox/nothing/faults", {}, 404],
    ["/sandbox/jobs/nothing/run", {}, 404],
    ["/sandbox/jobs/..%2fmorning-alert/run", {}, 404],
    ["/sandbox/jobs/constructor/run", {}, 404],
    ["/sandbox/phone/tap", { messageId: 999, callbackData: "x" }, 404],
    ["/sandbox/phone/tap", {}, 400],
    ["/sandbox/phone/send", { text: "" }, 400],
    ["/sandbox/phone/send", "{", 400],
    ["/sandbox/nothing", {}, 404],
  ];

  for (const [path, body, status] of nonsense) {
    const answer = await call("POST", path, { body });
    expect([path, body, answer.status]).toEqual([path, body, status]);
    expect(failureSchema.safeParse(JSON.parse(answer.text)).success).toBe(true);
  }

  expect(await faults()).toBe(before);
  expect(await stack.owner.messages()).toEqual(messages);
  await besieged.expectStillWorking();
});

test("the sandbox obeys this machine only: no foreign name leads to it and no foreign page", async () => {
  const before = stack.clock.now().toString();
  const body = JSON.stringify({ advance: "PT1H" });
  const { host } = new URL(origin);
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { host: "evil.example" },
    { host: `evil.example:${new URL(origin).port}` },
    { host: "127.0.0.1.evil.example" },
    { host: "localhost.evil.example" },
    { host, origin: "https://evil.example" },
    { host, origin: "null" },
    { host: "evil.example", origin: "http://evil.example" },
  ];

  for (const headers of foreign) {
    for (const path of ["/sandbox/clock", "/sandbox/jobs/morning-alert/run", "/sandbox/etrade/faults"]) {
      const answer = await rawCall(origin, {
        method: "POST",
        path,
        headers: { ...headers, ...JSON_TYPE },
        body,
      });
      expect([headers, path, answer.status]).toEqual([headers, path, 403]);
      expect(failureSchema.parse(JSON.parse(answer.text)).error.code).toBe("ORIGIN_REFUSED");
    }
    const read = await rawCall(origin, { path: "/sandbox", headers });
    expect([headers, read.status]).toEqual([headers, 403]);
  }

  expect(stack.clock.now().toString()).toBe(before);
  await besieged.expectStillWorking();
});

test("outside the sandbox profile nothing answers at /sandbox but what Hosting answers anywhere", async () => {
  const { log } = recordedLog();
  const front = await openFront(0, log);
  const config = await readHostingConfig(`${ROOT}/firebase.json`);
  front.serve(undefined, createHosting({ config, root: ROOT, log, addressOf: () => undefined }));

  const order = { method: "POST", headers: JSON_TYPE, body: "{}" };
  const anywhere = await rawCall(front.address, { path: "/anywhere" });
  const refused = await rawCall(front.address, { ...order, path: "/anywhere" });
  for (const path of [
    "/sandbox",
    "/sandbox/clock",
    "/sandbox/jobs",
    "/sandbox/phone/messages",
    "/sandbox/etrade/faults",
  ]) {
    const read = await rawCall(front.address, { path });
    const ordered = await rawCall(front.address, { ...order, path });
    expect([path, read, ordered]).toEqual([path, anywhere, refused]);
  }

  expect(refused.status).toBeGreaterThanOrEqual(404);
  expect(anywhere.type).not.toContain("json");
  await front.close();
});

const elsewhere = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === "IPv4" && !address.internal)?.address;

test("everything listens on loopback only", () => {
  const { etradeAddresses, telegramRoot, ctrader } = stack.simulators;
  const { demo, live, tokenUrl } = ctrader.addresses;
  const services = ["console", "telegram", "morning-alert", "keep-alive"].map((name) =>
    stack.services.urlOf(name),
  );
  const sockets = [demo, live].map(({ host, port }) => `tls://${host}:${port}`);
  const brokers = [etradeAddresses.apiBaseUrl, etradeAddresses.sandboxBaseUrl, tokenUrl, ...sockets];
  const all = [origin, ...brokers, telegramRoot, ...services];

  expect(all.map((url) => new URL(url).hostname)).toEqual(all.map(() => "127.0.0.1"));
});

test.runIf(elsewhere !== undefined)("another address of this machine is answered by nobody", async () => {
  const { etradeAddresses, telegramRoot, ctrader } = stack.simulators;
  const { demo, live, tokenUrl } = ctrader.addresses;
  const sockets = [demo, live].map(({ port }) => `tls://127.0.0.1:${port}`);
  const brokers = [etradeAddresses.apiBaseUrl, tokenUrl, ...sockets];
  const all = [origin, ...brokers, telegramRoot, stack.services.urlOf("console")];

  for (const url of all) {
    const outside = `http://${elsewhere}:${new URL(url).port}`;
    await expect(rawCall(outside, { path: "/" })).rejects.toThrow("ECONNREFUSED");
  }
});
