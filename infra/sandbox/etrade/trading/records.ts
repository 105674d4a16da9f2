/** What the simulated broker keeps of its customers' trading: orders, fills, lots and money. */
import { z } from "zod";

export const ORDER_ACTIONS = ["BUY", "SELL", "BUY_TO_COVER", "SELL_SHORT"] as const;
export type OrderAction = (typeof ORDER_ACTIONS)[number];
export const PRICE_TYPES = [
  "MARKET",
  "LIMIT",
  "STOP",
  "STOP_LIMIT",
  "TRAILING_STOP_CNST",
  "TRAILING_STOP_PRCT",
] as const;
export const ORDER_TERMS = [
  "GOOD_FOR_DAY",
  "GOOD_UNTIL_CANCEL",
  "GOOD_TILL_DATE",
  "IMMEDIATE_OR_CANCEL",
  "FILL_OR_KILL",
] as const;
export const MARKET_SESSIONS = ["REGULAR", "EXTENDED"] as const;
export const ORDER_STATUSES = [
  "OPEN",
  "CANCEL_REQUESTED",
  "EXECUTED",
  "CANCELLED",
  "EXPIRED",
  "REJECTED",
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** Milliseconds since 1970. */
const epochMs = z.int().min(0);

const ticketSchema = z.strictObject({
  clientOrderId: z.string(),
  symbol: z.string(),
  action: z.enum(ORDER_ACTIONS),
  quantity: z.int().min(1),
  priceType: z.enum(PRICE_TYPES),
  orderTerm: z.enum(ORDER_TERMS),
  marketSession: z.enum(MARKET_SESSIONS),
  allOrNone: z.boolean(),
  /** Dollars; 0 where the order has none. */
  limitPrice: z.number(),
  /** Dollars, or the distance of a trailing stop in dollars or percent; 0 where the order has none. */
  stopPrice: z.number(),
});
/** What an order asks for, and what a place is compared with its preview by. */
export type Ticket = z.output<typeof ticketSchema>;

const fillSchema = z.strictObject({ at: epochMs, quantity: z.int().min(1), cents: z.int().min(0) });
/** One execution; `cents` is the price of a share. */
export type Fill = z.output<typeof fillSchema>;

const orderSchema = z.strictObject({
  orderId: z.int(),
  ticket: ticketSchema,
  /** As it is shown: no two orders of an account have the same. */
  placedTime: epochMs,
  placedAt: epochMs,
  /** When it reaches the market. */
  activeAt: epochMs,
  expiresAt: epochMs,
  status: z.enum(ORDER_STATUSES),
  fills: z.array(fillSchema),
  events: z.array(z.strictObject({ name: z.string(), at: epochMs })),
  /** Decided when it was placed. */
  fate: z.strictObject({ isRejected: z.boolean(), isPartial: z.boolean() }),
  cancelAt: epochMs.optional(),
  /** A cancel was accepted, and yet it fills. */
  fillsLate: z.boolean().optional(),
  /** The rest of a partial fill waits until then. */
  restAt: epochMs.optional(),
  hasTriggered: z.boolean().optional(),
  /** Best price since it is active, in cents; of a trailing stop. */
  peakCents: z.int().optional(),
  replaces: z.int().optional(),
  replacedBy: z.int().optional(),
});
export type OrderRecord = z.output<typeof orderSchema>;

const lotSchema = z.strictObject({
  lotId: z.int(),
  symbol: z.string(),
  /** Below 0 for shares sold short. */
  quantity: z.int(),
  cents: z.int(),
  acquiredAt: epochMs,
});
export type Lot = z.output<typeof lotSchema>;

const transactionSchema = z.strictObject({
  transactionId: z.string(),
  at: epochMs,
  orderId: z.int(),
  symbol: z.string(),
  action: z.enum(ORDER_ACTIONS),
  /** Below 0 for a sale. */
  quantity: z.int(),
  cents: z.int(),
});
export type TransactionRecord = z.output<typeof transactionSchema>;

const accountSchema = z.strictObject({
  cashCents: z.int(),
  lots: z.array(lotSchema),
  orders: z.array(orderSchema),
  transactions: z.array(transactionSchema),
  nextOrderId: z.int(),
  nextLotId: z.int(),
  /** Up to when the market was walked; absent before the first look. */
  walkedTo: epochMs.optional(),
});
/** An account's trading; it changes in place. */
export type AccountTrading = z.output<typeof accountSchema>;

const previewSchema = z.strictObject({
  previewId: z.int(),
  account: z.string(),
  ticket: ticketSchema,
  at: epochMs,
  /** The order that is to be changed. */
  changes: z.int().optional(),
  isSpent: z.boolean(),
});
export type Preview = z.output<typeof previewSchema>;

const markSchema = z.strictObject({
  from: epochMs,
  factor: z.number().positive(),
  heldCents: z.int().min(1).optional(),
});
/** What a person did to a price: from then on it is multiplied, or stands. */
export type PriceMark = z.output<typeof markSchema>;
const freezeSchema = z.strictObject({ from: epochMs, until: epochMs.optional() });
export type Freeze = z.output<typeof freezeSchema>;

/** Everything, as it is stored. */
export const savedTradingSchema = z.strictObject({
  version: z.literal(1),
  check: z.string(),
  accounts: z.record(z.string(), accountSchema),
  previews: z.array(previewSchema),
  nextPreview: z.int(),
  marks: z.record(z.string(), z.array(markSchema)),
  freezes: z.array(freezeSchema),
});
export type SavedTrading = z.output<typeof savedTradingSchema>;

/** Whether an order can still be filled. */
export function isWorking({ status }: Pick<OrderRecord, "status">): boolean {
  return status === "OPEN" || status === "CANCEL_REQUESTED";
}

/** Shares that were filled so far. */
export function filledOf({ fills }: Pick<OrderRecord, "fills">): number {
  return fills.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** Shares that may still be filled, of a working order. */
export function leftOf(order: OrderRecord): number {
  return order.ticket.quantity - filledOf(order);
}

export function isBuying(action: OrderAction): boolean {
  return action === "BUY" || action === "BUY_TO_COVER";
}

/** Shares of a symbol that an account holds; below 0 when it is short. */
export function heldOf({ lots }: Pick<AccountTrading, "lots">, symbol: string): number {
  return lots.reduce((sum, lot) => (lot.symbol === symbol ? sum + lot.quantity : sum), 0);
}
