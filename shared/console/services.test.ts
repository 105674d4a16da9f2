import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { authorizerOf, logIn, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import type { BrokerAccounts } from "../brokers/broker-accounts.ts";
import { configSchema } from "../config/config.ts";
import { succeed } from "../platform/result.ts";
import { acknowledgeToken } from "../tokens/acknowledger.ts";
import { keepAlive } from "../tokens/keeper.ts";
import { createServices } from "./services.ts";

let house: TokenHouse;
beforeEach(async () => {
  house = openTokenHouse();
  await logIn(house);
  await acknowledgeToken(house.parts(), house.connection);
});
afterEach(() => house.close());

function services() {
  const parts = house.parts();
  const accounts: BrokerAccounts = {
    probe: (token) => house.issuer.probe(token),
    async balances(token) {
      const probed = await house.issuer.probe(token);
      return probed.ok ? succeed([]) : probed;
    },
  };
  return createServices({
    ...parts,
    config: configSchema.parse({}),
    profile: "sandbox",
    authorizer: authorizerOf(house),
    keep: (connection, how) => keepAlive(parts, connection, how),
    accountsOf: async () => accounts,
    post: async () => "sent",
    newId: () => "1",
    control: () => Promise.reject(new Error("not asked for")),
  });
}

const CALLS = ["ping", "balance"] as const;
const shown = async () => (await services().status()).connections[0];

test.each(CALLS)("a %s that the broker answers counts as a use", async (call) => {
  await house.clock.advanceBy(Temporal.Duration.from({ minutes: 10 }));

  const answered = await services()[call](house.connection.id);

  expect(answered.ok).toBe(true);
  expect((await shown())?.token.lastUsedAt).toBe("2026-11-23T13:41:00.000Z");
});

test.each(CALLS)("a %s that the broker refuses takes the green away at once", async (call) => {
  const before = await shown();
  house.issuer.alive.clear();

  const refused = await services()[call](house.connection.id);

  expect(before).toMatchObject({ acknowledged: true });
  expect(refused).toMatchObject({ ok: false, code: "BROKER_TOKEN_REJECTED" });
  expect(await shown()).toMatchObject({ acknowledged: false, token: { state: "rejected" } });
  expect(house.events.at(-1)?.kind).toBe("rejected");
});

test.each(CALLS)("a %s wakes a token that sleeps", async (call) => {
  house.issuer.asleep.add("token-1");

  const answered = await services()[call](house.connection.id);

  expect(answered.ok).toBe(true);
  expect(house.issuer.count("renew")).toBe(1);
});

test.each(CALLS)("a %s that fails for another reason says nothing of the token", async (call) => {
  house.issuer.failures.push({ method: "probe", code: "BROKER_UNAVAILABLE" });

  const failed = await services()[call](house.connection.id);

  expect(failed).toMatchObject({ ok: false, code: "BROKER_UNAVAILABLE" });
  expect(await shown()).toMatchObject({ acknowledged: true, token: { state: "active" } });
  expect(house.issuer.count("renew")).toBe(0);
});
