import { afterEach, beforeEach, expect, test } from "vitest";
import { readBrokerKey, readCredential, replaceCredential } from "../../shared/config/credentials.ts";
import { createSystemRandom } from "../../shared/platform/local/system-random.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { seedCredentials } from "./credentials.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const seed = (secret = "secret", botToken = "7:bot") =>
  seedCredentials(
    { ...house, random: createSystemRandom() },
    {
      botToken,
      perplexityKey: "pplx-simulated",
      brokerKeys: new Map([[house.connection.id, { key: "key", secret }]]),
    },
  );
const versionsOf = async () => ({
  bot: await house.vault.versions("telegram-bot"),
  broker: await house.vault.versions(`broker-${house.connection.id}`),
  session: await house.vault.versions("session-key"),
  webhook: await house.vault.versions("telegram-webhook"),
});

test("given credentials are put in force and random ones are made", async () => {
  const { webhookSecret } = await seed();

  const bot = await readCredential(house, "telegram-bot");
  const broker = await readBrokerKey(house, house.connection.id);
  const session = await readCredential(house, "session-key");
  expect(bot.ok && bot.value.reveal()).toBe("7:bot");
  expect(broker.ok && [broker.value.key, broker.value.secret.reveal()]).toEqual(["key", "secret"]);
  // 256 bits, in letters that Telegram takes.
  expect(session.ok && session.value.reveal()).toMatch(/^[\w-]{43}$/);
  expect(webhookSecret.reveal()).toMatch(/^[\w-]{43}$/);
  expect(session.ok && session.value.reveal()).not.toBe(webhookSecret.reveal());
});

test("a restart with the same credentials changes nothing, so that sessions and hooks stay good", async () => {
  const first = await seed();
  const before = await versionsOf();

  const second = await seed();

  expect(second.webhookSecret.reveal()).toBe(first.webhookSecret.reveal());
  expect(await versionsOf()).toEqual(before);
});

test("only a credential that changed is replaced", async () => {
  await seed();

  await seed("another");

  const broker = await readBrokerKey(house, house.connection.id);
  expect(broker.ok && broker.value.secret.reveal()).toBe("another");
  expect(await versionsOf()).toEqual({ bot: [1], broker: [2], session: [1], webhook: [1] });
});

test("the simulator's key is in force until the owner has entered one, which no start takes away", async () => {
  const before = await seed();
  const simulated = await readCredential(house, "perplexity");
  const again = await seed();
  await replaceCredential(house, "perplexity", Secret.of("pplx-own"));

  const after = await seed();

  const own = await readCredential(house, "perplexity");
  expect(simulated.ok && simulated.value.reveal()).toBe("pplx-simulated");
  expect(own.ok && own.value.reveal()).toBe("pplx-own");
  expect([before, again, after].map((one) => one.hasOwnPerplexityKey)).toEqual([false, false, true]);
});
