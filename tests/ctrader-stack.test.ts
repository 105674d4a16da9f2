/** A cTrader connection through the whole local stack: the page's login, the simulated broker, the worker's call. */
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { openTestStack, signIn, type TestStack } from "./support/stack.ts";

const DEMO = "ctrader-demo";
const LIVE = "ctrader-live";
const CONFIG = {
  connections: [
    {
      id: "etrade-production",
      label: "E*TRADE",
      broker: "etrade",
      environment: "production",
      needed: "every-morning",
    },
    { id: DEMO, label: "cTrader demo", broker: "ctrader", environment: "demo", needed: "on-demand" },
    { id: LIVE, label: "cTrader live", broker: "ctrader", environment: "live", needed: "on-demand" },
  ],
};

const toldSchema = z.object({
  ctrader: z.object({
    host: z.string(),
    demoPort: z.int(),
    livePort: z.int(),
    caFile: z.string(),
    demoClientId: z.string(),
    demoClientSecret: z.string(),
    redirectUri: z.url(),
    accounts: z.array(z.object({ ctidTraderAccountId: z.int(), host: z.enum(["demo", "live"]) })),
  }),
});

let stack: TestStack;
afterEach(() => stack.close());

async function renewBy(connection: string): Promise<string> {
  const authorization = await stack.owner.begin(connection);
  const address = await stack.owner.logIn(authorization);
  const generation = await stack.owner.enterPin(connection, authorization.id, address);
  await stack.owner.waitForGreen(connection, generation, 15_000);
  return address;
}

test("the owner logs in at the simulated cTrader, and the worker proves the token over TLS on each host", async () => {
  stack = await openTestStack({ config: CONFIG });
  await signIn(stack);

  const address = await renewBy(DEMO);
  await renewBy(LIVE);

  const { state } = stack.simulators.ctrader.simulator;
  expect(address).toContain("/api/oauth/ctrader/callback?code=");
  expect(state().counters).toMatchObject({ "out ProtoOAApplicationAuthRes": expect.any(Number) });
  const hosts = state().messages.map((one) => one.host);
  expect(new Set(hosts)).toEqual(new Set(["demo", "live"]));
}, 60_000);

test("GET /sandbox tells a client of others' making all that it needs", async () => {
  stack = await openTestStack({ config: CONFIG });

  const answer = await fetch(stack.addresses.sandbox);
  const { ctrader } = toldSchema.parse(await answer.json());

  const certificate = new X509Certificate(readFileSync(ctrader.caFile));
  expect(certificate.ca).toBe(true);
  expect(statSync(ctrader.caFile.replace(".pem", "-keys.json")).mode & 0o777).toBe(0o600);
  expect(new Set(ctrader.accounts.map((one) => one.host))).toEqual(new Set(["demo", "live"]));
  expect(ctrader.redirectUri).toBe(`${stack.addresses.console}api/oauth/ctrader/callback`);
});

test("what the simulated broker has seen and truly holds can be read, without a token", async () => {
  stack = await openTestStack({ config: CONFIG });
  await signIn(stack);
  const address = await renewBy(DEMO);

  const answer = await fetch(`${stack.addresses.sandbox}/ctrader/state`);
  const none = await fetch(`${stack.addresses.sandbox}/delivery/state`);

  const text = await answer.text();
  const [account] = stack.simulators.ctrader.addresses.accounts;
  expect(JSON.parse(text)).toMatchObject({
    grants: [{ user: "trader", scope: "trading", isEnded: false }],
    counters: { "in ProtoOAAccountAuthReq": expect.any(Number) },
    orders: [],
    truth: { [String(account?.ctidTraderAccountId)]: { positions: [], balance: expect.any(Number) } },
  });
  expect(text).not.toContain(new URL(address).searchParams.get("code"));
  expect(none.status).toBe(404);
}, 60_000);

test("its switches are set through the sandbox, which takes no wrong value", async () => {
  stack = await openTestStack({ config: CONFIG });
  const faults = `${stack.addresses.sandbox}/ctrader/faults`;

  const set = await fetch(faults, { method: "POST", body: JSON.stringify({ wrongHost: true }) });
  const wrong = await fetch(faults, { method: "POST", body: JSON.stringify({ wrongHost: 1 }) });

  expect(set.status).toBe(200);
  expect(await set.json()).toMatchObject({ faults: { wrongHost: true } });
  expect(wrong.status).toBe(400);
});

test("what the simulated broker keeps survives a restart of the stack", async () => {
  const first = await openTestStack({ config: CONFIG });
  stack = first;
  await signIn(stack);
  await renewBy(DEMO);
  const { simulator, ca } = stack.simulators.ctrader;
  const grants = simulator.state().grants;
  await stack.simulators.close();

  const again = await openTestStack({ config: CONFIG, folder: first.folder });

  expect(grants).toHaveLength(1);
  expect(again.simulators.ctrader.simulator.state().grants).toEqual(grants);
  expect(again.simulators.ctrader.ca).toBe(ca);
  await again.close();
}, 60_000);
