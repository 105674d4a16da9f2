/** Our E*TRADE client against our simulated E*TRADE, which were written apart from each other. */
import { createServer } from "node:net";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { quietLog } from "../infra/local/quiet-log.ts";
import { createEtradeSimulator, type EtradeSimulator } from "../infra/sandbox/etrade/simulator.ts";
import { logInAtBroker } from "../infra/sandbox/owner/broker-login.ts";
import { createEtradeClient, type EtradeClient } from "../shared/brokers/etrade/client.ts";
import { tokenIssuerContract } from "../shared/brokers/token-issuer.contract.ts";
import type { Clock } from "../shared/platform/clock.ts";
import { createNodeHttp } from "../shared/platform/local/node-http.ts";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import { Secret } from "../shared/platform/secret.ts";

const START = Temporal.Instant.from("2026-11-23T13:30:00Z");

/** A clock on which whoever sleeps wakes at once, with the time gone by. */
function createJumpingClock(): Clock & { pass(duration: Temporal.Duration): void } {
  let now = START;
  const pass = (duration: Temporal.Duration) => {
    now = now.add(duration);
  };
  return { now: () => now, pass, sleep: async (duration) => pass(duration) };
}

interface Pair {
  readonly clock: ReturnType<typeof createJumpingClock>;
  readonly simulator: EtradeSimulator;
  readonly client: EtradeClient;
  /** The same client, with nobody at its addresses. */
  readonly lost: EtradeClient;
}

async function openPair(): Promise<Pair> {
  const clock = createJumpingClock();
  const random = createSeededRandom("client-and-simulator");
  const simulator = createEtradeSimulator({ clock, random, log: quietLog });
  const at = await simulator.listen({ host: "127.0.0.1" });
  const deps = { http: createNodeHttp({ timers: createSystemTimers() }), clock, random, log: quietLog };
  const options = {
    environment: "production",
    apiBaseUrl: at.apiBaseUrl,
    dataBaseUrl: at.apiBaseUrl,
    authorizeUrl: at.authorizeUrl,
    consumer: { key: at.consumerKey, secret: Secret.of(at.consumerSecret) },
  } as const;
  const nobody = `http://127.0.0.1:${await freePort()}`;
  return {
    clock,
    simulator,
    client: createEtradeClient(deps, options),
    lost: createEtradeClient(deps, { ...options, apiBaseUrl: nobody, dataBaseUrl: nobody }),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

tokenIssuerContract({
  name: "E*TRADE before its simulator",
  wrongVerifier: Secret.of("WR0NG"),
  lives: {
    request: Temporal.Duration.from({ minutes: 5 }),
    idle: Temporal.Duration.from({ hours: 2 }),
    token: Temporal.Duration.from({ hours: 25 }),
  },
  async make() {
    const { clock, simulator, client, lost } = await openPair();
    return {
      clock,
      issuer: client.issuer,
      unreachable: lost.issuer,
      approve: async (begun) => Secret.of(await logInAtBroker(begun.authorizeUrl)),
      pass: async (duration) => clock.pass(duration),
      close: () => simulator.close(),
    };
  },
});

describe("with a live token", () => {
  let pair: Pair;
  let token: Secret;

  beforeEach(async () => {
    pair = await openPair();
    const begun = await pair.client.issuer.begin();
    if (!begun.ok) throw new Error(begun.code);
    const pin = Secret.of(await logInAtBroker(begun.value.authorizeUrl));
    const issued = await pair.client.issuer.complete(begun.value.request, pin);
    if (!issued.ok) throw new Error(issued.code);
    token = issued.value;
  });
  afterEach(() => pair.simulator.close());

  test("accounts, balances and quotes are read exactly, the closed account left out", async () => {
    const list = await pair.client.accounts(token);
    if (!list.ok) throw new Error(list.code);
    const [account] = list.value.accounts;
    if (account === undefined) throw new Error("no account");
    const balance = await pair.client.balance(token, account.accountIdKey, account.institutionType);
    const quotes = await pair.client.quotes(token, ["AAPL", "ZZZZ"]);

    expect(list.value.accounts.every((one) => one.status === "ACTIVE")).toBe(true);
    expect(balance.ok && balance.value.totalAccountValue?.isPositive()).toBe(true);
    expect(quotes.ok && quotes.value.get("AAPL")?.ok).toBe(true);
    expect(quotes.ok && quotes.value.get("ZZZZ")).toMatchObject({ ok: false, code: "QUOTE_MISSING" });
  });

  test.each([
    [{ maintenance: true }, "BROKER_UNAVAILABLE"],
    [{ dropConnection: true }, "BROKER_TIMEOUT"],
    [{ consumerKeyExpired: true }, "BROKER_CREDENTIALS_REJECTED"],
    [{ failNext: { kind: "signature_invalid", times: 9 } }, "BROKER_SIGNATURE_REFUSED"],
    [{ failNext: { kind: "timestamp_refused", times: 9 } }, "BROKER_CLOCK_REFUSED"],
    [{ failNext: { kind: "token_expired", times: 9 } }, "BROKER_TOKEN_EXPIRED"],
  ])("the switch %j is met as %s", async (faults, code) => {
    expect(pair.simulator.setFaults(faults)).toMatchObject({ ok: true });

    expect(await pair.client.issuer.probe(token)).toMatchObject({ ok: false, code });
  });

  test("a read that failed is sent again, an exchange that failed is not", async () => {
    const begun = await pair.client.issuer.begin();
    if (!begun.ok) throw new Error(begun.code);
    const pin = Secret.of(await logInAtBroker(begun.value.authorizeUrl));
    const failOnce = () => pair.simulator.setFaults({ failNext: { kind: "unavailable", times: 1 } });

    expect(failOnce()).toMatchObject({ ok: true });
    const probed = await pair.client.issuer.probe(token);
    expect(failOnce()).toMatchObject({ ok: true });
    const exchanged = await pair.client.issuer.complete(begun.value.request, pin);

    expect(probed).toMatchObject({ ok: true });
    expect(exchanged).toMatchObject({ ok: false, code: "BROKER_UNAVAILABLE" });
    expect(calls("accounts/list")).toBe(2);
    expect(calls("oauth/access_token")).toBe(2);
  });

  function calls(endpoint: string): number {
    return pair.simulator.state().calls.filter((one) => one.endpoint === endpoint).length;
  }
});
