/** What a worker needs to hold a broker's socket, put together for one connection. */
import type { SocketSurroundings } from "./app-held.ts";
import type { HeldSocket } from "./brokers/held-socket.ts";
import type { MarketFeed } from "./brokers/market-feed.ts";
import { probeBySocket } from "./brokers/socket-probe.ts";
import { createSocketReporter, type SocketReporter } from "./brokers/socket-reporter.ts";
import type { TokenIssuer } from "./brokers/token-issuer.ts";
import type { TradingBroker } from "./brokers/trading-broker.ts";
import { paperTermsSchema } from "./config/account.ts";
import type { Connection } from "./config/connection.ts";
import { createLeadership, type Leadership, type LeadershipEvents } from "./platform/leadership.ts";
import { createLeases } from "./platform/lease.ts";
import { createHeldTokens, type HeldTokens } from "./tokens/held-tokens.ts";
import { createAccountKeeper, unrealisedBy } from "./trading/account-keeper.ts";
import { createFormerBots } from "./trading/control/former-bots.ts";
import { createBreakers } from "./trading/control/trip-breakers.ts";
import { createMarketRecorder, type MarketRecorder } from "./trading/market-recorder.ts";
import { createOrderExecutor, type OrderExecutor } from "./trading/order-executor.ts";
import type { PaperSeat } from "./trading/paper-seat.ts";
import { clearWay } from "./trading/protection/clear-way.ts";
import { withProtection } from "./trading/protection/tend-lots.ts";
import { withAttachedStops } from "./trading/protection/watch-attached.ts";
import { marketView } from "./trading/ticks/market-data.ts";
import { type TradedAccount, tradedAccount } from "./trading/traded-account.ts";

/** One connection's socket and what goes with it; nothing of it is shared with another connection. */
export interface SocketKit {
  readonly socket: HeldSocket;
  readonly executor: OrderExecutor;
  readonly paper?: PaperSeat;
  readonly recorder: MarketRecorder;
  readonly reporter: SocketReporter;
  /** Proves a token on this socket; missing where a call of its own proves it as well. */
  readonly probe?: TokenIssuer["probe"];
  leadership(events: LeadershipEvents): Leadership;
}

/** Around a socket that is there already no configuration is needed. */
export type AssemblySurroundings = Omit<SocketSurroundings, "options"> & {
  readonly options: Omit<SocketSurroundings["options"], "config" | "hosts" | "http"> & {
    readonly config?: SocketSurroundings["options"]["config"];
  };
};

/** The kit of a connection; undefined for a broker without a socket, and while its key is missing. */
export async function openSocketKit(
  surroundings: SocketSurroundings,
  connection: Connection,
): Promise<SocketKit | undefined> {
  const { openHeld } = await import("./app-held.ts");
  const socket = await openHeld(surroundings, connection, heldTokens(surroundings, connection));
  if (socket === undefined) return undefined;
  const paper = await paperSeat(surroundings, connection, socket.market);
  return assembleSocketKit(surroundings, connection, socket, paper);
}

/** Everything around a socket. */
export function assembleSocketKit(
  surroundings: AssemblySurroundings,
  connection: Connection,
  socket: HeldSocket,
  paper?: PaperSeat,
): SocketKit {
  const { platform, options } = surroundings;
  const { random } = platform;
  const { timers, machineClock, build, leading } = options;
  const shared = sharedBy(surroundings, connection);
  const { log, leases } = shared;
  const { broker, market: feed } = socket;
  return {
    socket,
    executor: executorOf(surroundings, tradedAccount(connection, "live"), {
      ...{ broker, feed, driftMs: socket.driftMs, heldGeneration: () => socket.state().generation },
    }),
    ...(paper !== undefined && { paper }),
    recorder: createMarketRecorder({ ...shared, feed }),
    reporter: createSocketReporter({ ...shared, build, socket }),
    ...(connection.broker === "ctrader" && {
      probe: probeBySocket({ socket, timers, current: heldTokens(surroundings, connection).current }),
    }),
    leadership: (events) =>
      createLeadership(
        { leases, clock: machineClock, timers, log },
        `socket:${connection.id}`,
        { holder: Buffer.from(random.bytes(16)).toString("hex"), ...leading },
        events,
      ),
  };
}

