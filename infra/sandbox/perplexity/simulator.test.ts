import { readFileSync } from "node:fs";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createNodeHttp } from "../../../shared/platform/local/node-http.ts";
import { createSystemTimers } from "../../../shared/platform/local/system-timers.ts";
import { createVirtualClock, type VirtualClock } from "../../../shared/platform/local/virtual-clock.ts";
import { createVirtualTimers, type VirtualTimers } from "../../../shared/platform/local/virtual-timers.ts";
import { Secret } from "../../../shared/platform/secret.ts";
import { createPerplexityClient } from "../../../shared/sentiment/perplexity-client.ts";
import { recordedLog } from "../../../tests/support/recorded-log.ts";
import { PERPLEXITY_SWITCHES } from "./faults.ts";
import { createPerplexitySimulator, type PerplexitySimulator } from "./simulator.ts";

const KEY = "pplx-simulated";

let clock: VirtualClock;
let timers: VirtualTimers;
let simulator: PerplexitySimulator;
let root: string;

beforeEach(async () => {
  clock = createVirtualClock({ start: Temporal.Instant.from("2026-03-10T12:00:00Z") });
  timers = createVirtualTimers();
  simulator = createPerplexitySimulator(
    { clock, timers, log: recordedLog().log },
    { key: KEY, seed: "seed" },
  );
  root = await simulator.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
  await simulator.close();
  clock.close();
});

/** By Openbell's own client; it gives up after `timeoutMs` of the machine's time. */
function ask(instrument = "PALMOIL", { key = KEY, timeoutMs = 5_000 } = {}) {
  const client = createPerplexityClient(
    { http: createNodeHttp({ timers: createSystemTimers() }) },
    { apiRoot: root, timeoutMs },
  );
  return client(Secret.of(key), instrument);
}

async function scoreOf(instrument: string): Promise<number> {
  const answer = await ask(instrument);
  if (!answer.ok) throw new Error(answer.code);
  return answer.value.score;
}

const set = (patch: object) => expect(simulator.board.setFaults(patch)).toMatchObject({ ok: true });

test("Openbell's own client gets a score, the same for six hours and another for another instrument", async () => {
  const first = await scoreOf("PALMOIL");

  expect(first).toBeGreaterThanOrEqual(-1);
  expect(first).toBeLessThanOrEqual(1);
  expect(await scoreOf("PALMOIL")).toBe(first);
  const others = await Promise.all(["XAUUSD", "EURUSD", "AAPL"].map(scoreOf));
  expect(new Set([first, ...others]).size).toBeGreaterThan(1);
  await clock.advanceBy(Temporal.Duration.from({ hours: 6 }));
  expect(await scoreOf("PALMOIL")).not.toBe(first);
});

const demonstrations: Readonly<Record<keyof typeof PERPLEXITY_SWITCHES, () => Promise<void>>> = {
  async answers() {
    for (const answers of [
      "garbage",
      "wrong-json",
      "prose",
      "out-of-range",
      "injected",
      "cut-off",
      "empty",
    ]) {
      set({ answers });
      expect(await ask(), answers).toMatchObject({ ok: false, code: "SENTIMENT_UNREADABLE" });
    }
    set({ answers: null });
    expect((await ask()).ok).toBe(true);
  },
  async mood() {
    for (const [mood, score] of [
      ["good", 0.8],
      ["bad", -0.8],
      ["neutral", 0],
    ] as const) {
      set({ mood });
      expect(await scoreOf("PALMOIL")).toBe(score);
    }
  },
  async timeout() {
    set({ timeout: 1 });
    expect(await ask("PALMOIL", { timeoutMs: 100 })).toMatchObject({ detail: { reason: "timeout" } });
    expect((await ask()).ok).toBe(true);
  },
  async rateLimit() {
    set({ rateLimit: 2 });
    expect(await ask()).toMatchObject({ code: "SENTIMENT_UNAVAILABLE", detail: { status: 429 } });
    expect(await ask()).toMatchObject({ detail: { status: 429 } });
    expect((await ask()).ok).toBe(true);
  },
  async serverError() {
    set({ serverError: 1 });
    expect(await ask()).toMatchObject({ code: "SENTIMENT_UNAVAILABLE", detail: { status: 500 } });
    expect((await ask()).ok).toBe(true);
  },
  async keyRefused() {
    set({ keyRefused: true });
    expect(await ask()).toMatchObject({ code: "SENTIMENT_KEY_REFUSED" });
    set({ keyRefused: false });
    expect((await ask()).ok).toBe(true);
  },
  async latencyMs() {
    set({ latencyMs: 30_000 });
    const asked = ask();
    while (timers.pending() === 0) await new Promise((resolve) => setImmediate(resolve));
    await timers.advance(29_999);
    expect(timers.pending()).toBe(1);
    await timers.advance(1);
    expect((await asked).ok).toBe(true);
  },
};

