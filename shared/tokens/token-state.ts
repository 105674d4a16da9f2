import { Temporal } from "temporal-polyfill";
import type { TokenPolicy } from "./policy.ts";
import type { AuthorizationRecord, TokenRecord } from "./records.ts";

/** Where a connection's token stands. Derived from what is stored, never stored itself. */
export type TokenState =
  | { readonly state: "missing" }
  /** No usable token, and a login waits for its PIN. */
  | { readonly state: "awaiting-pin"; readonly until: Temporal.Instant }
  /** `idleAt`: from when it sleeps if nobody uses it; absent where the broker's tokens never do. */
  | { readonly state: "active"; readonly idleAt?: Temporal.Instant; readonly expiresAt: Temporal.Instant }
  /** Unused for too long: it answers again after a renewal, which works until it expires. */
  | { readonly state: "idle"; readonly since: Temporal.Instant; readonly renewableUntil: Temporal.Instant }
  | { readonly state: "expired"; readonly since: Temporal.Instant }
  | { readonly state: "rejected"; readonly since: Temporal.Instant; readonly code: string };

export interface TokenFacts {
  readonly record: TokenRecord | undefined;
  /** The connection's newest login, in whatever state. */
  readonly authorization: AuthorizationRecord | undefined;
  readonly policy: TokenPolicy;
}

/** Pure; the one place where a token's state is decided. */
export function tokenState(facts: TokenFacts, now: Temporal.Instant): TokenState {
  const own = ownState(facts, now);
  if (own.state === "active" || own.state === "idle") return own;
  const login = facts.authorization;
  const isAwaited = login !== undefined && isWaiting(login, now);
  return isAwaited ? { state: "awaiting-pin", until: login.expiresAt } : own;
}

function ownState({ record, policy }: TokenFacts, now: Temporal.Instant): TokenState {
  if (record === undefined) return { state: "missing" };
  if (Temporal.Instant.compare(now, record.expiresAt) >= 0)
    return { state: "expired", since: record.expiresAt };
  if (record.rejected !== undefined) {
    return { state: "rejected", since: record.rejected.at, code: record.rejected.code };
  }
  if (policy.idleAfter === undefined) return { state: "active", expiresAt: record.expiresAt };
  const idleAt = record.lastUsedAt.add(policy.idleAfter);
  return Temporal.Instant.compare(now, idleAt) >= 0
    ? { state: "idle", since: idleAt, renewableUntil: record.expiresAt }
    : { state: "active", idleAt, expiresAt: record.expiresAt };
}

/** Whether a PIN for this login can still arrive or is being exchanged. */
export function isWaiting(login: AuthorizationRecord, now: Temporal.Instant): boolean {
  if (login.state === "completing") return true;
  return login.state === "open" && Temporal.Instant.compare(now, login.expiresAt) < 0;
}

/** Whether calls with the token may be tried: it is neither dead nor refused. */
export function isLive(state: TokenState): boolean {
  return state.state === "active" || state.state === "idle";
}
