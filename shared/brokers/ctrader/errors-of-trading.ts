/** The broker's codes about orders, positions, symbols and money; a part of `error-table.ts`. */
import type { BrokerError } from "./error-table.ts";

export const TRADING_ERRORS = {
  ...refusals("race", {
    CONCURRENT_MODIFICATION: [
      "The order was being carried out at the moment when it was to be changed.",
      "Look at what became of it, then decide anew.",
    ],
    PENDING_EXECUTION: [
      "Another order of the same position is being carried out.",
      "Look at the position in a moment, then decide anew.",
    ],
    POSITION_LOCKED: [
      "The broker is working on this position.",
      "Look at the position in a moment, then decide anew.",
    ],
  }),
  ...refusals("gone", {
    ENTITY_NOT_FOUND: [
      "What the request speaks of is not there, or no longer.",
      "Look at the list of orders and positions as it is now.",
    ],
    ORDER_CANCEL_REJECTED: [
      "The order could not be cancelled; most often it had been filled or cancelled before.",
      "Look at the order as it is now.",
    ],
    ORDER_NOT_FOUND: [
      "There is no such order: it was filled, cancelled or has expired.",
      "Look at the list of orders and at the position.",
    ],
    POSITION_NOT_FOUND: [
      "There is no such position: it has been closed.",
      "Look at the list of positions and at the latest deals.",
    ],
    POSITION_NOT_OPEN: [
      "The position is not open: it is closed, or its first order has not been filled.",
      "Look at the list of positions and at the orders that wait.",
    ],
    UNABLE_TO_AMEND_ORDER: [
      "The order can no longer be changed.",
      "Look at the order as it is now; cancel it and place a new one if it still waits.",
    ],
    UNABLE_TO_CANCEL_ORDER: [
      "The order can no longer be cancelled.",
      "Look at the order as it is now; it may have been filled.",
    ],
  }),
  ...refusals("caller", {
    PROTECTION_IS_TOO_CLOSE_TO_MARKET: [
      "The stop loss or take profit is nearer to the price than the symbol allows.",
      "Move it further away; the symbol's rules tell the least distance.",
    ],
    SYMBOL_NOT_FOUND: ["The broker has no such symbol.", "Choose one from the account's list of symbols."],
    TRADING_BAD_EXPIRATION_DATE: [
      "The order's end lies in the past or is missing.",
      "Give a moment in the future.",
    ],
    TRADING_BAD_PRICES: [
      "The price is on the wrong side of the market, or has more digits than the symbol.",
      "Put the price right and place the order anew.",
    ],
    TRADING_BAD_STAKE: ["The stake is not one that this symbol allows.", "Give a stake within its limits."],
    TRADING_BAD_STOPS: [
      "The stop loss or take profit lies on the wrong side of the price.",
      "For a buy the stop lies below and the target above, for a sell the other way round; compare with the price of the fill.",
    ],
    TRADING_BAD_VOLUME: [
      "The volume is below the least, above the most, or no whole number of steps.",
      "Give a volume that the symbol's rules allow.",
    ],
    UNKNOWN_SYMBOL: ["The broker has no such symbol.", "Choose one from the account's list of symbols."],
    WORSE_GSL_NOT_ALLOWED: [
      "A guaranteed stop may only be moved so that less is at risk.",
      "Leave the stop where it is, or move it nearer to the price.",
    ],
  }),
  ...refusals("business", {
    MARKET_CLOSED: [
      "The symbol is not traded at this hour.",
      "Place the order when its market is open; the symbol's schedule tells the hours.",
    ],
    MAX_EXPOSURE_REACHED: [
      "The position in this symbol would be larger than the broker allows.",
      "Trade less, or close something of the same symbol first.",
    ],
    NOT_ENOUGH_MONEY: [
      "The free margin does not cover the order.",
      "Trade less, close something, or add money to the account.",
    ],
    ORDER_REJECTED: [
      "The broker turned the order away and gave no reason.",
      "Look at the market and the account, then decide anew.",
    ],
    SHORT_SELLING_NOT_ALLOWED: [
      "This symbol cannot be sold without holding it.",
      "Sell no more than the position holds.",
    ],
    SYMBOL_HAS_HOLIDAY: [
      "The symbol has a holiday today.",
      "Place the order on its next trading day; the symbol's calendar tells it.",
    ],
    TOO_MANY_POSITIONS: [
      "The account has as many positions and orders as the broker allows.",
      "Close or cancel something first.",
    ],
    TRADING_DISABLED: [
      "The broker has stopped trading in this symbol.",
      "Wait, or ask the broker's support why.",
    ],
    TRADING_NOT_ALLOWED: [
      "The account may not trade, or the access that was granted covers viewing only.",
      "Connect cTrader anew and allow trading on the broker's page; if it was allowed, ask the broker whether the account is read-only.",
    ],
  }),
  NO_QUOTES: {
    action: "transient",
    failure: "BROKER_UNAVAILABLE",
    cause: "The broker has no price for this symbol at the moment.",
    next: "Wait for a price, and look at the position before you place the order again.",
  },
} as const satisfies Readonly<Record<string, BrokerError>>;

/** Rows of one action: each with its cause and its next step. */
function refusals<K extends string>(
  action: BrokerError["action"],
  rows: Readonly<Record<K, readonly [cause: string, next: string]>>,
): Readonly<Record<K, BrokerError>> {
  const entries = Object.entries<readonly [string, string]>(rows).map(([code, [cause, next]]) => [
    code,
    { action, failure: "BROKER_REFUSED", cause, next },
  ]);
  return Object.fromEntries(entries) as Record<K, BrokerError>;
}
