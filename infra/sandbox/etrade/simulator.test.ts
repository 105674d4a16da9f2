import { afterEach, expect, test } from "vitest";
import { type Rig, startRig } from "./testing/rig.ts";

let rig: Rig | undefined;
afterEach(async () => {
  await rig?.close();
  rig = undefined;
});

async function start(options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  rig = await startRig(options);
  return rig;
}

test("a careful client gets from nothing to a list of accounts, a balance and a quote", async () => {
  const { call, accessToken } = await start();

  const token = await accessToken();
  const list = await call("/v1/accounts/list.json", { token });
  const accounts = JSON.parse(list.body).AccountListResponse.Accounts.Account;
  const balance = await call(`/v1/accounts/${accounts[0].accountIdKey}/balance.json`, {
    token,
    query: [
      ["instType", "BROKERAGE"],
      ["realTimeNAV", "true"],
    ],
  });
  const quote = await call("/v1/market/quote/AAPL,MSFT.json", { token });

  expect(list.status).toBe(200);
  expect(accounts).toHaveLength(4);
  expect(accounts.map((row: { accountStatus: string }) => row.accountStatus)).toEqual([
    "ACTIVE",
    "ACTIVE",
    "ACTIVE",
    "CLOSED",
  ]);
  expect(accounts[1].accountMode).toBe("CASH");
  expect(JSON.parse(balance.body).BalanceResponse.Computed.RealTimeValues.totalAccountValue).toBeGreaterThan(
    25_000,
  );
  const quoted = JSON.parse(quote.body).QuoteResponse.QuoteData;
  expect(quoted.map((row: { Product: { symbol: string } }) => row.Product.symbol)).toEqual(["AAPL", "MSFT"]);
});
