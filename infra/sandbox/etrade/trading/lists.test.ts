import { afterEach, expect, test } from "vitest";
import { type Rig, startRig } from "../testing/rig.ts";
import { codeOf, startTrader } from "../testing/trader.ts";

const OPEN = "2026-01-05T16:00:00Z";
const FAR = { priceType: "LIMIT", limitPrice: 1, quantity: 1 };

let open: Rig | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function start(faults: object = {}, account = 0) {
  open = await startRig({ now: OPEN });
  const rig = open;
  const trader = await startTrader(rig, account);
  const result = rig.simulator.setFaults({ garbageExecutedShare: 0, ...faults });
  if (!result.ok) throw new Error(JSON.stringify(result.detail));
  return { rig, trader };
}

type Query = readonly (readonly [string, string])[];

async function page(trader: Awaited<ReturnType<typeof start>>["trader"], query: Query) {
  const answer = await trader.call("GET", "orders", { query });
  if (answer.status !== 200) return { status: answer.status, ids: [], marker: undefined, next: undefined };
  const { Order, marker, next } = JSON.parse(answer.body).OrdersResponse;
  return { status: 200, ids: Order.map((row: { orderId: number }) => row.orderId), marker, next };
}

test("an account without orders has an empty list: 204 without a body", async () => {
  const { trader } = await start();

  const answer = await trader.call("GET", "orders");

  expect([answer.status, answer.body]).toEqual([204, ""]);
});

test("a list is newest first, 25 to a page, and its markers lead through all orders once", async () => {
  const { trader } = await start();
  const ids: number[] = [];
  for (let count = 0; count < 30; count += 1) ids.push(await trader.order({ id: `l${count}`, ...FAR }));

  const first = await page(trader, []);
  const second = await page(trader, [["marker", first.marker]]);
  const past = await page(trader, [["marker", String(Date.parse("2020-01-01"))]]);
  const all = await page(trader, [["count", "100"]]);

  expect(first.ids).toHaveLength(25);
  expect(first.next).toContain(`/v1/accounts/${trader.key}/orders.json?marker=${first.marker}`);
  expect([...first.ids, ...second.ids]).toEqual(ids.toReversed());
  expect([second.marker, second.next]).toEqual([undefined, undefined]);
  expect(past.status).toBe(204);
  expect(all.ids).toHaveLength(30);
});

test("orders of one moment of a clock that stands have different times, so that no page loses one", async () => {
  const { trader } = await start();
  for (let count = 0; count < 4; count += 1) await trader.order({ id: `m${count}`, ...FAR });

  const rows = await trader.list();

  expect(new Set(rows.map(({ detail }) => detail.placedTime)).size).toBe(4);
});

test("with inclusive markers a page begins with the marked order once more", async () => {
  const { trader } = await start({ markerPages: "inclusive" });
  for (let count = 0; count < 3; count += 1) await trader.order({ id: `i${count}`, ...FAR });

  const first = await page(trader, [["count", "2"]]);
  const second = await page(trader, [
    ["count", "2"],
    ["marker", first.marker],
  ]);

  expect(second.ids[0]).toBe(first.ids[1]);
  expect(second.ids).toHaveLength(2);
});

test("filters take status, symbols, action and session", async () => {
  const { rig, trader } = await start();
  const filled = await trader.order({ id: "f1", quantity: 1 });
  const open = await trader.order({ id: "f2", ...FAR, symbol: "MSFT" });
  const sale = await trader.order({ id: "f3", ...FAR, limitPrice: 9_000, action: "SELL" });
  const late = await trader.order({ id: "f4", ...FAR, marketSession: "EXTENDED" });
  const gone = await trader.order({ id: "f5", ...FAR, symbol: "SPY" });
  rig.now = rig.now.add({ seconds: 1 });
  await trader.cancel(gone);
  const pending = (await page(trader, [["status", "CANCEL_REQUESTED"]])).ids;
  rig.now = rig.now.add({ seconds: 5 });
  const ids = async (name: string, value: string) => (await page(trader, [[name, value]])).ids;

  expect(pending).toEqual([gone]);
  expect(await ids("status", "OPEN")).toEqual([late, sale, open]);
  expect(await ids("status", "EXECUTED")).toEqual([filled]);
  expect(await ids("status", "CANCELLED")).toEqual([gone]);
  expect(await ids("status", "REJECTED")).toEqual([]);
  expect(await ids("symbol", "MSFT,SPY")).toEqual([gone, open]);
  expect(await ids("transactionType", "SELL")).toEqual([sale]);
  expect(await ids("marketSession", "EXTENDED")).toEqual([late]);
  expect(await ids("securityType", "OPTN")).toEqual([]);
});

