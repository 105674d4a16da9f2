import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createNotedBus,
  logIn,
  openTokenHouse,
  silentLog,
  type TokenHouse,
} from "../tests/support/token-house.ts";
import { type App, createApp } from "./app.ts";
import { configSchema } from "./config/config.ts";
import { brokerCredentialName, replaceCredential } from "./config/credentials.ts";
import { createNodeHttp } from "./platform/local/node-http.ts";
import { createSeededRandom } from "./platform/local/seeded-random.ts";
import { createSystemClock } from "./platform/local/system-clock.ts";
import { createSystemTimers } from "./platform/local/system-timers.ts";
import { Secret } from "./platform/secret.ts";

let house: TokenHouse;
let app: App;
let broker: Server;
/** What reached the broker. */
const reached: (string | undefined)[] = [];

beforeEach(async () => {
  house = openTokenHouse();
  reached.length = 0;
  broker = createServer((request, response) => {
    reached.push(request.url);
    response.writeHead(400).end();
  });
  await once(broker.listen(0, "127.0.0.1"), "listening");
  const { store, vault, clock } = house;
  const random = createSeededRandom("app");
  app = createApp(
    { store, vault, clock, random, bus: createNotedBus(), log: silentLog },
    {
      config: configSchema.parse({}),
      profile: "sandbox",
      build: "test",
      publicUrl: "https://openbell.example",
      chatId: 1,
      hosts: { etrade: brokerHosts, ctrader: nowhere },
      machineClock: createSystemClock(),
      timers: createSystemTimers(),
      http: createNodeHttp({ timers: createSystemTimers() }),
    },
  );
});
afterEach(async () => {
  broker.close();
  broker.closeAllConnections();
  await house.close();
});

function brokerHosts() {
  const origin = `http://127.0.0.1:${(broker.address() as AddressInfo).port}`;
  return { apiBaseUrl: origin, dataBaseUrl: origin, authorizeUrl: `${origin}/authorize` };
}

function nowhere(): never {
  throw new RangeError("No cTrader stands here.");
}

const GOOD_KEY = JSON.stringify({ key: "consumer", secret: "hidden" });

const enterKey = (text: string) =>
  replaceCredential(house, brokerCredentialName(house.connection.id), Secret.of(text));

function begin() {
  return app.services.begin({ connection: house.connection.id, actor: { kind: "page", session: "s1" } });
}

test.each([
  ["has not been entered", undefined, "CREDENTIAL_MISSING"],
  ["cannot be read", "not a key", "VAULT_CORRUPT"],
])("Renew names a broker key that %s, and costs no login of the day", async (_case, text, reason) => {
  if (text !== undefined) await enterKey(text);

  const begun = await begin();

  expect(begun).toEqual({
    ok: false,
    code: "BROKER_KEY_MISSING",
    detail: { connection: house.connection.id, reason },
  });
  const [status] = (await app.services.status()).connections;
  expect(status?.loginBudget.used).toBe(0);
});

test("the page says that the broker key is missing when the worker cannot confirm a token", async () => {
  await logIn(house);

  const acknowledged = await app.acknowledge(house.connection);

  expect(acknowledged).toMatchObject({ ok: false, code: "BROKER_KEY_MISSING" });
  const { connections, attention } = await app.services.status();
  expect(connections[0]?.trouble?.code).toBe("BROKER_KEY_MISSING");
  expect(attention.find((one) => one.kind === "not-acknowledged")?.text).toContain("consumer key");
});

test("a ping and a keep-alive name the missing broker key", async () => {
  await logIn(house);

  expect(await app.services.ping(house.connection.id)).toMatchObject({ code: "BROKER_KEY_MISSING" });
  expect(await app.services.balance(house.connection.id)).toMatchObject({ code: "BROKER_KEY_MISSING" });
  expect(await app.keep(house.connection, { isForced: true })).toEqual({
    did: "failed",
    code: "BROKER_KEY_MISSING",
  });
});

test("a broker key that is entered later serves the next call", async () => {
  const before = await begin();
  const reachedBefore = reached.length;
  await enterKey(GOOD_KEY);

  await begin();

  expect(before).toMatchObject({ code: "BROKER_KEY_MISSING" });
  expect(reachedBefore).toBe(0);
  expect(reached).toEqual([expect.stringContaining("/oauth/request_token")]);
});
