import type { OpenPosition } from "../brokers/trading-broker.ts";
import type { Lease, Leases } from "../platform/lease.ts";
import type { Store } from "../platform/store.ts";
import { times } from "./ledger/exact.ts";
import { type PositionBook, positionBookId, positionBooks } from "./ledger/position-book.ts";
import { type AccountLedger, accountLedgers } from "./ledger/records.ts";
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
      const open = compared.open.find((one) => one.id === positionId);
      const instrument =
        open?.instrument ?? base.lots.find((one) => one.positionId === positionId)?.instrument;
      if (instrument === undefined) continue;
      const book = bookOf(account, { positionId, instrument }, open);
      transaction.set(positionBooks, positionBookId(account.id, positionId), book);
    }
    return true;
  });
}

/** The position's book as if all that happened to it lay before what is known. */
function bookOf(
  account: TradedAccount,
  named: Pick<PositionBook, "positionId" | "instrument">,
  open: OpenPosition | undefined,
): PositionBook {
  if (open === undefined) return { account: account.id, ...named, carried: [], legs: [] };
  const { side, quantity, price, commission, openedAt } = open;
  const holding = { side, quantity, cost: times(quantity, price), fees: commission, openedAt };
  return { account: account.id, ...named, carried: [holding], legs: [] };
}
