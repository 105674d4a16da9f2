/** Orders, fills, positions and the trading state as they lie in the store. */
import { z } from "zod";
import { connectionIdSchema } from "../config/connection.ts";
import { topic } from "../platform/bus.ts";
import { decimalSchema } from "../platform/decimal.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection } from "../platform/store.ts";
import { actorSchema } from "../tokens/records.ts";

const sideSchema = z.enum(["buy", "sell"]);

/** By its distance from the fill price, or by its price. */
const levelSchema = z.union([
  z.strictObject({ distance: decimalSchema }),
  z.strictObject({ price: decimalSchema }),
]);

/** The order as it is given to the broker; `shared/brokers/trading-broker.ts` says what each field means. */
export const storedTicketSchema = z.strictObject({
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
export type StoredTicket = z.output<typeof storedTicketSchema>;

/**
 * `created`: wanted, not sent · `sending`: claimed by a worker; it may or may not have left · `accepted` ·
 * `partially-filled` · `unknown`: it left, and the broker has not said what became of it. The rest is final:
 * `filled` · `cancelled` and `expired`, also with a part filled · `rejected` by the broker · `refused` by
 * Openbell's own rules · `not-sent`: no byte of it left · `absent`: it left, and the broker does not have it.
 */
export const ORDER_STATES = [
  "created",
  "sending",
  "accepted",
  "partially-filled",
  "unknown",
  "filled",
  "cancelled",
  "expired",
  "rejected",
  "refused",
  "not-sent",
  "absent",
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/**
 * The states in which the broker may have the order, in the order in which a record goes through them. Who asks
 * for one after the other, in this order, misses none that moves on meanwhile.
 */
export const UNSETTLED_STATES = ["sending", "unknown", "accepted", "partially-filled"] as const;

/** What a refusal says: a code of the error table or the broker's own word, and a text for a person. */
const refusalSchema = z.strictObject({ code: z.string(), text: z.string() });

export const orderSchema = z.strictObject({
  /** The account: a connection's id where it is the broker's own, `paper-` and the id where it is on paper. */
  connection: connectionIdSchema,
  /** At most 20 letters and digits; never used for two orders of a connection. */
  clientOrderId: z.string().regex(/^[A-Za-z0-9]{1,20}$/),
  /** Who wanted it, e.g. `terminal` or a bot's id. */
  source: z.string().min(1).max(80),
  /** The bot that it belongs to, where it is one's. */
  bot: z.string().optional(),
  /** The scheduled instant of the tick that wanted it. */
  tick: instantSchema.optional(),
  /** One sentence for the owner. */
  why: z.string().max(500).optional(),
  ticket: storedTicketSchema,
  state: z.enum(ORDER_STATES),
  /** A worker has something to do for it: to send it or to cancel it. */
  isDue: z.boolean(),
  createdAt: instantSchema,
  /** Not sent by then, it is not sent any more. */
  sendBy: instantSchema,
  changedAt: instantSchema,
  /** The lease's fence and the token's generation under which it was claimed. */
  epoch: z.int().positive().optional(),
  generation: z.int().positive().optional(),
  /** Right before it was given to the broker's client. */
  sentAt: instantSchema.optional(),
  brokerOrderId: z.string().optional(),
  positionId: z.string().optional(),
  /** The sum of its fills, each counted once. */
  filledQuantity: decimalSchema,
  /** Of a market order: the ask of a buyer or the bid of a seller when it was decided. */
  quotedPrice: decimalSchema.optional(),
  /** Where there is a `quotedPrice`: the sum of quantity × price of its fills. */
  filledWorth: decimalSchema.optional(),
  refusal: refusalSchema.optional(),
  cancelRequestedAt: instantSchema.optional(),
  /** Why the last try to cancel it did not do so. */
  cancelTrouble: refusalSchema.optional(),
  /** The owner closes a position by it, also in the halts that are named here: those that held when it was asked for. */
  byOwner: z.strictObject({ despite: z.array(z.string()) }).optional(),
});
export type OrderRecord = z.output<typeof orderSchema>;

export const fillSchema = z.strictObject({
  connection: connectionIdSchema,
  brokerFillId: z.string(),
  brokerOrderId: z.string(),
  positionId: z.string(),
  /** Missing where the order is not one of ours. */
  clientOrderId: z.string().optional(),
  instrument: z.string(),
  side: sideSchema,
  quantity: decimalSchema,
  price: decimalSchema,
  /** In the account's currency; negative where it costs. */
  commission: decimalSchema,
  at: instantSchema,
  /** The broker says that it closes and opens nothing, and gives no figures. */
  closes: z.literal(true).optional(),
  /** Where it closed a position or a part of one. */
  closed: z
    .strictObject({
      grossProfit: decimalSchema,
      swap: decimalSchema,
      /** Of its way in and out. */
      commission: decimalSchema,
      balanceAfter: decimalSchema,
      quantity: decimalSchema.optional(),
      entryPrice: decimalSchema.optional(),
    })
    .optional(),
});
export type FillRecord = z.output<typeof fillSchema>;

/** The broker's open positions as they were last told; the broker's word always wins. */
export const positionSchema = z.strictObject({
  connection: connectionIdSchema,
  positionId: z.string(),
  instrument: z.string(),
  side: sideSchema,
  quantity: decimalSchema,
  price: decimalSchema,
  stopLoss: decimalSchema.optional(),
  takeProfit: decimalSchema.optional(),
  openedAt: instantSchema,
  commission: decimalSchema,
  swap: decimalSchema,
  clientOrderId: z.string().optional(),
});
export type PositionRecord = z.output<typeof positionSchema>;

/** `reducing`: only orders that close. `halted`: none. Cancels always go. */
export const tradingStateSchema = z.strictObject({
  state: z.enum(["active", "reducing", "halted"]),
  who: actorSchema,
  why: z.string(),
  at: instantSchema,
  /** The kill that halted it, where one did. */
  kill: z.string().optional(),
});
export type TradingStateRecord = z.output<typeof tradingStateSchema>;

/** By connection and client order id, see `orderId`. */
export const orders = collection("orders", orderSchema, {
  indexes: [{ where: ["connection"], orderBy: ["createdAt", "asc"] }],
});
/** By connection and the broker's fill id. */
export const fills = collection("fills", fillSchema, {
  indexes: [{ where: ["connection"], orderBy: ["at", "asc"] }],
});
/** By connection and position id. */
export const positions = collection("positions", positionSchema, {
  indexes: [{ where: ["connection"], orderBy: ["openedAt", "asc"] }],
});
/** By scope: `all`, an account's id, or `bot:ID`. What has no record is active. */
export const tradingStates = collection("tradingState", tradingStateSchema);

/** "An order waits to be sent or cancelled: look again." */
export const orderCreated = topic(
  "order-created",
  z.strictObject({ connection: z.string(), clientOrderId: z.string() }),
);

/** "The trading state may have changed: look again." */
export const control = topic("control", z.strictObject({ scope: z.string() }));

/** An order's document: connections, paper and live, never share one. */
export function orderId(connection: string, clientOrderId: string): string {
  return `${connection}:${clientOrderId}`;
}
