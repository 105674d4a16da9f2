import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CtraderHouse, grantOnce, openCtraderHouse } from "../../tests/support/ctrader-house.ts";
import { createMortal } from "../../tests/support/mortal.ts";
import { MORNING } from "../../tests/support/token-house.ts";
import { unpackGrant } from "../brokers/ctrader/oauth/token.ts";
import { noAnswer } from "../platform/testing/http-answers.ts";
import { acknowledgeToken } from "./acknowledger.ts";
import { keepAlive } from "./keeper.ts";
import { keepAlives, tokens } from "./records.ts";
import { startUp } from "./start-up.ts";
import { readTokenPayload } from "./token-payload.ts";

const LIFE = Temporal.Duration.from({ seconds: 2_628_000 });
/** 80 % of a life. */
const DUE = MORNING.add({ seconds: 2_102_400 });

let house: CtraderHouse;
beforeEach(() => {
  house = openCtraderHouse();
});
afterEach(() => house.close());

const keep = (refusedGeneration?: number) =>
  keepAlive(house.parts(), house.connection, {
    isForced: refusedGeneration !== undefined,
    ...(refusedGeneration !== undefined && { refusedGeneration }),
  });
const record = () => house.store.get(tokens, house.connection.id);
const counters = () => house.store.get(keepAlives, house.connection.id);
const refreshes = () => house.broker.calls.filter((one) => one === "GET refresh_token").length;
const until = (instant: Temporal.Instant) => house.clock.advanceTo(instant);
const wait = (minutes: number) => house.clock.advanceBy(Temporal.Duration.from({ minutes }));
const lost = noAnswer("ECONNRESET");
const told = () => house.events.map((event) => [event.kind, "code" in event ? event.code : undefined]);

/** Whether the recorded token is one that the broker takes. */
async function isRecordedTokenGood(): Promise<boolean> {
  const payload = await readTokenPayload(house.vault, house.connection.id, (await record())?.version ?? 0);
  return payload.ok && (await house.grants.probe(payload.value.token)).ok;
}

describe("a grant", () => {
  test("is good for as long as the broker said", async () => {
    await grantOnce(house);

    expect((await record())?.expiresAt).toEqual(MORNING.add(LIFE));
  });

  test("needs no calls to stay alive, and is refreshed once at 80 % of its life", async () => {
    await grantOnce(house);
    house.broker.calls.length = 0;
    await until(DUE.subtract({ seconds: 1 }));
    const early = await keep();
    const callsEarly = house.broker.calls.length;

    await until(DUE);
    const due = await keep();
    const again = await keep();

    expect([early, callsEarly]).toEqual([{ did: "nothing", reason: "fresh" }, 0]);
    expect(due).toEqual({ did: "kept", isRenewed: true });
    expect(again).toEqual({ did: "nothing", reason: "fresh" });
    expect(refreshes()).toBe(1);
    expect(await record()).toMatchObject({ generation: 2, issuedAt: DUE, expiresAt: DUE.add(LIFE) });
    expect(await isRecordedTokenGood()).toBe(true);
  });

  test("wakes its readers when another takes its place", async () => {
    await grantOnce(house);
    await until(DUE);

    await keep();

    expect(house.bus.published.at(-1)).toMatchObject({ generation: 2 });
  });

  test("that nobody refreshed in time is refreshed after its end all the same", async () => {
    await grantOnce(house);
    await until(MORNING.add({ hours: 24 * 90 }));

    expect(await keep()).toEqual({ did: "kept", isRenewed: true });
    expect(await isRecordedTokenGood()).toBe(true);
  });

  test("past its end makes a worker that starts refresh it first", async () => {
    await grantOnce(house);
    await until(MORNING.add({ hours: 24 * 90 }));

    expect(await startUp(house.parts(), house.connection)).toMatchObject({ kind: "ready", generation: 2 });
  });

  test("that has ended and cannot be refreshed is told once and left alone", async () => {
    await grantOnce(house);
    house.broker.forgetGrants();
    await until(MORNING.add({ hours: 24 * 90 }));

    const outcomes = [await keep(), await keep()];

    expect(outcomes).toEqual([{ did: "noted-death" }, { did: "nothing", reason: "expired" }]);
    expect(told()).toEqual([["rejected", "BROKER_TOKEN_REJECTED"]]);
    expect(refreshes()).toBe(1);
  });
});

