import type { Plain } from "./markup.ts";

/** What the sandbox host answers to order calls whatever it is asked; its addresses lead nowhere. */
type Document = { readonly [root: string]: Plain };
type Fields = { readonly [name: string]: Plain };

const NET_FIELDS = { netPrice: 0, netBid: 0, netAsk: 0, gcd: 0, ratio: "" };

function leg(symbol: string, action: string, more: Fields): Fields {
  return {
    symbolDescription: symbol,
    orderAction: action,
    quantityType: "QUANTITY",
    ...more,
    Product: { symbol, securityType: "EQ" },
  };
}

const ECHOED: Fields = {
  orderTerm: "GOOD_FOR_DAY",
  priceType: "MARKET",
  limitPrice: 0,
  stopPrice: 0,
  marketSession: "REGULAR",
  allOrNone: false,
  egQual: "EG_QUAL_NOT_IN_FORCE",
  estimatedCommission: 6.95,
  estimatedTotalAmount: 1_452.05,
  ...NET_FIELDS,
  Instrument: [
    leg("IBM", "BUY", { quantity: 10, cancelQuantity: 0, reserveOrder: true, reserveQuantity: 0 }),
  ],
};

/** The sandbox's preview. */
export const CANNED_PREVIEW: Document = {
  PreviewOrderResponse: {
    orderType: "EQ",
    MessageList: {},
    totalOrderValue: 1_452.05,
    previewTime: 1_528_400_000_000,
    dstFlag: false,
    accountId: "800000090",
    optionLevelCd: 4,
    marginLevelCd: "MARGIN_TRADING_ALLOWED",
    Order: [{ ...ECHOED, messages: {} }],
    PreviewIds: [{ previewId: 1_627_181_131 }],
    Disclosure: { conditionalDisclosureFlag: true, aoDisclosureFlag: false },
  },
};

/** The sandbox's place. */
export const CANNED_PLACE: Document = {
  PlaceOrderResponse: {
    orderType: "EQ",
    MessageList: {},
    dstFlag: false,
    optionLevelCd: 4,
    marginLevelCd: "MARGIN_TRADING_ALLOWED",
    placedTime: 1_528_400_500_000,
    accountId: "800000090",
    Order: [
      {
        ...ECHOED,
        messages: {
          Message: [
            {
              description: "200|Your order was successfully entered during market hours.",
              code: 1026,
              type: "WARNING",
            },
          ],
        },
      },
    ],
    OrderIds: [{ orderId: 529 }],
  },
};

/** The sandbox's cancel. */
export const CANNED_CANCEL: Document = {
  CancelOrderResponse: {
    accountId: "800000090",
    orderId: 11,
    cancelTime: 1_529_600_000_000,
    Messages: {
      Message: [
        {
          description: "200|Your request to cancel your order is being processed.",
          code: 4186,
          type: "WARNING",
        },
      ],
    },
  },
};

function sample(orderId: number, orderType: string, detail: Fields): Fields {
  const details = `https://api.sit.etrade.com/v1/accounts/dBZOKt9xDrtRSAOl4MSiiA/orders/${orderId}`;
  return { orderId, details, orderType, OrderDetail: [{ ...NET_FIELDS, ...detail }] };
}

const TERMS = { orderTerm: "GOOD_FOR_DAY", marketSession: "REGULAR", allOrNone: false };

/** The sandbox's list: times in seconds and in milliseconds are mixed. */
export const CANNED_ORDERS: Document = {
  OrdersResponse: {
    Order: [
      sample(479, "ONE_CANCELS_ALL", {
        ...TERMS,
        orderNumber: 1,
        placedTime: 123_453_456,
        executedTime: 123_333_456,
        orderValue: 123.12,
        status: "OPEN",
        priceType: "LIMIT",
        limitPrice: 1,
        stopPrice: 0,
        Instrument: [
          leg("ETFC", "BUY", {
            orderedQuantity: 100,
            filledQuantity: 0,
            estimatedCommission: 9.99,
            estimatedFees: 0,
          }),
        ],
      }),
      sample(477, "SPREADS", {
        ...TERMS,
        placedTime: 1_331_699_203_122,
        orderValue: 1_200,
        status: "EXECUTED",
        priceType: "NET_DEBIT",
        limitPrice: 5,
        stopPrice: 0,
        Instrument: [
          leg("IBM", "BUY_OPEN", {
            orderedQuantity: 2,
            filledQuantity: 2,
            averageExecutionPrice: 6,
            estimatedCommission: 5.98,
            estimatedFees: 0,
          }),
        ],
      }),
    ],
  },
};
