import { afterEach, expect, test } from "vitest";
import { type Rig, startRig } from "../testing/rig.ts";
import { codeOf, requestOf, startTrader, type Ticket, type Trader } from "../testing/trader.ts";

/** 11:00 in New York on a Monday in winter: the market is open. */
const OPEN = "2026-01-05T16:00:00Z";
const EVENING = "2026-01-05T23:00:00Z";
const NIGHT = "2026-01-06T03:00:00Z";

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(options: { now?: string; account?: number; faults?: object } = {}) {
  open = await startRig({ now: options.now ?? OPEN });
  const rig = open;
  const trader = await startTrader(rig, options.account);
  const turn = (patch: object) => {
    const result = rig.simulator.setFaults(patch);
    if (!result.ok) throw new Error(JSON.stringify(result.detail));
  };
  const hold = (price: number, symbol = "AAPL") => turn({ movePrice: { symbol, price, hold: true } });
  const pass = (duration: { milliseconds?: number; seconds?: number; minutes?: number; hours?: number }) => {
    rig.now = rig.now.add(duration);
  };
  if (options.faults !== undefined) turn(options.faults);
  return { rig, trader, turn, hold, pass };
}

async function previewIdsOf(trader: Trader, ticket: Ticket): Promise<{ previewId: number }[]> {
  const answer = await trader.preview(ticket);
  if (answer.status !== 200) throw new Error(answer.body);
  return JSON.parse(answer.body).PreviewOrderResponse.PreviewIds;
}

const messagesIn = (body: string): { code: number; type: string }[] =>
  JSON.parse(body).PlaceOrderResponse.Order[0].messages.Message;

test("a market order is filled at the ask, and moves cash and shares by just that", async () => {
  const { trader, hold, pass } = await start();
  hold(250);
  const before = await trader.balance();

  const orderId = await trader.order({ id: "first1", quantity: 10 });
  const atOnce = await trader.one(orderId);
  pass({ seconds: 1 });
  const later = await trader.one(orderId);
  const after = await trader.balance();

  expect(atOnce).toMatchObject({ status: "OPEN", leg: { orderedQuantity: 10, filledQuantity: 0 } });
  expect(atOnce.leg).not.toHaveProperty("averageExecutionPrice");
  expect(later).toMatchObject({
    status: "EXECUTED",
    leg: { filledQuantity: 10, averageExecutionPrice: 250.03 },
  });
  expect(after.cash).toBeCloseTo(before.cash - 2_500.3, 6);
  expect(after.total).toBeCloseTo(before.total - 0.3, 6);
  expect(await trader.positions()).toMatchObject({ AAPL: 50 });
});

test("a market sale is filled at the bid", async () => {
  const { trader, hold, pass } = await start();
  hold(250);
  const before = await trader.balance();

  const orderId = await trader.order({ id: "sale1", action: "SELL", quantity: 40 });
  pass({ seconds: 1 });

  expect((await trader.one(orderId)).leg.averageExecutionPrice).toBe(249.97);
  expect((await trader.balance()).cash).toBeCloseTo(before.cash + 40 * 249.97, 6);
  expect(await trader.positions()).not.toHaveProperty("AAPL");
});

test("orders count up in small numbers from each account's own start", async () => {
  const { rig, trader } = await start();
  const other = await startTrader(rig, 1);

  const ids = [await trader.order({ id: "a1", quantity: 1 }), await trader.order({ id: "a2", quantity: 1 })];
  const otherId = await other.order({ id: "a1", symbol: "KO", quantity: 1 });

  expect(ids[1]).toBe(ids[0]! + 1);
  expect(ids[0]).toBeLessThan(100_000);
  expect(otherId).not.toBe(ids[1]! + 1);
});

test("a preview's number has 13 digits, ends in 106, and is never given twice", async () => {
  const { trader } = await start();

  const first = await previewIdsOf(trader, { id: "p1" });
  const second = await previewIdsOf(trader, { id: "p1" });

  expect(String(first[0]!.previewId)).toMatch(/^\d{10}106$/);
  expect(second[0]!.previewId).toBeGreaterThan(first[0]!.previewId);
});

