/**
 * Everything that is looked at before an order is written down, in one table. Codes are stable: records, alerts
 * and pages name them. `docs/controls.md` is made from it by `npm run docs:controls`.
 */
export interface Control {
  /** What a person calls it. */
  readonly name: string;
  /** Why the order did not go. */
  readonly summary: string;
  /** What a person does now. */
  readonly next: string;
  /** Whether it can also stop an order that closes; what limits loss, size or pace never does. */
  readonly stopsReductions: boolean;
  /** The trading state into which it brings the bot, or the whole account, until a person lets it go on. */
  readonly latches: "none" | "reducing" | "halted";
  /** Whether it is warned of at 50 % and 80 % of the limit. */
  readonly warns: boolean;
}

const OPENS_ONLY = { stopsReductions: false, latches: "none", warns: false } as const;
const EVERY_ORDER = { ...OPENS_ONLY, stopsReductions: true } as const;
const FILLS_UP = { ...OPENS_ONLY, warns: true } as const;
const LATCH = { ...FILLS_UP, latches: "halted" } as const;
/** What has lost too much must still get out. */
const LOSS_LATCH = { ...FILLS_UP, latches: "reducing" } as const;

export const CONTROLS = {
  LIMIT_MISSING: {
    ...OPENS_ONLY,
    name: "Limit or fact missing",
    summary: "A limit is not set, or something that has to be known before an order opens is not known.",
    next: "Read which one in the text: write the limit into openbell.yaml, or wait until the worker has read the instrument, the prices and the account. An instrument that the broker tells no price of, such as an option held by hand, has to be closed there.",
  },
  QUANTITY_INVALID: {
    ...{ ...EVERY_ORDER, warns: true },
    name: "Quantity",
    summary:
      "The quantity is below the smallest, above the largest, off the broker's step, or more than there is to close.",
    next: "Compare `size` and `orderQuantity` of the bot with the instrument's smallest quantity and step.",
  },
  NOTIONAL_TOO_LARGE: {
    ...FILLS_UP,
    name: "Money of one order",
    summary: "Quantity × price is more than one order of this bot may be worth.",
    next: "Make `size` smaller, or raise `orderNotional` of the bot if you mean it.",
  },
  PRICE_OFF_STEP: {
    ...EVERY_ORDER,
    name: "Price step",
    summary:
      "A price of the order is not one that the broker takes: missing, off its step, or a level too near to the price.",
    next: "Look at the strategy: it must round prices to the instrument's step.",
  },
  PRICE_OUTSIDE_COLLAR: {
    ...FILLS_UP,
    name: "Price collar",
    summary: "The order's price lies further from the present price than the bot's collar.",
    next: "Look whether the strategy reads the right instrument; widen `collarPercent` only if such prices are meant.",
  },
  QUOTE_STALE: {
    ...FILLS_UP,
    name: "Age of the quote",
    summary: "There is no present price, or it is older than allowed.",
    next: "Check with `openbell health` that the worker runs and the connection is up; outside trading hours no price is fresh.",
  },
  SPREAD_TOO_WIDE: {
    ...FILLS_UP,
    name: "Spread",
    summary: "Bid and ask are further apart than the bot accepts.",
    next: "Nothing: it goes again when the market is calmer. Raise `spreadPercent` only if the instrument is always so.",
  },
  ORDER_DUPLICATE: {
    ...OPENS_ONLY,
    name: "Duplicate",
    summary:
      "The bot has just given an order like this one, or has a position or a working order of this kind in the instrument already.",
    next: "Nothing, if one position is meant. Set `addsToPosition: true` for a bot that builds a position up in steps.",
  },
  ORDER_RATE: {
    ...FILLS_UP,
    name: "Orders per minute",
    summary: "The bot or the account has given as many orders within the last minute as it may.",
    next: "Look at what gives so many orders; a minute later it may go on.",
  },
  REPEAT_THROTTLE: {
    ...LATCH,
    name: "Repeats",
    summary: "The bot has asked for the same order over and over, and is halted.",
    next: "Find out why it repeats itself before you let it go on with /resume.",
  },
  REJECTIONS_IN_A_ROW: {
    ...LATCH,
    name: "Rejections in a row",
    summary:
      "The broker has refused as many orders in a row as the bot may have refused, and the bot is halted.",
    next: "Read why the broker refuses; let the bot go on with /resume when that is put right.",
  },
  WORKING_ORDERS: {
    ...FILLS_UP,
    name: "Working orders",
    summary: "The bot or the account has as many working orders as it may.",
    next: "Cancel what is not needed any more, or wait until it is filled.",
  },
  OPEN_POSITIONS: {
    ...FILLS_UP,
    name: "Open positions",
    summary: "The bot or the account has as many positions, open or on their way, as it may.",
    next: "Nothing, if no more are meant; else raise `openPositions`.",
  },
  POSITION_TOO_LARGE: {
    ...FILLS_UP,
    name: "Position in one instrument",
    summary:
      "Position and working orders in the instrument would be larger than the bot may hold, what is held by hand included.",
    next: "Nothing, if no more is meant; else raise `positionQuantity`.",
  },
  GROSS_EXPOSURE: {
    ...FILLS_UP,
    name: "Gross exposure",
    summary: "All positions and working orders of the account together would be worth more than allowed.",
    next: "Close something, or raise `grossExposurePercent` of the account if you mean it.",
  },
  DAILY_NOTIONAL: {
    ...FILLS_UP,
    name: "Money of a day's orders",
    summary: "The orders of the day that open would be worth more than allowed.",
    next: "Nothing: it goes again after midnight in New York.",
  },
  DAILY_LOSS: {
    ...LOSS_LATCH,
    name: "Daily loss",
    summary:
      "The day's loss, open positions included, has reached its limit; the bot or the account may only close.",
    next: "Look at the day's trades. After midnight in New York it can be let go on with /resume.",
  },
  DRAWDOWN: {
    ...LOSS_LATCH,
    name: "Drawdown",
    summary: "The loss from the highest point has reached its limit; the bot or the account may only close.",
    next: "Decide whether the strategy still holds before you let it go on with /resume.",
  },
  WEEKLY_LOSS: {
    ...LOSS_LATCH,
    name: "Weekly loss",
    summary:
      "The week's loss, open positions included, has reached its limit; the bot or the account may only close.",
    next: "Look at the week's trades. From Monday on it can be let go on with /resume.",
  },
  TRADES_PER_DAY: {
    ...FILLS_UP,
    name: "Trades a day",
    summary: "The bot has opened as many trades today as it may.",
    next: "Nothing: it goes again after midnight in New York.",
  },
  RISK_PER_TRADE: {
    ...FILLS_UP,
    name: "Risk of a trade",
    summary:
      "Quantity × the distance to the stop, with the slippage that is expected of entry and stop, is more than one trade may lose.",
    next: "Make `size` smaller or set the stop nearer, though clearly beyond the slippage; or raise `riskPerTradePercent` if you mean it.",
  },
  REWARD_TO_RISK: {
    ...OPENS_ONLY,
    name: "Reward to risk",
    summary: "The take profit is missing, or too near for the distance of the stop.",
    next: "Look at the strategy's levels, or lower `rewardToRisk` of the bot; 0 asks for none.",
  },
  STOP_MISSING: {
    ...OPENS_ONLY,
    name: "Stop loss",
    summary: "The order has no stop loss, or one on the wrong side of its price.",
    next: "Use a strategy that sets a stop; `stopRequired: false` is for paper alone.",
  },
  INSTRUMENT_NOT_LISTED: {
    ...OPENS_ONLY,
    name: "Allow list",
    summary: "The instrument is not one of those that the bot may trade.",
    next: "Add it to `instruments` of the bot if it is meant.",
  },
  INSTRUMENT_RESTRICTED: {
    ...OPENS_ONLY,
    name: "Restricted instrument",
    summary: "Nobody may open anything in the instrument now: by the account's own list, or by the broker.",
    next: "Read whose rule it is; `restricted` of the account is yours to change.",
  },
  MARKET_CLOSED: {
    ...OPENS_ONLY,
    name: "Trading hours",
    summary: "The market is closed, or it is outside the bot's session.",
    next: "Nothing: it goes again when the session opens.",
  },
  ORDER_TYPE: {
    ...OPENS_ONLY,
    name: "Order type",
    summary: "The bot may not give orders of this type.",
    next: "Add it to `orderTypes` of the bot if it is meant.",
  },
  SLIPPAGE: {
    ...FILLS_UP,
    name: "Expected slippage",
    summary:
      "The order is expected to be filled at a price that is worse than the bot accepts: in live by what its market orders of the last day were filled at.",
    next: "Use limit orders, or raise `slippagePercent` if you mean it. What was measured is forgotten after a day.",
  },
  BALANCE_TOO_LOW: {
    ...OPENS_ONLY,
    name: "Balance",
    summary: "There is less money in the account than it has to have for an order that opens.",
    next: "Pay in, or lower `minimumBalance` of the account.",
  },
  TOKEN_NOT_READY: {
    ...OPENS_ONLY,
    name: "Token",
    summary:
      "The broker's token is not confirmed by the worker, or ends before the order could be looked after.",
    next: "Renew the connection; its light is green when the worker has confirmed the token.",
  },
  NOT_RECONCILED: {
    ...OPENS_ONLY,
    name: "Reconciliation",
    summary:
      "Our orders, the broker's orders and the broker's positions do not agree, or were not compared yet.",
    next: "Read the break on the page; it goes on by itself once they agree.",
  },
  CLOCK_DRIFT: {
    ...OPENS_ONLY,
    name: "Clock drift",
    summary:
      "The worker's clock and the broker's are more than a second apart, or could not be compared yet.",
    next: "Let the worker's machine set its clock by the network's time. Not compared yet: see that the connection is ready and brings prices.",
  },
  TRADING_STATE: {
    ...EVERY_ORDER,
    name: "Trading state",
    summary: "Trading is halted, or only orders that close may go.",
    next: "Look who halted it and why; let it go on with /resume. While it is halted, only the owner closes positions.",
  },
  LIVE_NOT_EARNED: {
    ...OPENS_ONLY,
    name: "Right to trade live",
    summary: "The bot has not earned live, or its configuration has changed since it did.",
    next: "Let it trade on paper with this configuration, and ask for live again.",
  },
  ENVIRONMENT_MISMATCH: {
    ...EVERY_ORDER,
    name: "Environment",
    summary: "A bot on paper was about to use a live account, or the reverse.",
    next: "Compare `connection` and `mode` of the bot with `accounts` in openbell.yaml and report it: this cannot happen by a right configuration.",
  },
  BUILD_MISMATCH: {
    ...OPENS_ONLY,
    name: "Build",
    summary: "The worker runs another build than this process, or none is known to run.",
    next: "Deploy or restart both, so that they are of one build.",
  },
} as const satisfies Record<string, Control>;

export type ControlCode = keyof typeof CONTROLS;

/** A control by its code, with the fields that all of them have. */
export function control(code: ControlCode): Control {
  return CONTROLS[code];
}
