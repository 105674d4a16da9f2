import { Decimal } from "decimal.js";
import { expect, test } from "vitest";
import type { AccountIdKey } from "./accounts.ts";
import { ACCESS_SECRET, aToken, isSigned, scripted } from "./testing/client.ts";
import { json } from "./testing/fakes.ts";

const KEY = "AbCdEfGhIjKlMnOpQrStUv" as AccountIdKey;

const MARGIN = `{"BalanceResponse":{"accountId":"11112222","accountType":"MARGIN","optionLevel":"LEVEL_2",
"accountDescription":"JANE DOE","quoteMode":0,"dayTraderStatus":"NO_PDT","accountMode":"MARGIN",
"Cash":{"fundsForOpenOrdersCash":0,"moneyMktBalance":1200.5},"Computed":{"cashAvailableForInvestment":5000.10,
"cashAvailableForWithdrawal":-0.07,"netCash":12345678901234567.89,"cashBalance":0.0,"marginBuyingPower":10000,
"cashBuyingPower":5000,"dtMarginBuyingPower":20000,"accountBalance":5000,"unSettledCashForInvestment":1,
"OpenCalls":{"minEquityCall":0.1,"fedCall":0.2,"cashCall":0,"houseCall":0},
"RealTimeValues":{"totalAccountValue":15000.33,"netMv":10000,"netMvLong":10000,"netMvShort":0}}}}`;

test("a balance is read for one account by its key, with real-time values", async () => {
  const { client, seen } = scripted([new Response(MARGIN)]);

  const read = await client.balance(aToken(), KEY, "BROKERAGE");

  expect(read.ok).toBe(true);
  expect(seen[0]?.url).toBe(
    "https://data.test/v1/accounts/AbCdEfGhIjKlMnOpQrStUv/balance.json?instType=BROKERAGE&realTimeNAV=true",
  );
  expect(isSigned(seen[0], ACCESS_SECRET)).toBe(true);
});

test("amounts are exact decimals", async () => {
  const { client } = scripted([new Response(MARGIN)]);

  const read = await client.balance(aToken(), KEY, "BROKERAGE");

  expect(read.ok && read.value).toEqual({
    mode: "MARGIN",
    dayTraderStatus: "NO_PDT",
    optionLevel: "LEVEL_2",
    cashAvailableForInvestment: new Decimal("5000.1"),
    cashAvailableForWithdrawal: new Decimal("-0.07"),
    unsettledCashForInvestment: new Decimal("1"),
    netCash: new Decimal("12345678901234567.89"),
    cashBalance: new Decimal("0"),
    accountBalance: new Decimal("5000"),
    cashBuyingPower: new Decimal("5000"),
    marginBuyingPower: new Decimal("10000"),
    dayTradingMarginBuyingPower: new Decimal("20000"),
    openCalls: new Decimal("0.3"),
    totalAccountValue: new Decimal("15000.33"),
    netMarketValue: new Decimal("10000"),
  });
});

test("the owner's name and the account's number do not come along", async () => {
  const { client } = scripted([new Response(MARGIN)]);

  const read = await client.balance(aToken(), KEY, "BROKERAGE");

  expect(JSON.stringify(read)).not.toMatch(/JANE|11112222/);
});

test("a cash account has no margin fields rather than zeros", async () => {
  const Computed = { cashAvailableForInvestment: 7.25, marginBuyingPower: null };
  const { client } = scripted([json({ BalanceResponse: { accountMode: "CASH", Computed } })]);

  const read = await client.balance(aToken(), KEY, "BROKERAGE");

  expect(read).toEqual({
    ok: true,
    value: { mode: "CASH", cashAvailableForInvestment: new Decimal("7.25") },
  });
});

test.each([
  ["no figures", '{"BalanceResponse":{"accountMode":"CASH"}}'],
  ["an amount that is text", '{"BalanceResponse":{"Computed":{"netCash":"much"}}}'],
  ["an XML answer", "<BalanceResponse><netCash>1</netCash></BalanceResponse>"],
])("%s is unreadable", async (_name, body) => {
  const { client } = scripted([new Response(body)]);

  const read = await client.balance(aToken(), KEY, "BROKERAGE");

  expect(read).toMatchObject({ ok: false, code: "BROKER_REPLY_UNREADABLE" });
});

test("no content is no balance", async () => {
  const { client } = scripted([new Response(null, { status: 204 })]);

  const read = await client.balance(aToken(), KEY, "BROKERAGE");

  expect(read).toEqual({
    ok: false,
    code: "BROKER_REPLY_UNREADABLE",
    detail: { module: "accounts", status: 204 },
  });
});

test.each([100, 102, 253, 7001, 7002])(
  "the broker's refusal %i is passed on as such, after one call",
  async (code) => {
    const { client, seen } = scripted([
      json({ Error: { code, message: "Please enter valid account key" } }, 400),
    ]);

    const read = await client.balance(aToken(), KEY, "BROKERAGE");

    expect(read).toEqual({
      ok: false,
      code: "BROKER_REFUSED",
      detail: { module: "accounts", status: 400, brokerCode: code },
    });
    expect(seen.length).toBe(1);
  },
);
