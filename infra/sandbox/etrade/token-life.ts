import { Temporal } from "temporal-polyfill";
import type { Faults } from "./faults.ts";
import { type Problem, problem } from "./problems.ts";
import type { AccessToken } from "./token-records.ts";

/** The zone by whose midnight access tokens die. */
export const NEW_YORK = "America/New_York";

/** What has become of an access token. `inactive` can be revived by renew, the ones after it cannot. */
export type Life = "active" | "inactive" | "revoked" | "replaced" | "died-early" | "past-midnight";

/** The midnight in New York that follows `instant`; a midnight is followed by the next one. */
export function nextMidnight(instant: Temporal.Instant): Temporal.Instant {
  const tomorrow = instant.toZonedDateTimeISO(NEW_YORK).toPlainDate().add({ days: 1 });
  return tomorrow.toZonedDateTime(NEW_YORK).toInstant();
}

/** Tells a token's life at `now`; the first that is true of: revoked, replaced, past midnight, died early, inactive. */
export function lifeOf(
  token: AccessToken,
  now: Temporal.Instant,
  faults: Pick<Faults, "idleAfterMinutes">,
): Life {
  if (token.ended !== undefined) return token.ended;
  if (Temporal.Instant.compare(now, token.expiresAt) >= 0) return "past-midnight";
  if (token.diesAt !== undefined && Temporal.Instant.compare(now, token.diesAt) >= 0) return "died-early";
  const idleAt = token.lastUsedAt.add({ minutes: faults.idleAfterMinutes });
  return Temporal.Instant.compare(now, idleAt) >= 0 ? "inactive" : "active";
}

/** How a data call with a token of this life is refused; undefined for an active one. */
export function lifeProblem(
  token: AccessToken,
  now: Temporal.Instant,
  faults: Pick<Faults, "idleAfterMinutes" | "idleProblem" | "midnightProblem">,
): Problem | undefined {
  const life = lifeOf(token, now, faults);
  switch (life) {
    case "active":
      return undefined;
    case "inactive":
      return problem(faults.idleProblem);
    case "past-midnight":
      return problem(midnightWord(token, now, faults.midnightProblem));
    case "revoked":
    case "replaced":
    case "died-early":
      return problem("token_rejected");
    default:
      return life satisfies never;
  }
}

function midnightWord(
  token: AccessToken,
  now: Temporal.Instant,
  mode: Faults["midnightProblem"],
): "token_expired" | "token_rejected" {
  if (mode !== "expired-then-rejected") return mode;
  const hourLater = token.expiresAt.add({ hours: 1 });
  return Temporal.Instant.compare(now, hourLater) < 0 ? "token_expired" : "token_rejected";
}
