import { Hono } from "hono";
import { Temporal } from "temporal-polyfill";
import { beforeEach, expect, test } from "vitest";
import { failureSchema } from "../../shared/console/api.ts";
import { createVirtualClock, type VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import { createDeliveryBoard, type DeliveryBoard } from "../local/delivery-board.ts";
import { createSandboxApp } from "./sandbox-app.ts";

const HOST = "127.0.0.1:8080";
const START = "2026-11-23T13:29:30.000Z";
const JOB = { name: "keep-alive", schedule: "*/5 * * * *", timeZone: "America/New_York", nextAt: START };

let clock: VirtualClock;
let noted: string[];
let ran: string[];
let board: DeliveryBoard;
let app: Hono;

beforeEach(() => {
  clock = createVirtualClock({ start: Temporal.Instant.from(START) });
  noted = [];
  ran = [];
  board = createDeliveryBoard(() => undefined);
  app = createSandboxApp({
    clock,
    clockMoved: async () => void noted.push(clock.now().toString()),
    jobs: () => [JOB],
    async runJob(name) {
      ran.push(name);
      return name === JOB.name ? { at: START, status: 200 } : undefined;
    },
    console: "http://127.0.0.1:8080/",
    etrade: { apiBaseUrl: "http://127.0.0.1:8081", consumerKey: "key" },
    ctrader: { host: "127.0.0.1", demoPort: 8084 },
    telegram: { apiRoot: "http://127.0.0.1:8083", chatId: 42 },
    perplexity: { apiRoot: "http://127.0.0.1:8087" },
    boards: new Map([["delivery", board]]),
    phone: new Hono().get("/messages", (context) => context.json([])),
    page: new Hono().get("/", (context) => context.html("the page")),
  });
});

interface Asked {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(path: string, { headers, ...rest }: Asked = {}) {
  const answer = await app.request(`http://${HOST}${path}`, { ...rest, headers: { host: HOST, ...headers } });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text };
}
const post = (path: string, body?: string, headers = {}) =>
  ask(path, { method: "POST", headers, ...(body === undefined ? {} : { body }) });

/** Status and code of a refusal in the one form that all have. */
function refusalOf({ status, text }: { readonly status: number; readonly text: string }): string {
  return `${status} ${failureSchema.parse(JSON.parse(text)).error.code}`;
}

test("a program is told all that it needs to drive the sandbox", async () => {
  const answer = await ask("/sandbox", { headers: { accept: "*/*" } });

  expect(JSON.parse(answer.text)).toEqual({
    clock: { now: START },
    jobs: [JOB],
    console: "http://127.0.0.1:8080/",
    etrade: { apiBaseUrl: "http://127.0.0.1:8081", consumerKey: "key" },
    ctrader: { host: "127.0.0.1", demoPort: 8084 },
    telegram: { apiRoot: "http://127.0.0.1:8083", chatId: 42 },
    perplexity: { apiRoot: "http://127.0.0.1:8087" },
  });
  expect((await ask("/sandbox/")).text).toBe(answer.text);
});

test("a browser is led to the page", async () => {
  const answer = await ask("/sandbox", { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });

  expect([answer.status, answer.headers.get("location")]).toEqual([302, "/sandbox/page/"]);
  expect((await ask("/sandbox/page/")).text).toBe("the page");
});

test("the clock is told, moved to an instant, and moved on; each move is noted when it is done", async () => {
  expect(JSON.parse((await ask("/sandbox/clock")).text)).toEqual({ now: START });

  const to = await post("/sandbox/clock", '{"to":"2026-11-23T14:00:00Z"}');
  const on = await post("/sandbox/clock", '{"advance":"PT30M"}', { "content-type": "application/json" });

  expect(JSON.parse(to.text)).toEqual({ now: "2026-11-23T14:00:00.000Z" });
  expect(JSON.parse(on.text)).toEqual({ now: "2026-11-23T14:30:00.000Z" });
  expect(noted).toEqual(["2026-11-23T14:00:00Z", "2026-11-23T14:30:00Z"]);
});

test("everything due on the way has happened before the answer", async () => {
  const happened: string[] = [];
  for (const minute of ["13:40", "13:35"]) {
    clock.at(Temporal.Instant.from(`2026-11-23T${minute}:00Z`), async () => void happened.push(minute));
  }

  await post("/sandbox/clock", '{"advance":"PT30M"}');

  expect(happened).toEqual(["13:35", "13:40"]);
});

test("of two orders at once each moves the clock its own way", async () => {
  const answers = await Promise.all(
    ["PT30M", "PT1H"].map((advance) => post("/sandbox/clock", JSON.stringify({ advance }))),
  );

  expect(answers.map((answer) => JSON.parse(answer.text))).toEqual([
    { now: "2026-11-23T13:59:30.000Z" },
    { now: "2026-11-23T14:59:30.000Z" },
  ]);
});

test("an order that another one has overtaken is refused, and the next is obeyed", async () => {
  const answers = await Promise.all([
    post("/sandbox/clock", '{"advance":"PT1H"}'),
    post("/sandbox/clock", '{"to":"2026-11-23T13:40:00Z"}'),
    post("/sandbox/clock", '{"advance":"PT1H"}'),
  ]);

  expect(answers.map((answer) => answer.status)).toEqual([200, 400, 200]);
  expect(clock.now().toString()).toBe("2026-11-23T15:29:30Z");
});

test("on a clock that flows, an order for this very moment is obeyed", async () => {
  const flowing = createVirtualClock({ start: Temporal.Instant.from(START), flowing: true });
  Object.assign(clock, {
    now: () => Temporal.Instant.from(START),
    advanceTo: flowing.advanceTo.bind(flowing),
  });
  while (flowing.now().equals(Temporal.Instant.from(START))) await new Promise(setImmediate);

  const answer = await post("/sandbox/clock", JSON.stringify({ advance: "PT0S" }));

  expect(answer.status).toBe(200);
  flowing.close();
});

test.each([
  "",
  "{",
  "[]",
  "null",
  '"PT1M"',
  '{"to":"yesterday"}',
  '{"to":"2020-01-01T00:00:00Z"}',
  '{"advance":"-PT1S"}',
  '{"advance":"P1Y"}',
  "\u0000",
])("the clock order %j is refused and the clock stays", async (body) => {
  expect(refusalOf(await post("/sandbox/clock", body))).toBe("400 SANDBOX_CLOCK_INVALID");
  expect(clock.now().toString()).toBe("2026-11-23T13:29:30Z");
  expect(noted).toEqual([]);
});

test("a job runs when it is told to, without a body or a content type", async () => {
  const answer = await post("/sandbox/jobs/keep-alive/run");

  expect([answer.status, JSON.parse(answer.text)]).toEqual([200, { at: START, status: 200 }]);
  expect(ran).toEqual(["keep-alive"]);
  expect(JSON.parse((await ask("/sandbox/jobs")).text)).toEqual([JOB]);
});

test("a job that does not exist is refused with the names of those that do", async () => {
  const answer = await post("/sandbox/jobs/never/run");

  expect(refusalOf(answer)).toBe("404 ROUTE_UNKNOWN");
  expect(answer.text).toContain("keep-alive");
});

test("switches are shown and set", async () => {
  const set = await post("/sandbox/delivery/faults", '{"deliverTwice":true}');

  expect(JSON.parse(set.text)).toEqual({ faults: { deliverTwice: true, dropFraction: 0, delayMs: 0 } });
  expect(JSON.parse((await ask("/sandbox/delivery/faults")).text)).toEqual({
    faults: board.faults(),
    switches: board.switches(),
  });
  expect(board.isDoubling()).toBe(true);
});

test.each(["", "{", "null", '{"deliverTwice":1}', '{"nonsense":true}'])(
  "the switches %j are refused and nothing changes",
  async (body) => {
    expect(refusalOf(await post("/sandbox/delivery/faults", body))).toBe("400 SANDBOX_SWITCH_INVALID");
    expect(board.isDoubling()).toBe(false);
  },
);

test.each([
  ["GET", "/sandbox/nowhere/faults"],
  ["POST", "/sandbox/nowhere/faults"],
  ["GET", "/sandbox/nothing"],
  ["GET", "/sandbox/jobs/keep-alive/run"],
  ["DELETE", "/sandbox/clock"],
  ["POST", "/sandbox/jobs/%zz/run"],
  ["GET", "/sandbox/phone/nothing"],
])("%s %s is nothing", async (method, path) => {
  expect(refusalOf(await ask(path, { method }))).toBe("404 ROUTE_UNKNOWN");
});

test("a body beyond 64 KiB is refused unread", async () => {
  const body = JSON.stringify({ to: "x".repeat(65_536) });

  expect(refusalOf(await post("/sandbox/clock", body, { "content-length": String(body.length) }))).toBe(
    "413 REQUEST_TOO_LARGE",
  );
});

test.each<[string, Readonly<Record<string, string>>]>([
  ["a name that leads here from outside", { host: "sandbox.example:8080" }],
  ["a name that begins like this machine", { host: "127.0.0.1.example" }],
  ["a name that ends like this machine", { host: "evil-localhost" }],
  ["no name", { host: "" }],
  ["a foreign page", { origin: "https://elsewhere.example" }],
  ["a page of another port", { origin: "http://127.0.0.1:9999" }],
  ["a page without an origin of its own", { origin: "null" }],
])("%s is turned away from everything", async (_who, headers) => {
  for (const path of [
    "/sandbox",
    "/sandbox/clock",
    "/sandbox/phone/messages",
    "/sandbox/page/",
    "/sandbox/x",
  ]) {
    expect(refusalOf(await ask(path, { headers }))).toBe("403 ORIGIN_REFUSED");
  }
  expect(refusalOf(await post("/sandbox/clock", '{"advance":"PT1H"}', headers))).toBe("403 ORIGIN_REFUSED");
  expect(clock.now().toString()).toBe("2026-11-23T13:29:30Z");
});

test.each<Readonly<Record<string, string>>>([
  { host: "localhost:8080", origin: "http://localhost:8080" },
  { host: "127.0.0.1", origin: "http://127.0.0.1" },
  { host: "[::1]:8080" },
  { host: HOST, origin: `http://${HOST}` },
])("%j comes from this machine", async (headers) => {
  expect((await post("/sandbox/clock", '{"advance":"PT1M"}', headers)).status).toBe(200);
});

test("what breaks on the way is thrown on to the server, with the clock arrived and noted", async () => {
  clock.at(Temporal.Instant.from("2026-11-23T13:40:00Z"), async () => {
    throw new Error("CANARY");
  });

  await expect(post("/sandbox/clock", '{"advance":"PT1H"}')).rejects.toThrow(AggregateError);

  expect(noted).toEqual(["2026-11-23T14:29:30Z"]);
  expect((await post("/sandbox/clock", '{"advance":"PT1H"}')).status).toBe(200);
});
