/** A broker's connection as a worker holds it, opened by the broker's own client. */
import type { AppOptions, Platform } from "./app.ts";
import type { Audit } from "./audit/audit-log.ts";
import type { HeldSocket } from "./brokers/held-socket.ts";
import { heardUntil, sockets } from "./brokers/socket-state.ts";
import { accountId } from "./config/account.ts";
import type { BotConfig } from "./config/bot.ts";
import type { Connection, CtraderConnection, EtradeConnection } from "./config/connection.ts";
import { readBrokerKey } from "./config/credentials.ts";
import { type HeldByBot, watchedOf } from "./config/watched.ts";
import type { Secret } from "./platform/secret.ts";
import type { HeldTokens } from "./tokens/held-tokens.ts";
import type { KeepAliveOptions, KeepAliveOutcome } from "./tokens/keeper.ts";
import type { Announce } from "./trading/control/notices.ts";
import { accountLedgers } from "./trading/ledger/records.ts";

export interface SocketSurroundings {
  readonly platform: Platform;
  readonly options: Pick<
    AppOptions,
    "machineClock" | "timers" | "http" | "build" | "hosts" | "leading" | "config"
  >;
  /** Whose acknowledgement of a token counts. */
  readonly subscriber: string;
  keep(connection: Connection, how: KeepAliveOptions): Promise<KeepAliveOutcome>;
  /** Tells the owner, once an id. Missing: nobody is told. */
  readonly announce?: Announce;
  /** Where it is written down what was stopped. */
  readonly audit?: Audit;
}

/**
 * Nothing is dialled before `start`; undefined while the broker's key is missing, and for E*TRADE, which has to
 * be asked again and again, while nothing trades on it.
 */
export async function openHeld(
  surroundings: SocketSurroundings,
  connection: Connection,
  tokens: HeldTokens,
): Promise<HeldSocket | undefined> {
  if (connection.broker === "etrade" && !isTraded(surroundings, connection)) return undefined;
  const key = await readBrokerKey(surroundings.platform, connection.id);
  if (!key.ok) return undefined;
  const making = { surroundings, tokens, key: key.value };
  switch (connection.broker) {
    case "ctrader":
      return holdCtrader(making, connection);
    case "etrade":
      return holdEtrade(making, connection);
    default:
      return connection satisfies never;
  }
}

function isTraded({ options: { config } }: SocketSurroundings, { id }: Connection): boolean {
  return [...config.accounts, ...config.bots].some((one) => one.connection === id);
}

interface Making {
  readonly surroundings: SocketSurroundings;
  readonly tokens: HeldTokens;
  readonly key: { readonly key: string; readonly secret: Secret };
}

async function holdCtrader(
  { surroundings: { platform, options }, tokens, key }: Making,
  connection: CtraderConnection,
): Promise<HeldSocket> {
  const { openHeldSocket } = await import("./brokers/ctrader/held-socket.ts");
  const { createTlsDial } = await import("./brokers/ctrader/tls-link.ts");
  const { CTRADER_HOSTS } = await import("./brokers/ctrader/environments.ts");
  const { timers, config } = options;
  const hosts = options.hosts?.ctrader(connection) ?? CTRADER_HOSTS[connection.environment];
  const since = await unheardSince(platform, connection);
  const held = await heldByBots(platform, connection);
  return openHeldSocket(
    { ...platform, log: platform.log.for("ctrader"), timers, tokens, dial: createTlsDial({ timers }) },
    {
      address: hosts.socket,
      connection: { ...connection, watch: [...watchedOf(connection, config.bots, held)] },
      barsBefore: (symbol, period) => (isRead(config.bots, { connection, symbol, period }) ? BARS_BEFORE : 0),
      application: { clientId: key.key, clientSecret: key.secret },
      ...(since !== undefined && { dealsSince: since.epochMilliseconds }),
    },
  );
}

/** More than any built-in strategy needs to be warm. */
const BARS_BEFORE = 300;

interface Series {
  readonly connection: Connection;
  readonly symbol: string;
  readonly period: string;
}

function isRead(bots: readonly BotConfig[], { connection, symbol, period }: Series): boolean {
  return bots.some(
    (bot) => bot.connection === connection.id && bot.bars === period && bot.instruments.includes(symbol),
  );
}

async function holdEtrade(
  { surroundings: { platform, options }, tokens, key }: Making,
  connection: EtradeConnection,
): Promise<HeldSocket> {
  const { openHeldEtrade } = await import("./brokers/etrade/held-etrade.ts");
  const { ETRADE_HOSTS } = await import("./brokers/etrade/environments.ts");
  const { timers, http, config } = options;
  const hosts = options.hosts?.etrade(connection) ?? ETRADE_HOSTS[connection.environment];
  const fillsSince = await unheardSince(platform, connection);
  return openHeldEtrade(
    { ...platform, http, log: platform.log.for("etrade"), timers, tokens },
    {
      connection,
      hosts,
      ...(hosts.limits !== undefined && { limits: hosts.limits }),
      consumer: key,
      watch: watchedOf(connection, config.bots, await heldByBots(platform, connection)),
      ...(fillsSince !== undefined && { fillsSince }),
    },
  );
}

/** What bots hold on the accounts of a connection when its worker begins. */
async function heldByBots({ store }: Platform, { id }: Connection): Promise<readonly HeldByBot[]> {
  const modes = ["paper", "live"] as const;
  const ledgers = await Promise.all(modes.map((mode) => store.get(accountLedgers, accountId(id, mode))));
  return ledgers.flatMap((ledger) =>
    (ledger?.lots ?? []).flatMap(({ instrument, bot }) => (bot === undefined ? [] : [{ instrument, bot }])),
  );
}

/** What happened at the broker since a process last heard it is read again, and a day more. */
async function unheardSince({ store }: Platform, { id }: Connection) {
  const record = await store.get(sockets, id);
  return record && heardUntil(record).subtract({ hours: 24 });
}
