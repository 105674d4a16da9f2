/**
 * An E*TRADE account as a worker holds it, exactly as it holds another broker's socket: led by one process,
 * ready once everything was compared, and told of a token like any other.
 */
import type { Temporal } from "temporal-polyfill";
import type { EtradeConnection } from "../../config/connection.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Http } from "../../platform/http.ts";
import type { Log } from "../../platform/log.ts";
import type { Random } from "../../platform/random.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import { boundsOfAnswer, createDriftMeter, type DriftBounds } from "../clock-drift.ts";
import type { HeldSocket } from "../held-socket.ts";
import { createEtradeClient } from "./client.ts";
import type { EtradeHosts } from "./environments.ts";
import type { EtradeSession, SessionTimings, SessionTokens } from "./etrade-session.ts";
import { type EtradeFeedOptions, openEtradeFeed, type WatchedStock } from "./open-etrade-feed.ts";
import { openEtradeSession } from "./open-etrade-session.ts";
import { type EtradeTraderOptions, openEtradeTrader } from "./open-etrade-trader.ts";
import type { CallLimits } from "./rate-limit.ts";
import type { RetryPolicy } from "./retry.ts";
import type { Consumer } from "./signer.ts";

export interface HeldEtradeDeps {
  readonly http: Http;
  /** The market's time. */
  readonly clock: Clock;
  /** The machine's: calls are paced and repeated by it. */
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  /** Holds what the broker does not tell again; see `orders/order-memory.ts`. */
  readonly store: Store;
  readonly tokens: SessionTokens;
}

export interface HeldEtradeOptions
  extends Pick<EtradeTraderOptions, "isShortAllowed" | "warned">,
    Pick<EtradeFeedOptions, "inSessionMs" | "elseMs"> {
  readonly connection: EtradeConnection;
  readonly hosts: EtradeHosts;
  readonly consumer: Consumer;
  /** The stocks that the recorder follows. */
  readonly watch: readonly WatchedStock[];
  /** From when on fills may not have been heard of. Default: two days ago. */
  readonly fillsSince?: Temporal.Instant;
  readonly limits?: CallLimits;
  readonly retry?: RetryPolicy;
  /** How long one call may take, in real milliseconds. */
  readonly timeoutMs?: number;
  readonly timings?: Partial<SessionTimings>;
}

/** Nothing is asked before `start`. */
export function openHeldEtrade(deps: HeldEtradeDeps, options: HeldEtradeOptions): HeldSocket {
  const { timers, clock } = deps;
  const { connection } = options;
  let lastFrameAt: number | undefined;
  const drift = createDriftMeter(timers);
  const client = clientOf(deps, options, (bounds) => {
    lastFrameAt = timers.now();
    if (bounds !== undefined) drift.take(bounds);
  });
  const trader = openEtradeTrader(
    {
      ...{ client, store: deps.store, clock, timers, log: deps.log },
      isReady: () => session.isReady(),
      seat: () => session.seat(),
      hurry: () => session.hurry(),
    },
    {
      ...options,
      connection: connection.id,
      fillsSince: options.fillsSince ?? clock.now().subtract({ hours: 48 }),
    },
  );
  const { account } = connection;
  const session: EtradeSession = openEtradeSession(
    { client, tokens: deps.tokens, clock, timers, log: deps.log, trader },
    {
      ...(account !== undefined && { account }),
      ...(options.timings !== undefined && { timings: options.timings }),
    },
  );
  const market = openEtradeFeed(
    {
      quotes(symbols) {
        const seat = session.seat();
        return seat && client.quotes(seat.token, symbols);
      },
      ...{ clock, timers, log: deps.log },
    },
    { ...options, connection: connection.id },
  );
  const leave = () => {
    session.drop();
    market.stop();
    lastFrameAt = undefined;
  };
  return {
    start() {
      session.start();
      market.start();
    },
    async stop({ settleMs = 0 } = {}) {
      session.close();
      await trader.settled(settleMs);
      leave();
      trader.close();
    },
    drop: leave,
    wake: () => session.wake(),
    state: () => session.state(),
    watch: (listener) => session.watch(listener),
    lastFrameAt: () => lastFrameAt,
    driftMs: drift.driftMs,
    prove: (held) => session.prove(held),
    broker: trader.broker,
    market,
  };
}

/** Every answer of the broker's counts as a sign of life, and tells the time. */
function clientOf(
  { http, clock, timers, random, log }: HeldEtradeDeps,
  { hosts, connection, consumer, limits, retry, timeoutMs }: HeldEtradeOptions,
  answered: (bounds: DriftBounds | undefined) => void,
) {
  const heard: Http = async (call) => {
    const sentMs = clock.now().epochMilliseconds;
    const outcome = await http(call);
    const heardMs = clock.now().epochMilliseconds;
    if (outcome.kind === "answered") answered(boundsOfAnswer(outcome.headers.date, { sentMs, heardMs }));
    return outcome;
  };
  // Pauses take the machine's time: on a clock that stands still they would never end.
  const paced: Clock = {
    now: () => clock.now(),
    sleep: (duration) =>
      new Promise((resolve) => {
        timers.after(duration.total("milliseconds"), resolve);
      }),
  };
  return createEtradeClient(
    { http: heard, clock: paced, timers, random, log },
    {
      ...hosts,
      environment: connection.environment,
      consumer,
      ...(limits !== undefined && { limits }),
      ...(retry !== undefined && { retry }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  );
}
