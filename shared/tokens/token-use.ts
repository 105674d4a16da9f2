/** What broker calls teach about a token; each function is one transaction and speaks of one generation. */
import { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import type { Store } from "../platform/store.ts";
import { type TokenRecord, tokens } from "./records.ts";

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
}

export interface TokenKey {
  readonly connection: ConnectionId;
  readonly generation: number;
}

/** The broker answered a call made with this generation at `at`; `isRenewal` when the call revived it. */
export function noteUse(
  deps: Deps,
  key: TokenKey,
  use: { readonly at: Temporal.Instant; readonly isRenewal: boolean },
): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(tokens, key.connection);
    if (record?.generation !== key.generation) return;
    const isLater = Temporal.Instant.compare(use.at, record.lastUsedAt) > 0;
    transaction.set(tokens, key.connection, {
      ...record,
      ...(isLater ? { lastUsedAt: use.at } : {}),
      ...(use.isRenewal ? { lastRenewedAt: use.at } : {}),
    });
  });
}

/** Whether this generation is the newest, should be alive, and has not been refused yet. */
export async function isTrusted(deps: Deps, key: TokenKey): Promise<boolean> {
  return isTrustedRecord(await deps.store.get(tokens, key.connection), key, deps.clock.now());
}

/** The broker refuses this generation for good. A token that is past its time is dead, not refused. */
export function noteRejection(deps: Deps, key: TokenKey, code: ErrorCode): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(tokens, key.connection);
    const at = deps.clock.now();
    if (record === undefined || !isTrustedRecord(record, key, at)) return;
    transaction.set(tokens, key.connection, { ...record, rejected: { at, code } });
  });
}

/** The same of a record that has been read. */
export function isTrustedRecord(
  record: TokenRecord | undefined,
  key: TokenKey,
  now: Temporal.Instant,
): boolean {
  if (record?.generation !== key.generation || record.rejected !== undefined) return false;
  return Temporal.Instant.compare(now, record.expiresAt) < 0;
}
