/** The shapes of order answers, name by name, as they are known of the real broker. */
import { afterEach, expect, test } from "vitest";
import { type Rig, startRig } from "../testing/rig.ts";
import { requestOf, startTrader } from "../testing/trader.ts";

const OPEN = "2026-01-05T16:00:00Z";

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(account = 0) {
  open = await startRig({ now: OPEN });
  const rig = open;
  return { rig, trader: await startTrader(rig, account) };
}

/** Every name of a document with the names above it; members of a list count once. */
function namesOf(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => namesOf(one, path)))];
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([name, child]) => namesOf(child, `${path}/${name}`));
  return [...(path === "" ? [] : [path]), ...inner].sort();
}

const NET = { netPrice: 0, netBid: 0, netAsk: 0, gcd: 0, ratio: "" };
const PRODUCT = { symbol: "", securityType: "" };
const TERMS = {
  ...{ orderTerm: "", priceType: "", limitPrice: 0, stopPrice: 0 },
  ...{ marketSession: "", allOrNone: false },
};
const MESSAGE = { description: "", code: 0, type: "" };
const ECHOED = {
  ...TERMS,
  ...NET,
  egQual: "",
  estimatedCommission: 0,
  estimatedTotalAmount: 0,
  Instrument: [
    {
      ...{ symbolDescription: "", orderAction: "", quantityType: "", quantity: 0 },
      ...{ cancelQuantity: 0, reserveOrder: true, reserveQuantity: 0, Product: PRODUCT },
    },
  ],
};
const EFFECT = { currentBp: 0, currentOor: 0, currentNetBp: 0, currentOrderImpact: 0, netBp: 0 };
const PREVIEW = {
  ...{ orderType: "", totalOrderValue: 0, previewTime: 0, dstFlag: false, accountId: "" },
  ...{ optionLevelCd: 0, marginLevelCd: "", Order: [ECHOED], PreviewIds: [{ previewId: 0 }] },
  Disclosure: {
    ...{ ehDisclosureFlag: false, ahDisclosureFlag: false },
    ...{ conditionalDisclosureFlag: false, aoDisclosureFlag: false },
  },
};
const MARGIN_PREVIEW = {
  PreviewOrderResponse: {
    ...PREVIEW,
    marginBpDetails: { nonMarginable: { currentBp: 0 }, marginable: EFFECT },
  },
};
const CASH_PREVIEW = {
  PreviewOrderResponse: {
    ...PREVIEW,
    cashBpDetails: { settled: EFFECT, settledUnsettled: { currentBp: 0 } },
  },
};
const PLACE = {
  PlaceOrderResponse: {
    ...{ orderType: "", dstFlag: false, optionLevelCd: 0, marginLevelCd: "", placedTime: 0, accountId: "" },
    Order: [{ ...ECHOED, messages: { Message: [MESSAGE] } }],
    OrderIds: [{ orderId: 0 }],
  },
};
const CANCEL = {
  CancelOrderResponse: { accountId: "", orderId: 0, cancelTime: 0, Messages: { Message: [MESSAGE] } },
};
const LISTED_LEG = {
  ...{ symbolDescription: "", orderAction: "", quantityType: "", orderedQuantity: 0, filledQuantity: 0 },
  ...{ averageExecutionPrice: 0, estimatedCommission: 0, estimatedFees: 0, Product: PRODUCT },
};
const LIST = {
  OrdersResponse: {
    ...{ marker: "", next: "" },
    Order: [
      {
        ...{ orderId: 0, details: "", orderType: "" },
        OrderDetail: [
          {
            ...{ placedTime: 0, executedTime: 0, orderValue: 0, status: "", replacesOrderId: 0 },
            ...TERMS,
            ...NET,
            Instrument: [LISTED_LEG],
          },
        ],
      },
    ],
  },
};
const POSITION_NAMES = [
  ...["positionId", "symbolDescription", "dateAcquired", "pricePaid", "commissions", "otherFees"],
  ...["quantity", "positionIndicator", "positionType", "daysGain", "daysGainPct", "marketValue", "totalCost"],
  ...["totalGain", "totalGainPct", "pctOfPortfolio", "costPerShare", "todayCommissions", "todayFees"],
  ...["todayPricePaid", "todayQuantity", "adjPrevClose", "lotsDetails", "quoteDetails", "Product", "Quick"],
];

test.each([
  ["margin", 0, "AAPL", MARGIN_PREVIEW],
  ["cash", 1, "KO", CASH_PREVIEW],
] as const)(
  "a preview of a %s account has the names of the real one, and no other",
  async (_, index, symbol, known) => {
    const { trader } = await start(index);

    const body = JSON.parse((await trader.preview({ id: "s1", symbol, quantity: 1 })).body);

    expect(namesOf(body)).toEqual(namesOf(known));
  },
);

test("a place and a cancel have the names of the real ones, and no other", async () => {
  const { trader } = await start();
  const ticket = { id: "s1", priceType: "LIMIT", limitPrice: 100 };
  const preview = JSON.parse((await trader.preview(ticket)).body);

  const place = JSON.parse((await trader.place(ticket, preview.PreviewOrderResponse.PreviewIds)).body);
  const cancel = JSON.parse((await trader.cancel(place.PlaceOrderResponse.OrderIds[0].orderId)).body);

  expect(namesOf(place)).toEqual(namesOf(PLACE));
  expect(namesOf(cancel)).toEqual(namesOf(CANCEL));
});