test.each([
  ["another quantity", { quantity: 11 }],
  ["another symbol", { symbol: "MSFT" }],
  ["another action", { action: "SELL" }],
  ["another price", { limitPrice: "200.01" }],
  ["another term", { orderTerm: "GOOD_UNTIL_CANCEL" }],
  ["another session", { marketSession: "EXTENDED" }],
  ["another client order id", { id: "other" }],
  ["another price type", { priceType: "STOP", stopPrice: 290 }],
] as const)("a place with %s than its preview is timed out with 101", async (_, change) => {
  const { trader } = await start();
  const ticket = { id: "cmp1", priceType: "LIMIT", limitPrice: "200.00" };
  const ids = await previewIdsOf(trader, ticket);

  const changed = await trader.place({ ...ticket, ...change }, ids);
  const asPreviewed = await trader.place({ ...ticket, limitPrice: 200, quantity: "10" }, ids);

  expect([changed.status, codeOf(changed)]).toEqual([400, 101]);
  expect(changed.body).toContain("we have timed out your original order request");
  expect(asPreviewed.status).toBe(200);
});

test.each([
  ["previewIds in small letters", (ids: object[]) => ({ previewIds: ids })],
  ["a bare previewId", (ids: { previewId: number }[]) => ({ previewId: ids[0]!.previewId })],
  ["no preview at all", () => ({})],
  ["a made-up preview", () => ({ PreviewIds: [{ previewId: 1_234_567_890_106 }] })],
  ["an empty list", () => ({ PreviewIds: [] })],
])("a place with %s is timed out with 101 and places nothing", async (_, misspell) => {
  const { trader } = await start();
  const ids = await previewIdsOf(trader, { id: "spell1" });

  const answer = await trader.call("POST", "orders/place", {
    body: {
      PlaceOrderRequest: { ...requestOf({ id: "spell1" }), ...misspell(ids as { previewId: number }[]) },
    },
  });

  expect([answer.status, codeOf(answer)]).toEqual([400, 101]);
  expect(await trader.list()).toEqual([]);
});

test("a preview can be placed for three minutes, and once, and by its own account only", async () => {
  const { rig, trader, pass } = await start({ faults: { duplicateClientOrderId: "ignore" } });
  const other = await startTrader(rig, 2);
  const late = await previewIdsOf(trader, { id: "late1", quantity: 1 });
  pass({ seconds: 180 });
  const good = await previewIdsOf(trader, { id: "good1", quantity: 1 });
  pass({ seconds: 179 });

  const tooLate = await trader.place({ id: "late1", quantity: 1 }, late);
  const foreign = await other.place({ id: "good1", quantity: 1 }, good);
  const first = await trader.place({ id: "good1", quantity: 1 }, good);
  const again = await trader.place({ id: "good1", quantity: 1 }, good);

  expect([tooLate, foreign, again].map(codeOf)).toEqual([101, 101, 101]);
  expect(first.status).toBe(200);
  expect(await trader.list()).toHaveLength(1);
});

test("a used client order id is refused in preview and place, also of an order that is over", async () => {
  const { trader, pass } = await start();
  const both = [
    await previewIdsOf(trader, { id: "twice1", quantity: 1 }),
    await previewIdsOf(trader, { id: "twice1", quantity: 1 }),
  ];
  await trader.place({ id: "twice1", quantity: 1 }, both[0]);
  pass({ seconds: 1 });

  const placedAgain = await trader.place({ id: "twice1", quantity: 1 }, both[1]);
  const previewedAgain = await trader.preview({ id: "twice1", quantity: 1 });

  expect([placedAgain, previewedAgain].map((one) => [one.status, codeOf(one)])).toEqual([
    [400, 9_101],
    [400, 9_101],
  ]);
  expect(await trader.list()).toHaveLength(1);
});

test.each([
  ["a market order of the extended session", { marketSession: "EXTENDED" }, 1053],
  [
    "an all-or-none order of the extended session",
    { marketSession: "EXTENDED", priceType: "LIMIT", limitPrice: 10, allOrNone: true },
    1054,
  ],
  ["a market order until cancelled", { orderTerm: "GOOD_UNTIL_CANCEL" }, 1035],
  ["a small all-or-none order", { priceType: "LIMIT", limitPrice: 10, allOrNone: "true" }, 1032],
  ["a half share", { quantity: 1.5 }, 9_103],
  ["no share", { quantity: 0 }, 9_103],
  ["a limit order without a price", { priceType: "LIMIT" }, 9_103],
  ["a price with a third decimal above a dollar", { priceType: "LIMIT", limitPrice: "10.005" }, 9_103],
  ["a term that does not exist", { orderTerm: "GOOD_TILL_CANCEL" }, 9_103],
  ["fill-or-kill at the market", { orderTerm: "FILL_OR_KILL" }, 9_103],
  ["a client order id with a dash", { id: "a-b" }, 9_103],
  ["a client order id of 21 letters", { id: "a".repeat(21) }, 9_103],
  ["a symbol that does not exist", { symbol: "ZZZZ" }, 1019],
  ["a symbol that is none", { symbol: "TOOLONG" }, 9_103],
  ["more than the buying power", { quantity: 100_000 }, 9_102],
  ["more shares than are held", { action: "SELL", quantity: 41 }, 1037],
  ["shares that are not held at all", { action: "SELL", symbol: "TSLA", quantity: 1 }, 1040],
  ["covering what is not short", { action: "BUY_TO_COVER", quantity: 1 }, 1040],
  ["a stop sale above the market", { action: "SELL", priceType: "STOP", stopPrice: 999 }, 2084],
  ["a stop purchase below the market", { priceType: "STOP", stopPrice: 1 }, 2085],
] as const)("%s is refused in the preview", async (_, change, code) => {
  const { trader } = await start();

  const answer = await trader.preview({ id: "bad1", ...change });

  expect([answer.status, codeOf(answer)]).toEqual([400, code]);
});

