/** The whole life of tokens under whatever comes, in whatever order: only what must always hold is asked. */
import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { GOOD_PIN } from "../../tests/support/fake-issuer.ts";
import { createMortal, type Fate } from "../../tests/support/mortal.ts";
import { type HouseParts, logIn, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import type { BrokerCallFailure } from "../brokers/token-issuer.ts";
import { midnightAfter } from "../calendar/zoned.ts";
import { Secret } from "../platform/secret.ts";
import { acknowledgementId, acknowledgeToken } from "./acknowledger.ts";
import { Authorizer } from "./authorizer.ts";
import { keepAlive } from "./keeper.ts";
import { currentLogin } from "./login-opening.ts";
import { policyOf } from "./policy.ts";
import { acknowledgements, authorizations, type TokenRecord, tokens } from "./records.ts";
import { readTokenPayload, tokenSecretName } from "./token-payload.ts";

const OWNER = { kind: "page", session: "s1" } as const;
const NEW_YORK = "America/New_York";

const fate = fc.record({
  at: fc.integer({ min: 1, max: 9 }),
  when: fc.constantFrom("before" as const, "after" as const),
});
const isForced = fc.boolean();
const trouble = fc.constantFrom<BrokerCallFailure>(
  "BROKER_TIMEOUT",
  "BROKER_UNREACHABLE",
  "BROKER_REPLY_UNREADABLE",
  "BROKER_TOKEN_EXPIRED",
);

/** What can happen; with a fate, in a process that dies of it. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant("begin" as const), fate: fc.option(fate) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant("pin" as const),
      pin: fc.constantFrom(GOOD_PIN, GOOD_PIN, GOOD_PIN, "WRONG"),
      fate: fc.option(fate),
    }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constant("recover" as const), fate: fc.option(fate) }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant("keep" as const), isForced, fate: fc.option(fate) }),
  },
  { weight: 4, arbitrary: fc.record({ what: fc.constant("acknowledge" as const), fate: fc.option(fate) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant("trouble" as const),
      method: fc.constantFrom("begin", "complete", "probe", "renew"),
      code: trouble,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constant("pass" as const),
      seconds: fc.constantFrom(1, 20, 20, 20, 60, 300, 4_500, 7_200),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("midnight" as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("rush" as const) }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly house: TokenHouse;
  /** The token of each generation, as it lay in the vault when it was first seen. */
  readonly seen = new Map<number, string>();
  before: TokenRecord | undefined;

  constructor(house: TokenHouse) {
    this.house = house;
  }

  async live(event: Happening): Promise<void> {
    const { house } = this;
    switch (event.what) {
      case "trouble":
        house.issuer.failures.push({ method: event.method, code: event.code });
        return;
      case "pass":
        return this.passTo(house.clock.now().add({ seconds: event.seconds }));
      case "midnight":
        return this.passTo(midnightAfter(house.clock.now(), NEW_YORK));
      case "rush":
        await Promise.all([this.enter(house.parts(), GOOD_PIN), this.enter(house.parts(), GOOD_PIN)]);
        await Promise.all([1, 2].map(() => new Authorizer(house.parts()).recover()));
        return;
      default:
        await this.inProcess(event.fate ?? undefined, (parts) => this.act(event, parts));
    }
  }

  /** Time passes, and with it the broker's tokens: idle ones fall asleep, at midnight all die. */
  async passTo(instant: Temporal.Instant): Promise<void> {
    const { clock, issuer } = this.house;
    const idleHours = clock.now().until(instant).total("hours");
    const isNewDay = Temporal.Instant.compare(instant, midnightAfter(clock.now(), NEW_YORK)) >= 0;
    await clock.advanceTo(instant);
    if (idleHours >= 2) for (const token of issuer.alive) issuer.asleep.add(token);
    if (isNewDay) issuer.alive.clear();
  }

  /** What a dying process throws is nobody's; what a healthy one throws is a bug. */
  async inProcess(end: Fate | undefined, work: (parts: HouseParts) => Promise<unknown>): Promise<void> {
    const mortal = createMortal(this.house, end);
    try {
      await work(mortal.parts);
    } catch (error) {
      if (!mortal.isDead()) throw error;
    }
  }

  act(event: Extract<Happening, { fate: unknown }>, parts: HouseParts): Promise<unknown> {
    const { connection } = this.house;
    switch (event.what) {
      case "begin":
        return new Authorizer(parts).begin(connection.id, OWNER);
      case "pin":
        return this.enter(parts, event.pin);
      case "recover":
        return new Authorizer(parts).recover();
      case "keep":
        return keepAlive(parts, connection, { isForced: event.isForced });
      case "acknowledge":
        return acknowledgeToken(parts, connection);
      default:
        return event satisfies never;
    }
  }

  async enter(parts: HouseParts, pin: string): Promise<unknown> {
    const { connection, store } = this.house;
    const login = await currentLogin(store, connection.id);
    if (login === undefined) return undefined;
    const entry = { connection: connection.id, authorization: login.id, pin: Secret.of(pin), actor: OWNER };
    return new Authorizer(parts).complete(entry);
  }

  /** The invariants. */
  async check(): Promise<void> {
    const { store, vault, connection } = this.house;
    const record = await store.get(tokens, connection.id);
    await this.checkLogins(record);
    this.checkCalls();
    if (record === undefined) return;

    expect(record.generation).toBeGreaterThanOrEqual(this.before?.generation ?? 0);
    this.before = record;
    const payload = await readTokenPayload(vault, connection.id, record.version);
    if (!payload.ok) throw new Error(`generation ${record.generation} has no token: ${payload.code}`);
    expect(payload.value.authorization).toBe(record.authorization);
    const token = payload.value.token.reveal();
    expect(this.seen.get(record.generation) ?? token).toBe(token);
    this.seen.set(record.generation, token);
    expect(new Set(this.seen.values()).size).toBe(this.seen.size);

    const id = acknowledgementId(connection.id, "worker");
    const acknowledgement = await store.get(acknowledgements, id);
    if (acknowledgement === undefined) return;
    const proof = this.seen.get(acknowledgement.generation);
    const probes = this.house.issuer.uses.filter((use) => use.method === "probe" && use.token === proof);
    expect(probes.some((use) => use.isAnswered)).toBe(true);
    expect(acknowledgement.generation).toBeLessThanOrEqual(record.generation);
  }

  async checkLogins(record: TokenRecord | undefined): Promise<void> {
    const { store, limits } = this.house;
    const logins = (await store.query(authorizations)).map((one) => one.value);
    // Each generation came by one login of its own.
    const generations = logins.flatMap(({ generation }) => (generation === undefined ? [] : [generation]));
    expect(generations.toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: record?.generation ?? 0 }, (_, index) => index + 1),
    );
    expect(logins.filter((one) => one.state === "open").length).toBeLessThanOrEqual(1);
    for (const login of logins) {
      expect(login.attempts).toBeLessThanOrEqual(limits.wrongPins);
      expect(login.generation !== undefined).toBe(login.state === "completed");
      expect(login.claim !== undefined).toBe(login.state === "completing");
      expect(login.closedBecause !== undefined).toBe(login.state === "closed");
    }
  }

  checkCalls(): void {
    const { issuer, connection } = this.house;
    for (const use of issuer.uses) {
      const issued = issuer.issuedAt.get(use.token);
      if (issued === undefined) throw new Error(`${use.token} was never given out`);
      expect(Temporal.Instant.compare(use.at, policyOf(connection).expiresAt(issued))).toBe(-1);
    }
  }

  /** However it went: the next morning's login brings the next generation, confirmed, and a tidy vault. */
  async checkNextMorning(): Promise<void> {
    const { house } = this;
    house.issuer.failures.splice(0);
    await this.passTo(midnightAfter(house.clock.now(), NEW_YORK).add({ hours: 8 }));
    await new Authorizer(house.parts()).recover();
    await this.check();
    const held = await house.store.query(authorizations, { where: { state: "completing" } });
    const record = await logIn(house);
    const outcome = await acknowledgeToken(house.parts(), house.connection);

    expect(held).toEqual([]);
    expect(record.generation).toBe((this.before?.generation ?? 0) + 1);
    expect(outcome).toMatchObject({ ok: true, value: { did: "acknowledged" } });
    const versions = await house.vault.versions(tokenSecretName(house.connection.id));
    expect(versions.length).toBeLessThanOrEqual(2);
    expect(versions).toContain(record.version);
  }
}

test("whatever happens: one generation a login, green only by proof, no call after midnight, one open login", async () => {
  const starts = fc.constantFrom("2026-11-23T13:31:00Z", "2026-03-08T06:30:00Z", "2026-11-01T05:30:00Z");

  await fc.assert(
    fc.asyncProperty(
      starts,
      fc.array(happening, { minLength: 4, maxLength: 24 }),
      async (start, happenings) => {
        const house = openTokenHouse(Temporal.Instant.from(start));
        try {
          const world = new World(house);
          for (const event of happenings) {
            await world.live(event);
            await world.check();
          }
          await world.checkNextMorning();
        } finally {
          await house.close();
        }
      },
    ),
    { numRuns: 120 },
  );
}, 120_000);