test("a list of a filled order that replaced another has the names of the real one, and no other", async () => {
  const { rig, trader } = await start();
  const old = await trader.order({ id: "s1", priceType: "LIMIT", limitPrice: 100 });
  const fresh = requestOf({ id: "s2", priceType: "LIMIT", limitPrice: 900, quantity: 1 });
  const path = `orders/${old}/change`;
  const preview = await trader.call("PUT", `${path}/preview`, { body: { PreviewOrderRequest: fresh } });
  const { PreviewIds } = JSON.parse(preview.body).PreviewOrderResponse;
  await trader.call("PUT", `${path}/place`, { body: { PlaceOrderRequest: { ...fresh, PreviewIds } } });
  rig.now = rig.now.add({ seconds: 1 });

  const body = JSON.parse((await trader.call("GET", "orders", { query: [["count", "1"]] })).body);

  expect(namesOf(body)).toEqual(namesOf(LIST));
});

test("a position has the names of the real one, and no other", async () => {
  const { trader } = await start();

  const body = JSON.parse((await trader.call("GET", "portfolio")).body);

  const [page] = body.PortfolioResponse.AccountPortfolio;
  const setOf = (names: readonly string[]) => new Set(names);
  expect(setOf(Object.keys(page))).toEqual(setOf(["Position", "accountId", "totalPages"]));
  expect(setOf(Object.keys(page.Position[0]))).toEqual(setOf(POSITION_NAMES));
  expect(setOf(Object.keys(page.Position[0].Quick))).toEqual(
    setOf(["lastTrade", "lastTradeTime", "change", "changePct", "volume", "quoteStatus"]),
  );
});

test("a sale has negative amounts in preview and place", async () => {
  const { trader } = await start();

  const body = JSON.parse(
    (await trader.preview({ id: "s1", action: "SELL", quantity: 2, priceType: "LIMIT", limitPrice: 900 }))
      .body,
  );

  expect(body.PreviewOrderResponse).toMatchObject({
    totalOrderValue: -1_800,
    Order: [{ estimatedTotalAmount: -1_800 }],
  });
});

test("times of orders are milliseconds, those of a position's quote are seconds", async () => {
  const { rig, trader } = await start();
  await trader.order({ id: "s1", quantity: 1 });
  rig.now = rig.now.add({ seconds: 1 });

  const [order] = await trader.list();
  const portfolio = JSON.parse((await trader.call("GET", "portfolio")).body);

  const [position] = portfolio.PortfolioResponse.AccountPortfolio[0].Position;
  expect(order?.detail.placedTime).toBe(Date.parse(OPEN));
  expect(position.Quick.lastTradeTime).toBe(Date.parse(OPEN) / 1_000 + 1);
  expect(position.dateAcquired).toBeGreaterThan(1e12);
});

test("answers come as XML without the suffix, errors too", async () => {
  const { rig, trader } = await start();
  await trader.order({ id: "s1", quantity: 1 });
  const path = `/v1/accounts/${trader.key}/orders`;

  const list = await rig.call(path, { token: trader.token });
  const unknown = await rig.call(`${path}/1`, {
    token: trader.token,
    headers: { accept: "application/json" },
  });

  expect(list.body).toMatch(
    /^<\?xml [^>]*\?><OrdersResponse><Order><orderId>\d+<\/orderId><details>[^<]*\/orders\/\d+</,
  );
  expect([unknown.status, unknown.body]).toEqual([400, expect.stringContaining("<Error><code>9104</code>")]);
});

test("the sandbox host answers its own samples to all order calls", async () => {
  const { rig } = await start();
  const token = await rig.accessToken("sandbox");
  const call = async (method: string, path: string) => {
    const answer = await rig.call(`/v1/accounts/whatever/${path}.json`, {
      ...{ environment: "sandbox", token, method, body: method === "GET" ? "" : "{}" },
    });
    return answer.status === 204 ? 204 : JSON.parse(answer.body);
  };
  rig.simulator.setFaults({ ordersPerSecond: 0 });

  const preview = await call("POST", "orders/preview");
  const place = await call("POST", "orders/place");
  const cancel = await call("PUT", "orders/cancel");
  const list = await call("GET", "orders");
  const details = await call("GET", "orders/529");
  const portfolio = await call("GET", "portfolio");

  expect(preview.PreviewOrderResponse.PreviewIds).toEqual([{ previewId: 1_627_181_131 }]);
  expect(place.PlaceOrderResponse).toMatchObject({
    OrderIds: [{ orderId: 529 }],
    Order: [{ messages: { Message: [{ code: 1026 }] } }],
  });
  expect(cancel.CancelOrderResponse.Messages.Message[0].code).toBe(4186);
  expect(list.OrdersResponse.Order.map((row: { orderType: string }) => row.orderType)).toEqual([
    "ONE_CANCELS_ALL",
    "SPREADS",
  ]);
  expect(details).toMatchObject({ Error: { code: 100 } });
  expect(portfolio).toBe(204);
});
