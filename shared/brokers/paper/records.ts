/** A paper account as it lies in the store: what lives in one document, what is over in documents of its own. */
import { z } from "zod";
import { connectionIdSchema } from "../../config/connection.ts";
import { decimalSchema } from "../../platform/decimal.ts";
import { instantSchema } from "../../platform/instant.ts";
import { collection } from "../../platform/store.ts";

const sideSchema = z.enum(["buy", "sell"]);
const levelSchema = z.union([
  z.strictObject({ distance: decimalSchema }),
  z.strictObject({ price: decimalSchema }),
]);

/** `shared/brokers/trading-broker.ts` says what each field means. */
export const paperTicketSchema = z.strictObject({
  clientOrderId: z.string().regex(/^[A-Za-z0-9]{1,20}$/),
  instrument: z.string().min(1).max(60),
  side: sideSchema,
  type: z.enum(["market", "limit", "stop"]),
  quantity: decimalSchema,
  limitPrice: decimalSchema.optional(),
  stopPrice: decimalSchema.optional(),
  stopLoss: levelSchema.optional(),
  takeProfit: levelSchema.optional(),
  timeInForce: z.enum(["gtc", "gtd", "ioc"]),
  expiresAt: instantSchema.optional(),
  closes: z.string().optional(),
});
export type PaperTicket = z.output<typeof paperTicketSchema>;

const fillFields = {
  /** `f1`, `f2` …, in the order in which they happened. */
  id: z.string(),
  brokerOrderId: z.string(),
  positionId: z.string(),
  clientOrderId: z.string().optional(),
  instrument: z.string(),
  side: sideSchema,
  quantity: decimalSchema,
  price: decimalSchema,
  commission: decimalSchema,
  at: instantSchema,
  closed: z
    .strictObject({
      grossProfit: decimalSchema,
      swap: decimalSchema,
      commission: decimalSchema,
      balanceAfter: decimalSchema,
    })
    .optional(),
};
const embeddedFillSchema = z.strictObject(fillFields);
/** A fill of the account, of the same shape as a live broker's. */
export type PaperFill = z.output<typeof embeddedFillSchema>;

const orderFields = {
  /** `o1`, `o2` …, in the order in which they arrived. */
  brokerOrderId: z.string(),
  /** The position that it opens or closes. */
  positionId: z.string(),
  ticket: paperTicketSchema,
  state: z.enum(["accepted", "filled", "cancelled", "expired", "rejected"]),
  /** Of a stop order: its price was reached, and from then on it is filled as a market order. */
  isTriggered: z.boolean(),
  fills: z.array(embeddedFillSchema),
  /** Why it was rejected. */
  brokerCode: z.string().optional(),
  reason: z.string().optional(),
  placedAt: instantSchema,
  changedAt: instantSchema,
};
const workingOrderSchema = z.strictObject(orderFields);
/** An order that arrived, whatever became of it. */
export type PaperOrder = z.output<typeof workingOrderSchema>;

/** A resting level of a position, an order of its own at a broker. */
const protectionSchema = z.strictObject({ brokerOrderId: z.string(), price: decimalSchema });

const positionSchema = z.strictObject({
  /** `p` and the number of the order that opened it. */
  id: z.string(),
  instrument: z.string(),
  side: sideSchema,
  quantity: decimalSchema,
  /** The average of what is left, to twelve decimals. */
  price: decimalSchema,
  stop: protectionSchema.optional(),
  profit: protectionSchema.optional(),
  openedAt: instantSchema,
  /** What opening that which is left has cost, paid already; negative. */
  commission: decimalSchema,
  clientOrderId: z.string(),
});
export type PaperPosition = z.output<typeof positionSchema>;

export const paperAccountSchema = z.strictObject({
  account: connectionIdSchema,
  currency: z.string(),
  /** What it began with. */
  startBalance: decimalSchema,
  /** Without open positions. */
  balance: decimalSchema,
  /** The highest fence of all who led it: a writer with a lower one is late. */
  fence: z.int().positive(),
  /** The numbers last given out. */
  lastOrder: z.int().min(0),
  lastFill: z.int().min(0),
  /** The working ones, the oldest first. */
  orders: z.array(workingOrderSchema),
  /** The open ones, the oldest first. */
  positions: z.array(positionSchema),
  openedAt: instantSchema,
  changedAt: instantSchema,
});
export type PaperAccount = z.output<typeof paperAccountSchema>;

const named = { account: connectionIdSchema };

/** By account: its money, working orders and open positions. */
export const paperAccounts = collection("paperAccounts", paperAccountSchema);
/** By account and our order id, `ACCOUNT:CLIENT-ORDER-ID`: every order that ever arrived. */
export const paperOrders = collection("paperOrders", z.strictObject({ ...named, ...orderFields }));
/** By account and fill, `ACCOUNT:f1`. */
export const paperFills = collection("paperFills", z.strictObject({ ...named, ...fillFields }));

/** The document of an order or a fill of an account. */
export function paperId(account: string, id: string): string {
  return `${account}:${id}`;
}
