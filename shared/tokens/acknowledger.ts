/**
 * Makes "green" mean something: a process that needs a token reads the very version that was recorded, makes
 * one real call with it, and only then says so.
 *
 * 1. An acknowledgement names the generation and version that the call was made with.
 * 2. A generation is acknowledged once, and anew by each start; an older one never replaces a newer one.
 * 3. A token that the broker refuses is revived once; only one that stays refused is marked rejected.
 * 4. The owner is told of each acknowledgement, also when the process died right after it.
 * 5. What cannot trade is not acknowledged: the account to trade on must be among those that answered. A start
 *    that does not find it takes the acknowledgement back.
 */
import { Temporal } from "temporal-polyfill";
import type { BrokerCallFailure } from "../brokers/token-issuer.ts";
import type { Connection } from "../config/connection.ts";
import { ERRORS } from "../errors.ts";
import { createLeases } from "../platform/lease.ts";
import type { Random } from "../platform/random.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import { isTokenTrouble } from "./keep-call.ts";
import { type KeeperDeps, keepAlive } from "./keeper.ts";
import { isLasting } from "./lasting.ts";
import { policyOf } from "./policy.ts";
import {
  type Acknowledgement,
  acknowledgements,
  acknowledgementTroubles,
  type TokenRecord,
  tokens,
} from "./records.ts";
import type { TokenEvent } from "./token-events.ts";
import { readTokenPayload } from "./token-payload.ts";
import { isLive, tokenState } from "./token-state.ts";
import { isTrustedRecord, noteUse } from "./token-use.ts";

/** A failure that stays is not looked into more often: each look is a real call to the broker. */
const RETRY_LASTING_AFTER = Temporal.Duration.from({ minutes: 5 });

export interface AcknowledgerDeps extends Omit<KeeperDeps, "leases"> {
  readonly random: Random;
  /** Who acknowledges, e.g. `worker`. */
  readonly subscriber: string;
}

type AcknowledgedEvent = Extract<TokenEvent, { kind: "acknowledged" }>;

export type AcknowledgeOutcome =
  | { readonly did: "acknowledged"; readonly acknowledgement: Acknowledgement }
  | { readonly did: "nothing"; readonly reason: "no-live-token" | "already-acknowledged" | "overtaken" };

export type AcknowledgeFailure =
  | BrokerCallFailure
  | "ACCOUNT_MISSING"
  | "VAULT_VERSION_MISSING"
  | "VAULT_CORRUPT";

export function acknowledgementId(connection: string, subscriber: string): string {
  return `${connection}:${subscriber}`;
}

/** Whether `acknowledgement` speaks of the token that is recorded now. */
export function isAcknowledged(
  record: TokenRecord | undefined,
  acknowledgement: Acknowledgement | undefined,
): boolean {
  return record !== undefined && acknowledgement?.generation === record.generation;
}

export interface AcknowledgeOptions {
  /** Makes a call and acknowledges although this generation was acknowledged before. Default: false. */
  readonly isAnew?: boolean;
  /** Makes a call although one failed a short while ago in a way that stays: what it came from has changed. Default: false. */
  readonly isTroubleOver?: boolean;
}

/** Looks at the connection's token and acknowledges it when that is due. Safe to repeat at any time. */
export async function acknowledgeToken(
  deps: AcknowledgerDeps,
  connection: Connection,
  { isAnew = false, isTroubleOver = false }: AcknowledgeOptions = {},
): Promise<Result<AcknowledgeOutcome, AcknowledgeFailure>> {
  const tried = await deps.store.get(tokens, connection.id);
  const first = await lookOnce(deps, connection, { isAnew, isTroubleOver });
  if (first.ok || !isTokenTrouble(first.code) || tried === undefined) return first;
  // The token may only sleep. Reviving it, or finding that it is refused, is the keeper's work, under its lease.
  const refused = { isForced: true, refusedGeneration: tried.generation };
  const revived = await keepAlive({ ...deps, leases: createLeases(deps) }, connection, refused);
  const isReplaced = revived.did === "nothing" && revived.reason === "replaced";
  return revived.did === "kept" || isReplaced ? lookOnce(deps, connection, { isAnew, isTroubleOver }) : first;
}

