import type { Temporal } from "temporal-polyfill";
import type { Connection } from "../config/connection.ts";
import type { Bus } from "../platform/bus.ts";
import type { Clock } from "../platform/clock.ts";
import { toIso } from "../platform/instant.ts";
import type { Log } from "../platform/log.ts";
import type { Secret } from "../platform/secret.ts";
import type { Store } from "../platform/store.ts";
import type { SecretVault } from "../platform/vault.ts";
import { policyOf } from "./policy.ts";
import { type TokenRecord, tokens } from "./records.ts";
import { addTwice, packToken, readTokenPayload, timesOf, tokenSecretName } from "./token-payload.ts";
import { retireTokenVersions } from "./vault-cleanup.ts";
import { wakeReaders } from "./wake-readers.ts";

interface Deps {
  readonly store: Store;
  readonly vault: SecretVault;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Puts the token that a broker gave in place of `before` into the vault and records it as the next generation,
 * so that readers find it by its version and acknowledge it anew. Returns undefined when a login has brought a
 * newer token meanwhile: the replacement is then of no use.
 */
export async function replaceToken(
  deps: Deps,
  connection: Connection,
  given: {
    readonly before: TokenRecord;
    readonly token: Secret;
    readonly life?: Temporal.Duration | undefined;
  },
): Promise<TokenRecord | undefined> {
  const { before, token, life } = given;
  const issuedAt = deps.clock.now();
  const { authorization } = before;
  const lifeSeconds = life?.total("seconds");
  const payload = packToken({ authorization, issuedAt: toIso(issuedAt), lifeSeconds, token });
  const version = await addTwice(deps, tokenSecretName(connection.id), payload);
  return record(deps, connection, { before, version, issuedAt, life });
}

/**
 * Records the token that a process stored in place of `before` and could not record before it died: the broker has
 * spent `before` for it. Undefined where there is none, or where a newer token is recorded meanwhile.
 */
export async function adoptStored(
  deps: Deps,
  connection: Connection,
  before: TokenRecord,
): Promise<{ readonly record: TokenRecord; readonly token: Secret } | undefined> {
  const versions = await deps.vault.versions(tokenSecretName(connection.id));
  for (const version of versions.filter((one) => one > before.version).toReversed()) {
    const payload = await readTokenPayload(deps.vault, connection.id, version);
    // Another login's token is for its own recovery to find.
    if (!payload.ok || payload.value.authorization !== before.authorization) continue;
    const adopted = await record(deps, connection, { before, version, ...timesOf(payload.value) });
    return adopted && { record: adopted, token: payload.value.token };
  }
  return undefined;
}

interface Replacement {
  readonly before: TokenRecord;
  readonly version: number;
  readonly issuedAt: Temporal.Instant;
  readonly life: Temporal.Duration | undefined;
}

async function record(
  deps: Deps,
  connection: Connection,
  { before, version, issuedAt, life }: Replacement,
): Promise<TokenRecord | undefined> {
  const next: TokenRecord = {
    connection: connection.id,
    generation: before.generation + 1,
    version,
    authorization: before.authorization,
    issuedAt,
    expiresAt: policyOf(connection).expiresAt(issuedAt, life),
    lastUsedAt: issuedAt,
    lastRenewedAt: issuedAt,
  };
  const isRecorded = await deps.store.transact(async (transaction) => {
    const current = await transaction.get(tokens, connection.id);
    if (current?.version === version) return true;
    if (current?.generation !== before.generation) return false;
    transaction.set(tokens, connection.id, next);
    return true;
  });
  if (!isRecorded) return undefined;
  deps.log.info("token-replaced", { connection: connection.id, generation: next.generation, version });
  await wakeReaders(deps, next);
  await retire(deps, connection, version);
  return next;
}

async function retire(deps: Deps, connection: Connection, version: number): Promise<void> {
  try {
    await retireTokenVersions(deps.vault, connection.id, version);
  } catch (error) {
    deps.log.warn("vault-cleanup-failed", { connection: connection.id, error });
  }
}