function sharedBy({ platform, options }: AssemblySurroundings, connection: Connection) {
  const { store, clock, random } = platform;
  const { timers, machineClock } = options;
  const log = platform.log.for("trading");
  // A lease concerns processes, whatever clock the market runs on.
  return {
    store,
    clock,
    timers,
    log,
    leases: createLeases({ store, clock: machineClock, random }),
    connection,
  };
}

interface Traded {
  readonly broker: TradingBroker;
  readonly feed: MarketFeed;
  /** A simulated broker has this machine's own clock. */
  readonly driftMs?: HeldSocket["driftMs"] | undefined;
  /** On paper no token is needed. */
  readonly heldGeneration?: (() => number | undefined) | undefined;
}

/** An account's executor, with what keeps its record. */
function executorOf(
  surroundings: AssemblySurroundings,
  account: TradedAccount,
  { broker, feed, driftMs, heldGeneration }: Traded,
): OrderExecutor {
  const { connection: _, ...shared } = sharedBy(surroundings, account.connection);
  const { subscriber, options, platform, audit, announce = async () => undefined } = surroundings;
  const { config } = options;
  const deps = { ...shared, account, broker };
  const keep = createAccountKeeper({
    ...{ ...deps, feed, driftMs, build: options.build },
    ...(config !== undefined && {
      judge: createBreakers({ ...shared, bus: platform.bus, account, config, announce, audit }),
    }),
  });
  const former = config && createFormerBots({ ...shared, account, config, announce });
  const guard = broker.attachesLevels ? withAttachedStops : withProtection;
  const tend = guard({ ...deps, feed, announce }, keep);
  return createOrderExecutor({
    ...{ ...deps, subscriber, heldGeneration, unrealisedOf: unrealisedBy(broker, feed) },
    attend: former?.before(tend) ?? tend,
    async clearWay(order) {
      if (former !== undefined && !(await former.mayLeave(order))) return false;
      return broker.attachesLevels || clearWay(deps, order);
    },
  });
}

/** The paper account beside a connection, where the configuration has one. */
async function paperSeat(
  surroundings: SocketSurroundings,
  connection: Connection,
  feed: MarketFeed,
): Promise<PaperSeat | undefined> {
  const { platform, options } = surroundings;
  const config = options.config.accounts.find(
    (one) => one.connection === connection.id && one.mode === "paper",
  );
  if (config === undefined) return undefined;
  const { openPaperBroker } = await import("./brokers/paper/open-paper-broker.ts");
  const { feedPrices } = await import("./brokers/paper/feed-prices.ts");
  const account = tradedAccount(connection, "paper");
  const terms = config.paper ?? paperTermsSchema.parse({});
  const prices = feedPrices(options.timers, feed);
  const rulesOf = (instrument: string) => feed.instruments().find((one) => one.instrument === instrument);
  const broker = openPaperBroker(
    { ...platform, timers: options.timers, log: platform.log.for("paper") },
    {
      account: account.id,
      terms,
      prices,
      rulesOf,
      conversion: (currency) => marketView(feed.quotes()).rate(currency, terms.currency),
      isOpen: (instrument) => rulesOf(instrument)?.isTradable === true,
    },
  );
  return {
    account: account.id,
    executor: executorOf(surroundings, account, { broker, feed }),
    start: (fence) => broker.start(fence),
    drop: () => broker.drop(),
    observe: () => prices.observe(),
    idle: () => broker.idle(),
    async stop() {
      await broker.stop();
      prices.close();
    },
  };
}

/** The connection's token as the vault holds it. */
export function heldTokens(
  { platform, keep }: Pick<SocketSurroundings, "platform" | "keep">,
  connection: Connection,
): HeldTokens {
  return createHeldTokens(
    {
      ...platform,
      keep: (one, refusedGeneration) => keep(one, { isForced: true, refusedGeneration }),
    },
    connection,
  );
}
