import type { OpenPosition } from "../brokers/trading-broker.ts";
import type { Lease, Leases } from "../platform/lease.ts";
import type { Store } from "../platform/store.ts";
import { type PositionRecord, positions } from "./records.ts";
import type { TradedAccount } from "./traded-account.ts";

export interface MirrorDeps {
  readonly store: Store;
  readonly leases: Pick<Leases, "isHeld">;
  readonly account: TradedAccount;
}

/**
 * Makes the stored positions of a connection those that are given. False where the term is over: a late
 * process must not bring back what its successor has seen close.
 */
export async function mirrorPositions(
  { store, leases, account }: MirrorDeps,
  term: Lease,
  open: readonly OpenPosition[],
): Promise<boolean> {
  const where: Partial<PositionRecord> = { connection: account.id };
  const stored = await store.query(positions, { where });
  const records = open.map((one) => recordOf(account, one));
  const kept = new Set(records.map((one) => positionId(one)));
  return store.transact(async (transaction) => {
    if (!(await leases.isHeld(transaction, term))) return false;
    for (const record of records) transaction.set(positions, positionId(record), record);
    for (const { id } of stored) if (!kept.has(id)) transaction.delete(positions, id);
    return true;
  });
}

function positionId({ connection, positionId }: PositionRecord): string {
  return `${connection}:${positionId}`;
}

function recordOf(account: TradedAccount, { id, ...rest }: OpenPosition): PositionRecord {
  return { connection: account.id, positionId: id, ...rest };
}
