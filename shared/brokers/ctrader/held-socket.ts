import type { BarPeriod } from "../../config/bar-periods.ts";
import type { CtraderConnection } from "../../config/connection.ts";
import { boundsOfMessage, createDriftMeter, type DriftMeter } from "../clock-drift.ts";
import type { HeldSocket } from "../held-socket.ts";
import type { CtraderAddress, Dial } from "./link.ts";
import { openMarketFeed } from "./market-feed.ts";
import { openChannel } from "./open-channel.ts";
import { openSession, type SessionDeps, type SessionOptions } from "./open-session.ts";
import type { CtraderSession } from "./session.ts";
import { openTrader } from "./trader.ts";

export interface HeldSocketDeps extends Omit<SessionDeps, "openChannel"> {
  readonly dial: Dial;
}

export interface HeldSocketOptions extends Pick<SessionOptions, "application" | "dealsSince"> {
  readonly address: CtraderAddress;
  readonly connection: CtraderConnection;
  /** How many bars that are over already are wanted of a symbol; default: none. */
  barsBefore?(symbol: string, period: BarPeriod): number;
}

/** A cTrader account's session with what trading and the recorder need of it; nothing is dialled before `start`. */
export function openHeldSocket(deps: HeldSocketDeps, options: HeldSocketOptions): HeldSocket {
  const { dial, timers, random, log, clock } = deps;
  const { connection, address, barsBefore = () => 0, ...rest } = options;
  const { environment, account, watch } = connection;
  const session: CtraderSession = openSession(
    {
      ...deps,
      openChannel: (events) =>
        openChannel(
          { dial, timers, log },
          { address, idPrefix: `s${Buffer.from(random.bytes(6)).toString("hex")}-` },
          events,
        ),
    },
    { ...rest, environment, ...(account !== undefined && { account }) },
  );
  const { orders, book, symbols } = session;
  const drift = createDriftMeter(timers);
  measureDrift(session, clock, drift);
  return {
    start: session.start,
    stop: session.stop,
    drop: session.drop,
    wake: session.wake,
    state: session.state,
    watch: session.watch,
    lastFrameAt: session.lastFrameAt,
    driftMs: drift.driftMs,
    prove: session.prove,
    broker: openTrader({
      isReady: () => session.state().phase === "ready",
      refresh: session.refresh,
      currency: session.depositAsset,
      orders,
      book,
      symbols,
      timers,
      log,
    }),
    market: openMarketFeed({ session, id: connection.id, watch, barsBefore, clock, timers, log }),
  };
}

/** By the prices that the broker dates. The first of a connection may have been the last one for hours. */
function measureDrift(session: CtraderSession, clock: SessionDeps["clock"], drift: DriftMeter): void {
  const seen = new Map<number, number>();
  session.quotes.listen(({ symbolId, timestamp }) => {
    const { connections } = session.state();
    const isFirst = seen.get(symbolId) !== connections;
    if (isFirst) seen.set(symbolId, connections);
    else if (timestamp !== 0) drift.take(boundsOfMessage(timestamp, clock.now().epochMilliseconds));
  });
}
