/**
 * The trading side of the simulated broker: accounts, symbols, a market, orders and positions. It knows nothing
 * of sockets, tokens or applications; the gateway does. `open-venue.ts` makes it.
 */
import type { MessageName } from "../../../shared/brokers/ctrader/protocol/names.ts";
import type { Messages } from "../../../shared/brokers/ctrader/protocol/open-api.generated.ts";

/** A message as the venue says it; how it is dressed for the wire is the gateway's. */
export type VenueMessage = {
  readonly [N in MessageName]: { readonly name: N; readonly body: Messages[N] };
}[MessageName];

/** An account that a user of the broker has. */
export interface VenueAccount {
  readonly ctidTraderAccountId: number;
  /** The number that the owner knows. */
  readonly traderLogin: number;
  readonly isLive: boolean;
  readonly isNetted: boolean;
  /** The user who may authorise it. */
  readonly user: string;
  readonly brokerTitle: string;
}

/** One authorised account on one connection: what it subscribes and asks ends with it. */
export interface VenueSeat {
  /** Answers by any number of messages through the seat's `send`, at once or later. */
  handle(message: VenueMessage, clientMsgId: string | undefined): void;
  leave(): void;
}

export interface VenueSeatEvents {
  /** `clientMsgId`: of the request it answers; undefined for what came by itself. */
  send(message: VenueMessage, clientMsgId: string | undefined): void;
}

export interface Venue {
  accounts(): readonly VenueAccount[];
  /** Takes a seat for an account; its execution events go to every seat of that account. */
  sit(ctidTraderAccountId: number, events: VenueSeatEvents): VenueSeat;
  /** What the account truly holds, for tests and for `GET /sandbox`. */
  truth(ctidTraderAccountId: number): VenueTruth;
  setFaults(faults: VenueFaults): void;
  close(): void;
}

export interface VenueTruth {
  readonly orders: readonly Messages["ProtoOAOrder"][];
  readonly positions: readonly Messages["ProtoOAPosition"][];
  readonly deals: readonly Messages["ProtoOADeal"][];
  readonly balance: number;
  readonly balanceVersion: number;
  /** How many new-order requests reached the venue, by clientOrderId. */
  readonly received: Readonly<Record<string, number>>;
}

/** The switches that the venue itself obeys. */
export interface VenueFaults {
  /** Share of new orders that are filled in parts. */
  readonly partialFillShare: number;
  /** Share of new orders that are done without any answer or event to the connection that sent them. */
  readonly silentOrderShare: number;
  /** Share of new orders that vanish: not done, not answered. */
  readonly lostOrderShare: number;
  /** Share of new orders that are refused by `ORDER_REJECTED` inside an execution event. */
  readonly rejectedOrderShare: number;
  /** Milliseconds from acceptance to fill, and from fill to the protective order. */
  readonly fillMs: number;
  readonly protectionMs: number;
}