describe("the switch", () => {
  test.each(Object.entries(demonstrations))("%s does what it says", async (_name, demonstrate) => {
    await demonstrate();
  });
});

test("a switch that it does not have, or a value that it does not take, is refused", () => {
  expect(simulator.board.setFaults({ slow: true })).toMatchObject({ code: "SANDBOX_SWITCH_INVALID" });
  expect(simulator.board.setFaults({ answers: "maybe" })).toMatchObject({ code: "SANDBOX_SWITCH_INVALID" });
});

test("its state tells the questions, and no key", async () => {
  await ask("PALMOIL");
  set({ rateLimit: 1 });
  await ask("XAUUSD");

  expect(simulator.board.state?.()).toMatchObject({
    questions: 2,
    latest: [
      { instrument: "XAUUSD", status: 429 },
      { instrument: "PALMOIL", status: 200 },
    ],
  });
  expect(JSON.stringify(simulator.board.state?.())).not.toContain(KEY);
});

const QUESTION = { model: "sonar", messages: [{ role: "user", content: "hello" }] };

async function post(body: unknown, headers: Record<string, string> = {}, path = "/chat/completions") {
  const response = await fetch(`${root}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return response.status;
}

describe("it is strict:", () => {
  test("the least question is answered", async () => {
    expect(await post(QUESTION)).toBe(200);
  });

  test.each<[string, unknown]>([
    ["another model", { ...QUESTION, model: "gpt-4" }],
    ["no messages", { ...QUESTION, messages: [] }],
    ["a last word that is not the user's", { ...QUESTION, messages: [{ role: "assistant", content: "x" }] }],
    ["two users in a row", { ...QUESTION, messages: [...QUESTION.messages, ...QUESTION.messages] }],
    [
      "a system message in the middle",
      {
        ...QUESTION,
        messages: [...QUESTION.messages, { role: "system", content: "x" }, ...QUESTION.messages],
      },
    ],
    ["too warm a temperature", { ...QUESTION, temperature: 2 }],
    [
      "a format without a name",
      { ...QUESTION, response_format: { type: "json_schema", json_schema: { schema: {} } } },
    ],
    ["a field that there is not", { ...QUESTION, temprature: 0 }],
    ["no JSON", "{"],
  ])("%s is 400", async (_what, body) => {
    expect(await post(body)).toBe(400);
  });

  test("a wrong key, or none, is 401; another way in 404, another method 405, another type 415, too much 413", async () => {
    expect(await post(QUESTION, { authorization: "Bearer other" })).toBe(401);
    expect(await post(QUESTION, { authorization: "" })).toBe(401);
    expect(await post(QUESTION, {}, "/v1/chat/completions")).toBe(404);
    expect((await fetch(`${root}/chat/completions`)).status).toBe(405);
    expect(await post(QUESTION, { "content-type": "text/plain" })).toBe(415);
    expect(await post(`"${"x".repeat(1_100_000)}"`)).toBe(413);
  });
});

test("an answer has the form of the real one's", async () => {
  const response = await fetch(`${root}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: JSON.stringify(QUESTION),
  });

  expect(await response.json()).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    model: "sonar",
    object: "chat.completion",
    created: 1_773_144_000,
    usage: { total_tokens: expect.any(Number) },
    citations: expect.any(Array),
    choices: [
      { index: 0, finish_reason: "stop", message: { role: "assistant", content: expect.any(String) } },
    ],
  });
});

test("its guide names every switch with what it takes, its start and what it does", () => {
  const guide = readFileSync(new URL("../../../docs/simulators/perplexity.md", import.meta.url), "utf8");
  const rows = guide.split("\n").filter((line) => /^\| `/.test(line));

  expect(rows).toEqual(
    Object.entries(PERPLEXITY_SWITCHES).map(
      ([name, { takes, initial, description }]) => `| \`${name}\` | ${takes} | ${initial} | ${description} |`,
    ),
  );
});
