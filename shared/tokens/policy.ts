import { Temporal } from "temporal-polyfill";
import { dateIn, midnightAfter } from "../calendar/zoned.ts";
import type { Connection } from "../config/connection.ts";

/** How long a broker lets a token live. Source: the broker's own developer guide. */
export interface TokenPolicy {
  /** The last instant before which a token issued at `issuedAt` is good. */
  expiresAt(issuedAt: Temporal.Instant): Temporal.Instant;
  /** A token unused for so long no longer answers until it is renewed. */
  readonly idleAfter: Temporal.Duration;
  /** The zone whose calendar days the login budget counts. */
  readonly dayZone: string;
}

const NEW_YORK = "America/New_York";

/** E*TRADE: tokens die at midnight New York time and sleep after two idle hours. */
const ETRADE: TokenPolicy = {
  expiresAt: (issuedAt) => midnightAfter(issuedAt, NEW_YORK),
  idleAfter: Temporal.Duration.from({ hours: 2 }),
  dayZone: NEW_YORK,
};

const POLICIES = { etrade: ETRADE } as const satisfies Record<Connection["broker"], TokenPolicy>;

export function policyOf(connection: Connection): TokenPolicy {
  return POLICIES[connection.broker];
}

/** The budget's day: the calendar date of `now` where the broker's day is counted. */
export function brokerDay(policy: TokenPolicy, now: Temporal.Instant): Temporal.PlainDate {
  return dateIn(now, policy.dayZone);
}
