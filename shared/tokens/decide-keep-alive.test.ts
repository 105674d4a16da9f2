import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, test } from "vitest";
import { aToken, CONNECTION, ISSUED, someCounters } from "../../tests/support/token-records.ts";
import { decideKeepAlive, nextKeepAlive } from "./decide-keep-alive.ts";
import { policyOf } from "./policy.ts";
import type { KeepAliveRecord, TokenRecord } from "./records.ts";
import { tokenState } from "./token-state.ts";

const keepAliveAfter = Temporal.Duration.from({ minutes: 75 });
const MIDNIGHT = Temporal.Instant.from("2026-11-24T05:00:00Z");
const minute = (minutes: number) => ISSUED.add({ minutes });

function factsAt(now: Temporal.Instant, record: TokenRecord | undefined, counters?: KeepAliveRecord) {
  const policy = policyOf(CONNECTION);
  const state = tokenState({ record, authorization: undefined, policy }, now);
  return { now, state, record, counters, policy, keepAliveAfter };
}

const refused = aToken({ rejected: { at: ISSUED, code: "BROKER_TOKEN_REJECTED" } });
const failing = someCounters({ failuresInRow: 1, retryAt: minute(80) });

describe("what keeping alive asks for", () => {
  test.each([
    ["without a token", undefined, undefined, minute(0), false, "nothing", "no-token"],
    ["without a token, forced", undefined, undefined, minute(0), true, "nothing", "no-token"],
    ["just before 75 minutes", aToken(), undefined, minute(74), false, "nothing", "fresh"],
    ["at 75 minutes", aToken(), undefined, minute(75), false, "probe", "due"],
    ["fresh, but forced", aToken(), undefined, minute(1), true, "probe", "forced"],
    ["after two idle hours", aToken(), undefined, minute(120), false, "renew", "idle"],
    ["after two idle hours, forced", aToken(), undefined, minute(120), true, "renew", "idle"],
    ["within the pause after a failure", aToken(), failing, minute(79), false, "nothing", "waiting"],
    ["when the pause is over", aToken(), failing, minute(80), false, "probe", "due"],
    ["within the pause, forced", aToken(), failing, minute(79), true, "probe", "forced"],
    ["within an older token's pause", aToken({ generation: 2 }), failing, minute(79), false, "probe", "due"],
    ["refused", refused, undefined, minute(75), false, "nothing", "rejected"],
    ["refused, forced", refused, undefined, minute(75), true, "nothing", "rejected"],
    ["at midnight", aToken(), undefined, MIDNIGHT, false, "note-death", "expired"],
    ["at midnight, forced", aToken(), undefined, MIDNIGHT, true, "note-death", "expired"],
    [
      "at midnight, within a pause",
      aToken(),
      someCounters({ retryAt: MIDNIGHT.add({ minutes: 5 }) }),
      MIDNIGHT,
      false,
      "note-death",
      "expired",
    ],
    ["at midnight, refused", refused, undefined, MIDNIGHT, false, "note-death", "expired"],
    [
      "once its end is noted",
      aToken(),
      someCounters({ isDeathNoted: true }),
      MIDNIGHT,
      true,
      "nothing",
      "expired",
    ],
    [
      "when an older token's end is noted",
      aToken({ generation: 2 }),
      someCounters({ isDeathNoted: true }),
      MIDNIGHT,
      false,
      "note-death",
      "expired",
    ],
  ] as const)("%s", (_, record, counters, now, isForced, act, reason) => {
    expect(decideKeepAlive({ ...factsAt(now, record, counters), isForced })).toEqual({ act, reason });
  });

  test("never calls for a dead or refused token, whatever the counters say", () => {
    const facts = fc.record({
      later: fc.integer({ min: 0, max: 3_000 }),
      used: fc.integer({ min: 0, max: 3_000 }),
      isForced: fc.boolean(),
      isRefused: fc.boolean(),
      retry: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
      isDeathNoted: fc.boolean(),
    });

    fc.assert(
      fc.property(facts, ({ later, used, isForced, isRefused, retry, isDeathNoted }) => {
        const record = { ...(isRefused ? refused : aToken()), lastUsedAt: minute(used) };
        const retryAt = retry === undefined ? {} : { retryAt: minute(retry) };
        const counters = someCounters({ isDeathNoted, ...retryAt });
        const { act } = decideKeepAlive({ ...factsAt(minute(later), record, counters), isForced });
        const isDead = Temporal.Instant.compare(minute(later), record.expiresAt) >= 0;

        if (isDead || isRefused) expect(["probe", "renew"]).not.toContain(act);
        if (!isDead) expect(act).not.toBe("note-death");
        if (isDead && isDeathNoted) expect(act).toBe("nothing");
      }),
    );
  });
});

describe("the next time", () => {
  test.each([
    ["is 75 minutes after the last use", aToken(), undefined, minute(10), minute(75)],
    ["is the end of the pause after a failure", aToken(), failing, minute(76), minute(80)],
    ["is not put off by an older token's pause", aToken({ generation: 2 }), failing, minute(76), minute(75)],
    ["is not there without a token", undefined, undefined, minute(0), undefined],
    ["is not there for a refused token", refused, undefined, minute(0), undefined],
    ["is not there once the token is dead", aToken(), undefined, MIDNIGHT, undefined],
    [
      "is not there when midnight comes first",
      aToken({ lastUsedAt: MIDNIGHT.subtract({ minutes: 75 }) }),
      undefined,
      MIDNIGHT.subtract({ minutes: 70 }),
      undefined,
    ],
  ] as const)("%s", (_, record, counters, now, expected) => {
    expect(nextKeepAlive(factsAt(now, record, counters))).toEqual(expected);
  });
});
