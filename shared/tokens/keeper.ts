/**
 * Keeps live tokens alive.
 *
 * 1. At most one process at a time calls a broker to keep a connection's token alive: the lease's holder.
 * 2. After the lease is taken the state is read again; a doubled call finds the work done.
 * 3. A dead token is never called; its end at midnight is written down once.
 * 4. Only the broker's word makes a token rejected; a network fault only counts as a failure.
 * 5. Of tokens that a renewal spends, a generation is renewed by one process at a time, and only as long as it
 *    is the newest; see `keep-call.ts`.
 */
import { Temporal } from "temporal-polyfill";
import type { Audit } from "../audit/audit-log.ts";
import type { TokenIssuer } from "../brokers/token-issuer.ts";
import type { Config } from "../config/config.ts";
import type { Connection } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import type { Bus } from "../platform/bus.ts";
import type { Clock } from "../platform/clock.ts";
import type { Leases } from "../platform/lease.ts";
import type { Log } from "../platform/log.ts";
import { fail, type Result } from "../platform/result.ts";
import type { Store } from "../platform/store.ts";
import type { SecretVault } from "../platform/vault.ts";
import { decideKeepAlive, type KeepAliveDecision } from "./decide-keep-alive.ts";
import {
  isOver,
  isPast,
  isRenewalTrouble,
  isTokenTrouble,
  type KeepFailure,
  type KeepTask,
  type Kept,
  probeOrRenew,
  renewAndProve,
} from "./keep-call.ts";
import { policyOf, type TokenPolicy } from "./policy.ts";
import { type KeepAliveRecord, keepAlives, type TokenRecord, tokens } from "./records.ts";
import type { TokenEvent } from "./token-events.ts";
import { tokenState } from "./token-state.ts";
import { isTrusted, noteRejection, noteUse } from "./token-use.ts";

/** Twice what the calls to broker, vault and store of one keeping take at their slowest. */
const LEASE_LIFE = Temporal.Duration.from({ seconds: 180 });
const RETRY_AFTER = Temporal.Duration.from({ minutes: 5 });
/** A refresh that was refused, while the token itself still answers, is not tried at every look. */
const RETRY_LASTING_AFTER = Temporal.Duration.from({ hours: 6 });
const FAILURES_BEFORE_WARNING = 3;

export interface KeeperDeps {
  readonly store: Store;
  readonly vault: SecretVault;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly leases: Leases;
  readonly log: Log;
  readonly audit: Audit;
  readonly limits: Config["tokens"];
  issuerOf(connection: Connection): Promise<TokenIssuer>;
  announce(event: TokenEvent): Promise<void>;
}

export type KeepAliveOutcome =
  | { readonly did: "nothing"; readonly reason: string }
  | { readonly did: "kept"; readonly isRenewed: boolean }
  | { readonly did: "failed"; readonly code: ErrorCode }
  | { readonly did: "noted-death" };

export interface KeepAliveOptions {
  /** Calls the broker even when the token is fresh. */
  readonly isForced: boolean;
  /** Not even a forced call is made where the broker has answered the token at this instant or later. */
  readonly unlessUsedSince?: Temporal.Instant;
  /** The broker has just refused this generation: nothing is done where another one is in force. */
  readonly refusedGeneration?: number;
}

/** Does what the connection's token needs now. */
export async function keepAlive(
  deps: KeeperDeps,
  connection: Connection,
  options: KeepAliveOptions,
): Promise<KeepAliveOutcome> {
  const first = await decideNow(deps, connection, options);
  if (first.decision.act === "nothing") return { did: "nothing", reason: first.decision.reason };

  const held = await deps.leases.withLease(`keeper:${connection.id}`, { ttl: LEASE_LIFE }, async () => {
    const { decision, record } = await decideNow(deps, connection, options);
    if (record === undefined || decision.act === "nothing") {
      return { did: "nothing", reason: decision.reason } as const;
    }
    return act(deps, { connection, record, decision });
  });
  return held.ok ? held.value : { did: "nothing", reason: "someone-else-is-at-it" };
}

interface Task extends KeepTask {
  readonly decision: KeepAliveDecision;
}

async function act(deps: KeeperDeps, task: Task): Promise<KeepAliveOutcome> {
  if (task.decision.act === "note-death") return noteDeath(deps, task);
  const kept = await tryToKeep(deps, task);
  if (kept.ok) return noteSuccess(deps, task, kept.value);
  // What a call brings that midnight overtook says nothing about a token that should be alive.
  return isOver(deps, task) ? noteDeath(deps, task) : noteFailure(deps, task, kept.code);
}

