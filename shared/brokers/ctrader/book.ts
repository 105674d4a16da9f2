/**
 * The account as the broker last told it: the mirror of its orders and positions, and every deal seen.
 * `open-book.ts` makes it.
 */
import type { ChannelEvent } from "./channel.ts";
import type {
  ProtoOADeal,
  ProtoOAOrder,
  ProtoOAPosition,
  ProtoOAReconcileRes,
} from "./protocol/open-api.generated.ts";

export interface AccountBook {
  /** Working orders by id, protective ones included. */
  orders(): ReadonlyMap<number, ProtoOAOrder>;
  /** Open positions by id. */
  positions(): ReadonlyMap<number, ProtoOAPosition>;
  /** Deals by id, each counted once, as far back as the book keeps them. */
  deals(): ReadonlyMap<number, ProtoOADeal>;
  /** Balance in the account's currency with its digits, and the version that the broker gave it. */
  balance(): { readonly amount: number; readonly moneyDigits: number; readonly version?: number } | undefined;
  /** Every execution event in wire order, and each deal that was recovered by asking; each deal once. */
  listen(listener: (news: BookNews) => void): () => void;
}

export type BookNews =
  | { readonly kind: "event"; readonly event: ChannelEvent; readonly isNewDeal: boolean }
  /** A deal that happened while nobody listened. */
  | { readonly kind: "recovered-deal"; readonly deal: ProtoOADeal }
  /** The mirror was replaced by what the broker says. */
  | {
      readonly kind: "reconciled";
      readonly vanishedOrders: readonly number[];
      readonly vanishedPositions: readonly number[];
    };

/** How far the book had read the wire at some moment. */
export type BookMark = number;

/** The side that the session writes to. */
export interface WritableBook extends AccountBook {
  apply(event: ChannelEvent): void;
  /** Taken before a reconciliation's request is made, and handed to `reconcile` with its answer. */
  mark(): BookMark;
  /**
   * Replaces orders and positions, and adds deals not seen yet. What an event since `mark` told is replaced
   * only by something newer: the broker may have made its answer before that event. Without a mark the answer
   * wins over everything.
   */
  reconcile(answer: ProtoOAReconcileRes, deals: readonly ProtoOADeal[], mark?: BookMark): void;
  /** Adds deals that were found by asking, each once. */
  recover(deals: readonly ProtoOADeal[]): void;
  /** The execution time of the newest deal seen, in milliseconds since 1970; undefined before the first. */
  newestDealAt(): number | undefined;
  /** An older version than the one held changes nothing. */
  setBalance(amount: number, moneyDigits: number, version?: number): void;
}