test("prices below a dollar may have four decimals", async () => {
  const { trader } = await start();

  const answer = await trader.preview({ id: "penny1", priceType: "LIMIT", limitPrice: "0.2025" });

  expect(answer.status).toBe(200);
});

test("shares that a working order is going to sell are not there for a second one", async () => {
  const { trader, hold, pass } = await start();
  hold(250);
  const stop = { action: "SELL", priceType: "STOP", stopPrice: 240 };
  const first = await trader.order({ id: "stop1", quantity: 30, ...stop });

  const tooMany = await trader.preview({ id: "stop2", quantity: 11, ...stop });
  const rest = await trader.preview({ id: "stop3", quantity: 10, ...stop });
  await trader.cancel(first);
  pass({ seconds: 4 });
  const afterwards = await trader.preview({ id: "stop4", quantity: 40, ...stop });

  expect([tooMany, rest, afterwards].map((one) => [one.status, codeOf(one)])).toEqual([
    [400, 1037],
    [200, undefined],
    [200, undefined],
  ]);
});

test("money that a working order is going to spend is not there for a second one", async () => {
  const { trader, hold } = await start({ account: 1 });
  hold(60, "KO");
  const limit = { symbol: "KO", priceType: "LIMIT", limitPrice: 50 };
  await trader.order({ id: "buy1", quantity: 60, ...limit });

  const tooMuch = await trader.preview({ id: "buy2", quantity: 25, ...limit });
  const rest = await trader.preview({ id: "buy3", quantity: 24, ...limit });

  expect([codeOf(tooMuch), rest.status]).toEqual([9_102, 200]);
});

test("a cash account neither sells short nor what it does not hold", async () => {
  const { trader } = await start({ account: 1, faults: { closingNothing: "warning" } });

  const short = await trader.preview({ id: "short1", action: "SELL_SHORT", symbol: "KO" });
  const unheld = await trader.preview({ id: "sell1", action: "SELL", symbol: "TSLA" });

  expect([short, unheld].map(codeOf)).toEqual([9_103, 1037]);
});

test("a margin account sells short and covers, and its position is shown below zero", async () => {
  const { trader, hold, pass } = await start();
  hold(300, "TSLA");
  await trader.order({ id: "short1", action: "SELL_SHORT", symbol: "TSLA", quantity: 5 });
  pass({ seconds: 1 });
  const short = await trader.positions();

  await trader.order({ id: "cover1", action: "BUY_TO_COVER", symbol: "TSLA", quantity: 5 });
  pass({ seconds: 1 });

  expect(short).toMatchObject({ TSLA: -5 });
  expect(await trader.positions()).not.toHaveProperty("TSLA");
});

test("an order of the day and one of the night are told apart by 1026 and 1027", async () => {
  const day = await start();
  const byDay = await day.trader.place({ id: "day1" }, await previewIdsOf(day.trader, { id: "day1" }));
  await day.rig.close();
  const night = await start({ now: NIGHT });
  const byNight = await night.trader.place({ id: "nig1" }, await previewIdsOf(night.trader, { id: "nig1" }));

  expect(messagesIn(byDay.body)).toMatchObject([{ code: 1026, type: "WARNING" }]);
  expect(messagesIn(byNight.body)).toMatchObject([{ code: 1027, type: "WARNING" }]);
});

test("an order like one that is open is taken with the warning 1042", async () => {
  const { trader } = await start();
  const limit = { priceType: "LIMIT", limitPrice: 100 };
  await trader.order({ id: "like1", ...limit });

  const preview = JSON.parse((await trader.preview({ id: "like2", ...limit })).body).PreviewOrderResponse;

  expect(preview.Order[0].messages.Message).toMatchObject([{ code: 1042, type: "WARNING" }]);
});