test("dates are days in New York, both with all their orders", async () => {
  const { rig, trader } = await start();
  await trader.order({ id: "d1", ...FAR });
  rig.now = rig.now.add({ hours: 12 });
  const evening = await trader.order({ id: "d2", ...FAR });

  const same = await page(trader, [
    ["fromDate", "01042026"],
    ["toDate", "01052026"],
  ]);
  const before = await page(trader, [
    ["fromDate", "01022026"],
    ["toDate", "01042026"],
  ]);

  expect(same.ids).toHaveLength(2);
  expect(same.ids[0]).toBe(evening);
  expect(before.status).toBe(204);
});

test.each<readonly [string, Query]>([
  ["a count over 100", [["count", "101"]]],
  ["a count of 0", [["count", "0"]]],
  ["one date alone", [["fromDate", "01052026"]]],
  [
    "dates of one day",
    [
      ["fromDate", "01052026"],
      ["toDate", "01052026"],
    ],
  ],
  [
    "a date that does not exist",
    [
      ["fromDate", "02302025"],
      ["toDate", "01052026"],
    ],
  ],
  [
    "a date of three years ago",
    [
      ["fromDate", "01052023"],
      ["toDate", "01052026"],
    ],
  ],
  ["a status that does not exist", [["status", "DONE"]]],
  ["a marker that is no number", [["marker", "x"]]],
  ["26 symbols", [["symbol", Array(26).fill("A").join(",")]]],
])("a list with %s is refused", async (_, query) => {
  const { trader } = await start();

  const answer = await trader.call("GET", "orders", { query });

  expect([answer.status, codeOf(answer)]).toEqual([400, 9_103]);
});

test("an account that sold everything has an empty portfolio: 204 without a body", async () => {
  const { rig, trader } = await start({}, 1);
  await trader.order({ id: "all1", symbol: "KO", action: "SELL", quantity: 100 });
  rig.now = rig.now.add({ seconds: 1 });

  const answer = await trader.call("GET", "portfolio");

  expect([answer.status, answer.body]).toEqual([204, ""]);
});

test("a portfolio comes in pages, with totals and lots where they are asked for", async () => {
  const { trader } = await start();
  const first = JSON.parse(
    (
      await trader.call("GET", "portfolio", {
        query: [
          ["count", "2"],
          ["totalsRequired", "true"],
          ["lotsRequired", "true"],
        ],
      })
    ).body,
  ).PortfolioResponse;
  const second = JSON.parse(
    (
      await trader.call("GET", "portfolio", {
        query: [
          ["count", "2"],
          ["pageNumber", "2"],
        ],
      })
    ).body,
  ).PortfolioResponse;

  const [page] = first.AccountPortfolio;
  expect(page).toMatchObject({
    totalPages: 2,
    nextPageNo: "2",
    next: expect.stringContaining("pageNumber=2"),
  });
  expect(page.Position).toHaveLength(2);
  expect(page.Position[0].positionLot).toMatchObject([{ remainingQty: 40 }]);
  expect(first.Totals.cashBalance).toBe(25_310.42);
  expect(second.AccountPortfolio[0].Position).toHaveLength(1);
  expect(second.AccountPortfolio[0]).not.toHaveProperty("nextPageNo");
});

