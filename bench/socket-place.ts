/** A simulated cTrader over TLS for benchmarks, with its markets open, and tokens of one demo connection. */
import { Temporal } from "temporal-polyfill";
import { seedCredentials } from "../infra/local/credentials.ts";
import { quietLog } from "../infra/local/quiet-log.ts";
import { openAuthority } from "../infra/sandbox/ctrader/authority.ts";
import { type Broker, createBroker } from "../infra/sandbox/ctrader/broker.ts";
import { openSocketDoor } from "../infra/sandbox/ctrader/tls-edge.ts";
import type { Platform } from "../shared/app.ts";
import { packGrant } from "../shared/brokers/ctrader/oauth/token.ts";
import { configSchema } from "../shared/config/config.ts";
import { connectionIdSchema } from "../shared/config/connection.ts";
import { createSeededRandom } from "../shared/platform/local/seeded-random.ts";
import { createSystemClock } from "../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import { Secret } from "../shared/platform/secret.ts";
import { tokenRefreshed, tokens } from "../shared/tokens/records.ts";
import { packToken, tokenSecretName } from "../shared/tokens/token-payload.ts";

/** Nobody listens there: what is not simulated is not reached. */
export const NOWHERE = "http://127.0.0.1:9";

export const CONNECTION = connectionIdSchema.parse("ctrader-demo");

/** The watched symbols of the connection: three, with bars of one minute. */
export const CONFIG_GIVEN = {
  connections: [
    {
      id: CONNECTION,
      broker: "ctrader",
      environment: "demo",
      label: "cTrader demo",
      needed: "on-demand",
      watch: ["EURUSD", "USDJPY", "XAUUSD"].map((symbol) => ({ symbol, bars: ["M1"] })),
    },
  ],
};
export const CONFIG = configSchema.parse(CONFIG_GIVEN);

/** A Monday on which every market is open. */
const MARKET_AT = Temporal.Instant.from("2026-11-23T14:00:00Z");
const TOKEN_LIFE_SECONDS = 2_628_000;

type Stores = Pick<Platform, "store" | "vault" | "bus" | "clock" | "random">;

export interface SocketPlace {
  readonly broker: Broker;
  readonly socket: { readonly host: string; readonly port: number; readonly ca: string };
  /** Puts the application's key, and a bot that nobody reaches, into a platform. */
  seed(platform: Stores): Promise<void>;
  /** A new grant of the broker's, stored and recorded as the connection's next generation, but not told yet. */
  store(platform: Stores, generation: number): Promise<Renewal>;
  close(): Promise<void>;
}

export interface Renewal {
  /** Tells the worker. */
  publish(): Promise<void>;
}

export async function openSocketPlace(): Promise<SocketPlace> {
  const system = createSystemClock();
  const aheadMs = MARKET_AT.epochMilliseconds - system.now().epochMilliseconds;
  const clock = { ...system, now: () => system.now().add({ milliseconds: aheadMs }) };
  const random = createSeededRandom("bench");
  const broker = createBroker({ clock, timers: createSystemTimers(), random, log: quietLog });
  const nowhere = { load: () => undefined, save: () => undefined };
  const { ca, server } = await openAuthority({ certificate: nowhere, keys: nowhere }, Date.now());
  const door = await openSocketDoor(
    { gateway: broker.gateway, log: quietLog },
    { at: "demo", host: "127.0.0.1", port: 0, certificate: server },
  );
  const { clientId, clientSecret } = broker.applications.demo;
  return {
    broker,
    socket: { host: "127.0.0.1", port: door.port, ca },
    async seed(platform) {
      const brokerKeys = new Map([[CONNECTION, { key: clientId, secret: clientSecret }]]);
      await seedCredentials(platform, { botToken: "1:bot", brokerKeys });
    },
    store: (platform, generation) => storeGrant(grantOf(broker, clock.now()), platform, generation),
    async close() {
      await door.close();
      broker.close();
    },
  };
}

/** A pair as the broker gives it out for a login. */
function grantOf({ applications, grants, venue }: Broker, now: Temporal.Instant) {
  const { clientId } = applications.demo;
  const redirectUri = "http://localhost/callback";
  const accounts = venue.accounts().map((one) => one.ctidTraderAccountId);
  const permission = { user: "trader", clientId, scope: "trading", accounts } as const;
  const code = grants.issueCode(permission, { redirectUri, lifeSeconds: 60 }, now);
  const facts = { clientId, redirectUri, lifeSeconds: TOKEN_LIFE_SECONDS, endsOlder: false };
  const pair = grants.redeem(code, facts, now);
  if (pair === undefined) throw new Error("The simulated broker did not take its own code.");
  return { accessToken: Secret.of(pair.accessToken), refreshToken: Secret.of(pair.refreshToken) };
}

async function storeGrant(
  pair: ReturnType<typeof grantOf>,
  { store, vault, bus, clock }: Stores,
  generation: number,
): Promise<Renewal> {
  const now = clock.now();
  const authorization = "bench";
  const token = packGrant({ ...pair, life: undefined });
  const version = await vault.add(
    tokenSecretName(CONNECTION),
    packToken({ authorization, issuedAt: now.toString(), token }),
  );
  await store.transact(async (transaction) =>
    transaction.set(tokens, CONNECTION, {
      ...{ connection: CONNECTION, generation, version, authorization },
      ...{ issuedAt: now, lastUsedAt: now, expiresAt: now.add({ seconds: TOKEN_LIFE_SECONDS }) },
    }),
  );
  return { publish: () => bus.publish(tokenRefreshed, { connection: CONNECTION, generation, version }) };
}
