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
  /** Puts the bid of a symbol at a price, a plain decimal, from which it walks on. */
  moveTo(symbolId: number, bid: number): void;
  /** Lets all prices stand, or go on. */
  freeze(isFrozen: boolean): void;
  /** Pays money in or, below zero, out, in cents of the account's currency. */
  deposit(ctidTraderAccountId: number, cents: number): void;
  /** All that the venue knows as plain data, for the option `restore` of a later one. */
  snapshot(): VenueSnapshot;
  close(): void;
}

/** A venue written down: plain data that survives JSON. What it holds is the venue's own business. */
export interface VenueSnapshot {
  readonly version: 1;
  readonly ids: Readonly<Record<"order" | "position" | "deal" | "balance", number>>;
  readonly market: Readonly<Record<string, readonly unknown[]>>;
  readonly accounts: readonly unknown[];
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
  /** Share of the orders filled in parts whose last part is cancelled instead of filled. Default: 0. */
  readonly cancelledRestShare?: number;
  /** How far beyond its level a stop is filled at most, in points. Default: 3. */
  readonly slipPoints?: number;
  /** What the broker's documents leave open; what is left out stays as in `LIKELY`. */
  readonly unsure?: Partial<UnsureFacts>;
}

/** Behaviour of the real broker that is reported in two ways, or by one person only. A client survives both. */
export interface UnsureFacts {
  /** Which message carries the refusal of an order: by its code, or always the same one. */
  readonly refusalsBy: "code" | "order-error" | "error-answer" | "execution-event";
  /** An amended order keeps the values that the request leaves out, instead of clearing them. */
  readonly amendKeepsLeftOut: boolean;
  readonly tooCloseCode: "PROTECTION_IS_TOO_CLOSE_TO_MARKET" | "TRADING_BAD_STOPS";
  readonly badDecimalsCode: "INVALID_REQUEST" | "TRADING_BAD_PRICES";
  readonly alreadySubscribedCode: "ALREADY_SUBSCRIBED" | "INVALID_REQUEST";
  readonly noSpotsCode: "INVALID_REQUEST" | "NOT_SUBSCRIBED_TO_SPOTS";
  /** The acceptance of an order shows the position that it reserves. */
  readonly acceptanceHasPosition: boolean;
  /** The acceptance of a market order comes twice. */
  readonly acceptedTwice: boolean;
  /** The protective order of a position that a request closes is cancelled by an event of its own. */
  readonly closeCancelsProtection: boolean;
  /** A closing order carries the `clientOrderId` of the order that opened the position. */
  readonly closingInheritsId: boolean;
  /** Cancelling an order that was filled meanwhile gives the event `ORDER_CANCEL_REJECTED`, instead of an error. */
  readonly lateCancelIsEvent: boolean;
  /** The lists of one position begin with the oldest. */
  readonly oldestFirst: boolean;
}
