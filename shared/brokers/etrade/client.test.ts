import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createNodeHttp } from "../../platform/local/node-http.ts";
import { createSystemTimers } from "../../platform/local/system-timers.ts";
import { createEtradeClient } from "./client.ts";
import { ETRADE_HOSTS } from "./environments.ts";
import { ACCESS_SECRET, anOptions, aToken, CONSUMER_SECRET } from "./testing/client.ts";
import { createCountingRandom, createJumpingClock, createKeptLog } from "./testing/fakes.ts";
import { isSignedBy } from "./testing/oracle.ts";
import { joinUrl } from "./url.ts";

test("the signature holds for the address as it really arrives at a server", async () => {
  const arrived: { path: string; isSigned: boolean }[] = [];
  const server = createServer((request, response) => {
    const { method = "", url: path = "", headers } = request;
    const seen = { method, url: `http://${headers.host}${path}`, header: headers.authorization ?? "" };
    arrived.push({ path, isSigned: isSignedBy(seen, { consumer: CONSUMER_SECRET, token: ACCESS_SECRET }) });
    response.setHeader("content-type", "application/json");
    response.end('{"QuoteResponse":{"QuoteData":[]}}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createEtradeClient(
    {
      http: createNodeHttp({ timers: createSystemTimers() }),
      clock: createJumpingClock(),
      random: createCountingRandom(),
      log: createKeptLog(),
    },
    anOptions({ apiBaseUrl: root, dataBaseUrl: root }),
  );

  const read = await client.quotes(aToken(), ["AAPL:2026:1:16:CALL:250", "BRK.B", "BF/B", "$SPX", "É'(1)*!"]);
  server.closeAllConnections();
  server.close();

  expect(read.ok).toBe(true);
  expect(arrived).toEqual([
    {
      path: "/v1/market/quote/AAPL:2026:1:16:CALL:250,BRK.B,BF%2FB,%24SPX,%C3%89%27%281%29%2A%21.json?detailFlag=ALL",
      isSigned: true,
    },
  ]);
});

test("both environments log in at the production hosts, and only the data differ", () => {
  const { production, sandbox } = ETRADE_HOSTS;

  expect(sandbox).toEqual({ ...production, dataBaseUrl: "https://apisb.etrade.com" });
  expect([production.apiBaseUrl, production.dataBaseUrl]).toEqual([
    "https://api.etrade.com",
    "https://api.etrade.com",
  ]);
  expect(joinUrl(production.authorizeUrl, "")).toBe("https://us.etrade.com/e/t/etws/authorize");
});

test("a secret that holds no token is a bug that throws before anything is sent", async () => {
  const unused = async () => Promise.reject(new Error("was sent"));
  const deps = { clock: createJumpingClock(), random: createCountingRandom(), log: createKeptLog() };
  const client = createEtradeClient({ ...deps, http: unused }, anOptions());
  const wrong = anOptions().consumer.secret;

  const calls = [
    client.issuer.complete(wrong, wrong),
    client.issuer.renew(wrong),
    client.issuer.revoke(wrong),
    client.issuer.probe(wrong),
    client.accounts(wrong),
    client.quotes(wrong, ["AAPL"]),
  ];

  for (const call of calls) await expect(call).rejects.toThrow("does not hold an E*TRADE token");
});
