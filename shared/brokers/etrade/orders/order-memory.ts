/**
 * What must outlive a process for E*TRADE's orders, because the broker gives none of it back: which order of
 * ours was sent how, which of the broker's orders is whose, and where its fills are cut.
 */
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { connectionIdSchema } from "../../../config/connection.ts";
import type { Clock } from "../../../platform/clock.ts";
import { decimalSchema } from "../../../platform/decimal.ts";
import { instantSchema } from "../../../platform/instant.ts";
import { collection, type Store } from "../../../platform/store.ts";
import { type Cut, withCut } from "./fill-cuts.ts";
import type { OrderRequest } from "./order-request.ts";

const KEPT_FOR = Temporal.Duration.from({ hours: 24 * 400 });

const sentSchema = z.strictObject({
  connection: connectionIdSchema,
  clientOrderId: z.string(),
  symbol: z.string(),
  action: z.enum(["BUY", "SELL", "BUY_TO_COVER", "SELL_SHORT"]),
  quantity: decimalSchema,
  priceType: z.enum(["MARKET", "LIMIT", "STOP"]),
  limitPrice: decimalSchema.optional(),
  stopPrice: decimalSchema.optional(),
  term: z.enum(["GOOD_FOR_DAY", "GOOD_UNTIL_CANCEL", "IMMEDIATE_OR_CANCEL"]),
  /** Right before it may have left. */
  sentAt: instantSchema,
  /** The broker's number, once it is known. */
  brokerOrderId: z.string().optional(),
  keptUntil: instantSchema,
});
type SentRecord = z.output<typeof sentSchema>;

const heldSchema = z.strictObject({
  connection: connectionIdSchema,
  brokerOrderId: z.string(),
  /** Whose it is, where it is one of ours. */
  clientOrderId: z.string().optional(),
  cuts: z.array(
    z.strictObject({
      quantity: decimalSchema,
      money: decimalSchema,
      costs: decimalSchema,
      at: instantSchema,
    }),
  ),
  keptUntil: instantSchema,
});

/** By connection and client order id: how an order was sent to E*TRADE, written before it could leave. */
export const etradeSent = collection("etradeSent", sentSchema, { expiresBy: "keptUntil" });
/** By connection and the broker's order id: whose an E*TRADE order is, and where its fills are cut. */
export const etradeOrders = collection("etradeOrders", heldSchema, { expiresBy: "keptUntil" });

/** An order as it was sent. */
export interface SentOrder extends OrderRequest {
  readonly sentAt: Temporal.Instant;
  readonly brokerOrderId?: string;
}

export interface OrderMemory {
  /** Writes down an order that is about to leave. False where one of this id was sent before. */
  sending(request: OrderRequest): Promise<SentOrder | undefined>;
  sent(clientOrderId: string): Promise<SentOrder | undefined>;
  /** It is certain that nothing of it left. */
  unsent(clientOrderId: string): Promise<void>;
  /** Makes the broker's order the one of ours; false where it is another's, or ours has another. */
  own(brokerOrderId: string, clientOrderId: string): Promise<boolean>;
  ownerOf(brokerOrderId: string): Promise<string | undefined>;
  /** The order's cuts, with `seen` among them if it brings more shares. */
  cut(brokerOrderId: string, seen: Cut): Promise<readonly Cut[]>;
  /** The cuts that are stored. */
  cuts(brokerOrderId: string): Promise<readonly Cut[]>;
}

export function createOrderMemory(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  connection: SentRecord["connection"],
): OrderMemory {
  const idOf = (name: string) => `${connection}:${name}`;
  const keptUntil = () => clock.now().add(KEPT_FOR);

  return {
    sending(request) {
      const record = { connection, ...request, sentAt: clock.now(), keptUntil: keptUntil() };
      return store.transact(async (transaction) => {
        const before = await transaction.get(etradeSent, idOf(request.clientOrderId));
        if (before !== undefined) return undefined;
        transaction.set(etradeSent, idOf(request.clientOrderId), record);
        return sentOf(record);
      });
    },
    async sent(clientOrderId) {
      const record = await store.get(etradeSent, idOf(clientOrderId));
      return record && sentOf(record);
    },
    unsent: (clientOrderId) =>
      store.transact(async (transaction) => {
        const record = await transaction.get(etradeSent, idOf(clientOrderId));
        if (record === undefined || record.brokerOrderId !== undefined) return;
        transaction.delete(etradeSent, idOf(clientOrderId));
      }),
    own: (brokerOrderId, clientOrderId) =>
      store.transact(async (transaction) => {
        const held = await transaction.get(etradeOrders, idOf(brokerOrderId));
        const sent = await transaction.get(etradeSent, idOf(clientOrderId));
        if (held?.clientOrderId !== undefined && held.clientOrderId !== clientOrderId) return false;
        if (sent?.brokerOrderId !== undefined && sent.brokerOrderId !== brokerOrderId) return false;
        const own = held ?? { connection, brokerOrderId, cuts: [], keptUntil: keptUntil() };
        transaction.set(etradeOrders, idOf(brokerOrderId), { ...own, clientOrderId });
        if (sent !== undefined) {
          transaction.set(etradeSent, idOf(clientOrderId), { ...sent, brokerOrderId });
        }
        return true;
      }),
    ownerOf: async (brokerOrderId) => (await store.get(etradeOrders, idOf(brokerOrderId)))?.clientOrderId,
    cut: (brokerOrderId, seen) =>
      store.transact(async (transaction) => {
        const held = (await transaction.get(etradeOrders, idOf(brokerOrderId))) ?? {
          connection,
          brokerOrderId,
          cuts: [],
          keptUntil: keptUntil(),
        };
        const cuts = withCut(held.cuts, seen);
        if (cuts !== held.cuts)
          transaction.set(etradeOrders, idOf(brokerOrderId), { ...held, cuts: [...cuts] });
        return cuts;
      }),
    cuts: async (brokerOrderId) => (await store.get(etradeOrders, idOf(brokerOrderId)))?.cuts ?? [],
  };
}

function sentOf({ connection: _connection, keptUntil: _until, ...sent }: SentRecord): SentOrder {
  return sent as SentOrder;
}
