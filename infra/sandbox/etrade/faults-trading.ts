/** The switches of orders and portfolios. */
import { z } from "zod";
import { choice, type Switch, share, toggle, whole } from "../switches.ts";

const moveSchema = z.strictObject({
  symbol: z.string().regex(/^[A-Z]{1,5}(\.[A-Z])?$/),
  price: z.number().min(0.01).max(1_000_000),
  hold: z.boolean().default(false),
});

const handSchema = z.strictObject({
  account: z.int().min(0).max(2).default(0),
  symbol: z.string().regex(/^[A-Z]{1,5}(\.[A-Z])?$/),
  action: z.enum(["BUY", "SELL", "BUY_TO_COVER", "SELL_SHORT"]),
  quantity: z.int().min(1).max(1_000_000),
  limitPrice: z.number().positive().optional(),
});

const code = (initial: number, description: string) => whole(initial, [1, 99_999], description);

/** Switches of orders by name, in the order in which people read them. */
export const TRADING_SWITCHES = {
  movePrice: {
    schema: moveSchema.nullable(),
    initial: null as z.output<typeof moveSchema> | null,
    takes: "null or { symbol, price, hold }",
    description:
      "Acts once: the price of a symbol is so many dollars from now on and goes on from there, or, with `hold`, stands there until it is moved again.",
  } satisfies Switch<z.output<typeof moveSchema> | null>,
  freezePrices: toggle("All prices stand; switched off, they go on where they would have been."),
  tradeByHand: {
    schema: handSchema.nullable(),
    initial: null as z.output<typeof handSchema> | null,
    takes: "null or { account, symbol, action, quantity, limitPrice }",
    description:
      "Acts once: the customer enters an order for the day himself, as on the broker's own pages; `account` 0 is the margin account (default), 1 the cash account, 2 the retirement account; without `limitPrice` at the market.",
  } satisfies Switch<z.output<typeof handSchema> | null>,
  ordersPerSecond: whole(5, [0, 1_000_000], "Order calls a second and consumer key; 0 is no limit."),
  ordersPerHour: whole(17_800, [0, 10_000_000], "Order calls a clock hour and consumer key; 0 is no limit."),
  previewLifeSeconds: whole(180, [0, 86_400], "So long a preview can be placed; 0: it is dead at once."),
  cashPreviewEntry: toggle("Previews of a margin account carry a second number with `cashMargin` CASH."),
  duplicateClientOrderId: choice(
    ["refuse", "ignore"],
    "A `clientOrderId` that the account has used already is refused, or nobody looks at it.",
  ),
  duplicateSeenAt: choice(["preview-and-place", "place"], "Where a used `clientOrderId` is noticed."),
  duplicateCode: code(9_101, "Code of a used `clientOrderId`; the real one is not known."),
  buyingPowerCode: code(
    9_102,
    "Code of an order that the money does not suffice for; the real one is not known.",
  ),
  orderInvalidCode: code(
    9_103,
    "Code of an order that is malformed or not offered; the real one is not known.",
  ),
  orderUnknownCode: code(9_104, "Code of an order number that the account does not have."),
  orderSymbolCode: code(1_019, "Code of an order in a symbol that does not exist."),
  closingNothing: choice(
    ["error", "warning"],
    "Selling or covering what a margin account does not hold: error 1040, or taken with the warning 1040.",
  ),
  stopOutOfRange: choice(
    ["refuse", "accept"],
    "A stop on the wrong side of the market: error 2084 (sell) or 2085 (buy), or taken, and it fires at once.",
  ),
  changePartial: choice(
    ["refuse", "accept"],
    "Changing an order that is filled in part: error 167, or the new order takes its place.",
  ),
  cancelLeastMs: whole(1_000, [0, 3_600_000], "A cancel takes at least so many milliseconds of the clock."),
  cancelMostMs: whole(3_000, [0, 3_600_000], "A cancel takes at most so many milliseconds of the clock."),
  cancelRaceShare: share(
    "Share of cancels that are answered 5001 because the order is filled at that moment.",
  ),
  lateFillShare: share("Share of cancels that are accepted, and then the order is filled all the same."),
  fillDelayMs: whole(
    250,
    [0, 86_400_000],
    "An order reaches the market so many milliseconds after it was placed.",
  ),
  neverFill: toggle("Nothing is filled while this is on."),
  partialFillShare: share("Share of orders that are filled in two parts, 40 % first."),
  partialRestMs: whole(
    5_000,
    [0, 86_400_000],
    "The second part is filled no earlier than so many milliseconds after the first.",
  ),
  partialStatus: choice(
    ["PARTIAL", "INDIVIDUAL_FILLS", "OPEN"],
    "The status of a working order of which a part is filled.",
  ),
  partialIsOpen: toggle("A list with `status=OPEN` has orders that are filled in part too.", true),
  individualFillRows: choice(
    ["fills", "orders"],
    "A list with `status=INDIVIDUAL_FILLS` has a row for each fill, or one for each order that has fills.",
  ),
  averagePriceDecimals: whole(4, [2, 10], "Decimals of `averageExecutionPrice`."),
  rejectShare: share("Share of orders that are taken and then REJECTED when they reach the market."),
  executedBeforePlaced: toggle("`executedTime` lies a few milliseconds before `placedTime`."),
  garbageExecutedShare: {
    ...share("Share of cancelled and expired orders that have a senseless `executedTime` of ten digits."),
    initial: 0.5,
  },
  markerPages: choice(
    ["exclusive", "inclusive"],
    "Whether the page after a marker starts behind the marked order, or with it once more.",
  ),
  lastPageMarker: toggle("The last page of a list of orders has a marker too; the page after it is empty."),
  sameDayDates: choice(["refuse", "accept"], "`fromDate` and `toDate` of an order list on the same day."),
  defaultOrderDays: whole(0, [0, 730], "Without dates, a list has the orders of so many days; 0: all."),
  moreTransactionsLies: toggle("`moreTransactions` is false on every page."),
  missingErrorCode: toggle("Errors of orders have a message and no code."),
  orderReadErrorShare: share("Share of order lists and details that answer 500 with code 100."),
  placeErrorShare: share("Share of places and cancels that answer 500 with code 100 and do nothing."),
  placeErrorAfterShare: share(
    "Share of places and cancels that are carried out and answer 500 with code 100.",
  ),
  placeSilenceBeforeShare: share(
    "Share of places and cancels that never reach the broker: no answer, nothing done.",
  ),
  placeSilenceAfterShare: share(
    "Share of places and cancels that are carried out, and no answer ever comes.",
  ),
  busyShare: share("Share of previews and places that answer 400 with code 163 and do nothing."),
};

/** The name of a switch of orders. */
export type TradingSwitchName = keyof typeof TRADING_SWITCHES;
