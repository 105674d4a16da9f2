/** What broker calls teach about a token; each function is one transaction and speaks of one generation. */
import { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import type { Store } from "../platform/store.ts";
import { tokens } from "./records.ts";

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

/** The broker refuses this generation for good. Returns whether that is news. */
export function noteRejection(deps: Deps, key: TokenKey, code: ErrorCode): Promise<boolean> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(tokens, key.connection);
    if (record?.generation !== key.generation || record.rejected !== undefined) return false;
    transaction.set(tokens, key.connection, { ...record, rejected: { at: deps.clock.now(), code } });
    return true;
  });
}
