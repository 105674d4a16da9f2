/**
 * The mirror of one account, made from its events in wire order and replaced by reconciliations.
 *
 * 1. A deal is counted once, however often and by whichever way it is told.
 * 2. What has ended does not come back: an order never, a position only by something newer than its close.
 * 3. An older snapshot never takes the place of a newer one; of two from the same millisecond the later on the
 *    wire stands, and an event stands against a reconciliation that was under way when it came.
 * 4. News that only another reconciliation can tell from an old story is taken, and asked about by `doubted`.
 * 5. The balance follows the broker's version of it, and never goes back to an older one.
 */
import type { Log } from "../../platform/log.ts";
import type { BookNews, WritableBook } from "./book.ts";
import { openBalance } from "./book-balance.ts";
import { openDealLog } from "./book-deals.ts";
import { openMirror } from "./book-mirror.ts";
import type { ChannelEvent } from "./channel.ts";
import { USUAL_MONEY_DIGITS } from "./money.ts";
import { byExecution } from "./order-subject.ts";
import type { ProtoOADeal, ProtoOAExecutionEvent } from "./protocol/open-api.generated.ts";

interface Parts {
  readonly mirror: ReturnType<typeof openMirror>;
  readonly deals: ReturnType<typeof openDealLog>;
  readonly balance: ReturnType<typeof openBalance>;
}

export interface BookOptions {
  /** The account whose events count; undefined while it is not known. */
  accountId(): number | undefined;
  readonly log?: Log;
  /** Another reconciliation is wanted. It may be called while the book takes an event or an answer. */
  doubted?(): void;
}

/** The mirror of one account. */
export function openBook(options: BookOptions): WritableBook {
  const doubted = () => options.doubted?.();
  const parts: Parts = { mirror: openMirror(doubted), deals: openDealLog(), balance: openBalance() };
  const { mirror, deals, balance } = parts;
  const listeners = new Set<(news: BookNews) => void>();

  function tell(news: BookNews): void {
    for (const listener of [...listeners]) {
      try {
        listener(news);
      } catch (error) {
        // One listener's mistake must cost neither the others nor the book their news.
        options.log?.error("book-listener-failed", { news: news.kind, error });
      }
    }
  }

  function recover(found: readonly ProtoOADeal[]): void {
    for (const deal of found.toSorted(byExecution)) {
      if (!deals.add(deal)) continue;
      balance.closed(deal, { isEvent: false });
      tell({ kind: "recovered-deal", deal });
    }
  }

  return {
    orders: mirror.orders,
    positions: mirror.positions,
    deals: deals.all,
    balance: balance.get,
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    apply(event) {
      if (isForeign(event, options.accountId())) return;
      const taken = take(event, parts);
      if (taken !== undefined) tell({ kind: "event", event, isNewDeal: taken.isNewDeal });
    },
    mark: mirror.mark,
    reconcile(answer, recovered, mark) {
      const newestDealAt = recovered.reduce(
        (newest, { executionTimestamp }) => Math.max(newest, executionTimestamp),
        deals.newestAt() ?? 0,
      );
      const vanished = mirror.reconcile(answer, mark, newestDealAt);
      recover(recovered);
      tell({ kind: "reconciled", vanishedOrders: vanished.orders, vanishedPositions: vanished.positions });
    },
    recover,
    newestDealAt: deals.newestAt,
    setBalance: balance.set,
  };
}

/** What the event changed; undefined where it is none of the book's. */
function take(event: ChannelEvent, parts: Parts): { readonly isNewDeal: boolean } | undefined {
  switch (event.name) {
    case "ProtoOAExecutionEvent":
      return { isNewDeal: takeExecution(event.body, parts) };
    case "ProtoOATrailingSLChangedEvent":
      parts.mirror.trailed(event.body);
      return { isNewDeal: false };
    case "ProtoOAMarginChangedEvent":
      parts.mirror.margin(event.body);
      return { isNewDeal: false };
    case "ProtoOATraderUpdatedEvent": {
      const { balance, moneyDigits, balanceVersion } = event.body.trader;
      parts.balance.set(balance, moneyDigits ?? USUAL_MONEY_DIGITS, balanceVersion);
      return { isNewDeal: false };
    }
    case "ProtoOAOrderErrorEvent":
      return { isNewDeal: false };
    default:
      return undefined;
  }
}

function takeExecution(event: ProtoOAExecutionEvent, { mirror, deals, balance }: Parts): boolean {
  const { order, position, deal, depositWithdraw } = event;
  const isNewDeal = deal !== undefined && deals.add(deal);
  if (order !== undefined) mirror.order(order);
  if (position !== undefined) mirror.position(position);
  if (deal !== undefined) balance.closed(deal, { isEvent: isNewDeal });
  if (depositWithdraw !== undefined) {
    const { moneyDigits, balanceVersion } = depositWithdraw;
    balance.set(depositWithdraw.balance, moneyDigits ?? USUAL_MONEY_DIGITS, balanceVersion);
  }
  return isNewDeal;
}

/** Several accounts can share a connection; each event says whose it is. */
function isForeign({ body }: ChannelEvent, account: number | undefined): boolean {
  return account !== undefined && "ctidTraderAccountId" in body && body.ctidTraderAccountId !== account;
}
