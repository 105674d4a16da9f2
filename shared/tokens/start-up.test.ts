import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { logIn, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import type { Connection } from "../config/connection.ts";
import { acknowledgementId } from "./acknowledger.ts";
import { acknowledgements } from "./records.ts";
import { startUp } from "./start-up.ts";

let house: TokenHouse;

beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const start = (over: Pick<Connection, "account"> = {}) =>
  startUp(house.parts(), { ...house.connection, ...over });

test("a token that works makes a connection ready on the broker's first account, by a real call", async () => {
  await logIn(house);

  expect(await start()).toEqual({ kind: "ready", generation: 1, account: "1111" });
  expect(house.issuer.count("probe")).toBeGreaterThan(0);
});

test("a start tries the token again although it was acknowledged before", async () => {
  await logIn(house);
  await start();
  const before = house.issuer.count("probe");

  await start();

  expect(house.issuer.count("probe")).toBe(before + 1);
});

test("a sleeping token is renewed first", async () => {
  await logIn(house);
  house.issuer.asleep.add("token-1");
  await house.clock.advanceBy(Temporal.Duration.from({ hours: 3 }));

  expect(await start()).toMatchObject({ kind: "ready" });
  expect(house.issuer.count("renew")).toBe(1);
});

test("no token, a dead one and a refused one stop the connection without an account", async () => {
  const missing = await start();
  await logIn(house);
  house.issuer.alive.clear();
  const refused = await start();
  await house.clock.advanceTo(Temporal.Instant.from("2026-11-24T05:00:00Z"));
  const calls = house.issuer.calls.length;
  const dead = await start();

  expect(missing).toEqual({ kind: "stopped", reason: "no-live-token" });
  expect(refused).toEqual({ kind: "stopped", reason: "BROKER_TOKEN_REJECTED" });
  expect(dead).toEqual({ kind: "stopped", reason: "no-live-token" });
  expect(house.issuer.calls).toHaveLength(calls);
});

test("a broker that cannot be reached stops the connection, and says why", async () => {
  await logIn(house);
  house.issuer.failures.push({ method: "probe", code: "BROKER_UNREACHABLE" });

  expect(await start()).toEqual({ kind: "stopped", reason: "BROKER_UNREACHABLE" });
});

test("the configured account is the one that is used, and one that does not answer stops the connection", async () => {
  await logIn(house);
  const foreign = await start({ account: "9999" });
  const own = await start({ account: "2222" });

  expect(foreign).toEqual({ kind: "stopped", reason: "ACCOUNT_MISSING" });
  expect(own).toEqual({ kind: "ready", generation: 1, account: "2222" });
});

const acknowledgement = () =>
  house.store.get(acknowledgements, acknowledgementId(house.connection.id, "worker"));

async function holdKeeperLease() {
  const ttl = Temporal.Duration.from({ minutes: 3 });
  await house.parts().leases.acquire(`keeper:${house.connection.id}`, { ttl });
}

test("an old acknowledgement makes nothing ready while another process keeps the token: the start calls by itself", async () => {
  await logIn(house);
  await start();
  await holdKeeperLease();
  const before = house.issuer.count("probe");

  const alive = await start();
  house.issuer.alive.clear();
  const dead = await start();

  expect(alive).toMatchObject({ kind: "ready" });
  expect(dead).toEqual({ kind: "stopped", reason: "BROKER_TOKEN_REJECTED" });
  expect(house.issuer.count("probe")).toBe(before + 2);
});

test("another account in the configuration is acknowledged anew, and the owner is not told twice", async () => {
  await logIn(house);
  await start();

  const outcome = await start({ account: "2222" });

  expect(outcome).toEqual({ kind: "ready", generation: 1, account: "2222" });
  expect(await acknowledgement()).toMatchObject({ generation: 1, account: "2222" });
  expect(house.events).toHaveLength(1);
});

test("a configured account that does not answer takes the acknowledgement back until it does", async () => {
  await logIn(house);
  await start();

  const missing = await start({ account: "9999" });
  const without = await acknowledgement();
  const found = await start({ account: "1111" });

  expect(missing).toEqual({ kind: "stopped", reason: "ACCOUNT_MISSING" });
  expect(without).toBeUndefined();
  expect(found).toEqual({ kind: "ready", generation: 1, account: "1111" });
});

test("a start that a login overtakes is ready on the new token", async () => {
  await logIn(house);
  const parts = house.parts();
  let isOvertaken = false;
  const issuer = Object.assign(Object.create(house.issuer), {
    probe: async (...given: Parameters<typeof house.issuer.probe>) => {
      const answer = await house.issuer.probe(...given);
      if (!isOvertaken) {
        isOvertaken = true;
        await logIn(house);
      }
      return answer;
    },
  });

  const outcome = await startUp({ ...parts, issuerOf: async () => issuer }, house.connection);

  expect(outcome).toMatchObject({ kind: "ready", generation: 2 });
});
