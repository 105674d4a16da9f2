import { Temporal } from "temporal-polyfill";
import { dateIn, midnightAfter } from "../calendar/zoned.ts";
import type { Connection } from "../config/connection.ts";

/** How long a broker lets a token live. Source: the broker's own developer guide. */
export interface TokenPolicy {
  /** The instant from which a token issued at `issuedAt` is dead; `life`: what the broker itself said, where it did. */
  expiresAt(issuedAt: Temporal.Instant, life?: Temporal.Duration): Temporal.Instant;
  /** A token unused for so long no longer answers until it is renewed. Absent where none goes idle. */
  readonly idleAfter?: Temporal.Duration;
  /**
   * Where a renewal brings another token and spends this one: the share of a token's life after which it is
   * renewed. Such a token needs no use to stay alive, and may be renewed after its end too. Absent where a
   * renewal leaves the token as it is.
   */
  readonly replacedAfterShare?: number;
  /**
   * How the owner's login comes back: as a PIN that they bring, or by the broker's redirect of their browser,
   * which names no login.
   */
  readonly login: "pin" | "redirect";
  /** The zone whose calendar days the login budget counts. */
  readonly dayZone: string;
}

const NEW_YORK = "America/New_York";

/** E*TRADE: tokens die at midnight New York time and sleep after two idle hours. */
const ETRADE: TokenPolicy = {
  expiresAt: (issuedAt) => midnightAfter(issuedAt, NEW_YORK),
  idleAfter: Temporal.Duration.from({ hours: 2 }),
  login: "pin",
  dayZone: NEW_YORK,
};

/**
 * cTrader: a pair of an access token, good for 30 days and 10 hours, and a refresh token that has no end and
 * works once.
 */
const CTRADER: TokenPolicy = {
  expiresAt: (issuedAt, life = Temporal.Duration.from({ seconds: 2_628_000 })) => issuedAt.add(life),
  replacedAfterShare: 0.8,
  login: "redirect",
  dayZone: "UTC",
};

const POLICIES = { etrade: ETRADE, ctrader: CTRADER } as const satisfies Record<
  Connection["broker"],
  TokenPolicy
>;

export function policyOf(connection: Pick<Connection, "broker">): TokenPolicy {
  return POLICIES[connection.broker];
}

/** The budget's day: the calendar date of `now` where the broker's day is counted. */
export function brokerDay(policy: TokenPolicy, now: Temporal.Instant): Temporal.PlainDate {
  return dateIn(now, policy.dayZone);
}

/** When a token that a renewal replaces is due for it; undefined where none is. */
export function replacementDueAt(
  policy: TokenPolicy,
  token: { readonly issuedAt: Temporal.Instant; readonly expiresAt: Temporal.Instant },
): Temporal.Instant | undefined {
  if (policy.replacedAfterShare === undefined) return undefined;
  const life = token.issuedAt.until(token.expiresAt).total("seconds");
  return token.issuedAt.add({ seconds: Math.floor(life * policy.replacedAfterShare) });
}
