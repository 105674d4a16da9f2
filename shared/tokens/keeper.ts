/**
 * Keeps live tokens alive.
 *
 * 1. At most one process at a time calls a broker to keep a connection's token alive: the lease's holder.
 * 2. After the lease is taken the state is read again; a doubled call finds the work done.
 * 3. A dead token is never called; its end at midnight is written down once.
 * 4. Only the broker's word makes a token rejected; a network fault only counts as a failure.
 */
import { Temporal } from "temporal-polyfill";
import type { Audit } from "../audit/audit-log.ts";
import type { BrokerCallFailure, TokenIssuer } from "../brokers/token-issuer.ts";
import type { Config } from "../config/config.ts";
import type { Connection } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import type { Leases } from "../platform/lease.ts";
import type { Log } from "../platform/log.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { Store } from "../platform/store.ts";
import type { SecretVault } from "../platform/vault.ts";
import { decideKeepAlive, type KeepAliveDecision } from "./decide-keep-alive.ts";
import { policyOf } from "./policy.ts";
import { type KeepAliveRecord, keepAlives, type TokenRecord, tokens } from "./records.ts";
import type { TokenEvent } from "./token-events.ts";
import { readTokenPayload } from "./token-payload.ts";
import { tokenState } from "./token-state.ts";
import { noteRejection, noteUse } from "./token-use.ts";

const LEASE_LIFE = Temporal.Duration.from({ seconds: 90 });
const RETRY_AFTER = Temporal.Duration.from({ minutes: 5 });
const FAILURES_BEFORE_WARNING = 3;

export interface KeeperDeps {
  readonly store: Store;
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly leases: Leases;
  readonly log: Log;
  readonly audit: Audit;
  readonly limits: Config["tokens"];
  issuerOf(connection: Connection): Promise<TokenIssuer>;
  announce(event: TokenEvent): Promise<void>;
}

type KeepFailure = BrokerCallFailure | "VAULT_VERSION_MISSING" | "VAULT_CORRUPT";

export type KeepAliveOutcome =
  | { readonly did: "nothing"; readonly reason: string }
  | { readonly did: "kept"; readonly isRenewed: boolean }
  | { readonly did: "failed"; readonly code: ErrorCode }
  | { readonly did: "noted-death" };

/** Does what the connection's token needs now; `isForced` calls the broker even when it is fresh. */
export async function keepAlive(
  deps: KeeperDeps,
  connection: Connection,
  options: { readonly isForced: boolean },
): Promise<KeepAliveOutcome> {
  const first = await decideNow(deps, connection, options.isForced);
  if (first.decision.act === "nothing") return { did: "nothing", reason: first.decision.reason };

  const held = await deps.leases.withLease(`keeper:${connection.id}`, { ttl: LEASE_LIFE }, async () => {
    const { decision, record } = await decideNow(deps, connection, options.isForced);
    if (record === undefined || decision.act === "nothing") {
      return { did: "nothing", reason: decision.reason } as const;
    }
    return act(deps, { connection, record, decision });
  });
  return held.ok ? held.value : { did: "nothing", reason: "someone-else-is-at-it" };
}

interface Task {
  readonly connection: Connection;
  readonly record: TokenRecord;
  readonly decision: KeepAliveDecision;
}

async function act(deps: KeeperDeps, task: Task): Promise<KeepAliveOutcome> {
  const { connection, record } = task;
  if (task.decision.act === "note-death") {
    await setCounters(deps, record, (counters) => ({ ...counters, isDeathNoted: true }));
    const fact = { actor: "system", action: "token-died", subject: connection.id, outcome: "ok" };
    await deps.audit(fact);
    deps.log.info("token-died", { connection: connection.id, generation: record.generation });
    return { did: "noted-death" };
  }
  const payload = await readTokenPayload(deps.vault, connection.id, record.version);
  const kept = payload.ok ? await call(deps, task, payload.value.token) : payload;
  return kept.ok ? noteSuccess(deps, task, kept.value.isRenewed) : noteFailure(deps, task, kept.code);
}

