/** What a worker needs to hold a broker's socket, put together for one connection. */
import type { AppOptions, Platform } from "./app.ts";
import type { HeldSocket } from "./brokers/held-socket.ts";
import { probeBySocket } from "./brokers/socket-probe.ts";
import { createSocketReporter, type SocketReporter } from "./brokers/socket-reporter.ts";
import { heardUntil, sockets } from "./brokers/socket-state.ts";
import type { TokenIssuer } from "./brokers/token-issuer.ts";
import type { Connection } from "./config/connection.ts";
import { readBrokerKey } from "./config/credentials.ts";
import { createLeadership, type Leadership, type LeadershipEvents } from "./platform/leadership.ts";
import { createLeases } from "./platform/lease.ts";
import { createHeldTokens, type HeldTokens } from "./tokens/held-tokens.ts";
import type { KeepAliveOptions, KeepAliveOutcome } from "./tokens/keeper.ts";
import { createMarketRecorder, type MarketRecorder } from "./trading/market-recorder.ts";
import { createOrderExecutor, type OrderExecutor } from "./trading/order-executor.ts";
import { tradedAccount } from "./trading/traded-account.ts";

export interface SocketSurroundings {
  readonly platform: Platform;
  readonly options: Pick<AppOptions, "machineClock" | "timers" | "build" | "hosts" | "leading">;
  /** Whose acknowledgement of a token counts. */
  readonly subscriber: string;
  keep(connection: Connection, how: KeepAliveOptions): Promise<KeepAliveOutcome>;
}

/** One connection's socket and what goes with it; nothing of it is shared with another connection. */
export interface SocketKit {
  readonly socket: HeldSocket;
  readonly executor: OrderExecutor;
  readonly recorder: MarketRecorder;
  readonly reporter: SocketReporter;
  /** Proves a token on this socket. */
  readonly probe: TokenIssuer["probe"];
  leadership(events: LeadershipEvents): Leadership;
}

/** The kit of a connection; undefined for a broker without a socket, and while its key is missing. */
export async function openSocketKit(
  surroundings: SocketSurroundings,
  connection: Connection,
): Promise<SocketKit | undefined> {
  if (connection.broker !== "ctrader") return undefined;
  const { platform, options } = surroundings;
  const key = await readBrokerKey(platform, connection.id);
  if (!key.ok) return undefined;
  const { openHeldSocket } = await import("./brokers/ctrader/held-socket.ts");
  const { createTlsDial } = await import("./brokers/ctrader/tls-link.ts");
  const { CTRADER_HOSTS } = await import("./brokers/ctrader/environments.ts");
  const { timers } = options;
  const tokens = heldTokens(surroundings, connection);
  const hosts = options.hosts?.ctrader(connection) ?? CTRADER_HOSTS[connection.environment];
  const dealsSince = await dealsUnheardSince(platform, connection);
  const socket = openHeldSocket(
    { ...platform, log: platform.log.for("ctrader"), timers, tokens, dial: createTlsDial({ timers }) },
    {
      address: hosts.socket,
      connection,
      application: { clientId: key.value.key, clientSecret: key.value.secret },
      ...(dealsSince !== undefined && { dealsSince }),
    },
  );
  return assembleSocketKit(surroundings, connection, socket);
}

/** What happened at the broker since a process last heard it is read again, and a day more. */
async function dealsUnheardSince({ store }: Platform, { id }: Connection): Promise<number | undefined> {
  const record = await store.get(sockets, id);
  return record && heardUntil(record).subtract({ hours: 24 }).epochMilliseconds;
}

/** Everything around a socket. */
export function assembleSocketKit(
  surroundings: SocketSurroundings,
  connection: Connection,
  socket: HeldSocket,
): SocketKit {
  const { platform, options, subscriber } = surroundings;
  const { store, clock, random } = platform;
  const { timers, machineClock, build, leading } = options;
  const log = platform.log.for("trading");
  // A lease concerns processes, whatever clock the market runs on.
  const leases = createLeases({ store, clock: machineClock, random });
  const shared = { store, clock, timers, log, leases, connection };
  return {
    socket,
    executor: createOrderExecutor({
      ...shared,
      account: tradedAccount(connection, "live"),
      subscriber,
      broker: socket.broker,
    }),
    recorder: createMarketRecorder({ ...shared, feed: socket.market }),
    reporter: createSocketReporter({ ...shared, build, socket }),
    probe: probeBySocket({ socket, timers, current: heldTokens(surroundings, connection).current }),
    leadership: (events) =>
      createLeadership(
        { leases, clock: machineClock, timers, log },
        `socket:${connection.id}`,
        { ...leading, holder: Buffer.from(random.bytes(16)).toString("hex") },
        events,
      ),
  };
}

/** The connection's token as the vault holds it. */
export function heldTokens({ platform, keep }: SocketSurroundings, connection: Connection): HeldTokens {
  return createHeldTokens(
    {
      ...platform,
      keep: (one, refusedGeneration) => keep(one, { isForced: true, refusedGeneration }),
    },
    connection,
  );
}
