import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { initialFaults } from "./faults.ts";
import { lifeOf, lifeProblem, nextMidnight } from "./token-life.ts";
import type { AccessToken } from "./token-records.ts";

const at = (text: string) => Temporal.Instant.from(text);

function aToken(over: Partial<AccessToken> = {}): AccessToken {
  const issuedAt = over.issuedAt ?? at("2026-01-05T13:00:00Z");
  return {
    environment: "production",
    username: "someone",
    issuedAt,
    lastUsedAt: issuedAt,
    expiresAt: nextMidnight(issuedAt),
    ...over,
  };
}

test.each([
  ["in winter", "2026-01-05T13:00:00Z", "2026-01-06T05:00:00Z"],
  ["in summer", "2026-07-01T13:00:00Z", "2026-07-02T04:00:00Z"],
  ["on the morning the clocks go forward", "2026-03-08T06:30:00Z", "2026-03-09T04:00:00Z"],
  ["late on the day before the clocks go forward", "2026-03-08T04:59:59Z", "2026-03-08T05:00:00Z"],
  ["on the night the clocks go back", "2026-11-01T05:30:00Z", "2026-11-02T05:00:00Z"],
  ["in the doubled hour", "2026-11-01T06:30:00Z", "2026-11-02T05:00:00Z"],
  ["just before the long day", "2026-11-01T03:59:59Z", "2026-11-01T04:00:00Z"],
  ["at midnight itself", "2026-01-06T05:00:00Z", "2026-01-07T05:00:00Z"],
])("a token issued %s dies at New York's midnight", (_, issued, dies) => {
  expect(nextMidnight(at(issued)).toString()).toBe(dies);
});

test("the next midnight is always ahead, at 00:00 in New York, and at most 25 hours away", () => {
  const from = at("2019-01-01T00:00:00Z").epochMilliseconds;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 17 * 365 * 86_400_000 }), (offset) => {
      const now = Temporal.Instant.fromEpochMilliseconds(from + offset);

      const midnight = nextMidnight(now);

      const hours = now.until(midnight).total("hours");
      expect(hours).toBeGreaterThan(0);
      expect(hours).toBeLessThanOrEqual(25);
      expect(midnight.toZonedDateTimeISO("America/New_York").toPlainTime().toString()).toBe("00:00:00");
    }),
  );
});

test.each([
  ["2026-03-08T06:30:00Z", "2026-03-09T03:59:59Z", "2026-03-09T04:00:00Z"],
  ["2026-11-01T05:30:00Z", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"],
])(
  "a token of %s lives at %s and is dead at %s, right across the change of clocks",
  (issued, before, after) => {
    const token = aToken({ issuedAt: at(issued), lastUsedAt: at(before) });

    expect(lifeOf(token, at(before), initialFaults())).toBe("active");
    expect(lifeOf(token, at(after), initialFaults())).toBe("past-midnight");
  },
);

test("a token is inactive from the second on at which it was idle for two hours", () => {
  const token = aToken();

  expect(lifeOf(token, at("2026-01-05T14:59:59.999Z"), initialFaults())).toBe("active");
  expect(lifeOf(token, at("2026-01-05T15:00:00Z"), initialFaults())).toBe("inactive");
  expect(lifeProblem(token, at("2026-01-05T15:00:00Z"), initialFaults())).toEqual({
    status: 401,
    text: "oauth_problem=token_expired",
  });
});

test("after midnight a token is first expired and an hour later rejected", () => {
  const token = aToken();

  const soon = lifeProblem(token, at("2026-01-06T05:59:59Z"), initialFaults());
  const later = lifeProblem(token, at("2026-01-06T06:00:00Z"), initialFaults());

  expect(soon?.text).toBe("oauth_problem=token_expired");
  expect(later?.text).toBe("oauth_problem=token_rejected");
});

test("an ended or early dead token is rejected, whatever else is true of it", () => {
  const now = at("2026-01-05T13:30:00Z");

  expect(lifeOf(aToken({ ended: "revoked" }), now, initialFaults())).toBe("revoked");
  expect(lifeOf(aToken({ ended: "replaced" }), now, initialFaults())).toBe("replaced");
  expect(lifeOf(aToken({ diesAt: now }), now, initialFaults())).toBe("died-early");
  expect(lifeProblem(aToken({ diesAt: now }), now, initialFaults())?.text).toBe(
    "oauth_problem=token_rejected",
  );
});