/** Probes the token; when the broker says it sleeps or is unknown, revives it once and probes again. */
async function call(
  deps: KeeperDeps,
  task: Task,
  token: Secret,
): Promise<Result<{ isRenewed: boolean }, KeepFailure>> {
  const issuer = await deps.issuerOf(task.connection);
  if (task.decision.act === "probe") {
    const probed = await issuer.probe(token);
    if (probed.ok) return succeed({ isRenewed: false });
    if (!isTokenTrouble(probed.code)) return fail(probed.code, probed.detail);
  }
  const renewed = await issuer.renew(token);
  if (!renewed.ok) return fail(renewed.code, renewed.detail);
  const proof = await issuer.probe(token);
  return proof.ok ? succeed({ isRenewed: true }) : fail(proof.code, proof.detail);
}

async function noteSuccess(deps: KeeperDeps, task: Task, isRenewed: boolean): Promise<KeepAliveOutcome> {
  const { connection, record } = task;
  const at = deps.clock.now();
  await noteUse(
    deps,
    { connection: connection.id, generation: record.generation },
    { at, isRenewal: isRenewed },
  );
  await setCounters(deps, record, ({ retryAt: _, failingSince: __, ...counters }) => ({
    ...counters,
    failuresInRow: 0,
    lastAt: at,
    lastOutcome: "ok",
  }));
  deps.log.info("token-kept-alive", { connection: connection.id, isRenewed });
  return { did: "kept", isRenewed };
}

async function noteFailure(deps: KeeperDeps, task: Task, code: KeepFailure): Promise<KeepAliveOutcome> {
  const { connection, record } = task;
  const { generation } = record;
  const at = deps.clock.now();
  const counters = await setCounters(deps, record, (before) => ({
    ...before,
    failuresInRow: before.failuresInRow + 1,
    failingSince: before.failingSince ?? at,
    lastAt: at,
    lastOutcome: code,
    retryAt: at.add(RETRY_AFTER),
  }));
  const { failuresInRow } = counters;
  deps.log.warn("keep-alive-failed", { connection: connection.id, code, failuresInRow });
  if (isTokenTrouble(code)) {
    const isNews = await noteRejection(deps, { connection: connection.id, generation }, code);
    if (isNews) await deps.announce({ kind: "rejected", connection, generation, code });
  } else if (failuresInRow >= FAILURES_BEFORE_WARNING) {
    const idleAt = record.lastUsedAt.add(policyOf(connection).idleAfter);
    const streak = String((counters.failingSince ?? at).epochMilliseconds);
    const trouble = { failuresInRow, code, streak, idleAt };
    await deps.announce({ kind: "keep-alive-failing", connection, generation, ...trouble });
  }
  return { did: "failed", code };
}

async function decideNow(deps: KeeperDeps, connection: Connection, isForced: boolean) {
  const record = await deps.store.get(tokens, connection.id);
  const counters = await deps.store.get(keepAlives, connection.id);
  const now = deps.clock.now();
  const state = tokenState({ record, authorization: undefined, policy: policyOf(connection) }, now);
  const keepAliveAfter = Temporal.Duration.from({ minutes: deps.limits.keepAliveAfterMinutes });
  const decision = decideKeepAlive({ now, state, record, counters, keepAliveAfter, isForced });
  return { decision, record };
}

function setCounters(
  deps: KeeperDeps,
  record: TokenRecord,
  change: (counters: KeepAliveRecord) => KeepAliveRecord,
): Promise<KeepAliveRecord> {
  const { connection, generation } = record;
  return deps.store.transact(async (transaction) => {
    const stored = await transaction.get(keepAlives, connection);
    const before: KeepAliveRecord =
      stored?.generation === generation
        ? stored
        : { connection, generation, failuresInRow: 0, isDeathNoted: false };
    const next = change(before);
    transaction.set(keepAlives, connection, next);
    return next;
  });
}

function isTokenTrouble(code: KeepFailure): code is "BROKER_TOKEN_EXPIRED" | "BROKER_TOKEN_REJECTED" {
  return code === "BROKER_TOKEN_EXPIRED" || code === "BROKER_TOKEN_REJECTED";
}
