/**
 * The second half of a login's record: from a PIN to a generation. Each function is one transaction; nothing
 * here calls a broker or a vault.
 *
 * 1. At most one process exchanges a login's PIN at a time: the holder of an unexpired claim.
 * 2. A login brings at most one generation, however often its token is recorded.
 * 3. A generation is recorded together with the completion of the login that brought it.
 * 4. A token issued before the recorded one never replaces it.
 */
import { Temporal } from "temporal-polyfill";
import type { Connection } from "../config/connection.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Store, Transaction } from "../platform/store.ts";
import type { LedgerDeps, Login, LoginKey } from "./login-opening.ts";
import { policyOf } from "./policy.ts";
import {
  type AuthorizationRecord,
  authorizations,
  currentAuthorizations,
  type TokenRecord,
  tokens,
} from "./records.ts";
import { isWaiting } from "./token-state.ts";

/** Longer than an exchange takes with a broker's twelve seconds and slow calls to the vault before and after it. */
const CLAIM_LIFE = Temporal.Duration.from({ seconds: 60 });
/** How long a broker that gave no verdict is left alone before it is asked again. */
const PAUSE_AFTER_SILENCE = Temporal.Duration.from({ seconds: 10 });

type ClosedBecause = NonNullable<AuthorizationRecord["closedBecause"]>;

export type PinClaimFailure =
  | "AUTHORIZATION_UNKNOWN"
  | "AUTHORIZATION_BUSY"
  | "AUTHORIZATION_CLOSED"
  | "AUTHORIZATION_EXPIRED"
  | "PIN_WRONG_TOO_OFTEN";

/** Why this login takes no PIN now, if it does not. */
export function pinRefusal(
  record: AuthorizationRecord,
  now: Temporal.Instant,
): Exclude<PinClaimFailure, "AUTHORIZATION_UNKNOWN"> | undefined {
  if (record.closedBecause === "too-many-wrong-pins") return "PIN_WRONG_TOO_OFTEN";
  if (record.state === "closed" || record.state === "completed") return "AUTHORIZATION_CLOSED";
  if (record.state !== "open") return "AUTHORIZATION_BUSY";
  return isWaiting(record, now) ? undefined : "AUTHORIZATION_EXPIRED";
}

/** Gives `holder` the right to exchange a PIN for this login, for a minute. */
export function claimLogin(
  deps: LedgerDeps,
  key: LoginKey,
  claim: { readonly holder: string; readonly verifierVersion: number },
): Promise<Result<AuthorizationRecord, PinClaimFailure>> {
  return deps.store.transact(async (transaction) => {
    const record = await ownLogin(transaction, key);
    if (record === undefined) return fail("AUTHORIZATION_UNKNOWN");
    if (record.claim?.holder === claim.holder) return succeed(record);
    const refusal = pinRefusal(record, deps.clock.now());
    if (refusal !== undefined) return fail(refusal);
    const claimed = withClaim(record, { ...claim, until: deps.clock.now().add(CLAIM_LIFE) });
    transaction.set(authorizations, key.id, claimed);
    return succeed(claimed);
  });
}

/** Takes over the exchange of a PIN from a process that did not finish it in time. */
export function takeOverLogin(
  deps: LedgerDeps,
  key: LoginKey,
  holder: string,
): Promise<AuthorizationRecord | undefined> {
  return deps.store.transact(async (transaction) => {
    const record = await ownLogin(transaction, key);
    if (record?.claim === undefined || record.state !== "completing") return undefined;
    if (record.claim.holder === holder) return record;
    if (Temporal.Instant.compare(deps.clock.now(), record.claim.until) < 0) return undefined;
    const until = deps.clock.now().add(CLAIM_LIFE);
    const claimed = withClaim(record, { ...record.claim, holder, until });
    transaction.set(authorizations, key.id, claimed);
    return claimed;
  });
}

/** Logins whose PIN is being exchanged, by whomever. */
export async function completingLogins(store: Store): Promise<readonly Login[]> {
  const found = await store.query(authorizations, { where: { state: "completing" } });
  return found.map((one) => ({ id: one.id, record: one.value }));
}

/** Whether `holder` may still say what becomes of this login. */
export async function holdsLogin(store: Store, key: LoginKey, holder: string): Promise<boolean> {
  const record = await store.get(authorizations, key.id);
  return record !== undefined && isHeldBy(record, holder);
}

/** What a refused PIN does to its login. `lost`: another process has settled it or is about to. */
export type WrongPinVerdict =
  | { readonly is: "open"; readonly attemptsLeft: number }
  | { readonly is: "spent" | "replaced" | "lost" };

/** The broker did not take the PIN: counts it, and closes the login at the limit. */
export function countWrongPin(deps: LedgerDeps, key: LoginKey, holder: string): Promise<WrongPinVerdict> {
  /** What this call has made of the login; the store may run the work again after its writes were applied. */
  let settled: AuthorizationRecord | undefined;
  return deps.store.transact(async (transaction) => {
    const record = await ownLogin(transaction, key);
    const isNewest = await isCurrent(transaction, key);
    if (record === undefined) return { is: "lost" };
    const isSettled = record.state === settled?.state && record.attempts === settled.attempts;
    if (isSettled) return wrongPinVerdict(deps, record);
    if (!isHeldBy(record, holder)) return { is: "lost" };
    const counted = { ...record, attempts: record.attempts + 1 };
    settled =
      attemptsLeft(deps, counted) === 0
        ? closed(counted, "too-many-wrong-pins")
        : reopened(counted, isNewest);
    transaction.set(authorizations, key.id, settled);
    return wrongPinVerdict(deps, settled);
  });
}

