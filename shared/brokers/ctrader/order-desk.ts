/**
 * Orders at cTrader, from the request to what became of it. `open-order-desk.ts` makes it.
 *
 * 1. An order request leaves at most once, whatever happens to the connection.
 * 2. What became of an unanswered one is found by asking the broker, never by sending it again.
 * 3. Every promise of a call settles: `accepted` by the end of the connection at the latest, `done` when the
 *    broker says how the order ended or that it never had it.
 */
import type { Result } from "../../platform/result.ts";
import type { ChannelEvent, CtraderCallFailure } from "./channel.ts";
import type {
  ProtoOAAmendOrderReq,
  ProtoOAAmendPositionSLTPReq,
  ProtoOACancelOrderReq,
  ProtoOAClosePositionReq,
  ProtoOADeal,
  ProtoOAExecutionEvent,
  ProtoOANewOrderReq,
  ProtoOAOrder,
  ProtoOAPosition,
} from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";

type WithoutAccount<T> = Omit<T, "ctidTraderAccountId">;

/** A new order; `clientOrderId` is required, and is written into the comment too, which positions keep. */
export type NewOrder = WithoutAccount<Omit<ProtoOANewOrderReq, "clientOrderId" | "comment">> & {
  readonly clientOrderId: string;
};

/** `not-sent` is certain: no byte of it left. `absent`: it left, and the broker does not have it. */
export type OrderAnswer =
  | { readonly kind: "accepted"; readonly order: ProtoOAOrder; readonly position?: ProtoOAPosition }
  | { readonly kind: "rejected"; readonly refusal: CtraderRefusal }
  | { readonly kind: "not-sent" }
  | { readonly kind: "unknown" };

export type OrderEnd =
  | {
      readonly kind: "filled" | "cancelled" | "expired";
      readonly order: ProtoOAOrder;
      readonly deals: readonly ProtoOADeal[];
    }
  | { readonly kind: "rejected"; readonly refusal: CtraderRefusal }
  | { readonly kind: "not-sent" }
  | { readonly kind: "absent" };

export type ProtectionAnswer =
  /** `order` is undefined where the position shows its levels, and no order for them is to be found. */
  | { readonly kind: "placed"; readonly order?: ProtoOAOrder }
  /** Levels were asked for, the order was filled, and the open position has none. */
  | { readonly kind: "missing" }
  /** None was asked for, the order ended without a fill, or its position is closed again. */
  | { readonly kind: "none" };

export interface OrderCall {
  readonly accepted: Promise<OrderAnswer>;
  /** May wait for days where the order rests. */
  readonly done: Promise<OrderEnd>;
  /** The stop loss and take profit that the broker made of the order's levels. */
  readonly protection: Promise<ProtectionAnswer>;
}

/** What becomes of a cancel, amend, or change of levels: settled by the event that did it. */
export type ChangeAnswer =
  | { readonly kind: "done"; readonly event: ProtoOAExecutionEvent }
  | { readonly kind: "rejected"; readonly refusal: CtraderRefusal }
  | { readonly kind: "not-sent" }
  | { readonly kind: "unknown" };

/** What the broker says of an order that we once sent. */
export type FoundOrder =
  | { readonly kind: "found"; readonly order: ProtoOAOrder; readonly deals: readonly ProtoOADeal[] }
  | { readonly kind: "absent" };

export interface OrderOptions {
  /** Asked in the moment before the bytes go to the socket: false, and nothing is sent. Default: always true. */
  mayLeave?(): boolean;
  /** Called whenever the broker tells how a living order stands: accepted, partly filled, found again. */
  progress?(order: ProtoOAOrder, deals: readonly ProtoOADeal[]): void;
}

/** A level to set, or the word to take it away; left out, it stays as the book shows it. */
export type LevelChange = number | "remove";

type WithLevels<T> = Omit<WithoutAccount<T>, "stopLoss" | "takeProfit"> & {
  readonly stopLoss?: LevelChange;
  readonly takeProfit?: LevelChange;
};

/** A close that a process before this one may have sent; the broker keeps no id of ours for it. */
export interface SentClose {
  readonly positionId: number;
  /** In hundredths of a unit. */
  readonly volume: number;
  /** Takes an order of the broker's for this close; false where it is known to be another's. Default: true. */
  take?(orderId: number): Promise<boolean>;
}

export interface OrderDesk {
  /** Settles at once as `not-sent` unless the session is ready. */
  submit(order: NewOrder, options?: OrderOptions): OrderCall;
  /** Closes a position, or a part of it: `volume` in hundredths of a unit. */
  close(request: WithoutAccount<ProtoOAClosePositionReq>, options?: OrderOptions): OrderCall;
  cancel(request: WithoutAccount<ProtoOACancelOrderReq>, options?: OrderOptions): Promise<ChangeAnswer>;
  /** What is left out is filled in from the book, since the broker may clear what is not sent. */
  amend(request: WithLevels<ProtoOAAmendOrderReq>, options?: OrderOptions): Promise<ChangeAnswer>;
  /** A level left out is filled in from the book, since the broker removes what is not sent. */
  protect(request: WithLevels<ProtoOAAmendPositionSLTPReq>, options?: OrderOptions): Promise<ChangeAnswer>;
  /**
   * Asks the broker what became of an order, by the id that we gave it. `since`: milliseconds since 1970, not
   * after it was sent. `orderId`: the broker's order for it, where that is known; it is asked for alone then.
   * `absent` is said only after a second look, ten seconds after the first.
   */
  find(
    clientOrderId: string,
    since: number,
    orderId?: number,
  ): Promise<Result<FoundOrder, CtraderCallFailure>>;
  /** The same for a close: the oldest order since then that closes so much of that position, and is no other close's of this process. */
  findClose(close: SentClose, since: number): Promise<Result<FoundOrder, CtraderCallFailure>>;
  /** Orders sent and not yet done. */
  pending(): readonly string[];
}

/** The side that the session holds. */
export interface DeskControl extends OrderDesk {
  /** After the book has taken the event; every event of the channel, in wire order. */
  applied(event: ChannelEvent): void;
  /** After the channel has ended, and settled what waited on it. */
  channelEnded(): void;
  /** Requests given to a channel, or left on one, of which nothing has been heard yet; an order that rests is none. */
  unanswered(): number;
  /** After `book.reconcile`. `begunAt`: `timers.now()` when the reconciliation's request was made. */
  reconciled(begunAt: number): void;
}
