/** E*TRADE's answers about orders, read as loosely as they are told and as exactly as they are used. */
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { decimalSchema, given, optionalDecimalSchema, optionalTextSchema, textSchema } from "../json.ts";
import { canonicalSymbol, productSymbol } from "../quote-symbol.ts";

/** An order as the broker tells it. Prices in US dollars, quantities in shares. */
export interface EtradeOrder {
  readonly orderId: string;
  /** `OPEN`, `PARTIAL`, `EXECUTED`, `CANCEL_REQUESTED`, `CANCELLED`, `EXPIRED`, `REJECTED` and others. */
  readonly status: string;
  /** Empty where the broker does not tell it. */
  readonly symbol: string;
  /** `BUY`, `SELL`, `BUY_TO_COVER`, `SELL_SHORT`, and those of options. */
  readonly action: string;
  readonly quantity: Decimal;
  readonly filled: Decimal;
  /** Of what is filled; missing until something is. */
  readonly averagePrice?: Decimal;
  /** Estimated commission and fees of the whole order. */
  readonly costs: Decimal;
  readonly priceType: string;
  readonly limitPrice?: Decimal;
  readonly stopPrice?: Decimal;
  readonly term: string;
  readonly session: string;
  readonly placedAt?: Temporal.Instant;
  /** Only of an executed order: of others the broker tells nonsense. */
  readonly executedAt?: Temporal.Instant;
  readonly replacesOrderId?: string;
  readonly replacedByOrderId?: string;
  /** How many securities it trades at once; ours trade one. */
  readonly legs: number;
}

/** A word of the broker's about an order that it took all the same, or did not. */
export interface OrderMessage {
  readonly code?: number;
  readonly type: string;
}

/** What an order would do. */
export interface OrderPreview {
  /** As they came: all of them go back in the same form. */
  readonly previewIds: readonly unknown[];
  readonly messages: readonly OrderMessage[];
  /** What the broker has understood, as far as it says so. */
  readonly understood: {
    readonly symbol?: string;
    readonly action?: string;
    readonly quantity?: Decimal;
    readonly priceType?: string;
  };
}

export interface PlacedOrder {
  readonly orderId: string;
  readonly placedAt?: Temporal.Instant;
  readonly messages: readonly OrderMessage[];
}

/** A page of the list of orders; `marker` names the next one. */
export interface OrderPage {
  readonly orders: readonly EtradeOrder[];
  /** How many rows it had, those that could not be read included. */
  readonly rows: number;
  readonly unreadable: number;
  readonly marker?: string;
}

/** 2020-01-01 and 2100-01-01 in milliseconds: what lies outside is no time of an order. */
const EARLIEST_MS = 1_577_836_800_000;
const LATEST_MS = 4_102_444_800_000;

/** A moment in milliseconds; `undefined` for what cannot be one. */
const instantSchema = z
  .unknown()
  .optional()
  .transform((value) => {
    const ms = Decimal.isDecimal(value) && value.isInteger() ? value.toNumber() : 0;
    return ms < EARLIEST_MS || ms > LATEST_MS ? undefined : Temporal.Instant.fromEpochMilliseconds(ms);
  });

/** Zero, E*TRADE's word for "no price", becomes `undefined`. */
const priceSchema = optionalDecimalSchema.transform((value) => (value?.gt(0) ? value : undefined));
const amountSchema = optionalDecimalSchema.transform((value) => value ?? new Decimal(0));
const idSchema = textSchema.nullish().transform((value) => value ?? undefined);

const productSchema = z.object({
  symbol: optionalTextSchema,
  securityType: optionalTextSchema,
  callPut: z.string().nullish(),
  expiryYear: decimalSchema.nullish(),
  expiryMonth: decimalSchema.nullish(),
  expiryDay: decimalSchema.nullish(),
  strikePrice: decimalSchema.nullish(),
});

const instrumentSchema = z.object({
  orderAction: optionalTextSchema,
  orderedQuantity: optionalDecimalSchema,
  quantity: optionalDecimalSchema,
  filledQuantity: amountSchema,
  averageExecutionPrice: priceSchema,
  estimatedCommission: amountSchema,
  estimatedFees: amountSchema,
  Product: productSchema.nullish(),
});

const messageSchema = z
  .object({ code: textSchema.nullish(), type: optionalTextSchema })
  .transform(({ code, type }): OrderMessage => {
    const isCode = code != null && /^\d{1,6}$/.test(code);
    return { type, ...(isCode && { code: Number(code) }) };
  });

/** The list may be missing, and its object empty. */
const messagesSchema = z
  .object({ Message: z.array(messageSchema).nullish() })
  .nullish()
  .catch(undefined)
  .transform((value) => value?.Message ?? []);

const detailSchema = z.object({
  status: optionalTextSchema,
  priceType: optionalTextSchema,
  orderTerm: optionalTextSchema,
  marketSession: optionalTextSchema,
  limitPrice: priceSchema,
  stopPrice: priceSchema,
  placedTime: instantSchema,
  executedTime: instantSchema,
  replacesOrderId: idSchema,
  replacedByOrderId: idSchema,
  messages: messagesSchema,
  Instrument: z.array(instrumentSchema).nullish(),
});

