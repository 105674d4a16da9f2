import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GOOD_PIN } from "../../tests/support/fake-issuer.ts";
import { createMortal, Death } from "../../tests/support/mortal.ts";
import { openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { Secret } from "../platform/secret.ts";
import { acknowledgeToken } from "./acknowledger.ts";
import { Authorizer } from "./authorizer.ts";
import { authorizations, tokens } from "./records.ts";
import { packToken, tokenSecretName } from "./token-payload.ts";

const OWNER = { kind: "page", session: "s1" } as const;
const CLAIM = Temporal.Duration.from({ seconds: 60 });
let house: TokenHouse;

beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

/** A process of its own: nothing but store, vault and broker is shared with others. */
function process(): Authorizer {
  return new Authorizer(house.parts());
}

async function open(): Promise<string> {
  const begun = await process().begin(house.connection.id, OWNER);
  if (!begun.ok) throw new Error(begun.code);
  return begun.value.id;
}

function enter(authorizer: Authorizer, authorization: string, pin = GOOD_PIN) {
  return authorizer.complete({
    connection: house.connection.id,
    authorization,
    pin: Secret.of(pin),
    actor: OWNER,
  });
}

const acknowledge = () => acknowledgeToken(house.parts(), house.connection);
const recorded = () => house.store.get(tokens, house.connection.id);
const loginOf = (id: string) => house.store.get(authorizations, id);
const tokenVersions = () => house.vault.versions(tokenSecretName(house.connection.id));
const passClaim = () => house.clock.advanceBy(CLAIM);

/** Enters the PIN in a process that dies at one point; returns what the process had done. */
async function dieEntering(login: string, death: { at: number; when: "before" | "after" }) {
  const mortal = createMortal(house, death);
  const outcome = await enter(new Authorizer(mortal.parts), login).catch((error: unknown) => error);
  return { mortal, outcome };
}

/** What a PIN that nothing disturbs does to the world. Pinned, so that no effect stays untested. */
const EFFECTS = [
  "add",
  "transact",
  "complete",
  "add",
  "transact",
  "publish",
  "destroy",
  "destroy",
  "audit",
] as const;

const POINTS = EFFECTS.flatMap((effect, index) =>
  (["before", "after"] as const).map((when) => ({ at: index + 1, when, effect })),
);
const isUnclaimed = ({ at, when }: (typeof POINTS)[number]) => at === 1 || (at === 2 && when === "before");
const isTokenLost = ({ at, when }: (typeof POINTS)[number]) =>
  (at === 3 && when === "after") || (at === 4 && when === "before");

test("entering a PIN has these effects in this order", async () => {
  const login = await open();
  const mortal = createMortal(house);

  await enter(new Authorizer(mortal.parts), login);

  expect(mortal.effects).toEqual(EFFECTS);
});

describe("a process that dies between the PIN and the end", () => {
  const finished = POINTS.filter((point) => !isUnclaimed(point) && !isTokenLost(point));
  test.each(finished)(
    "$when effect $at ($effect) is finished by the next one without a login",
    async (point) => {
      const login = await open();
      const { mortal } = await dieEntering(login, point);
      await passClaim();

      await process().recover();
      const acknowledged = await acknowledge();

      expect(mortal.isDead()).toBe(true);
      expect(acknowledged).toMatchObject({ ok: true, value: { acknowledgement: { generation: 1 } } });
      expect(await loginOf(login)).toMatchObject({ state: "completed", generation: 1 });
      expect(house.issuer.count("begin")).toBe(1);
      expect(house.events.map((event) => event.kind)).toEqual(["acknowledged"]);
    },
  );

  test.each(POINTS.filter(isUnclaimed))(
    "$when effect $at ($effect) leaves the login open, and the PIN can be entered again",
    async (point) => {
      const login = await open();
      await dieEntering(login, point);
      await passClaim();

      const settled = await process().recover();

      expect(settled).toBe(0);
      expect(house.issuer.count("complete")).toBe(0);
      expect(await recorded()).toBeUndefined();
      expect(await enter(process(), login)).toMatchObject({ ok: true, value: { generation: 1 } });
      expect(await acknowledge()).toMatchObject({ ok: true, value: { did: "acknowledged" } });
      expect(house.issuer.count("begin")).toBe(1);
    },
  );

  test.each(POINTS.filter(isTokenLost))(
    "$when effect $at ($effect) loses the token: the login is closed, the owner told once, a new login works",
    async (point) => {
      const login = await open();
      await dieEntering(login, point);
      await passClaim();

      await process().recover();
      await passClaim();
      await process().recover();

      expect(await loginOf(login)).toMatchObject({ state: "closed", closedBecause: "outcome-unknown" });
      expect(await recorded()).toBeUndefined();
      expect(await tokenVersions()).toEqual([]);
      expect(house.events).toMatchObject([{ kind: "login-failed", login, code: "AUTHORIZATION_LOST" }]);
      expect(await enter(process(), await open())).toMatchObject({ ok: true, value: { generation: 1 } });
    },
  );

  test.each(POINTS)(
    "$when effect $at ($effect) leaves two token versions at most, days later",
    async (point) => {
      await enter(process(), await open());
      await enter(process(), await open());
      await dieEntering(await open(), point);
      await passClaim();
      await process().recover();

      await enter(process(), await open());

      expect((await tokenVersions()).length).toBeLessThanOrEqual(2);
      expect(await tokenVersions()).toContain((await recorded())?.version);
    },
  );
});

describe("a recovering process that dies too", () => {
  const deaths = Array.from({ length: 9 }, (_, index) =>
    (["before", "after"] as const).map((when) => ({ at: index + 1, when })),
  ).flat();

  const before = deaths.flatMap((second) => [
    { ...second, first: "before the broker saw the PIN", dies: 2 },
    { ...second, first: "with the token in the vault", dies: 4 },
  ]);

  test.each(before)(
    "$when its effect $at, after a death $first, is followed by a third that finishes",
    async ({ at, when, dies }) => {
      const login = await open();
      await dieEntering(login, { at: dies, when: "after" });
      await passClaim();

      const mortal = createMortal(house, { at, when });
      await new Authorizer(mortal.parts).recover().catch((error: unknown) => error);
      await passClaim();
      await process().recover();

      const isBetweenBrokerAndVault = dies === 2 && (when === "after" ? at === 2 : at === 3);
      const end = await loginOf(login);
      if (isBetweenBrokerAndVault) {
        expect(end).toMatchObject({ state: "closed", closedBecause: "outcome-unknown" });
        expect(house.events).toMatchObject([{ kind: "login-failed", login }]);
      } else {
        expect(end).toMatchObject({ state: "completed", generation: 1 });
        expect(house.events).toEqual([]);
      }
      expect(end?.claim).toBeUndefined();
    },
  );

  test.each(deaths.slice(0, 8))(
    "$when its effect $at still tells the owner of a lost token",
    async (second) => {
      const login = await open();
      await dieEntering(login, { at: 3, when: "after" });
      await passClaim();

      const mortal = createMortal(house, second);
      await new Authorizer(mortal.parts).recover().catch((error: unknown) => error);
      await passClaim();
      await process().recover();

      const told = house.events.map((event) => event.kind === "login-failed" && event.login);
      expect(new Set(told)).toEqual(new Set([login]));
      expect(await loginOf(login)).toMatchObject({ state: "closed", closedBecause: "outcome-unknown" });
    },
  );
});

describe("two that finish one login", () => {
  test("two recovering at once, and again, bring one generation and one call", async () => {
    const login = await open();
    await dieEntering(login, { at: 2, when: "after" });
    await passClaim();

    const settled = await Promise.all([process().recover(), process().recover(), process().recover()]);
    const again = await process().recover();

    expect(settled.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect(again).toBe(0);
    expect(house.issuer.count("complete")).toBe(1);
    expect(await recorded()).toMatchObject({ generation: 1 });
    expect(await tokenVersions()).toEqual([1]);
  });

  test("a claim that lasts is left alone", async () => {
    const login = await open();
    await dieEntering(login, { at: 2, when: "after" });
    await house.clock.advanceBy(Temporal.Duration.from({ milliseconds: 19_999 }));

    expect(await process().recover()).toBe(0);
    expect(house.issuer.count("complete")).toBe(0);
  });

  /** The points at which the first process stops for longer than its claim, and then goes on. */
  const pauses = EFFECTS.slice(0, 6).flatMap((effect, index) =>
    (["before", "after"] as const).map((when) => ({ at: index + 1, when, effect })),
  );

  test.each(pauses)(
    "slow $when effect $at ($effect): one generation, and the token is there",
    async (pause) => {
      const login = await open();
      const slow = createSlow(pause);
      const entering = enter(new Authorizer(slow.parts), login);
      await slow.paused;
      await passClaim();

      await process().recover();
      await process().recover();
      slow.goOn();
      const outcome = await entering;

      expect(await recorded()).toMatchObject({ generation: 1, authorization: login });
      expect(outcome).toMatchObject({ ok: true, value: { generation: 1 } });
      expect(await loginOf(login)).toMatchObject({ state: "completed", generation: 1 });
      expect((await loginOf(login))?.closedBecause).toBeUndefined();
      expect(await acknowledge()).toMatchObject({ ok: true, value: { acknowledgement: { generation: 1 } } });
      expect(house.issuer.alive.size).toBe(1);
    },
  );

  test("a slow token that a newer login has overtaken neither replaces it nor counts", async () => {
    const first = await open();
    const slow = createSlow({ at: 4, when: "after" });
    const entering = enter(new Authorizer(slow.parts), first);
    await slow.paused;
    await passClaim();
    const second = await open();
    await enter(process(), second);

    slow.goOn();
    await entering;

    expect(await recorded()).toMatchObject({ generation: 1, authorization: second });
    expect(await loginOf(first)).toMatchObject({ state: "closed", closedBecause: "replaced" });
  });

  test("a login that has brought its generation never brings another, however late it is recorded again", async () => {
    const first = await open();
    const slow = createSlow({ at: 4, when: "after" });
    const entering = enter(new Authorizer(slow.parts), first);
    await slow.paused;
    await passClaim();
    await process().recover();
    // The same instant as the first token's: only the login's own record tells that it is done.
    await enter(process(), await open());

    slow.goOn();
    await entering;

    expect(await recorded()).toMatchObject({ generation: 2 });
    expect(await loginOf(first)).toMatchObject({ state: "completed", generation: 1 });
  });

  function createSlow(pause: { at: number; when: "before" | "after" }) {
    let resume = () => {};
    let arrived = () => {};
    const paused = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const going = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const { parts } = createMortal(house, {
      ...pause,
      onReached: async () => {
        arrived();
        await going;
      },
    });
    return { parts, paused, goOn: () => resume() };
  }
});

describe("a vault that answers badly", () => {
  test("an add that took effect although its answer was lost loses nothing", async () => {
    const login = await open();
    const parts = house.parts();
    let adds = 0;
    const vault = {
      ...boundVault(),
      add: async (...given: Parameters<typeof parts.vault.add>) => {
        const version = await parts.vault.add(...given);
        adds += 1;
        if (adds === 2) throw new Error("connection reset");
        return version;
      },
    };

    const outcome = await enter(new Authorizer({ ...parts, vault }), login);

    expect(outcome).toMatchObject({ ok: true, value: { generation: 1 } });
    expect(await acknowledge()).toMatchObject({ ok: true, value: { did: "acknowledged" } });
    expect(house.issuer.count("begin")).toBe(1);
  });

  test("an add that took effect in a process that then died is found by its login", async () => {
    const login = await open();
    await dieEntering(login, { at: 4, when: "after" });
    await passClaim();

    await process().recover();

    expect(house.issuer.count("complete")).toBe(1);
    expect(await recorded()).toMatchObject({ generation: 1, version: 1, authorization: login });
  });

  test("a clean-up that fails fails nobody and is made good by the next login", async () => {
    const vault = { ...boundVault(), destroy: () => Promise.reject(new Error("no rights")) };
    for (let day = 0; day < 3; day += 1) {
      const outcome = await enter(new Authorizer({ ...house.parts(), vault }), await open());
      expect(outcome).toMatchObject({ ok: true });
    }

    await enter(process(), await open());

    expect(await tokenVersions()).toEqual([3, 4]);
  });

  function boundVault() {
    const { vault } = house;
    return {
      add: vault.add.bind(vault),
      read: vault.read.bind(vault),
      destroy: vault.destroy.bind(vault),
      versions: vault.versions.bind(vault),
    };
  }
});

test("an exchange that takes 50 seconds is left to its process: no recovery calls it lost", async () => {
  const login = await open();
  const parts = house.parts();
  const slow = Object.assign(Object.create(parts.issuer), {
    complete: async (...given: Parameters<typeof parts.issuer.complete>) => {
      const token = await parts.issuer.complete(...given);
      await house.clock.advanceBy(Temporal.Duration.from({ seconds: 50 }));
      await process().recover();
      return token;
    },
  });

  const outcome = await enter(new Authorizer({ ...parts, issuerOf: async () => slow }), login);

  expect(outcome).toMatchObject({ ok: true, value: { generation: 1 } });
  expect(house.issuer.count("complete")).toBe(1);
  expect(house.events).toEqual([]);
});

test("a process that got no verdict leaves its login to others after ten seconds, not after the whole claim", async () => {
  const login = await open();
  house.issuer.failures.push({ method: "complete", code: "BROKER_TIMEOUT" });
  await enter(process(), login);
  await house.clock.advanceBy(Temporal.Duration.from({ seconds: 9 }));
  const early = await process().recover();
  house.issuer.failures.push({ method: "complete", code: "BROKER_TIMEOUT" });
  await house.clock.advanceBy(Temporal.Duration.from({ seconds: 1 }));
  const silent = await process().recover();
  await house.clock.advanceBy(Temporal.Duration.from({ seconds: 10 }));
  const settled = await process().recover();

  expect([early, silent, settled]).toEqual([0, 0, 1]);
  expect(await loginOf(login)).toMatchObject({ state: "completed" });
});

describe("a broker that gives no verdict", () => {
  test.each(["BROKER_UNREACHABLE", "BROKER_TIMEOUT", "BROKER_UNAVAILABLE"] as const)(
    "%s while recovering keeps the PIN for the next look",
    async (code) => {
      const login = await open();
      await dieEntering(login, { at: 2, when: "after" });
      await passClaim();
      house.issuer.failures.push({ method: "complete", code });

      const first = await process().recover();
      await passClaim();
      const second = await process().recover();

      expect([first, second]).toEqual([0, 1]);
      expect(await loginOf(login)).toMatchObject({ state: "completed", generation: 1 });
    },
  );

  test("once the broker has forgotten the login it is closed and the owner told, not asked for ever", async () => {
    const login = await open();
    await dieEntering(login, { at: 2, when: "after" });
    await house.clock.advanceBy(Temporal.Duration.from({ minutes: 5 }));
    house.issuer.failures.push({ method: "complete", code: "BROKER_TIMEOUT" });

    await process().recover();
    await passClaim();
    const again = await process().recover();

    expect(again).toBe(0);
    expect(house.issuer.count("complete")).toBe(1);
    expect(await loginOf(login)).toMatchObject({ state: "closed", closedBecause: "outcome-unknown" });
    expect(house.events).toMatchObject([{ kind: "login-failed", login }]);
  });

  test("one login that makes trouble does not keep another connection's waiting", async () => {
    const parts = house.parts();
    const other = { ...house.connection, id: "etrade-sandbox" as typeof house.connection.id };
    const both = { ...parts, connections: [other, house.connection] };
    const elsewhere = await new Authorizer(both).begin(other.id, OWNER);
    if (!elsewhere.ok) throw new Error(elsewhere.code);
    const mortal = createMortal(house, { at: 2, when: "after" });
    const dying = new Authorizer({ ...mortal.parts, connections: both.connections });
    const pin = Secret.of(GOOD_PIN);
    const entry = { connection: other.id, authorization: elsewhere.value.id, pin, actor: OWNER };
    await expect(dying.complete(entry)).rejects.toThrow(Death);
    await dieEntering(await open(), { at: 2, when: "after" });
    await passClaim();

    const settled = await new Authorizer({
      ...both,
      issuerOf: async (connection) => {
        if (connection.id === other.id) throw new Error("no broker key has been entered");
        return parts.issuer;
      },
    }).recover();

    expect(settled).toBe(1);
    expect(await recorded()).toMatchObject({ generation: 1 });
  });
});

test("a wrong PIN for a login that a newer one has replaced does not open it again", async () => {
  const first = await open();
  const parts = house.parts();
  const issuer = parts.issuer;
  let second = "";
  const slow = new Proxy(issuer, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (property !== "complete") return typeof member === "function" ? member.bind(target) : member;
      return async (...given: Parameters<typeof issuer.complete>) => {
        second = await open();
        return issuer.complete(...given);
      };
    },
  });

  const outcome = await enter(new Authorizer({ ...parts, issuerOf: async () => slow }), first, "WRONG");

  expect(outcome).toMatchObject({ ok: false, code: "AUTHORIZATION_CLOSED" });
  expect(await loginOf(first)).toMatchObject({ state: "closed", closedBecause: "replaced", attempts: 1 });
  expect(await loginOf(second)).toMatchObject({ state: "open" });
});

test("a token that another login left in the vault is not taken for this one's", async () => {
  await dieEntering(await open(), { at: 2, when: "after" });
  const token = Secret.of("of another login");
  const stray = packToken({ authorization: "another", issuedAt: house.clock.now().toString(), token });
  await house.vault.add(tokenSecretName(house.connection.id), stray);
  await passClaim();

  await process().recover();

  expect(house.issuer.count("complete")).toBe(1);
  expect(await recorded()).toMatchObject({ generation: 1, version: 2 });
});
