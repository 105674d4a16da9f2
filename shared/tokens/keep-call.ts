/**
 * The calls that keep one token alive, for the holder of its lease: a probe, a renewal, and the proof after it.
 *
 * 1. A token that takes another's place is stored and recorded before it is used.
 * 2. What a process stored and could not record before it died is recorded in place of another renewal.
 * 3. A renewal is sent once. Where its answer is lost, the next look settles it with the token that is stored:
 *    either that was never spent, or it is refused, and only a login helps.
 */
import { Temporal } from "temporal-polyfill";
import type { BrokerCallFailure, TokenIssuer } from "../brokers/token-issuer.ts";
import type { Connection } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import type { Bus } from "../platform/bus.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { Store } from "../platform/store.ts";
import type { SecretVault } from "../platform/vault.ts";
import { policyOf } from "./policy.ts";
import type { TokenRecord } from "./records.ts";
import { adoptStored, replaceToken } from "./replace-token.ts";
import { readTokenPayload } from "./token-payload.ts";

export interface CallDeps {
  readonly store: Store;
  readonly vault: SecretVault;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  issuerOf(connection: Connection): Promise<TokenIssuer>;
}

/** The token that is to be kept, as it was read under the lease. */
export interface KeepTask {
  readonly connection: Connection;
  readonly record: TokenRecord;
}

/** What the keeping came to: `record` is the token that is in force now. */
export interface Kept {
  readonly isRenewed: boolean;
  readonly record: TokenRecord;
}

/** Why a renewal that spends its token brought no other. */
type RenewalTrouble = "RENEWAL_OUTCOME_UNKNOWN" | "RENEWAL_REFUSED";

export type KeepFailure =
  | BrokerCallFailure
  | RenewalTrouble
  | "VAULT_VERSION_MISSING"
  | "VAULT_CORRUPT"
  | "INTERNAL";

/** Failures after which the broker may have spent the token and given another. */
const MAY_HAVE_ACTED: readonly ErrorCode[] = [
  "BROKER_TIMEOUT",
  "BROKER_UNAVAILABLE",
  "BROKER_REPLY_UNREADABLE",
];

/** Probes the token; when the broker says it sleeps or is unknown, renews it once and probes again. */
export async function probeOrRenew(deps: CallDeps, task: KeepTask): Promise<Result<Kept, KeepFailure>> {
  const token = await readToken(deps, task);
  if (!token.ok) return token;
  const issuer = await deps.issuerOf(task.connection);
  const probed = await whileAlive(deps, task, () => issuer.probe(token.value));
  if (probed.ok) return succeed({ isRenewed: false, record: task.record });
  return isTokenTrouble(probed.code) ? renewAndProve(deps, task) : probed;
}

/** Renews the token and proves what is in force then by a probe. */
export async function renewAndProve(deps: CallDeps, task: KeepTask): Promise<Result<Kept, KeepFailure>> {
  const { connection, record } = task;
  const token = await readToken(deps, task);
  if (!token.ok) return token;
  const issuer = await deps.issuerOf(connection);
  if (isReplaced(connection)) {
    const stored = await adoptStored(deps, connection, record);
    if (stored !== undefined) return prove(deps, { connection, record: stored.record }, stored.token);
  }
  const renewed = await whileAlive(deps, task, () => issuer.renew(token.value));
  if (!renewed.ok) {
    return isReplaced(connection)
      ? readRefusal(deps, { ...task, token: token.value }, renewed.code)
      : renewed;
  }
  const replacement = renewed.value;
  if (replacement === undefined) return prove(deps, task, token.value);
  const life = issuer.lifeOf?.(replacement);
  const current = await replaceToken(deps, connection, { before: record, token: replacement, life });
  // A login has brought a newer token meanwhile: that one is in force.
  if (current === undefined) return succeed({ isRenewed: true, record });
  return prove(deps, { connection, record: current }, replacement);
}

async function prove(deps: CallDeps, task: KeepTask, token: Secret): Promise<Result<Kept, KeepFailure>> {
  const issuer = await deps.issuerOf(task.connection);
  const proof = await whileAlive(deps, task, () => issuer.probe(token));
  return proof.ok ? succeed({ isRenewed: true, record: task.record }) : proof;
}

/** A token that cannot be renewed may still answer until its end. */
async function readRefusal(
  deps: CallDeps,
  task: KeepTask & { readonly token: Secret },
  code: BrokerCallFailure,
): Promise<Result<never, KeepFailure>> {
  if (MAY_HAVE_ACTED.includes(code)) return fail("RENEWAL_OUTCOME_UNKNOWN", { broker: code });
  if (!isTokenTrouble(code) || isPast(deps, task.record)) return fail(code);
  const issuer = await deps.issuerOf(task.connection);
  const probed = await issuer.probe(task.token);
  if (probed.ok) return fail("RENEWAL_REFUSED");
  // Only a clear word ends the token: a broker that cannot be asked is asked again.
  return isTokenTrouble(probed.code) ? fail(code) : fail(probed.code);
}

async function readToken(
  deps: CallDeps,
  { connection, record }: KeepTask,
): Promise<Result<Secret, "VAULT_VERSION_MISSING" | "VAULT_CORRUPT">> {
  const payload = await readTokenPayload(deps.vault, connection.id, record.version);
  return payload.ok ? succeed(payload.value.token) : payload;
}

/** Midnight can pass between two calls: no call starts after it. */
function whileAlive<T, C extends KeepFailure>(
  deps: CallDeps,
  task: KeepTask,
  send: () => Promise<Result<T, C>>,
): Promise<Result<T, C | "BROKER_TOKEN_EXPIRED">> {
  return isOver(deps, task) ? Promise.resolve(fail("BROKER_TOKEN_EXPIRED")) : send();
}

/** Whether the token has ended for good: one that another can replace has not. */
export function isOver(deps: Pick<CallDeps, "clock">, { connection, record }: KeepTask): boolean {
  return !isReplaced(connection) && isPast(deps, record);
}

/** Whether the token's time is over. */
export function isPast({ clock }: Pick<CallDeps, "clock">, record: TokenRecord): boolean {
  return Temporal.Instant.compare(clock.now(), record.expiresAt) >= 0;
}

function isReplaced(connection: Connection): boolean {
  return policyOf(connection).replacedAfterShare !== undefined;
}

/** Worth telling at once: the owner may have to log in, and it is long before the token's end. */
export function isRenewalTrouble(code: ErrorCode): code is RenewalTrouble {
  return code === "RENEWAL_OUTCOME_UNKNOWN" || code === "RENEWAL_REFUSED";
}

/** What a broker says of a token that sleeps, is unknown to it, or has ended. */
export function isTokenTrouble(code: ErrorCode): code is "BROKER_TOKEN_EXPIRED" | "BROKER_TOKEN_REJECTED" {
  return code === "BROKER_TOKEN_EXPIRED" || code === "BROKER_TOKEN_REJECTED";
}
