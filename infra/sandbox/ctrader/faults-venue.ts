import { z } from "zod";
import { choice, type Switch, share, toggle, whole } from "../switches.ts";

const moveSchema = z.strictObject({ symbolId: z.int().positive(), bid: z.number().positive() });
const depositSchema = z.strictObject({
  ctidTraderAccountId: z.int().positive(),
  cents: z.int().min(-1_000_000_000).max(1_000_000_000),
});

/** Switches of the market and of orders; the venue obeys most of them. */
export const VENUE_SWITCHES = {
  partialFillShare: share("Share of new orders that are filled in parts."),
  cancelledRestShare: share("Share of the orders filled in parts whose rest is cancelled."),
  silentOrderShare: share("Share of new orders that are done, and their connection never hears of it."),
  lostOrderShare: share("Share of new orders that vanish: not done, not answered."),
  rejectedOrderShare: share("Share of new orders that an ORDER_REJECTED event refuses."),
  fillMs: whole(130, [0, 600_000], "Milliseconds from acceptance to fill."),
  protectionMs: whole(10, [0, 600_000], "Milliseconds from a fill to the protective order."),
  slipPoints: whole(3, [0, 10_000], "How far beyond its level a stop is filled at most, in points."),
  dropBeforeOrderShare: share("Share of order requests at which the connection breaks with nothing done."),
  dropAfterOrderShare: share("Share of order requests that are done while the connection breaks unanswered."),
  lateEventsMs: whole(0, [0, 600_000], "Execution events come so much later, in their order."),
  duplicateEventShare: share("Share of execution events that come twice."),
  foreignIdShare: share(
    "Share of events that nobody asked for and that still bear a clientMsgId, as of another connection.",
  ),
  oneSidedSpotsShare: share("Share of two-sided price events that come as two one-sided ones."),
  freezePrices: toggle("All prices stand where they are."),
  movePrice: {
    schema: moveSchema.nullable(),
    initial: null as z.output<typeof moveSchema> | null,
    takes: "null or { symbolId, bid }",
    description: "Acts once and goes back: puts the bid of a symbol at a price, from which it walks on.",
  } satisfies Switch<z.output<typeof moveSchema> | null>,
  depositNow: {
    schema: depositSchema.nullable(),
    initial: null as z.output<typeof depositSchema> | null,
    takes: "null or { ctidTraderAccountId, cents }",
    description: "Acts once and goes back: pays money into an account or, below zero, out of it.",
  } satisfies Switch<z.output<typeof depositSchema> | null>,
} as const;

/** What the broker's documents leave open, or one observer only has seen; the likelier reading comes first. */
export const UNSURE_SWITCHES = {
  refusalsBy: choice(
    ["code", "order-error", "error-answer", "execution-event"],
    "Which message carries the refusal of an order: by its code, or always 2132, 2142 or 2126.",
  ),
  amendKeepsLeftOut: toggle("An amended order keeps what its request leaves out, instead of clearing it."),
  tooCloseCode: choice(
    ["PROTECTION_IS_TOO_CLOSE_TO_MARKET", "TRADING_BAD_STOPS"],
    "The code for levels that lie too close to the market.",
  ),
  badDecimalsCode: choice(
    ["INVALID_REQUEST", "TRADING_BAD_PRICES"],
    "The code for a price with more decimals than the symbol has.",
  ),
  alreadySubscribedCode: choice(
    ["ALREADY_SUBSCRIBED", "INVALID_REQUEST"],
    "The code for a second subscription of a symbol's prices.",
  ),
  noSpotsCode: choice(
    ["INVALID_REQUEST", "NOT_SUBSCRIBED_TO_SPOTS"],
    "The code for live bars of a symbol without its prices.",
  ),
  acceptanceHasPosition: toggle("The acceptance of an order shows the position that it reserves.", true),
  acceptedTwice: toggle("The acceptance of a market order comes twice."),
  closeCancelsProtection: toggle(
    "A position that a request closes has its protective order cancelled by an event of its own.",
    true,
  ),
  closingInheritsId: toggle("A closing order carries the `clientOrderId` of the order that opened."),
  lateCancelIsEvent: toggle(
    "Cancelling an order that was filled meanwhile gives the event ORDER_CANCEL_REJECTED, and not an error.",
    true,
  ),
  oldestFirst: toggle("The lists of one position begin with the oldest."),
} as const;
