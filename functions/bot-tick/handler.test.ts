import type { Server } from "node:http";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pushBody } from "../../infra/local/push.ts";
import { closeServer } from "../../infra/local/services.ts";
import type { TickRun, TickToRun } from "../../shared/trading/ticks/bot-tick.ts";
import { silentLog } from "../../tests/support/token-house.ts";
import { serveFunction } from "../serve.ts";
import { createBotTickHandler } from "./handler.ts";

const INSTANT = Temporal.Instant.from("2026-11-23T15:00:00Z");
const record = {
  ...{ bot: "gold", instant: INSTANT, reason: "NO_SIGNAL", text: "", orders: [], at: INSTANT, tookMs: 1 },
  keptUntil: INSTANT,
};

let server: Server;
let url: string;
let ticks: TickToRun[];
let answer: () => Promise<TickRun>;
let served = 0;

beforeEach(async () => {
  ticks = [];
  answer = async () => ({ kind: "ran", record });
  const run = async (tick: TickToRun) => {
    ticks.push(tick);
    return answer();
  };
  served += 1;
  server = serveFunction({
    name: `bot-tick-${served}`,
    handler: createBotTickHandler({ log: silentLog, run }),
    log: silentLog,
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/`;
});
afterEach(() => closeServer(server));

const data = JSON.stringify({ bot: "gold", instant: "2026-11-23T15:00:00.000Z" });
const pushOf = (given: string) =>
  pushBody({ data: given, messageId: "m1", topic: "bot-tick", subscription: "bot-tick.bot-tick" });

async function post(body: string, headers: Record<string, string> = { "content-type": "application/json" }) {
  return (await fetch(url, { method: "POST", body, headers })).status;
}

test("a push runs its tick", async () => {
  expect(await post(pushOf(data))).toBe(204);
  expect(ticks.map(({ bot, instant }) => [bot, String(instant)])).toEqual([["gold", "2026-11-23T15:00:00Z"]]);
});

test("an event of Eventarc runs its tick, its attributes within the body or beside it", async () => {
  const attributes = {
    specversion: "1.0",
    id: "1",
    source: "//pubsub",
    type: "google.cloud.pubsub.topic.v1.messagePublished",
  };
  const whole = JSON.stringify({ ...attributes, data: JSON.parse(pushOf(data)) });
  expect(await post(whole, { "content-type": "application/cloudevents+json" })).toBe(204);

  const beside = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));
  expect(await post(pushOf(data), { ...beside, "content-type": "application/json" })).toBe(204);
  expect(ticks).toHaveLength(2);
});

test.each([
  ["no envelope", "{}"],
  ["no base64", JSON.stringify({ message: { data: "*" } })],
  ["no JSON in it", pushOf("{")],
  ["no bot", pushOf(JSON.stringify({ instant: "2026-11-23T15:00:00Z" }))],
  ["no instant", pushOf(JSON.stringify({ bot: "gold", instant: "soon" }))],
  ["something more", pushOf(JSON.stringify({ ...JSON.parse(data), size: 1_000 }))],
])("what no tick can be is taken, for it would come again for ever: %s", async (_, body) => {
  expect(await post(body)).toBe(204);
  expect(ticks).toEqual([]);
});

test.each([
  ["a fault", 500, async () => Promise.reject(new Error("the store is away"))],
  ["an instant still to come", 503, async () => ({ kind: "too-early" as const })],
])("%s makes the message come again", async (_, status, given) => {
  answer = given;

  expect(await post(pushOf(data))).toBe(status);
});

test("a bot that is not configured any more ends its messages", async () => {
  answer = async () => ({ kind: "unknown-bot" });

  expect(await post(pushOf(data))).toBe(204);
});

test("nothing but a POST is taken", async () => {
  expect((await fetch(url)).status).toBe(405);
});
