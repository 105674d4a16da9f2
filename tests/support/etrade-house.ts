/** Our E*TRADE client trading at our simulated E*TRADE, over real HTTP and on a clock that is moved. */
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { quietLog } from "../../infra/local/quiet-log.ts";
import { createEtradeSimulator, type EtradeSimulator } from "../../infra/sandbox/etrade/simulator.ts";
import { logInAtBroker } from "../../infra/sandbox/owner/broker-login.ts";
import { createEtradeClient, type EtradeClient } from "../../shared/brokers/etrade/client.ts";
import { openHeldEtrade } from "../../shared/brokers/etrade/held-etrade.ts";
import type { OrderAccess } from "../../shared/brokers/etrade/orders/order-calls.ts";
import type { OrderRequest } from "../../shared/brokers/etrade/orders/order-request.ts";
import { unpackTokenPair } from "../../shared/brokers/etrade/token.ts";
import type { HeldSocket, HeldToken } from "../../shared/brokers/held-socket.ts";
import type { Fill } from "../../shared/brokers/trading-broker.ts";
import { connectionSchema, type EtradeConnection } from "../../shared/config/connection.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import type { Http } from "../../shared/platform/http.ts";
import { createNodeHttp } from "../../shared/platform/local/node-http.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { createSqliteStore } from "../../shared/platform/local/sqlite-store.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { createVirtualTimers } from "../../shared/platform/local/virtual-timers.ts";
import { Secret } from "../../shared/platform/secret.ts";
import type { Store } from "../../shared/platform/store.ts";
import { notSent } from "../../shared/platform/testing/http-answers.ts";
import type { Timers } from "../../shared/platform/timers.ts";

/** 11:00 in New York on a Monday. */
const START = Temporal.Instant.from("2026-11-23T16:00:00Z");
const STEP_MS = 100;

export interface EtradeHouse {
  readonly simulator: EtradeSimulator;
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly connection: EtradeConnection;
  now(): Temporal.Instant;
  /** A process that trades; it hears nothing more once `kill` was called. */
  open(over?: { readonly isShortAllowed?: boolean; readonly account?: string }): EtradeProcess;
  /** Lets time pass for everybody, and every answer arrive. */
  pass(ms: number): Promise<void>;
  /** Passes time until it is so; throws after two minutes. */
  until(isSo: () => boolean, what: string): Promise<void>;
  /** Every path that was asked for, with its method. */
  readonly asked: string[];
  /** Orders placed at the broker, whoever knows of them: by their number. */
  placed(): Promise<readonly string[]>;
  /** An order that the owner places by hand, outside of this client: its number. */
  placeByHand(request: Partial<OrderRequest>): Promise<string>;
  move(symbol: string, price: Decimal): Promise<void>;
  readonly client: EtradeClient;
  readonly token: HeldToken;
  /** What the store and the keeper give to the processes. */
  readonly tokens: { held: HeldToken | undefined; next: HeldToken | undefined; readonly refusals: number[] };
  /** Another login of the same owner. */
  logInAgain(generation: number): Promise<HeldToken>;
  close(): Promise<void>;
}

export interface EtradeProcess {
  readonly socket: HeldSocket;
  readonly fills: Fill[];
  readonly warnings: string[];
  /** Whether there is a way to the broker. */
  wire: { isCut: boolean };
  kill(): void;
}

/** Answers come over real sockets: their time limits are the machine's. */
const http = createNodeHttp({ timers: createSystemTimers() });

/** A wire that counts who waits for an answer. */
function createWire(asked: string[]) {
  const counts = { open: 0 };
  const overWire =
    (wire: { readonly isCut: boolean; readonly isDead: () => boolean }): Http =>
    async (call) => {
      if (wire.isDead()) return new Promise(() => {});
      if (wire.isCut) return notSent();
      asked.push(`${call.method} ${new URL(call.url).pathname}`);
      counts.open += 1;
      try {
        const outcome = await http(call);
        return wire.isDead() ? await new Promise(() => {}) : outcome;
      } finally {
        counts.open -= 1;
      }
    };
  return { counts, overWire };
}

