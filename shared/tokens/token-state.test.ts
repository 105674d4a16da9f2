import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { aLogin, aToken, CONNECTION, ISSUED } from "../../tests/support/token-records.ts";
import { policyOf } from "./policy.ts";
import type { AuthorizationRecord, TokenRecord } from "./records.ts";
import { isLive, isWaiting, tokenState } from "./token-state.ts";

const policy = policyOf(CONNECTION);
const at = (text: string) => Temporal.Instant.from(text);
const stateOf = (
  now: Temporal.Instant,
  record: TokenRecord | undefined,
  authorization?: AuthorizationRecord,
) => tokenState({ record, authorization, policy }, now);

/** A token issued at `text`, with the end that the broker's rules give it. */
const issuedAt = (text: string) =>
  aToken({ issuedAt: at(text), lastUsedAt: at(text), expiresAt: policy.expiresAt(at(text)) });

const refused = aToken({ rejected: { at: ISSUED.add({ minutes: 10 }), code: "BROKER_TOKEN_REJECTED" } });

describe("a token's state", () => {
  test.each([
    ["nothing is known", undefined, "2026-11-23T13:31:00Z", "missing"],
    ["it was just issued", aToken(), "2026-11-23T13:31:00Z", "active"],
    ["it was used 1:59:59 ago", aToken(), "2026-11-23T15:30:59.999Z", "active"],
    ["it was used two hours ago", aToken(), "2026-11-23T15:31:00Z", "idle"],
    ["it slept until just before midnight", aToken(), "2026-11-24T04:59:59.999Z", "idle"],
    ["New York's midnight has come", aToken(), "2026-11-24T05:00:00Z", "expired"],
    ["days have passed", aToken(), "2026-11-30T05:00:00Z", "expired"],
    ["the broker has refused it", refused, "2026-11-23T14:00:00Z", "rejected"],
    ["it was refused and midnight has come", refused, "2026-11-24T05:00:00Z", "expired"],
  ] as const)("when %s", (_, record, now, expected) => {
    expect(stateOf(at(now), record).state).toBe(expected);
  });

  test("tells until when an active token answers and an idle one can be revived", () => {
    const expiresAt = at("2026-11-24T05:00:00Z");
    const idleAt = at("2026-11-23T15:31:00Z");

    expect(stateOf(ISSUED, aToken())).toEqual({ state: "active", idleAt, expiresAt });
    expect(stateOf(idleAt, aToken())).toEqual({ state: "idle", since: idleAt, renewableUntil: expiresAt });
  });

  test.each([
    ["a spring day of 23 hours", "2026-03-08T06:30:00Z", "2026-03-09T04:00:00Z"],
    ["the eve of it", "2026-03-07T20:00:00Z", "2026-03-08T05:00:00Z"],
    ["an autumn day of 25 hours", "2026-11-01T04:30:00Z", "2026-11-02T05:00:00Z"],
    ["its repeated hour", "2026-11-01T06:30:00Z", "2026-11-02T05:00:00Z"],
    ["midnight itself", "2026-11-23T05:00:00Z", "2026-11-24T05:00:00Z"],
  ])("ends at New York's midnight: %s", (_, issued, midnight) => {
    const record = issuedAt(issued);
    const justBefore = at(midnight).subtract({ milliseconds: 1 });

    expect(isLive(stateOf(justBefore, record))).toBe(true);
    expect(stateOf(at(midnight), record)).toEqual({ state: "expired", since: at(midnight) });
  });
});

