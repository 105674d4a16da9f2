import type { OpenPosition } from "../brokers/trading-broker.ts";
import type { Lease, Leases } from "../platform/lease.ts";
import type { Store } from "../platform/store.ts";
import { times } from "./ledger/exact.ts";
import { type PositionBook, positionBookId, positionBooks } from "./ledger/position-book.ts";
import { type AccountLedger, accountLedgers, type Lot } from "./ledger/records.ts";
import { type Difference, takeOverOthers } from "./reconcile-account.ts";
import type { TradedAccount } from "./traded-account.ts";

export interface TakeOverDeps {
  readonly store: Store;
  readonly leases: Pick<Leases, "isHeld">;
  readonly account: TradedAccount;
}

/**
 * Puts the ledger right by the broker's word where a position is nobody's of ours. False where a fill came in
 * between, or the term is over: then the next look compares anew.
 */
export function takeOver(
  { store, leases, account }: TakeOverDeps,
  term: Lease,
  compared: { readonly ledger: AccountLedger; readonly open: readonly OpenPosition[] },
  lasting: readonly Difference[],
): Promise<boolean> {
  const others = lasting.filter((one) => !one.isOurs);
  return store.transact(async (transaction) => {
    const ledger = await transaction.get(accountLedgers, account.id);
    const isHeld = await leases.isHeld(transaction, term);
    if (!isHeld || (ledger?.edition ?? 0) !== compared.ledger.edition) return false;
    const base = ledger ?? compared.ledger;
    const lots = takeOverOthers(base.lots, compared.open, others);
    transaction.set(accountLedgers, account.id, { ...base, lots: [...lots], edition: base.edition + 1 });
    for (const { positionId } of others) {
      const own = lots.filter((one) => one.positionId === positionId);
      const [named] = [...own, ...base.lots.filter((one) => one.positionId === positionId)];
      if (named === undefined) continue;
      transaction.set(positionBooks, positionBookId(account.id, positionId), bookOf(account, named, own));
    }
    return true;
  });
}

/** The position's book as if all that happened to it lay before what is known. */
function bookOf(account: TradedAccount, { positionId, instrument }: Lot, lots: readonly Lot[]): PositionBook {
  const carried = lots.map(({ positionId: _id, instrument: _name, price, ...lot }) => ({
    ...lot,
    cost: times(lot.quantity, price),
  }));
  return { account: account.id, positionId, instrument, carried, legs: [] };
}