describe("two at once", () => {
  test("refresh a generation once, whoever asks", async () => {
    await grantOnce(house);
    await until(DUE);

    const outcomes = await Promise.all([keep(), keep(1), keep(), keep(1)]);

    expect(refreshes()).toBe(1);
    expect(outcomes.filter((one) => one.did === "kept")).toHaveLength(1);
    expect((await record())?.generation).toBe(2);
  });

  test("of which one is late leave the token of the other alone", async () => {
    await grantOnce(house);
    house.broker.breakAccess();
    await keep(1);

    const late = await keep(1);

    expect(late).toEqual({ did: "nothing", reason: "replaced" });
    expect(refreshes()).toBe(1);
    expect((await record())?.rejected).toBeUndefined();
  });
});

describe("a refusal by the broker", () => {
  test("of the stored generation has it refreshed, once", async () => {
    await grantOnce(house);
    house.broker.breakAccess();

    const acknowledged = await acknowledgeToken(house.parts(), house.connection);

    expect(acknowledged).toMatchObject({ ok: true, value: { did: "acknowledged" } });
    expect(refreshes()).toBe(1);
    expect((await record())?.generation).toBe(2);
  });

  test("of a generation that another has replaced meanwhile refreshes nothing", async () => {
    await grantOnce(house);
    await until(DUE);
    await keep();
    const before = refreshes();

    expect(await keep(1)).toEqual({ did: "nothing", reason: "replaced" });
    expect(refreshes()).toBe(before);
  });

  test("that is only somebody's fear costs a probe and no refresh", async () => {
    await grantOnce(house);

    expect(await keepAlive(house.parts(), house.connection, { isForced: true })).toEqual({
      did: "kept",
      isRenewed: false,
    });
    expect(refreshes()).toBe(0);
  });

  test("of token and refresh alike makes the token rejected and is told", async () => {
    await grantOnce(house);
    house.broker.forgetGrants();
    house.broker.breakAccess();

    expect(await keep(1)).toEqual({ did: "failed", code: "BROKER_TOKEN_REJECTED" });
    expect((await record())?.rejected?.code).toBe("BROKER_TOKEN_REJECTED");
    expect(told()).toEqual([["rejected", "BROKER_TOKEN_REJECTED"]]);
  });

  test("of the refresh alone leaves a token in force that still answers, and is told once", async () => {
    await grantOnce(house);
    house.broker.forgetGrants();
    await until(DUE);

    const outcomes = [];
    for (let look = 0; look < 4; look += 1) {
      outcomes.push(await keep());
      await wait(5);
    }

    expect(outcomes[0]).toEqual({ did: "failed", code: "RENEWAL_REFUSED" });
    expect(outcomes.slice(1)).toEqual(Array(3).fill({ did: "nothing", reason: "waiting" }));
    expect((await record())?.rejected).toBeUndefined();
    expect(told()).toEqual([["keep-alive-failing", "RENEWAL_REFUSED"]]);
    expect(house.events[0]).toMatchObject({ endsAt: MORNING.add(LIFE) });
  });
});