/** `isEmpty`: the account holds nothing; else it holds what the simulated customer does. */
export async function openEtradeHouse({ isEmpty = false, start = START } = {}): Promise<EtradeHouse> {
  const timers = createVirtualTimers();
  const now = () => start.add({ milliseconds: Math.round(timers.now()) });
  const clock: Clock = {
    now,
    sleep: (duration) =>
      new Promise((resolve) => {
        timers.after(duration.total("milliseconds"), resolve);
      }),
  };
  const random = createSeededRandom("etrade-house");
  const simulator = createEtradeSimulator({ clock, random, log: quietLog });
  const at = await simulator.listen({ host: "127.0.0.1" });
  const folder = makeTemporaryFolder();
  const store = createSqliteStore({ path: join(folder.path, "store.db"), durability: "process-death" });
  const asked: string[] = [];
  const { counts, overWire } = createWire(asked);
  const hosts = { apiBaseUrl: at.apiBaseUrl, dataBaseUrl: at.apiBaseUrl, authorizeUrl: at.authorizeUrl };
  const consumer = { key: at.consumerKey, secret: Secret.of(at.consumerSecret) };
  const connection = connectionSchema.parse({
    id: "etrade-test",
    label: "E*TRADE",
    broker: "etrade",
    environment: "production",
    needed: "every-morning",
  }) as EtradeConnection;
  const client = createEtradeClient(
    { http, clock: { now, sleep: async () => undefined }, random, log: quietLog },
    { ...hosts, environment: "production", consumer },
  );
  const token = { token: await logIn(client), generation: 1 };
  const tokens: EtradeHouse["tokens"] = { held: token, next: undefined, refusals: [] };
  const processes: EtradeProcess[] = [];
  let openedAt = start;

  /** Answers come over real sockets: the clock stands until they are all there. */
  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = counts.open === 0 ? quiet + 1 : 0;
    }
  }

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      await timers.advance(Math.min(STEP_MS, ms - passed));
      await settle();
    }
  }

  const house: EtradeHouse = {
    ...{ simulator, store, clock, timers, connection, now, pass, asked, client, token, tokens },
    logInAgain: async (generation) => ({ token: await logIn(client), generation }),
    open({ isShortAllowed = true, account } = {}) {
      let isDead = false;
      const wire = { isCut: false, isDead: () => isDead };
      const fills: Fill[] = [];
      const warnings: string[] = [];
      const socket = openHeldEtrade(
        {
          http: overWire(wire),
          ...{ clock, timers, random, store, log: quietLog },
          tokens: {
            current: async () => tokens.held,
            async refused(generation) {
              tokens.refusals.push(generation);
              tokens.held = tokens.next ?? tokens.held;
              return tokens.next;
            },
          },
        },
        {
          ...{ hosts, consumer, isShortAllowed },
          connection: account === undefined ? connection : { ...connection, account },
          watch: [{ symbol: "AAPL", bars: ["M1"] }],
          fillsSince: openedAt,
          timeoutMs: 150,
          warned: (clientOrderId, messages) => {
            for (const { code } of messages) warnings.push(`${clientOrderId} ${code}`);
          },
        },
      );
      socket.broker.onFill((fill) => fills.push(fill));
      const process: EtradeProcess = {
        ...{ socket, fills, warnings, wire },
        kill() {
          isDead = true;
          socket.drop();
        },
      };
      processes.push(process);
      return process;
    },
    async until(isSo, what) {
      for (let passed = 0; passed < 120_000 && !isSo(); passed += 500) await pass(500);
      if (!isSo()) throw new Error(`It never came about: ${what}`);
    },
    async placed() {
      const page = await client.orders.list(await accessOf(client, token), { count: 100 });
      if (!page.ok) throw new Error(page.code);
      return page.value.orders.map(({ orderId }) => orderId);
    },
    async placeByHand(over) {
      const request: OrderRequest = {
        ...{ clientOrderId: `hand${now().epochMilliseconds}`, symbol: "KO", action: "BUY" },
        ...{ quantity: new Decimal(10), priceType: "MARKET", term: "GOOD_FOR_DAY", ...over },
      };
      return placeRaw(client, await accessOf(client, token), request);
    },
    async move(symbol, price) {
      simulator.setFaults({ movePrice: { symbol, price: price.toNumber(), hold: true } });
    },
    async close() {
      for (const process of processes) process.kill();
      await simulator.close();
      await store.close();
      folder.remove();
    },
  };
  if (isEmpty) {
    await sellAll(client, await accessOf(client, token), { token, pass });
    await pass(20_000);
    openedAt = now();
    await pass(1_000);
  }
  return house;
}

async function accessOf(client: EtradeClient, { token }: HeldToken): Promise<OrderAccess> {
  const list = await client.accounts(token);
  const account = list.ok ? list.value.accounts[0] : undefined;
  if (account === undefined) throw new Error("no account");
  return { token: unpackTokenPair(token), accountIdKey: account.accountIdKey };
}

/** The simulated customers hold shares from the start. */
async function sellAll(
  client: EtradeClient,
  access: OrderAccess,
  { token: { token }, pass }: Pick<EtradeHouse, "token" | "pass">,
): Promise<void> {
  const held = await client.portfolio(token, access.accountIdKey);
  if (!held.ok) throw new Error(held.code);
  for (const [index, { symbol, quantity }] of held.value.entries()) {
    const request: OrderRequest = {
      clientOrderId: `empty${index}`,
      symbol,
      quantity,
      action: "SELL",
      priceType: "MARKET",
      term: "GOOD_FOR_DAY",
    };
    await placeRaw(client, access, request);
    // The broker takes few calls a second.
    await pass(1_000);
  }
}

async function logIn(client: EtradeClient): Promise<Secret> {
  const begun = await client.issuer.begin();
  if (!begun.ok) throw new Error(begun.code);
  const pin = Secret.of(await logInAtBroker(begun.value.authorizeUrl));
  const issued = await client.issuer.complete(begun.value.request, pin);
  if (!issued.ok) throw new Error(issued.code);
  return issued.value;
}

/** Previews and places; gives the order's number. */
async function placeRaw(client: EtradeClient, access: OrderAccess, request: OrderRequest): Promise<string> {
  const mayLeave = () => true;
  const preview = await client.orders.preview(access, request, { mayLeave });
  if (preview.kind !== "done") throw new Error(`preview: ${JSON.stringify(preview)}`);
  const placed = await client.orders.place(access, request, { preview: preview.value, mayLeave });
  if (placed.kind !== "done") throw new Error(`place: ${JSON.stringify(placed)}`);
  return placed.value.orderId;
}