export const orderSchema = z
  .object({ orderId: textSchema, OrderDetail: z.array(detailSchema).min(1) })
  .transform(({ orderId, OrderDetail: [detail] }): EtradeOrder => orderOf(orderId, detail));

const rowsSchema = z.object({
  OrdersResponse: z.object({ Order: z.array(z.unknown()).nullish(), marker: idSchema }),
});

/** One page of the list, row by row: one that cannot be read is counted. */
export const orderPageSchema = rowsSchema.transform(({ OrdersResponse: { Order, marker } }): OrderPage => {
  const parsed = (Order ?? []).map((row) => orderSchema.safeParse(row));
  const orders = parsed.flatMap((one) => (one.success ? [one.data] : []));
  const unreadable = parsed.length - orders.length;
  return {
    orders,
    rows: parsed.length,
    unreadable,
    ...(marker !== undefined && marker !== "" && { marker }),
  };
});

export const previewSchema = z
  .object({
    PreviewOrderResponse: z.object({
      Order: z.array(detailSchema).nullish(),
      PreviewIds: z.array(z.unknown()).min(1),
      MessageList: messagesSchema,
      Messages: messagesSchema,
    }),
  })
  .transform(({ PreviewOrderResponse: response }): OrderPreview => {
    const [order] = response.Order ?? [];
    const [instrument] = order?.Instrument ?? [];
    return {
      previewIds: response.PreviewIds,
      messages: messagesOf(response),
      understood: given({
        symbol: symbolOf(instrument) || undefined,
        action: instrument?.orderAction.toUpperCase() || undefined,
        quantity: instrument?.quantity ?? instrument?.orderedQuantity,
        priceType: order?.priceType.toUpperCase() || undefined,
      }),
    };
  });

export const placedSchema = z
  .object({
    PlaceOrderResponse: z.object({
      placedTime: instantSchema,
      Order: z.array(detailSchema).nullish(),
      OrderIds: z.array(z.object({ orderId: textSchema.refine(isOrderNumber) })).min(1),
      MessageList: messagesSchema,
      Messages: messagesSchema,
    }),
  })
  .transform(
    ({ PlaceOrderResponse: response }): PlacedOrder => ({
      orderId: response.OrderIds[0]?.orderId ?? "",
      messages: messagesOf(response),
      ...given({ placedAt: response.placedTime }),
    }),
  );

export const cancelledSchema = z
  .object({ CancelOrderResponse: z.object({ orderId: textSchema, Messages: messagesSchema }) })
  .transform(({ CancelOrderResponse: { orderId, Messages } }) => ({ orderId, messages: Messages }));

function messagesOf(response: {
  readonly Order?: readonly { readonly messages: readonly OrderMessage[] }[] | null | undefined;
  readonly MessageList: readonly OrderMessage[];
  readonly Messages: readonly OrderMessage[];
}): readonly OrderMessage[] {
  const inOrders = (response.Order ?? []).flatMap(({ messages }) => messages);
  return [...inOrders, ...response.MessageList, ...response.Messages];
}

function orderOf(orderId: string, detail: z.output<typeof detailSchema> | undefined): EtradeOrder {
  const instruments = detail?.Instrument ?? [];
  const [instrument] = instruments;
  const status = detail?.status.toUpperCase() ?? "";
  const isExecuted = status === "EXECUTED";
  return {
    orderId,
    status,
    symbol: symbolOf(instrument),
    action: instrument?.orderAction.toUpperCase() ?? "",
    quantity: instrument?.orderedQuantity ?? instrument?.quantity ?? new Decimal(0),
    filled: instrument?.filledQuantity ?? new Decimal(0),
    costs: (instrument?.estimatedCommission ?? new Decimal(0)).plus(instrument?.estimatedFees ?? 0),
    priceType: detail?.priceType.toUpperCase() ?? "",
    term: detail?.orderTerm.toUpperCase() ?? "",
    session: detail?.marketSession.toUpperCase() ?? "",
    legs: instruments.length,
    ...given({
      averagePrice: instrument?.averageExecutionPrice,
      limitPrice: detail?.limitPrice,
      stopPrice: detail?.stopPrice,
      placedAt: detail?.placedTime,
      executedAt: isExecuted ? detail?.executedTime : undefined,
      replacesOrderId: idOf(detail?.replacesOrderId),
      replacedByOrderId: idOf(detail?.replacedByOrderId),
    }),
  };
}

/** Under anything else nobody could ask for it: then it is looked for. */
function isOrderNumber(text: string): boolean {
  return /^[1-9]\d{0,14}$/.test(text);
}

/** Zero stands for "none". */
function idOf(id: string | undefined): string | undefined {
  return id === undefined || id === "" || id === "0" ? undefined : id;
}

function symbolOf(instrument: z.output<typeof instrumentSchema> | undefined): string {
  const product = instrument?.Product;
  if (product == null || product.symbol === "") return "";
  return product.securityType === "EQ" ? canonicalSymbol(product.symbol) : productSymbol(product);
}