async function lookOnce(
  deps: AcknowledgerDeps,
  connection: Connection,
  { isAnew, isTroubleOver }: Required<AcknowledgeOptions>,
): Promise<Result<AcknowledgeOutcome, AcknowledgeFailure>> {
  const record = await deps.store.get(tokens, connection.id);
  const facts = { record, authorization: undefined, policy: policyOf(connection) };
  if (record === undefined || !isLive(tokenState(facts, deps.clock.now()))) {
    return succeed({ did: "nothing", reason: "no-live-token" });
  }
  const id = acknowledgementId(connection.id, deps.subscriber);
  const before = await deps.store.get(acknowledgements, id);
  if (!isAnew && before !== undefined && isAcknowledged(record, before)) {
    if (before.announcedAt === undefined) await tell(deps, { connection, record, acknowledgement: before });
    return succeed({ did: "nothing", reason: "already-acknowledged" });
  }

  const lasting = isAnew || isTroubleOver ? undefined : await lastingTrouble(deps, record);
  if (lasting !== undefined) return fail(lasting);
  const probed = await probe(deps, connection, record);
  if (!probed.ok) {
    await noteTrouble(deps, record, probed.code);
    return probed;
  }
  const { generation, version } = record;
  const by = deps.subscriber;
  const spoken = { connection: connection.id, generation, version, by, ...probed.value };
  const acknowledgement = await write(deps, spoken, isAnew);
  if (acknowledgement === undefined) return succeed({ did: "nothing", reason: "overtaken" });
  const { at, latencyMs } = acknowledgement;
  deps.log.info("token-acknowledged", { connection: connection.id, generation, latencyMs });
  await noteUse(deps, { connection: connection.id, generation }, { at, isRenewal: false });
  if (acknowledgement.announcedAt === undefined) await tell(deps, { connection, record, acknowledgement });
  return succeed({ did: "acknowledged", acknowledgement });
}

/** Why this generation could not be acknowledged a short while ago, where that stays as it is by itself. */
async function lastingTrouble(
  { store, clock, subscriber }: AcknowledgerDeps,
  { connection, generation }: TokenRecord,
): Promise<AcknowledgeFailure | undefined> {
  const trouble = await store.get(acknowledgementTroubles, acknowledgementId(connection, subscriber));
  if (trouble?.generation !== generation || !isAcknowledgeFailure(trouble.code)) return undefined;
  const retryAt = trouble.at.add(RETRY_LASTING_AFTER);
  return isLasting(trouble.code) && Temporal.Instant.compare(clock.now(), retryAt) < 0
    ? trouble.code
    : undefined;
}

/** Nothing else is written as trouble; a code that a later build no longer knows counts as none. */
function isAcknowledgeFailure(code: string): code is AcknowledgeFailure {
  return code in ERRORS;
}

async function probe(deps: AcknowledgerDeps, connection: Connection, record: TokenRecord) {
  const payload = await readTokenPayload(deps.vault, connection.id, record.version);
  if (!payload.ok) return payload;
  const issuer = await deps.issuerOf(connection);
  const probed = await issuer.probe(payload.value.token);
  if (probed.ok) {
    const { accounts, latencyMs, tradable } = probed.value;
    const account = selectAccount(connection, tradable);
    if (account === undefined) return fail("ACCOUNT_MISSING", { accounts });
    return succeed({ accounts, latencyMs, account, at: deps.clock.now() });
  }
  const { generation } = record;
  deps.log.warn("token-probe-failed", { connection: connection.id, generation, code: probed.code });
  return fail(probed.code, probed.detail);
}

/** The configured account if it answered, else the broker's first that can trade. */
function selectAccount({ account }: Connection, tradable: readonly string[]): string | undefined {
  return account === undefined ? tradable[0] : tradable.find((one) => one === account);
}

/** Why this generation is not acknowledged, for the page. One that cannot trade any more loses its acknowledgement. */
function noteTrouble(deps: AcknowledgerDeps, record: TokenRecord, code: AcknowledgeFailure): Promise<void> {
  const { connection, generation } = record;
  const id = acknowledgementId(connection, deps.subscriber);
  return deps.store.transact(async (transaction) => {
    const before = await transaction.get(acknowledgements, id);
    transaction.set(acknowledgementTroubles, id, { generation, code, at: deps.clock.now() });
    if (code === "ACCOUNT_MISSING" && before?.generation === generation) {
      transaction.delete(acknowledgements, id);
    }
  });
}

/** Tells the owner and notes it; after a crash in between the next look tells it again, and the alert is known. */
async function tell(deps: AcknowledgerDeps, news: Omit<AcknowledgedEvent, "kind">): Promise<void> {
  await deps.announce({ kind: "acknowledged", ...news });
  const { connection, generation } = news.acknowledgement;
  const id = acknowledgementId(connection, deps.subscriber);
  await deps.store.transact(async (transaction) => {
    const told = await transaction.get(acknowledgements, id);
    if (told?.generation !== generation) return;
    transaction.set(acknowledgements, id, { ...told, announcedAt: deps.clock.now() });
  });
}

/** Undefined when the token has ended, was refused, replaced or, unless `isAnew`, acknowledged meanwhile. */
function write(
  deps: AcknowledgerDeps,
  spoken: Acknowledgement,
  isAnew: boolean,
): Promise<Acknowledgement | undefined> {
  const id = acknowledgementId(spoken.connection, deps.subscriber);
  return deps.store.transact(async (transaction) => {
    const before = await transaction.get(acknowledgements, id);
    const record = await transaction.get(tokens, spoken.connection);
    if (!isTrustedRecord(record, spoken, deps.clock.now())) return undefined;
    const isSame = before?.generation === spoken.generation;
    if (isSame ? !isAnew : (before?.generation ?? 0) > spoken.generation) return undefined;
    const announcedAt = isSame ? before?.announcedAt : undefined;
    const acknowledgement = { ...spoken, ...(announcedAt !== undefined && { announcedAt }) };
    transaction.set(acknowledgements, id, acknowledgement);
    return acknowledgement;
  });
}
