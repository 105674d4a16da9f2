/** The simulated E*TRADE against a public client that others wrote: only its addresses are changed. */
import { ETrade } from "e-trade-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { logInAtBroker } from "../infra/sandbox/owner/broker-login.ts";
import { openTestStack, type TestStack } from "./support/stack.ts";

let stack: TestStack;

beforeEach(async () => {
  stack = await openTestStack();
});
afterEach(() => stack.close());

test("a public E*TRADE client logs in, reads accounts, balances and quotes, renews and revokes", async () => {
  const sandbox = (await (await fetch(stack.addresses.sandbox)).json()) as { etrade: Record<string, string> };
  const { apiBaseUrl, authorizeUrl, consumerKey, consumerSecret } = sandbox.etrade;
  const client = new ETrade({
    key: String(consumerKey),
    secret: String(consumerSecret),
    mode: "prod",
    urls: { oauth: `${apiBaseUrl}/oauth/`, prod: `${apiBaseUrl}/v1/`, dev: `${apiBaseUrl}/v1/` },
  } as ConstructorParameters<typeof ETrade>[0]);

  const request = await client.requestToken();
  const query = new URLSearchParams({ key: String(consumerKey), token: request.oauth_token });
  const code = await logInAtBroker(`${authorizeUrl}?${query}`);
  const access = await client.getAccessToken({
    key: request.oauth_token,
    secret: request.oauth_token_secret,
    code,
  });
  client.settings.accessToken = access.oauth_token;
  client.settings.accessSecret = access.oauth_token_secret;
  const accounts = await client.listAccounts();
  const open = accounts.find((account) => account.accountStatus === "ACTIVE");
  const balance = await client.getAccountBalances({ accountIdKey: String(open?.accountIdKey) });
  const quotes = await client.getQuotes({ symbols: ["AAPL"] });
  const renewed: unknown = await client.renewAccessToken({
    key: access.oauth_token,
    secret: access.oauth_token_secret,
  });
  await client.revokeAccessToken({ key: access.oauth_token, secret: access.oauth_token_secret });

  expect(accounts.length).toBeGreaterThan(1);
  expect(balance.accountId).toBe(open?.accountId);
  expect(JSON.stringify(quotes)).toContain(`"symbol":"AAPL"`);
  expect(renewed).toBe("Access Token has been renewed");
  await expect(client.listAccounts()).rejects.toThrow("token_rejected");
});