async function noteDeath(deps: KeeperDeps, { connection, record }: Task): Promise<KeepAliveOutcome> {
  await setCounters(deps, record, (counters) => ({ ...counters, isDeathNoted: true }));
  await deps.audit({ actor: "system", action: "token-died", subject: connection.id, outcome: "ok" });
  const { login } = policyOf(connection);
  deps.log.info("token-died", { connection: connection.id, generation: record.generation, login });
  return { did: "noted-death" };
}

/** A fault of our own counts like one of the broker's: whatever it is, the token is not being kept alive. */
async function tryToKeep(deps: KeeperDeps, task: Task): Promise<Result<Kept, KeepFailure>> {
  try {
    const { act } = task.decision;
    return await (act === "probe" ? probeOrRenew(deps, task) : renewAndProve(deps, task));
  } catch (error) {
    deps.log.error("keep-alive-broken", { connection: task.connection.id, error });
    return fail("INTERNAL");
  }
}

async function noteSuccess(deps: KeeperDeps, task: Task, kept: Kept): Promise<KeepAliveOutcome> {
  const { connection } = task;
  const { isRenewed, record } = kept;
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
  deps.log.info("token-kept-alive", {
    connection: connection.id,
    isRenewed,
    login: policyOf(connection).login,
  });
  return { did: "kept", isRenewed };
}

async function noteFailure(deps: KeeperDeps, task: Task, code: KeepFailure): Promise<KeepAliveOutcome> {
  const { connection, record } = task;
  const { generation } = record;
  const at = deps.clock.now();
  /** How many this failure makes; the store may run the work again after its writes were applied. */
  let counted: number | undefined;
  const counters = await setCounters(deps, record, (before) => {
    if (before.failuresInRow === counted) return before;
    counted = before.failuresInRow + 1;
    return {
      ...before,
      failuresInRow: counted,
      failingSince: before.failingSince ?? at,
      lastAt: at,
      lastOutcome: code,
      retryAt: at.add(code === "RENEWAL_REFUSED" ? RETRY_LASTING_AFTER : RETRY_AFTER),
    };
  });
  const { failuresInRow } = counters;
  deps.log.warn("keep-alive-failed", { connection: connection.id, code, failuresInRow });
  if (isTokenTrouble(code) && isPast(deps, record)) return noteLoss(deps, task, code);
  if (isTokenTrouble(code)) {
    const key = { connection: connection.id, generation };
    // Told before it is noted: after a crash in between the next look tells it again, and the alert is known.
    if (await isTrusted(deps, key)) await deps.announce({ kind: "rejected", connection, generation, code });
    await noteRejection(deps, key, code);
  } else if (failuresInRow >= FAILURES_BEFORE_WARNING || isRenewalTrouble(code)) {
    const streak = String((counters.failingSince ?? at).epochMilliseconds);
    const trouble = { failuresInRow, code, streak, ...endOf(record, policyOf(connection)) };
    await deps.announce({ kind: "keep-alive-failing", connection, generation, ...trouble });
  }
  return { did: "failed", code };
}

/** What ends the token if nothing changes. */
function endOf({ lastUsedAt, expiresAt }: TokenRecord, { idleAfter }: TokenPolicy) {
  return idleAfter === undefined ? { endsAt: expiresAt } : { idleAt: lastUsedAt.add(idleAfter) };
}

/** A token that has ended cannot be had back by a renewal either: only a login helps. */
async function noteLoss(deps: KeeperDeps, task: Task, code: ErrorCode): Promise<KeepAliveOutcome> {
  const { connection, record } = task;
  const { generation } = record;
  const current = await deps.store.get(tokens, connection.id);
  if (current?.generation === generation) {
    await deps.announce({ kind: "rejected", connection, generation, code });
  }
  return noteDeath(deps, task);
}

async function decideNow(deps: KeeperDeps, connection: Connection, options: KeepAliveOptions) {
  const record = await deps.store.get(tokens, connection.id);
  const counters = await deps.store.get(keepAlives, connection.id);
  const now = deps.clock.now();
  const policy = policyOf(connection);
  const state = tokenState({ record, authorization: undefined, policy }, now);
  const keepAliveAfter = Temporal.Duration.from({ minutes: deps.limits.keepAliveAfterMinutes });
  const decision = decideKeepAlive({ now, state, record, counters, policy, keepAliveAfter, ...options });
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