test("an order that was queued at night is filled at the open, and one for the day ends at the close", async () => {
  const { rig, trader } = await start({ now: NIGHT });
  const market = await trader.order({ id: "night1", quantity: 1 });
  const limit = await trader.order({ id: "night2", quantity: 1, priceType: "LIMIT", limitPrice: 1 });
  const before = await trader.one(market);

  rig.now = rig.now.add({ hours: 20 });
  const token = await rig.accessToken();
  const list = JSON.parse((await rig.call(`/v1/accounts/${trader.key}/orders.json`, { token })).body);

  expect(before.status).toBe("OPEN");
  const byId = Object.fromEntries(
    list.OrdersResponse.Order.map((row: { orderId: number; OrderDetail: object[] }) => [
      row.orderId,
      row.OrderDetail[0],
    ]),
  );
  expect(byId[market]).toMatchObject({
    status: "EXECUTED",
    executedTime: Date.parse("2026-01-06T14:30:00Z"),
  });
  expect(byId[limit]).toMatchObject({ status: "EXPIRED" });
});

test("a limit order of the extended session is filled in the evening, one of the regular session is not", async () => {
  const { trader, pass, hold } = await start({ now: EVENING });
  hold(250);
  const limit = { priceType: "LIMIT", limitPrice: 251, quantity: 1 };

  const extended = await trader.order({ id: "eh1", marketSession: "EXTENDED", ...limit });
  const regular = await trader.order({ id: "rg1", ...limit });
  pass({ minutes: 5 });

  expect((await trader.one(extended)).status).toBe("EXECUTED");
  expect((await trader.one(regular)).status).toBe("OPEN");
});

test("an order of an account is unknown to another account, and so is its cancel", async () => {
  const { rig, trader } = await start();
  const other = await startTrader(rig, 1);
  const orderId = await trader.order({ id: "mine1", priceType: "LIMIT", limitPrice: 1 });

  const read = await other.call("GET", `orders/${orderId}`);
  const cancelled = await other.cancel(orderId);

  expect([read, cancelled].map((one) => [one.status, codeOf(one)])).toEqual([
    [400, 9_104],
    [400, 9_104],
  ]);
});

test("XML goes in as well, with the same names", async () => {
  const { rig, trader } = await start();
  const order = [
    "<Order><allOrNone>false</allOrNone><priceType>LIMIT</priceType><orderTerm>GOOD_FOR_DAY</orderTerm>",
    "<marketSession>REGULAR</marketSession><stopPrice /><limitPrice>100.50</limitPrice><Instrument>",
    "<Product><securityType>EQ</securityType><symbol>AAPL</symbol></Product><orderAction>BUY</orderAction>",
    "<quantityType>QUANTITY</quantityType><quantity>3</quantity></Instrument></Order>",
  ].join("\n");
  const send = (path: string, root: string, more: string) =>
    rig.call(`/v1/accounts/${trader.key}/orders/${path}.json`, {
      method: "POST",
      token: trader.token,
      headers: { "content-type": "application/xml" },
      body: `<?xml version="1.0"?><${root}><orderType>EQ</orderType><clientOrderId>x1</clientOrderId>${more}${order}</${root}>`,
    });

  const preview = await send("preview", "PreviewOrderRequest", "");
  const { previewId } = JSON.parse(preview.body).PreviewOrderResponse.PreviewIds[0];
  const ids = `<PreviewIds><previewId>${previewId}</previewId></PreviewIds>`;
  const place = await send("place", "PlaceOrderRequest", ids);
  const broken = await send("preview", "PreviewOrderRequest", "<Order>");

  expect([preview.status, place.status, broken.status]).toEqual([200, 200, 400]);
  expect(await trader.list()).toMatchObject([{ detail: { limitPrice: 100.5 }, leg: { orderedQuantity: 3 } }]);
});

test("calls with another method are not allowed", async () => {
  const { trader } = await start();

  const answers = [
    await trader.call("GET", "orders/preview"),
    await trader.call("PUT", "orders/place", { body: {} }),
    await trader.call("POST", "orders/cancel", { body: {} }),
    await trader.call("POST", "orders/1/change/preview", { body: {} }),
    await trader.call("POST", "orders"),
  ];

  expect(answers.map(({ status }) => status)).toEqual([405, 405, 405, 405, 405]);
});

test.each(["", "nonsense", "[]", "{}", '{"PlaceOrderRequest":{}}', "<a></b>", "<PreviewOrderRequest/>"])(
  "the body %j is refused",
  async (body) => {
    const { rig, trader } = await start();

    const answer = await rig.call(`/v1/accounts/${trader.key}/orders/preview.json`, {
      method: "POST",
      token: trader.token,
      body,
    });

    expect([answer.status, codeOf(answer)]).toEqual([400, 9_103]);
  },
);
