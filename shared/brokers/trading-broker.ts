/**
 * What trading needs of a broker, in the product's own words, whether it speaks over a socket, is asked over
 * HTTP, or is simulated on paper. Quantities are units of
 * the base asset, prices and money are decimals, instants are `Temporal.Instant`.
 */
import type { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import type { Result } from "../platform/result.ts";
import type { BrokerCallFailure } from "./token-issuer.ts";

export type Side = "buy" | "sell";

/** A level by its distance from the fill price, or by its price. */
export type Level = { readonly distance: Decimal } | { readonly price: Decimal };

export interface OrderTicket {
  /** At most 20 letters and digits; never used for two orders. */
  readonly clientOrderId: string;
  /** The broker's own name, e.g. `EURUSD`. */
  readonly instrument: string;
  readonly side: Side;
  readonly type: "market" | "limit" | "stop";
  readonly quantity: Decimal;
  readonly limitPrice?: Decimal;
  readonly stopPrice?: Decimal;
  /** By distance only where `type` is market. */
  readonly stopLoss?: Level;
  readonly takeProfit?: Level;
  readonly timeInForce: "gtc" | "gtd" | "ioc";
  readonly expiresAt?: Temporal.Instant;
  /** Closes this position, or `quantity` of it, in place of opening one. */
  readonly closes?: string;
}

export interface Fill {
  /** The broker's own id: a fill is counted once by it. */
  readonly id: string;
  readonly brokerOrderId: string;
  readonly positionId: string;
  /** Ours, where the broker told it. */
  readonly clientOrderId?: string;
  readonly instrument: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** In the account's currency; negative where it costs. */
  readonly commission: Decimal;
  readonly at: Temporal.Instant;
  /** The broker says that it closes and opens nothing, whatever stands against it, and gives no figures. */
  readonly closes?: true;
  /** Where it closed a position or a part of one. */
  readonly closed?: {
    readonly grossProfit: Decimal;
    readonly swap: Decimal;
    /** Of what was closed: its way in and its way out, with every other cost of closing. */
    readonly commission: Decimal;
    readonly balanceAfter: Decimal;
    /** Units that were closed; missing: as many as stood against it, else all. */
    readonly quantity?: Decimal;
    /** At which they had been opened. */
    readonly entryPrice?: Decimal;
  };
}

/** How an order stands, as far as the broker has told. `fills` are all fills known of it. */
export type OrderStanding =
  | {
      readonly kind: "accepted";
      readonly brokerOrderId: string;
      readonly positionId?: string;
      readonly fills: readonly Fill[];
    }
  | {
      readonly kind: "filled" | "cancelled" | "expired";
      readonly brokerOrderId: string;
      readonly positionId?: string;
      readonly fills: readonly Fill[];
    }
  | { readonly kind: "rejected"; readonly brokerCode: string; readonly reason: string }
  /** It left, and whether the broker has it is not known yet. */
  | { readonly kind: "unknown" }
  /** No byte of it left. */
  | { readonly kind: "not-sent" }
  /** It left, and the broker does not have it. */
  | { readonly kind: "absent" };

export interface OpenPosition {
  readonly id: string;
  readonly instrument: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly stopLoss?: Decimal;
  readonly takeProfit?: Decimal;
  readonly openedAt: Temporal.Instant;
  readonly commission: Decimal;
  readonly swap: Decimal;
  /** The id of the order that opened it, where it is one of ours. */
  readonly clientOrderId?: string;
}

export interface WorkingOrder {
  readonly brokerOrderId: string;
  readonly clientOrderId?: string;
  readonly instrument: string;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly limitPrice?: Decimal;
  readonly stopPrice?: Decimal;
  /** A stop loss or take profit of this position. */
  readonly protects?: string;
}

/** A close to be found, with the quantity of its ticket. */
export interface SoughtClose {
  readonly positionId: string;
  readonly quantity: Decimal;
  /** Whether an order at the broker is known to be another one's: of closes that are alike each has its own. */
  isOthers?(brokerOrderId: string): Promise<boolean>;
}

/** Money in the account's currency. */
export interface AccountMoney {
  readonly currency: string;
  /** Without open positions. */
  readonly balance: Decimal;
  /** Of all open positions, where the broker says it; else it is computed from prices. */
  readonly unrealised?: Decimal;
}

export interface TradingBroker {
  /** Whether a ticket's levels become resting orders at the broker by themselves. Where not, somebody must place them. */
  readonly attachesLevels: boolean;
  /** The least step of a price, where that is the price's own; missing where the instrument's rules say it. */
  readonly priceStepAt?: (price: Decimal) => Decimal;
  /** Whether the broker itself ends an order at this end of its; where not, Openbell withdraws it then. Missing: always. */
  readonly endsByItself?: (expiresAt: Temporal.Instant) => boolean;
  /** As last told; undefined where the broker has not been asked yet. */
  money(): AccountMoney | undefined;
  /** Connected, authorised and reconciled. */
  isReady(): boolean;
  /**
   * Sends an order and tells how it stands whenever that changes, in the broker's order; the last standing is
   * `filled`, `cancelled`, `expired`, `rejected`, `not-sent` or `absent`. `mayLeave` is asked in the moment
   * before the bytes go: false, and it is `not-sent`.
   * A ticket that the broker's rules forbid is `rejected` with the code `TICKET_INVALID` and never leaves.
   */
  place(ticket: OrderTicket, mayLeave: () => boolean, standing: (now: OrderStanding) => void): void;
  /**
   * Asks what became of an order; `since` is an instant before it was sent. `absent` is said only after a second
   * look, ten seconds after the first: what a dying process wrote may still be on its way. Of a close the broker keeps no id of
   * ours: it is found by `closing`, so give it for every ticket that has `closes`. `brokerOrderId`: where the
   * broker has told it, that order is asked for and no other.
   */
  find(
    clientOrderId: string,
    since: Temporal.Instant,
    closing?: SoughtClose,
    brokerOrderId?: string,
  ): Promise<Result<OrderStanding, BrokerCallFailure>>;
  /** `BROKER_REFUSED` where the broker does not let it go: it may have been filled. */
  cancel(brokerOrderId: string, mayLeave: () => boolean): Promise<Result<void, BrokerCallFailure>>;
  /** Asks the broker anew: after its answer positions, working orders and money are at least as new as the question. */
  refresh(): Promise<Result<void, BrokerCallFailure>>;
  /** Every fill of the account, once, in the order in which it became known; those missed while away included. */
  onFill(listener: (fill: Fill) => void): () => void;
  /** Called after every change of positions or working orders, and after each reconciliation. */
  onChange(listener: () => void): () => void;
  positions(): readonly OpenPosition[];
  workingOrders(): readonly WorkingOrder[];
}
