import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { logIn, MORNING, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { acknowledgementId, acknowledgeToken } from "./acknowledger.ts";
import { acknowledgements, tokens } from "./records.ts";
import { tokenSecretName } from "./token-payload.ts";
import { noteRejection } from "./token-use.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const look = () => acknowledgeToken(house.parts(), house.connection);
const record = () => house.store.get(tokens, house.connection.id);
const written = () => house.store.get(acknowledgements, acknowledgementId(house.connection.id, "worker"));
const acknowledgedEvents = () => house.events.filter((event) => event.kind === "acknowledged");

/** The broker, with something happening while it answers a probe. */
function whileProbing(meanwhile: () => Promise<unknown>) {
  let isFirst = true;
  const issuer = Object.assign(Object.create(house.issuer), {
    renew: house.issuer.renew.bind(house.issuer),
    probe: async (...given: Parameters<typeof house.issuer.probe>) => {
      const answer = await house.issuer.probe(...given);
      if (isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return answer;
    },
  });
  return { ...house.parts(), issuerOf: async () => issuer };
}

describe("green", () => {
  test("follows one real call with this very token", async () => {
    await logIn(house);
    await house.clock.advanceBy(Temporal.Duration.from({ seconds: 1 }));

    const outcome = await look();

    const at = MORNING.add({ seconds: 1 });
    expect(outcome).toMatchObject({ ok: true, value: { did: "acknowledged" } });
    expect(await written()).toMatchObject({
      connection: house.connection.id,
      generation: 1,
      version: 1,
      by: "worker",
      at,
      accounts: 2,
      latencyMs: 12,
      account: "1111",
      announcedAt: at,
    });
    expect(house.issuer.uses).toEqual([{ method: "probe", token: "token-1", at, isAnswered: true }]);
    expect((await record())?.lastUsedAt).toEqual(at);
    expect(house.events).toMatchObject([{ kind: "acknowledged", record: { generation: 1 } }]);
  });

  test("is said once, however often one looks", async () => {
    await logIn(house);
    await look();

    expect(await look()).toMatchObject({ value: { did: "nothing", reason: "already-acknowledged" } });
    expect(house.issuer.count("probe")).toBe(1);
    expect(acknowledgedEvents()).toHaveLength(1);
  });

  test("of yesterday's token says nothing of today's", async () => {
    await logIn(house);
    await look();
    await logIn(house);

    expect(await look()).toMatchObject({ value: { acknowledgement: { generation: 2, version: 2 } } });
    expect(house.issuer.uses.at(-1)?.token).toBe("token-2");
  });

  test("is told although the process died between writing and telling", async () => {
    await logIn(house);
    const dying = { ...house.parts(), announce: () => Promise.reject(new Error("killed")) };
    await expect(acknowledgeToken(dying, house.connection)).rejects.toThrow("killed");

    await look();
    await look();

    expect(acknowledgedEvents()).toHaveLength(1);
    expect(house.issuer.count("probe")).toBe(1);
  });
});

describe("no green", () => {
  test("without a token, for a dead one and for a refused one, and nobody is called", async () => {
    expect(await look()).toMatchObject({ value: { did: "nothing", reason: "no-live-token" } });
    await logIn(house);
    await house.clock.advanceTo(Temporal.Instant.from("2026-11-24T05:00:00Z"));

    expect(await look()).toMatchObject({ value: { did: "nothing", reason: "no-live-token" } });
    expect(house.issuer.count("probe")).toBe(0);
  });

  test("when a newer token arrives during the call: the older never overwrites it", async () => {
    await logIn(house);
    const parts = whileProbing(async () => {
      await logIn(house);
      await look();
    });

    const outcome = await acknowledgeToken(parts, house.connection);

    expect(outcome).toMatchObject({ value: { did: "nothing", reason: "overtaken" } });
    expect(await written()).toMatchObject({ generation: 2, version: 2 });
    expect(acknowledgedEvents()).toMatchObject([{ record: { generation: 2 } }]);
  });

  test("when a newer token arrives during the call and nobody has called with it yet", async () => {
    await logIn(house);
    const parts = whileProbing(() => logIn(house));

    const outcome = await acknowledgeToken(parts, house.connection);

    expect(outcome).toMatchObject({ value: { did: "nothing", reason: "overtaken" } });
    expect(await written()).toBeUndefined();
  });

  test("when another look at the same token was faster: one word stays, told once", async () => {
    await logIn(house);

    const outcome = await acknowledgeToken(whileProbing(look), house.connection);

    expect(outcome).toMatchObject({ value: { did: "nothing", reason: "overtaken" } });
    expect(acknowledgedEvents()).toHaveLength(1);
  });

  test.each([
    [
      "is refused",
      () => noteRejection(house, { connection: house.connection.id, generation: 1 }, "BROKER_TOKEN_REJECTED"),
    ],
    ["ends", () => house.clock.advanceTo(Temporal.Instant.from("2026-11-24T05:00:00Z"))],
  ])("when the token %s while its call is answered", async (_title, change) => {
    await logIn(house);

    const outcome = await acknowledgeToken(whileProbing(change), house.connection);

    expect(outcome).toMatchObject({ value: { did: "nothing", reason: "overtaken" } });
    expect(await written()).toBeUndefined();
    expect(acknowledgedEvents()).toEqual([]);
  });

  test.each([
    "BROKER_UNREACHABLE",
    "BROKER_TIMEOUT",
    "BROKER_UNAVAILABLE",
    "BROKER_REPLY_UNREADABLE",
  ] as const)("on %s, which says nothing about the token: the next look decides", async (code) => {
    await logIn(house);
    house.issuer.failures.push({ method: "probe", code });

    const failed = await look();
    const nothingYet = await written();
    const again = await look();

    expect(failed).toMatchObject({ ok: false, code });
    expect(nothingYet).toBeUndefined();
    expect(again).toMatchObject({ value: { did: "acknowledged" } });
    expect((await record())?.rejected).toBeUndefined();
  });

  test("for a token that the broker refuses and does not revive: it is rejected and told once", async () => {
    await logIn(house);
    house.issuer.alive.clear();

    const refused = await look();
    const later = await look();

    expect(refused).toMatchObject({ ok: false, code: "BROKER_TOKEN_REJECTED" });
    expect(later).toMatchObject({ value: { did: "nothing", reason: "no-live-token" } });
    expect((await record())?.rejected).toMatchObject({ code: "BROKER_TOKEN_REJECTED" });
    expect(await written()).toBeUndefined();
    expect(house.events).toMatchObject([{ kind: "rejected", generation: 1 }]);
  });

  test("when the vault does not have the version", async () => {
    await logIn(house);
    await house.vault.destroy(tokenSecretName(house.connection.id), 1);

    expect(await look()).toMatchObject({ ok: false, code: "VAULT_VERSION_MISSING" });
    expect(house.issuer.count("probe")).toBe(0);
    expect(await written()).toBeUndefined();
  });
});

describe("a token that sleeps when the worker first looks", () => {
  test("is revived and acknowledged, not thrown away", async () => {
    await logIn(house);
    house.issuer.asleep.add("token-1");
    await house.clock.advanceBy(Temporal.Duration.from({ hours: 3 }));

    expect(await look()).toMatchObject({ value: { acknowledgement: { generation: 1 } } });
    expect(house.issuer.count("renew")).toBe(1);
    expect((await record())?.rejected).toBeUndefined();
    expect(house.events.map((event) => event.kind)).toEqual(["acknowledged"]);
  });

  test("is left to the process that revives it already", async () => {
    await logIn(house);
    house.issuer.asleep.add("token-1");
    const parts = house.parts();
    const name = `keeper:${house.connection.id}`;
    await parts.leases.acquire(name, { ttl: Temporal.Duration.from({ seconds: 180 }) });

    expect(await look()).toMatchObject({ ok: false, code: "BROKER_TOKEN_EXPIRED" });
    expect(house.issuer.count("renew")).toBe(0);
    expect((await record())?.rejected).toBeUndefined();
  });

  test("is acknowledged under its new generation where reviving replaces it", async () => {
    await logIn(house);
    house.issuer.isReplacing = true;
    house.issuer.asleep.add("token-1");

    expect(await look()).toMatchObject({ value: { acknowledgement: { generation: 2, version: 2 } } });
    expect(house.issuer.uses.at(-1)?.token).toBe("token-2");
  });
});

describe("a failure that stays", () => {
  const foreign = () => ({ ...house.connection, account: "9999" });
  const lookFor = (account: string) => acknowledgeToken(house.parts(), { ...house.connection, account });
  const wait = (duration: Temporal.DurationLike) => house.clock.advanceBy(Temporal.Duration.from(duration));

  test("is looked into again after five minutes, not before", async () => {
    await logIn(house);
    const first = await acknowledgeToken(house.parts(), foreign());
    await wait({ minutes: 4, seconds: 59 });
    const early = await lookFor("1111");
    const callsBefore = house.issuer.count("probe");
    await wait({ seconds: 1 });
    const late = await lookFor("1111");

    expect(first).toMatchObject({ ok: false, code: "ACCOUNT_MISSING" });
    expect(early).toMatchObject({ ok: false, code: "ACCOUNT_MISSING" });
    expect(callsBefore).toBe(1);
    expect(late).toMatchObject({ ok: true, value: { did: "acknowledged" } });
  });

  test("of one generation says nothing of the next", async () => {
    await logIn(house);
    await acknowledgeToken(house.parts(), foreign());
    await logIn(house);

    expect(await lookFor("1111")).toMatchObject({ ok: true, value: { did: "acknowledged" } });
  });

  test("is looked into at once where what it came from has changed, and a good token is left alone", async () => {
    await logIn(house);
    await acknowledgeToken(house.parts(), foreign());

    const first = await acknowledgeToken(house.parts(), house.connection, { isTroubleOver: true });
    const calls = house.issuer.count("probe");
    const second = await acknowledgeToken(house.parts(), house.connection, { isTroubleOver: true });

    expect(first).toMatchObject({ ok: true, value: { did: "acknowledged" } });
    expect(second).toMatchObject({ ok: true, value: { did: "nothing", reason: "already-acknowledged" } });
    expect(house.issuer.count("probe")).toBe(calls);
  });

  test("is looked into at once by a start", async () => {
    await logIn(house);
    await acknowledgeToken(house.parts(), foreign());

    const started = await acknowledgeToken(house.parts(), house.connection, { isAnew: true });

    expect(started).toMatchObject({ ok: true, value: { did: "acknowledged" } });
  });
});
