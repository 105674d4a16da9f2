import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { logIn, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { type SocketRecord, sockets } from "../brokers/socket-state.ts";
import { connectionSchema } from "../config/connection.ts";
import { tokens } from "../tokens/records.ts";
import { reportSocket, socketAttention, socketsDown } from "./socket-report.ts";

const DEMO = connectionSchema.parse({
  id: "ctrader-demo",
  broker: "ctrader",
  environment: "demo",
  label: "cTrader demo",
  needed: "on-demand",
});

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const pass = (seconds: number) => house.clock.advanceBy(Temporal.Duration.from({ seconds }));

/** The token of the house's own connection, as the demo's. */
async function giveToken(): Promise<void> {
  const { connection: _, ...record } = await logIn(house);
  await house.store.transact(async (transaction) =>
    transaction.set(tokens, DEMO.id, { ...record, connection: DEMO.id }),
  );
}

function say(over: Partial<SocketRecord> = {}): Promise<void> {
  const now = house.clock.now();
  const said: SocketRecord = {
    connection: DEMO.id,
    phase: "ready",
    ready: true,
    readySince: now,
    epoch: 2,
    build: "test",
    at: now,
    ...over,
  };
  return house.store.transact(async (transaction) => transaction.set(sockets, DEMO.id, said));
}

test("without a token no socket is missed", async () => {
  await pass(600);

  expect(await socketsDown(house, [DEMO])).toEqual([]);
});

test("a live token without a socket is told of after two minutes, with the connection and since when", async () => {
  await giveToken();
  const since = house.clock.now().toString();
  await pass(119);
  const early = await socketAttention(house, [DEMO]);
  await pass(1);

  const late = await socketAttention(house, [DEMO]);

  expect(early).toEqual([]);
  expect(late).toMatchObject([{ kind: "socket-down", connection: "ctrader-demo" }]);
  expect(Temporal.Instant.from(late[0]?.since ?? "").toString()).toBe(since);
});

test("a silent socket is told of, though it was ready when it was last heard of", async () => {
  await giveToken();
  await say();
  await pass(60);
  const early = await socketsDown(house, [DEMO]);
  await pass(60);

  expect(early).toEqual([]);
  expect(await socketsDown(house, [DEMO])).toHaveLength(1);
});

test("what a person can do about it stands in the text", async () => {
  await giveToken();
  await say({ ready: false, phase: "waiting", lastTrouble: "BROKER_CREDENTIALS_REJECTED" });
  await pass(130);

  const [told] = await socketAttention(house, [DEMO]);

  expect(told?.text).toContain("key");
});

test("brokers without a socket are never missed", async () => {
  await logIn(house);
  await pass(600);

  expect(await socketsDown(house, [house.connection])).toEqual([]);
});

test("the report is what the worker said, and nothing before it said something", async () => {
  const before = await reportSocket(house, DEMO);
  await say({ lagMs: 8, lastTrouble: "silent" });

  expect(before).toBeUndefined();
  expect(await reportSocket(house, DEMO)).toMatchObject({
    phase: "ready",
    ready: true,
    epoch: 2,
    lagMs: 8,
    lastTrouble: "silent",
  });
});
