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
import { packToken, tokenSecretName } from "./token-payload.ts";
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
  { before, token }: { readonly before: TokenRecord; readonly token: Secret },
): Promise<TokenRecord | undefined> {
  const issuedAt = deps.clock.now();
  const { authorization } = before;
  const payload = packToken({ authorization, issuedAt: toIso(issuedAt), token });
  const version = await deps.vault.add(tokenSecretName(connection.id), payload);
  const record: TokenRecord = {
    connection: connection.id,
    generation: before.generation + 1,
    version,
    authorization,
    issuedAt,
    expiresAt: policyOf(connection).expiresAt(issuedAt),
    lastUsedAt: issuedAt,
    lastRenewedAt: issuedAt,
  };
  const isRecorded = await deps.store.transact(async (transaction) => {
    const current = await transaction.get(tokens, connection.id);
    if (current?.version === version) return true;
    if (current?.generation !== before.generation) return false;
    transaction.set(tokens, connection.id, record);
    return true;
  });
  if (!isRecorded) return undefined;
  deps.log.info("token-replaced", { connection: connection.id, generation: record.generation, version });
  await wakeReaders(deps, record);
  await retire(deps, connection, version);
  return record;
}

async function retire(deps: Deps, connection: Connection, version: number): Promise<void> {
  try {
    await retireTokenVersions(deps.vault, connection.id, version);
  } catch (error) {
    deps.log.warn("vault-cleanup-failed", { connection: connection.id, error });
  }
}