function wrongPinVerdict(deps: LedgerDeps, record: AuthorizationRecord): WrongPinVerdict {
  if (record.state === "open") return { is: "open", attemptsLeft: attemptsLeft(deps, record) };
  return { is: record.closedBecause === "too-many-wrong-pins" ? "spent" : "replaced" };
}

/** The broker never saw the PIN: the login takes it again, unless a newer one has begun. */
export function releaseLogin(deps: LedgerDeps, key: LoginKey, holder: string): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await ownLogin(transaction, key);
    const isNewest = await isCurrent(transaction, key);
    if (record === undefined || !isHeldBy(record, holder)) return;
    transaction.set(authorizations, key.id, reopened(record, isNewest));
  });
}

/** The broker gave no verdict: whoever recovers logins may ask it again soon, without waiting for the claim's end. */
export function yieldLogin(deps: LedgerDeps, key: LoginKey, holder: string): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await ownLogin(transaction, key);
    if (record?.claim === undefined || !isHeldBy(record, holder)) return;
    const until = deps.clock.now().add(PAUSE_AFTER_SILENCE);
    if (Temporal.Instant.compare(until, record.claim.until) >= 0) return;
    transaction.set(authorizations, key.id, withClaim(record, { ...record.claim, until }));
  });
}

/** Ends a login for good, if `holder` still holds it. */
export function closeLogin(
  deps: LedgerDeps,
  key: LoginKey & { readonly holder: string },
  because: ClosedBecause,
): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await ownLogin(transaction, key);
    if (record === undefined || !isHeldBy(record, key.holder)) return;
    transaction.set(authorizations, key.id, closed(record, because));
  });
}

/** Records the token that lies in the vault as `version` as the connection's next generation. */
export function recordToken(
  deps: LedgerDeps,
  connection: Connection,
  token: {
    readonly authorization: string;
    readonly version: number;
    readonly issuedAt: Temporal.Instant;
    readonly life?: Temporal.Duration | undefined;
  },
): Promise<TokenRecord> {
  return deps.store.transact(async (transaction) => {
    const before = await transaction.get(tokens, connection.id);
    const login = await transaction.get(authorizations, token.authorization);
    const isKnown = before?.authorization === token.authorization || login?.generation !== undefined;
    const isOlder = before !== undefined && Temporal.Instant.compare(token.issuedAt, before.issuedAt) < 0;
    if (before !== undefined && isKnown) return before;
    if (before !== undefined && isOlder) {
      if (login !== undefined)
        transaction.set(authorizations, token.authorization, closed(login, "replaced"));
      return before;
    }

    const record: TokenRecord = {
      connection: connection.id,
      generation: (before?.generation ?? 0) + 1,
      version: token.version,
      authorization: token.authorization,
      issuedAt: token.issuedAt,
      expiresAt: policyOf(connection).expiresAt(token.issuedAt, token.life),
      lastUsedAt: token.issuedAt,
    };
    transaction.set(tokens, connection.id, record);
    if (login !== undefined) {
      const { generation } = record;
      transaction.set(authorizations, token.authorization, {
        ...withoutClosing(withoutClaim(login)),
        state: "completed",
        generation,
      });
    }
    return record;
  });
}

/** How many wrong PINs this login still bears. */
export function attemptsLeft(deps: Pick<LedgerDeps, "limits">, record: AuthorizationRecord): number {
  return Math.max(0, deps.limits.wrongPins - record.attempts);
}

async function ownLogin(transaction: Transaction, key: LoginKey): Promise<AuthorizationRecord | undefined> {
  const record = await transaction.get(authorizations, key.id);
  return record?.connection === key.connection ? record : undefined;
}

/** Whether no login of the connection was begun after this one. */
async function isCurrent(transaction: Transaction, key: LoginKey): Promise<boolean> {
  const pointer = await transaction.get(currentAuthorizations, key.connection);
  return pointer?.authorization === key.id;
}

/** A connection has one login that takes a PIN: the newest. */
function reopened(record: AuthorizationRecord, isNewest: boolean): AuthorizationRecord {
  return isNewest ? { ...withoutClaim(record), state: "open" } : closed(record, "replaced");
}

function closed(record: AuthorizationRecord, closedBecause: ClosedBecause): AuthorizationRecord {
  return { ...withoutClaim(record), state: "closed", closedBecause };
}

function isHeldBy(record: AuthorizationRecord, holder: string): boolean {
  return record.state === "completing" && record.claim?.holder === holder;
}

function withClaim(
  record: AuthorizationRecord,
  claim: NonNullable<AuthorizationRecord["claim"]>,
): AuthorizationRecord {
  return { ...record, state: "completing", claim };
}

/** A slow process can bring the token of a login that was given up meanwhile. */
function withoutClosing({ closedBecause: _, ...rest }: AuthorizationRecord): AuthorizationRecord {
  return rest;
}

function withoutClaim({ claim: _, ...rest }: AuthorizationRecord): AuthorizationRecord {
  return rest;
}
