/**
 * Orders at cTrader, from the request to what became of it. `open-order-desk.ts` makes it.
 *
 * 1. An order request leaves at most once, whatever happens to the connection.
 * 2. What became of an unanswered one is found by asking the broker, never by sending it again.
 * 3. Every promise of a call settles: `accepted` by the end of the connection at the latest, `done` when the
 *    broker says how the order ended or that it never had it.
 */
import type { Result } from "../../platform/result.ts";
import type { CtraderCallFailure } from "./channel.ts";
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
  | { readonly kind: "placed"; readonly order: ProtoOAOrder }
  /** None was asked for, or the order ended without a fill. */
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
}

export interface OrderDesk {
  /** Settles at once as `not-sent` unless the session is ready. */
  submit(order: NewOrder, options?: OrderOptions): OrderCall;
  /** Closes a position, or a part of it: `volume` in hundredths of a unit. */
  close(request: WithoutAccount<ProtoOAClosePositionReq>, options?: OrderOptions): OrderCall;
  cancel(request: WithoutAccount<ProtoOACancelOrderReq>, options?: OrderOptions): Promise<ChangeAnswer>;
  /** All values of the order are sent, those that do not change as well: what is left out may be cleared. */
  amend(request: WithoutAccount<ProtoOAAmendOrderReq>, options?: OrderOptions): Promise<ChangeAnswer>;
  /** Both levels are sent: one left out is removed. */
  protect(
    request: WithoutAccount<ProtoOAAmendPositionSLTPReq>,
    options?: OrderOptions,
  ): Promise<ChangeAnswer>;
  /** Asks the broker what became of an order, by the id that we gave it. `since`: milliseconds since 1970, not after it was sent. */
  find(clientOrderId: string, since: number): Promise<Result<FoundOrder, CtraderCallFailure>>;
  /** Orders sent and not yet done. */
  pending(): readonly string[];
}