test("a position's lots are found at the address that it names", async () => {
  const { rig, trader } = await start();
  await trader.order({ id: "lot1", quantity: 3 });
  rig.now = rig.now.add({ seconds: 1 });
  const body = JSON.parse((await trader.call("GET", "portfolio")).body);
  const [position] = body.PortfolioResponse.AccountPortfolio[0].Position;

  const lots = await rig.call(position.lotsDetails.replace(rig.at.apiBaseUrl, ""), { token: trader.token });

  expect(position).toMatchObject({ symbolDescription: "AAPL", quantity: 43, todayQuantity: 3 });
  const { PositionLot } = JSON.parse(lots.body).PositionLotsResponse;
  expect(PositionLot.map((lot: { remainingQty: number }) => lot.remainingQty)).toEqual([40, 3]);
});

test.each(["PERFORMANCE", "COMPLETE"])("the view %s brings its own object", async (view) => {
  const { trader } = await start();

  const body = JSON.parse((await trader.call("GET", "portfolio", { query: [["view", view]] })).body);

  const name = { PERFORMANCE: "Performance", COMPLETE: "Complete" }[view] ?? "";
  expect(body.PortfolioResponse.AccountPortfolio[0].Position[0][name].lastTrade).toBeGreaterThan(0);
  expect(body.PortfolioResponse.AccountPortfolio[0].Position[0].Quick).toBeUndefined();
});

test("each fill is a transaction whose amount is what it did to the cash", async () => {
  const { rig, trader } = await start();
  const none = await trader.call("GET", "transactions");
  const before = await trader.balance();
  await trader.order({ id: "t1", quantity: 3 });
  await trader.order({ id: "t2", quantity: 2, action: "SELL", symbol: "MSFT" });
  rig.now = rig.now.add({ seconds: 1 });

  const body = JSON.parse((await trader.call("GET", "transactions")).body).TransactionListResponse;

  const after = await trader.balance();
  const rows: { amount: number; transactionType: string; brokerage: { quantity: number } }[] =
    body.Transaction;
  expect([none.status, none.body]).toEqual([204, ""]);
  expect(body).toMatchObject({ transactionCount: 2, totalCount: 2, moreTransactions: false });
  expect(rows.map((row) => [row.transactionType, row.brokerage.quantity])).toEqual([
    ["Sold", -2],
    ["Bought", 3],
  ]);
  expect(after.cash - before.cash).toBeCloseTo(rows[0]!.amount + rows[1]!.amount, 6);
});

test("transactions come in pages by marker, and lie about more when told to", async () => {
  const { rig, trader } = await start();
  for (let count = 0; count < 3; count += 1) await trader.order({ id: `t${count}`, quantity: 1 });
  rig.now = rig.now.add({ seconds: 1 });
  const read = async (query: Query) =>
    JSON.parse((await trader.call("GET", "transactions", { query })).body).TransactionListResponse;

  const first = await read([["count", "2"]]);
  const second = await read([
    ["count", "2"],
    ["marker", first.marker],
  ]);
  rig.simulator.setFaults({ moreTransactionsLies: true });
  const lying = await read([["count", "2"]]);

  expect([first.moreTransactions, second.moreTransactions, lying.moreTransactions]).toEqual([
    true,
    false,
    false,
  ]);
  expect([first.Transaction.length, second.Transaction.length]).toEqual([2, 1]);
});

test.each<readonly [string, Query, number]>([
  ["a count over 50", [["count", "51"]], 2005],
  ["one date alone", [["startDate", "01052026"]], 2002],
  [
    "dates that are none",
    [
      ["startDate", "2026-01-05"],
      ["endDate", "2026-01-06"],
    ],
    2004,
  ],
  ["another order of rows", [["sortOrder", "UP"]], 2007],
])("transactions with %s are refused", async (_, query, code) => {
  const { trader } = await start();

  expect(codeOf(await trader.call("GET", "transactions", { query }))).toBe(code);
});
