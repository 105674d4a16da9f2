import type { AccountBook } from "./book.ts";
import { USUAL_MONEY_DIGITS } from "./money.ts";
import type { ProtoOADeal } from "./protocol/open-api.generated.ts";

type Balance = NonNullable<ReturnType<AccountBook["balance"]>>;

/** The balance by the broker's versions of it. A side without a version is believed: there is nothing to compare. */
export function openBalance() {
  let held: Balance | undefined;

  function set(amount: number, moneyDigits: number, version?: number): void {
    const known = held?.version;
    if (version !== undefined && known !== undefined && version < known) return;
    const kept = version ?? known;
    held = { amount, moneyDigits, ...(kept === undefined ? {} : { version: kept }) };
  }

  return {
    get: (): Balance | undefined => held,
    set,
    /**
     * A close tells the balance after it. Without a version only a live event is believed: a deal that was read
     * from a list may be older than what is held, and the session reads the balance itself when it reconnects.
     */
    closed(deal: ProtoOADeal, how: { readonly isEvent: boolean }): void {
      const detail = deal.closePositionDetail;
      if (detail === undefined) return;
      if (detail.balanceVersion === undefined && !how.isEvent) return;
      const digits = detail.moneyDigits ?? deal.moneyDigits ?? held?.moneyDigits ?? USUAL_MONEY_DIGITS;
      set(detail.balance, digits, detail.balanceVersion);
    },
  };
}