describe("a login that waits", () => {
  const dead = at("2026-11-24T13:31:00Z");
  const login = aLogin({ openedAt: dead, expiresAt: dead.add({ minutes: 5 }) });

  test.each([
    ["without a token", undefined, dead, "awaiting-pin"],
    ["beside a dead token", aToken(), dead, "awaiting-pin"],
    ["beside a refused token", { ...refused, expiresAt: dead.add({ hours: 1 }) }, dead, "awaiting-pin"],
    ["after its five minutes", aToken(), dead.add({ minutes: 5 }), "expired"],
    ["beside a token that works", issuedAt("2026-11-24T13:30:00Z"), dead, "active"],
    ["beside a token that sleeps", issuedAt("2026-11-24T10:30:00Z"), dead, "idle"],
  ] as const)("%s", (_, record, now, expected) => {
    expect(stateOf(now, record, login).state).toBe(expected);
  });

  test.each([
    ["opening", false],
    ["open", true],
    ["completing", true],
    ["completed", false],
    ["closed", false],
  ] as const)("in the state %s takes or digests a PIN: %s", (state, expected) => {
    expect(isWaiting(aLogin({ state }), ISSUED)).toBe(expected);
  });

  test("goes on waiting while its PIN is exchanged, though the five minutes are over", () => {
    expect(isWaiting(aLogin({ state: "completing" }), ISSUED.add({ minutes: 6 }))).toBe(true);
  });
});

describe("whatever the records hold", () => {
  const minutes = (most: number) => fc.integer({ min: 0, max: most });
  const anyRecord = fc
    .record({ used: minutes(2_000), rejected: fc.option(minutes(2_000)), issued: minutes(600_000) })
    .map(({ used, rejected, issued }) => {
      const start = at("2026-01-01T00:00:00Z").add({ minutes: issued });
      return aToken({
        issuedAt: start,
        lastUsedAt: start.add({ minutes: used }),
        expiresAt: policy.expiresAt(start),
        ...(rejected === null ? {} : { rejected: { at: start.add({ minutes: rejected }), code: "X" } }),
      });
    });
  const anyLogin = fc
    .record({
      state: fc.constantFrom("opening", "open", "completing", "completed", "closed"),
      opened: minutes(600_000),
    })
    .map(({ state, opened }) => {
      const openedAt = at("2026-01-01T00:00:00Z").add({ minutes: opened });
      return aLogin({ state, openedAt, expiresAt: openedAt.add({ minutes: 5 }) });
    });

  test("a token is never live after its end nor once refused, and is live when neither", () => {
    const facts = fc.record({
      record: fc.option(anyRecord, { nil: undefined }),
      login: fc.option(anyLogin, { nil: undefined }),
      later: minutes(4_000),
    });

    fc.assert(
      fc.property(facts, ({ record, login, later }) => {
        const now = (record?.issuedAt ?? ISSUED).add({ minutes: later });
        const state = stateOf(now, record, login);
        const isOver = record !== undefined && Temporal.Instant.compare(now, record.expiresAt) >= 0;
        const isUsable = record !== undefined && !isOver && record.rejected === undefined;

        expect(isLive(state)).toBe(isUsable);
        if (state.state === "active") {
          expect(Temporal.Instant.compare(now, state.idleAt as Temporal.Instant)).toBe(-1);
          expect(Temporal.Instant.compare(now, state.expiresAt)).toBe(-1);
        }
        if (state.state === "missing") expect(record).toBeUndefined();
        if (state.state === "expired") expect(isOver).toBe(true);
        if (state.state === "rejected") expect(record?.rejected?.code).toBe(state.code);
        if (state.state === "awaiting-pin") expect(login && isWaiting(login, now)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("a token of any instant ends within the 25 hours of its New York day, on a midnight there", () => {
    fc.assert(
      fc.property(minutes(8_000_000), (past) => {
        const issued = at("2019-01-01T05:00:00Z").add({ minutes: past });
        const end = policy.expiresAt(issued).toZonedDateTimeISO("America/New_York");

        expect(end.toPlainTime().toString()).toBe("00:00:00");
        expect(Temporal.Instant.compare(end.toInstant(), issued)).toBe(1);
        expect(issued.until(end.toInstant()).total("hours")).toBeLessThanOrEqual(25);
      }),
    );
  });
});
