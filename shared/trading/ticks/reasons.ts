/**
 * With what a tick ends: one code each, so that "why nothing happened" has an answer. Of several instruments the
 * one that stands first in this table is the tick's own. `summary`: what was so · `next`: what a person can do.
 */
export interface ReasonEntry {
  readonly summary: string;
  readonly next: string;
}

export const REASONS = {
  ORDER_PROPOSED: {
    summary: "An order passed every control and was written down for the worker to send.",
    next: "Nothing. `openbell orders` shows what became of it.",
  },
  ORDER_CANCELLED: {
    summary: "A resting order is not wanted any more, and the worker was asked to cancel it.",
    next: "Nothing. The next tick may place another one.",
  },
  RISK_DENIED: {
    summary: "The strategy wanted an order, and a control of the risk engine refused it.",
    next: "Read the control's code and figures in the tick's text; change the limit in openbell.yaml only if it is wrong.",
  },
  TOKEN_MISSING: {
    summary: "An order was wanted, and the account's token is dead or not confirmed by the worker.",
    next: "Renew the connection on the page or with `openbell renew`.",
  },
  NOT_RECONCILED: {
    summary: "Our orders and positions and the broker's do not agree, so nothing new is opened.",
    next: "Look at `openbell status` for the break, and compare with the broker's own page.",
  },
  NO_SIZE: {
    summary:
      "The bot's size comes to less than the smallest order that the instrument allows, or cannot be worked out.",
    next: "Raise `size` of the bot, or trade a smaller instrument.",
  },
  ORDER_IMPOSSIBLE: {
    summary: "The strategy asked for an order that no broker can take.",
    next: "Correct the strategy: the tick's text says what is wrong.",
  },
  ORDER_ID_TAKEN: {
    summary:
      "Another order of the account has the id that this tick's order would have, so none was written.",
    next: "Look at that order. The next tick has an id of its own.",
  },
  STRATEGY_FAILED: {
    summary: "The strategy could not be loaded, or it threw an error or gave an answer that means nothing.",
    next: "Read the tick's text, and correct the strategy or its parameters.",
  },
  HALTED: {
    summary: "Trading is halted for everything, the account or the bot.",
    next: "Look at who halted it and why; resume it when that is mended.",
  },
  REDUCING: {
    summary: "The strategy wanted to open a position while only closing is allowed.",
    next: "Resume trading when you want new positions.",
  },
  WORKER_AWAY: {
    summary: "No worker has led the account lately, so nobody could send an order.",
    next: "Check with `openbell health` that the worker runs.",
  },
  POSITION_HELD: {
    summary: "The strategy wanted to open, and the bot already has a position in the instrument.",
    next: "Nothing. It closes before it opens again.",
  },
  ORDER_UNDER_WAY: {
    summary: "An earlier order of the bot in the instrument is not settled yet.",
    next: "Nothing. If it stays so, look at the order.",
  },
  ORDER_RESTING: {
    summary: "The bot's resting order is still the one that the strategy wants.",
    next: "Nothing. It waits for its price.",
  },
  POSITION_GONE: {
    summary: "The strategy wanted to close a position that is not there any more.",
    next: "Nothing. Its stop or take profit was faster, or somebody closed it.",
  },
  NO_SIGNAL: {
    summary: "The strategy looked and wants nothing.",
    next: "Nothing. The tick's text says what was missing.",
  },
  WARMING_UP: {
    summary: "The strategy has not seen enough bars.",
    next: "Wait. If it stays so, check that the connection watches the instrument with the bot's `bars`.",
  },
  NO_WATCHLIST: {
    summary: "The strategy needs the list of today's pre-market scan, and there is none.",
    next: "Check that the connection is armed before the open: the scan reads its prices.",
  },
  NO_QUOTE: {
    summary: "There is no price of the instrument.",
    next: "Check that the connection is up, and that the broker has an instrument of this name.",
  },
  QUOTE_STALE: {
    summary: "The last price of the instrument is older than the bot's `quoteAge` allows.",
    next: "Nothing while the market is shut; else check the connection with `openbell status`.",
  },
  BARS_STALE: {
    summary: "The strategy wanted to open on a bar that ended long ago: no newer ones have come.",
    next: "Nothing right after a market's pause; else check with `openbell status` that the connection is up and watches the instrument with the bot's `bars`.",
  },
  MARKET_CLOSED: {
    summary: "The market is closed: a weekend, a holiday, or the broker does not trade the instrument now.",
    next: "Nothing.",
  },
  NOT_ON_WATCHLIST: {
    summary: "Today's pre-market scan left the instrument out, so nothing is opened in it today.",
    next: "Nothing. The tick's text names the instrument; the bot's parameters say what the scan looks for.",
  },
  OUTSIDE_SESSION: {
    summary: "It is outside the session that the bot is given.",
    next: "Nothing. `session` of the bot in openbell.yaml says when it trades.",
  },
  TOO_LATE: {
    summary: "The tick came later than the bot tolerates, so it was left out.",
    next: "Nothing for one; if it happens often, raise `toleranceSeconds` or look what keeps the machine busy.",
  },
} as const satisfies Record<string, ReasonEntry>;

export type ReasonCode = keyof typeof REASONS;

const ORDER = Object.keys(REASONS) as readonly ReasonCode[];

/** Whether a text is a code of the table: stored ticks of another release may hold others. */
export function isReasonCode(text: string): text is ReasonCode {
  return Object.hasOwn(REASONS, text);
}

/** What became of one instrument, as far as it is told. */
export interface ToldOutcome {
  readonly instrument: string;
  readonly reason: ReasonCode;
  readonly text: string;
}

/**
 * What is told of a whole tick: the outcome whose reason stands first in the table, and what became of how many
 * others. Throws a RangeError for no outcome.
 */
export function foremost(outcomes: readonly ToldOutcome[]): Pick<ToldOutcome, "reason" | "text"> {
  const [first, ...others] = [...outcomes].sort(
    (one, other) => ORDER.indexOf(one.reason) - ORDER.indexOf(other.reason),
  );
  if (first === undefined) throw new RangeError("A tick looks at one instrument at least.");
  const { instrument, reason, text } = first;
  if (others.length === 0) return { reason, text };
  const codes = [...new Set(others.map((one) => one.reason))];
  const counts = codes.map((code) => `${others.filter((one) => one.reason === code).length} ${code}`);
  return {
    reason,
    text: `${text} (${instrument}, beside ${others.length} other${others.length === 1 ? "" : "s"}: ${counts.join(", ")})`,
  };
}