describe("a refresh whose answer is lost", () => {
  test("is told at once, and settled by the next look: the grant is gone", async () => {
    await grantOnce(house);
    await until(DUE);
    house.broker.nextReply = lost;

    const first = await keep();
    const meanwhile = await keep();
    await wait(5);
    const second = await keep();

    expect(first).toEqual({ did: "failed", code: "RENEWAL_OUTCOME_UNKNOWN" });
    expect(meanwhile).toEqual({ did: "nothing", reason: "waiting" });
    expect(second).toEqual({ did: "failed", code: "BROKER_TOKEN_REJECTED" });
    expect(told()).toEqual([
      ["keep-alive-failing", "RENEWAL_OUTCOME_UNKNOWN"],
      ["rejected", "BROKER_TOKEN_REJECTED"],
    ]);
  });

  test("and that the broker had never looked at is made good by the next look", async () => {
    await grantOnce(house);
    await until(DUE);
    house.broker.isDeaf = true;
    house.broker.nextReply = lost;
    await keep();
    house.broker.isDeaf = false;
    await wait(5);

    expect(await keep()).toEqual({ did: "kept", isRenewed: true });
    expect(await counters()).toMatchObject({ lastOutcome: "ok", failuresInRow: 0 });
  });

  test("is followed by a login that brings the connection back", async () => {
    await grantOnce(house);
    await until(DUE);
    house.broker.nextReply = lost;
    await keep();
    await wait(5);
    await keep();

    await grantOnce(house);

    expect(await record()).toMatchObject({ generation: 2 });
    expect((await record())?.rejected).toBeUndefined();
    expect(await isRecordedTokenGood()).toBe(true);
  });
});

describe("a process that dies", () => {
  /** Every effect of a refresh, as a process that lives through it shows them. */
  async function effectsOfRefresh(): Promise<readonly string[]> {
    const probe = openCtraderHouse();
    try {
      await grantOnce(probe);
      await probe.clock.advanceTo(DUE);
      const { parts, effects } = createMortal(probe);
      await keepAlive(parts, probe.connection, { isForced: false });
      return effects;
    } finally {
      await probe.close();
    }
  }

  test("at any of its effects leaves a grant that the next look brings back, but for one moment", async () => {
    const effects = await effectsOfRefresh();
    const lostAt: string[] = [];
    for (const when of ["before", "after"] as const) {
      for (let at = 1; at <= effects.length; at += 1) {
        const broken = openCtraderHouse();
        try {
          await grantOnce(broken);
          await broken.clock.advanceTo(DUE);
          const mortal = createMortal(broken, { at, when });
          await keepAlive(mortal.parts, broken.connection, { isForced: false }).catch(() => undefined);
          await broken.clock.advanceBy(Temporal.Duration.from({ minutes: 10 }));

          await keepAlive(broken.parts(), broken.connection, { isForced: false });

          const now = await broken.store.get(tokens, broken.connection.id);
          const payload = await readTokenPayload(broken.vault, broken.connection.id, now?.version ?? 0);
          const isGood = payload.ok && (await broken.grants.probe(payload.value.token)).ok;
          if (!isGood) lostAt.push(`${when} ${effects[at - 1]}`);
          else expect(now?.generation).toBe(2);
        } finally {
          await broken.close();
        }
      }
    }

    // Between the broker's answer and the vault nothing of ours holds the new grant: that cannot be mended.
    expect(effects).toContain("renew");
    expect(lostAt).toEqual(["before add", "after renew"]);
  });

  test("after storing a grant has it recorded by the next look, without another refresh", async () => {
    await grantOnce(house);
    await until(DUE);
    const effects = await effectsOfRefresh();
    const mortal = createMortal(house, { at: effects.indexOf("add") + 1, when: "after" });
    await keepAlive(mortal.parts, house.connection, { isForced: false }).catch(() => undefined);
    expect((await record())?.generation).toBe(1);
    await wait(10);

    expect(await keep()).toEqual({ did: "kept", isRenewed: true });
    expect(refreshes()).toBe(1);
    expect((await record())?.generation).toBe(2);
  });
});

test("a grant is never used before it is recorded", async () => {
  await grantOnce(house);
  await until(DUE);
  const used: (number | undefined)[] = [];
  const parts = house.parts();
  const watched = {
    ...parts,
    issuerOf: async () => ({
      ...house.grants,
      probe: async (token: Parameters<typeof house.grants.probe>[0]) => {
        const { generation, version } = (await record()) ?? { generation: 0, version: 0 };
        const stored = await readTokenPayload(house.vault, house.connection.id, version);
        const isStored =
          stored.ok &&
          unpackGrant(stored.value.token).accessToken.reveal() === unpackGrant(token).accessToken.reveal();
        used.push(isStored ? generation : undefined);
        return house.grants.probe(token);
      },
    }),
  };

  await keepAlive(watched, house.connection, { isForced: false });

  expect(used).toEqual([2]);
});
