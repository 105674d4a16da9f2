/**
 * Makes "green" mean something: a process that needs a token reads the very version that was recorded, makes
 * one real call with it, and only then says so.
 *
 * 1. An acknowledgement names the generation and version that the call was made with.
 * 2. A generation is acknowledged at most once; an older one never replaces a newer one.
 * 3. A token that the broker refuses is marked rejected, and the owner is told.
 */
import type { BrokerCallFailure, TokenIssuer } from "../brokers/token-issuer.ts";
import type { Connection } from "../config/connection.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Store } from "../platform/store.ts";
import type { SecretVault } from "../platform/vault.ts";
import { policyOf } from "./policy.ts";
import { type Acknowledgement, acknowledgements, type TokenRecord, tokens } from "./records.ts";
import type { TokenEvent } from "./token-events.ts";
import { readTokenPayload } from "./token-payload.ts";
import { isLive, tokenState } from "./token-state.ts";
import { noteRejection, noteUse } from "./token-use.ts";

export interface AcknowledgerDeps {
  readonly store: Store;
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly log: Log;
  /** Who acknowledges, e.g. `worker`. */
  readonly subscriber: string;
  issuerOf(connection: Connection): Promise<TokenIssuer>;
  announce(event: TokenEvent): Promise<void>;
}

export type AcknowledgeOutcome =
  | { readonly did: "acknowledged"; readonly acknowledgement: Acknowledgement }
  | { readonly did: "nothing"; readonly reason: "no-live-token" | "already-acknowledged" | "overtaken" };

export type AcknowledgeFailure = BrokerCallFailure | "VAULT_VERSION_MISSING" | "VAULT_CORRUPT";

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

/** Looks at the connection's token and acknowledges it when that is due. Safe to repeat at any time. */
export async function acknowledgeToken(
  deps: AcknowledgerDeps,
  connection: Connection,
): Promise<Result<AcknowledgeOutcome, AcknowledgeFailure>> {
  const record = await deps.store.get(tokens, connection.id);
  const facts = { record, authorization: undefined, policy: policyOf(connection) };
  if (record === undefined || !isLive(tokenState(facts, deps.clock.now()))) {
    return succeed({ did: "nothing", reason: "no-live-token" });
  }
  const id = acknowledgementId(connection.id, deps.subscriber);
  const before = await deps.store.get(acknowledgements, id);
  if (isAcknowledged(record, before)) return succeed({ did: "nothing", reason: "already-acknowledged" });

  const probed = await probe(deps, connection, record);
  if (!probed.ok) return probed;
  const { at, accounts, latencyMs } = probed.value;
  const { generation, version } = record;
  const acknowledgement = {
    connection: connection.id,
    generation,
    version,
    by: deps.subscriber,
    at,
    accounts,
    latencyMs,
  };
  if (!(await write(deps, acknowledgement))) return succeed({ did: "nothing", reason: "overtaken" });
  deps.log.info("token-acknowledged", { connection: connection.id, generation, latencyMs });
  await noteUse(deps, { connection: connection.id, generation }, { at, isRenewal: false });
  await deps.announce({ kind: "acknowledged", connection, record, acknowledgement });
  return succeed({ did: "acknowledged", acknowledgement });
}

async function probe(deps: AcknowledgerDeps, connection: Connection, record: TokenRecord) {
  const payload = await readTokenPayload(deps.vault, connection.id, record.version);
  if (!payload.ok) return payload;
  const issuer = await deps.issuerOf(connection);
  const probed = await issuer.probe(payload.value.token);
  if (probed.ok) return succeed({ ...probed.value, at: deps.clock.now() });

  const { generation } = record;
  deps.log.warn("token-probe-failed", { connection: connection.id, generation, code: probed.code });
  if (probed.code === "BROKER_TOKEN_REJECTED" || probed.code === "BROKER_TOKEN_EXPIRED") {
    const isNews = await noteRejection(deps, { connection: connection.id, generation }, probed.code);
    if (isNews) await deps.announce({ kind: "rejected", connection, generation, code: probed.code });
  }
  return fail(probed.code, probed.detail);
}

/** False when the same or a newer generation has been acknowledged, or recorded, meanwhile. */
function write(deps: AcknowledgerDeps, acknowledgement: Acknowledgement): Promise<boolean> {
  const id = acknowledgementId(acknowledgement.connection, deps.subscriber);
  return deps.store.transact(async (transaction) => {
    const before = await transaction.get(acknowledgements, id);
    const record = await transaction.get(tokens, acknowledgement.connection);
    if (record?.generation !== acknowledgement.generation) return false;
    if ((before?.generation ?? 0) >= acknowledgement.generation) return false;
    transaction.set(acknowledgements, id, acknowledgement);
    return true;
  });
}
