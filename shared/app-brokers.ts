/** Each connection's client of its broker, made on its first use with the key that is then in force. */
import type { AppOptions, Platform } from "./app.ts";
import type { BrokerAccounts } from "./brokers/broker-accounts.ts";
import type { CtraderHosts, CtraderPlace } from "./brokers/ctrader/environments.ts";
import type { EtradeHosts } from "./brokers/etrade/environments.ts";
import { createKeylessBroker } from "./brokers/keyless-broker.ts";
import type { ScanQuotes } from "./brokers/scan-quotes.ts";
import type { TokenIssuer } from "./brokers/token-issuer.ts";
import type { Connection, CtraderConnection, EtradeConnection } from "./config/connection.ts";
import { readBrokerKey } from "./config/credentials.ts";
import type { Clock } from "./platform/clock.ts";

/** Where brokers are found in place of their real hosts. A connection that is not there must throw. */
export interface BrokerHosts {
  etrade(connection: EtradeConnection): EtradeHosts;
  /** Without an `id`: of an environment that has no connection. */
  ctrader(connection: CtraderPlace): CtraderHosts;
}

export interface Broker {
  readonly issuer: TokenIssuer;
  readonly accounts: BrokerAccounts;
  /** Absent for a broker that tells too little before the open. */
  readonly scanQuotes?: ScanQuotes;
}

export interface Brokers {
  issuerOf(connection: Connection): Promise<TokenIssuer>;
  accountsOf(connection: Connection): Promise<BrokerAccounts>;
  scanQuotesOf(connection: Connection): Promise<ScanQuotes | undefined>;
}

/** What a broker's client is made of; `forget`: a key that is entered later serves the next call. */
interface Making {
  readonly platform: Platform;
  readonly options: AppOptions;
  readonly clock: Clock;
  readonly forget: () => void;
}

export function createBrokers(platform: Platform, options: AppOptions): Brokers {
  const brokers = new Map<string, Promise<Broker>>();
  // Pauses take real time: on a virtual clock that stands still they would never end.
  const clock: Clock = { now: () => platform.clock.now(), sleep: options.machineClock.sleep };

  function brokerOf(connection: Connection): Promise<Broker> {
    const known = brokers.get(connection.id);
    if (known !== undefined) return known;
    const forget = () => void brokers.delete(connection.id);
    const made = make({ platform, options, clock, forget }, connection);
    brokers.set(connection.id, made);
    made.catch(forget);
    return made;
  }

  return {
    issuerOf: async (connection) => (await brokerOf(connection)).issuer,
    accountsOf: async (connection) => (await brokerOf(connection)).accounts,
    scanQuotesOf: async (connection) => (await brokerOf(connection)).scanQuotes,
  };
}

function make(making: Making, connection: Connection): Promise<Broker> {
  switch (connection.broker) {
    case "etrade":
      return makeEtrade(making, connection);
    case "ctrader":
      return makeCtrader(making, connection);
    default:
      return connection satisfies never;
  }
}

async function makeEtrade(making: Making, connection: EtradeConnection): Promise<Broker> {
  const { createEtradeClient } = await import("./brokers/etrade/client.ts");
  const { createEtradeAccounts } = await import("./brokers/etrade/broker-accounts.ts");
  const { ETRADE_HOSTS } = await import("./brokers/etrade/environments.ts");
  const { createEtradeScanQuotes } = await import("./brokers/etrade/scan-quotes.ts");
  const { readVerifier } = await import("./brokers/etrade/verifier.ts");
  const { platform, options, clock, forget } = making;
  const consumer = await readBrokerKey(platform, connection.id);
  if (!consumer.ok) {
    forget();
    return createKeylessBroker({ connection: connection.id, reason: consumer.code }, readVerifier);
  }
  const hosts = options.hosts?.etrade(connection) ?? ETRADE_HOSTS[connection.environment];
  const client = createEtradeClient(
    { http: options.http, clock, random: platform.random, log: platform.log },
    { ...hosts, environment: connection.environment, consumer: consumer.value },
  );
  return {
    issuer: client.issuer,
    accounts: createEtradeAccounts(client),
    scanQuotes: createEtradeScanQuotes(client),
  };
}

async function makeCtrader(making: Making, connection: CtraderConnection): Promise<Broker> {
  const { createCtraderBroker } = await import("./brokers/ctrader/create-broker.ts");
  const { CTRADER_HOSTS } = await import("./brokers/ctrader/environments.ts");
  const { readVerifier } = await import("./brokers/ctrader/oauth/verifier.ts");
  const { createTlsDial } = await import("./brokers/ctrader/tls-link.ts");
  const { platform, options, clock, forget } = making;
  const application = await readBrokerKey(platform, connection.id);
  if (!application.ok) {
    forget();
    return createKeylessBroker({ connection: connection.id, reason: application.code }, readVerifier);
  }
  const { key: clientId, secret: clientSecret } = application.value;
  const { environment, account } = connection;
  return createCtraderBroker(
    {
      ...{ http: options.http, clock, dial: createTlsDial(options) },
      ...{ timers: options.timers, random: platform.random, log: platform.log },
    },
    {
      hosts: options.hosts?.ctrader(connection) ?? CTRADER_HOSTS[environment],
      redirectUri: redirectUriOf(options.publicUrl),
      ...{ clientId, clientSecret, environment },
      ...(account !== undefined && { account }),
    },
  );
}

/** The address that the owner registers with the broker, byte for byte. */
export function redirectUriOf(publicUrl: string): string {
  return `${publicUrl}/api/oauth/ctrader/callback`;
}
