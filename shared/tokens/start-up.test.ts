import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { logIn, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import type { Connection } from "../config/connection.ts";
import { startUp } from "./start-up.ts";

let house: TokenHouse;

beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const start = (over: Partial<Connection> = {}) => startUp(house.parts(), { ...house.connection, ...over });

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
