import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { logIn, MORNING, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import type { BrokerCallFailure } from "../brokers/token-issuer.ts";
import { keepAlive } from "./keeper.ts";
import { keepAlives, tokens } from "./records.ts";
import { readTokenPayload } from "./token-payload.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

/** One call of the scheduler, in a process of its own. */
const keep = (isForced = false) => keepAlive(house.parts(), house.connection, { isForced });
const wait = (minutes: number) => house.clock.advanceBy(Temporal.Duration.from({ minutes }));
const record = () => house.store.get(tokens, house.connection.id);
const counters = () => house.store.get(keepAlives, house.connection.id);
const calls = () => house.issuer.calls.filter((one) => one === "probe" || one === "renew");

function failNext(count: number, code: BrokerCallFailure = "BROKER_UNREACHABLE") {
  for (let one = 0; one < count; one += 1) house.issuer.failures.push({ method: "probe", code });
}

/** Looks every five minutes, as the retry's pause allows. */
async function keepEveryFiveMinutes(times: number) {
  for (let one = 0; one < times; one += 1) {
    await keep();
    await wait(5);
  }
}

const warnings = () => house.events.filter((event) => event.kind === "keep-alive-failing");
/** An alert exists once for each of these. */
const streaks = () => new Set(warnings().map((event) => event.kind === "keep-alive-failing" && event.streak));

describe("a token that is used", () => {
  test("is left alone until it has been idle for 75 minutes, then called once", async () => {
    await logIn(house);
    await house.clock.advanceBy(Temporal.Duration.from({ minutes: 74, seconds: 59 }));
    const early = await keep();
    await house.clock.advanceBy(Temporal.Duration.from({ seconds: 1 }));
    const due = await keep();
    const again = await keep();

    expect(early).toEqual({ did: "nothing", reason: "fresh" });
    expect(due).toEqual({ did: "kept", isRenewed: false });
    expect(again).toEqual({ did: "nothing", reason: "fresh" });
    expect(calls()).toEqual(["probe"]);
    expect((await record())?.lastUsedAt).toEqual(MORNING.add({ minutes: 75 }));
    expect(await counters()).toMatchObject({ failuresInRow: 0, lastOutcome: "ok" });
  });

  test("is called once by any number of calls at the same time", async () => {
    await logIn(house);
    await wait(75);

    const outcomes = await Promise.all([keep(), keep(), keep(), keep()]);

    expect(outcomes.filter((one) => one.did === "kept")).toHaveLength(1);
    expect(calls()).toEqual(["probe"]);
  });

  test("is called when the owner forces it, however fresh it is", async () => {
    await logIn(house);

    expect(await keep(true)).toEqual({ did: "kept", isRenewed: false });
    expect(calls()).toEqual(["probe"]);
  });
});

describe("a token that sleeps", () => {
  test("is renewed and then proven after two idle hours", async () => {
    await logIn(house);
    house.issuer.asleep.add("token-1");
    await wait(120);

    expect(await keep()).toEqual({ did: "kept", isRenewed: true });
    expect(calls()).toEqual(["renew", "probe"]);
    expect(await record()).toMatchObject({
      generation: 1,
      lastUsedAt: MORNING.add({ minutes: 120 }),
      lastRenewedAt: MORNING.add({ minutes: 120 }),
    });
  });

  test("that fell asleep early is renewed once when a call shows it", async () => {
    await logIn(house);
    house.issuer.asleep.add("token-1");
    await wait(75);

    expect(await keep()).toEqual({ did: "kept", isRenewed: true });
    expect(calls()).toEqual(["probe", "renew", "probe"]);
  });

  test.each(["BROKER_TOKEN_REJECTED", "BROKER_TOKEN_EXPIRED"] as const)(
    "that answers %s and refuses renewal is rejected, told once and not called again",
    async (code) => {
      await logIn(house);
      await wait(75);
      failNext(1, code);
      house.issuer.alive.clear();

      const outcome = await keep();
      await wait(10);
      const later = await keep(true);

      expect(outcome).toEqual({ did: "failed", code: "BROKER_TOKEN_REJECTED" });
      expect(later).toEqual({ did: "nothing", reason: "rejected" });
      expect(calls()).toEqual(["probe", "renew"]);
      expect((await record())?.rejected).toMatchObject({ code: "BROKER_TOKEN_REJECTED" });
      expect(house.events).toMatchObject([{ kind: "rejected", generation: 1 }]);
    },
  );

  test("that is refused is told although the process dies while telling", async () => {
    await logIn(house);
    await wait(75);
    house.issuer.alive.clear();
    const dying = { ...house.parts(), announce: () => Promise.reject(new Error("killed")) };

    await expect(keepAlive(dying, house.connection, { isForced: false })).rejects.toThrow("killed");
    await wait(5);
    await keep();

    expect(house.events).toMatchObject([{ kind: "rejected", generation: 1 }]);
  });
});

describe("a broker in trouble", () => {
  test.each(["BROKER_UNREACHABLE", "BROKER_TIMEOUT", "BROKER_UNAVAILABLE", "BROKER_RATE_LIMITED"] as const)(
    "%s counts as a failure, rejects nothing and is tried again after five minutes",
    async (code) => {
      await logIn(house);
      await wait(75);
      failNext(1, code);

      const failed = await keep();
      await house.clock.advanceBy(Temporal.Duration.from({ minutes: 4, seconds: 59 }));
      const waiting = await keep();
      await house.clock.advanceBy(Temporal.Duration.from({ seconds: 1 }));
      const again = await keep();

      expect(failed).toEqual({ did: "failed", code });
      expect(waiting).toEqual({ did: "nothing", reason: "waiting" });
      expect(again).toEqual({ did: "kept", isRenewed: false });
      expect((await record())?.rejected).toBeUndefined();
      expect(warnings()).toEqual([]);
    },
  );

  test("the owner is warned at the third failure in a row, once a streak, and anew in the next", async () => {
    await logIn(house);
    await wait(75);

    failNext(2);
    await keepEveryFiveMinutes(2);
    expect(streaks().size).toBe(0);
    failNext(3);
    await keepEveryFiveMinutes(3);
    expect(streaks().size).toBe(1);
    expect(warnings()[0]).toMatchObject({ failuresInRow: 3, code: "BROKER_UNREACHABLE" });

    await keep();
    expect(await counters()).toMatchObject({ failuresInRow: 0 });
    await wait(75);
    failNext(4);
    await keepEveryFiveMinutes(4);
    expect(streaks().size).toBe(2);
  });

  test("two failures and a success are no streak", async () => {
    await logIn(house);
    await wait(75);
    for (let round = 0; round < 3; round += 1) {
      failNext(2);
      await keepEveryFiveMinutes(3);
      await wait(75);
    }

    expect(warnings()).toEqual([]);
  });

  test("forcing does not wait for the pause after a failure", async () => {
    await logIn(house);
    failNext(1);
    await keep(true);

    expect(await keep(true)).toEqual({ did: "kept", isRenewed: false });
  });

  test("a fault of our own counts like the broker's, and warns like it", async () => {
    await logIn(house);
    await wait(75);
    const broken = { ...house.parts(), issuerOf: () => Promise.reject(new Error("no broker key")) };

    for (let one = 0; one < 3; one += 1) {
      expect(await keepAlive(broken, house.connection, { isForced: false })).toEqual({
        did: "failed",
        code: "INTERNAL",
      });
      await wait(5);
    }

    expect(warnings()).toMatchObject([{ code: "INTERNAL", failuresInRow: 3 }]);
  });

  test("failures of yesterday's token are not counted against today's", async () => {
    await logIn(house);
    failNext(2);
    await keep(true);
    await keep(true);
    await logIn(house);

    failNext(1);
    await keep(true);

    expect(await counters()).toMatchObject({ generation: 2, failuresInRow: 1 });
    expect(warnings()).toEqual([]);
  });
});

describe("midnight in New York", () => {
  /** Wall clock of the login and of the end of its day, across both changes of the clock. */
  const nights = [
    ["an ordinary night", "2026-11-23T13:31:00Z", "2026-11-24T05:00:00Z"],
    ["the day the clock goes forward", "2026-03-08T06:30:00Z", "2026-03-09T04:00:00Z"],
    ["the night before the clock goes forward", "2026-03-07T20:00:00Z", "2026-03-08T05:00:00Z"],
    ["the day the clock goes back", "2026-11-01T04:30:00Z", "2026-11-02T05:00:00Z"],
    ["the night before the clock goes back", "2026-10-31T20:00:00Z", "2026-11-01T04:00:00Z"],
  ] as const;

  test.each(nights)("ends the token for good: %s", async (_, loggedIn, midnight) => {
    await house.close();
    house = openTokenHouse(Temporal.Instant.from(loggedIn));
    await logIn(house);
    const end = Temporal.Instant.from(midnight);

    const outcomes: string[] = [];
    while (Temporal.Instant.compare(house.clock.now(), end.add({ hours: 3 })) < 0) {
      await wait(10);
      outcomes.push((await keep()).did);
    }
    await keep(true);

    const late = house.issuer.uses.filter((use) => Temporal.Instant.compare(use.at, end) >= 0);
    const last = house.issuer.uses.at(-1)?.at ?? MORNING;
    expect(late).toEqual([]);
    expect(last.until(end).total("minutes")).toBeLessThanOrEqual(85);
    expect(outcomes.filter((did) => did === "noted-death")).toHaveLength(1);
    expect(house.audited.filter((fact) => fact.action === "token-died")).toHaveLength(1);
    expect(house.events).toEqual([]);
  });

  test("is not answered by a renewal that a call before midnight asked for", async () => {
    await house.close();
    house = openTokenHouse(Temporal.Instant.from("2026-11-24T04:59:59Z"));
    await logIn(house);
    const parts = house.parts();
    const issuer = Object.assign(Object.create(house.issuer), {
      probe: async (...given: Parameters<typeof house.issuer.probe>) => {
        await house.clock.advanceBy(Temporal.Duration.from({ seconds: 2 }));
        house.issuer.alive.clear();
        return house.issuer.probe(...given);
      },
      renew: house.issuer.renew.bind(house.issuer),
    });

    const outcome = await keepAlive({ ...parts, issuerOf: async () => issuer }, house.connection, {
      isForced: true,
    });

    expect(outcome).toEqual({ did: "noted-death" });
    expect(house.issuer.count("renew")).toBe(0);
    expect((await record())?.rejected).toBeUndefined();
    expect(house.events).toEqual([]);
  });
});

describe("the lease", () => {
  const NAME = () => `keeper:${house.connection.id}`;

  test("held by another process means that nothing is called", async () => {
    await logIn(house);
    await wait(75);
    const { leases } = house.parts();
    await leases.acquire(NAME(), { ttl: Temporal.Duration.from({ seconds: 180 }) });

    expect(await keep()).toEqual({ did: "nothing", reason: "someone-else-is-at-it" });
    expect(calls()).toEqual([]);
  });

  test("that a killed process left behind ends by itself", async () => {
    await logIn(house);
    await wait(75);
    const { leases } = house.parts();
    await leases.acquire(NAME(), { ttl: Temporal.Duration.from({ seconds: 180 }) });
    await house.clock.advanceBy(Temporal.Duration.from({ seconds: 180 }));

    expect(await keep()).toEqual({ did: "kept", isRenewed: false });
  });

  test("outlasts a keeping that takes almost three minutes", async () => {
    await logIn(house);
    await wait(75);
    let meanwhile: unknown;
    const issuer = Object.assign(Object.create(house.issuer), {
      probe: async (...given: Parameters<typeof house.issuer.probe>) => {
        await house.clock.advanceBy(Temporal.Duration.from({ seconds: 179 }));
        meanwhile = await keep();
        return house.issuer.probe(...given);
      },
    });

    await keepAlive({ ...house.parts(), issuerOf: async () => issuer }, house.connection, {
      isForced: false,
    });

    expect(meanwhile).toEqual({ did: "nothing", reason: "someone-else-is-at-it" });
  });

  test("of a slow holder can be taken over: both end well, and the successor's lease stays its own", async () => {
    await logIn(house);
    await wait(75);
    const parts = house.parts();
    let successor: unknown;
    const issuer = Object.assign(Object.create(house.issuer), {
      probe: async (...given: Parameters<typeof house.issuer.probe>) => {
        await house.clock.advanceBy(Temporal.Duration.from({ seconds: 181 }));
        successor = await keep();
        return house.issuer.probe(...given);
      },
    });

    const slow = await keepAlive({ ...parts, issuerOf: async () => issuer }, house.connection, {
      isForced: false,
    });

    expect(successor).toEqual({ did: "kept", isRenewed: false });
    expect(slow).toEqual({ did: "kept", isRenewed: false });
    expect(await counters()).toMatchObject({ failuresInRow: 0 });
  });
});

describe("a broker that replaces the token on renewal", () => {
  test("has the new one stored, recorded as the next generation, announced to readers and proven", async () => {
    await logIn(house);
    house.issuer.isReplacing = true;
    await wait(120);

    const outcome = await keep();

    expect(outcome).toEqual({ did: "kept", isRenewed: true });
    expect(await record()).toMatchObject({ generation: 2, version: 2, lastRenewedAt: house.clock.now() });
    const payload = await readTokenPayload(house.vault, house.connection.id, 2);
    expect(payload.ok && payload.value.token.reveal()).toBe("token-2");
    expect(house.bus.published.at(-1)).toEqual({
      connection: house.connection.id,
      generation: 2,
      version: 2,
    });
    expect(house.issuer.uses.at(-1)).toMatchObject({ method: "probe", token: "token-2", isAnswered: true });
    expect(await counters()).toMatchObject({ generation: 2, lastOutcome: "ok" });
  });

  test("never has it used before it is stored, and its loss is told", async () => {
    await logIn(house);
    house.issuer.isReplacing = true;
    await wait(120);
    const parts = house.parts();
    const vault = {
      add: () => Promise.reject(new Error("vault away")),
      read: house.vault.read.bind(house.vault),
      destroy: house.vault.destroy.bind(house.vault),
      versions: house.vault.versions.bind(house.vault),
    };

    const lost = await keepAlive({ ...parts, vault }, house.connection, { isForced: false });
    await wait(5);
    await keep();

    expect(lost).toEqual({ did: "failed", code: "INTERNAL" });
    expect(house.issuer.uses.filter((use) => use.token === "token-2")).toEqual([]);
    expect(house.events).toMatchObject([{ kind: "rejected", generation: 1 }]);
  });

  test("does not undo a login that brought a newer token meanwhile", async () => {
    await logIn(house);
    house.issuer.isReplacing = true;
    await wait(120);
    const issuer = Object.assign(Object.create(house.issuer), {
      renew: async (...given: Parameters<typeof house.issuer.renew>) => {
        await logIn(house);
        return house.issuer.renew(...given);
      },
    });

    await keepAlive({ ...house.parts(), issuerOf: async () => issuer }, house.connection, {
      isForced: false,
    });

    const current = await record();
    const payload = await readTokenPayload(house.vault, house.connection.id, current?.version ?? 0);
    expect(current?.generation).toBe(2);
    expect(payload.ok && payload.value.token.reveal()).toBe("token-2");
    expect(house.issuer.uses.filter((use) => use.token === "token-3")).toEqual([]);
  });
});
