/**
 * One broker's socket in this process: held only while this process leads the connection, and with nothing in
 * common with the sockets of other connections.
 *
 * 1. The socket is opened after leadership is gained, and closed in the moment in which it is lost.
 * 2. A token is acknowledged by calls on this very socket, and only by the process that leads.
 * 3. Stopping takes no new orders, lets those on their way settle, and hands the lease over at once.
 */
import type { HeldSocket } from "../../shared/brokers/held-socket.ts";
import type { SocketReporter } from "../../shared/brokers/socket-reporter.ts";
import type { Connection } from "../../shared/config/connection.ts";
import type { Leadership, LeadershipEvents } from "../../shared/platform/leadership.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { Timers } from "../../shared/platform/timers.ts";
import type { MarketRecorder } from "../../shared/trading/market-recorder.ts";
import type { OrderExecutor } from "../../shared/trading/order-executor.ts";
import type { PaperSeat } from "../../shared/trading/paper-seat.ts";
import { createDeskSeats, type DeskSeats } from "./desk-seats.ts";

export interface SocketDeskDeps {
  readonly connection: Connection;
  readonly provesTokens: boolean;
  readonly socket: HeldSocket;
  readonly executor: OrderExecutor;
  readonly paper?: PaperSeat;
  readonly recorder: MarketRecorder;
  readonly reporter: SocketReporter;
  readonly timers: Timers;
  readonly log: Log;
  leadership(events: LeadershipEvents): Leadership;
  /** The socket is ready, for the first time or again. */
  ready(): void;
}

export interface SocketDesk {
  readonly connection: Connection;
  /** Whether tokens are proved on what this desk holds, and by who holds it alone. */
  readonly provesTokens: boolean;
  start(): void;
  isLeading(): boolean;
  /** This process leads, and its socket is ready. */
  isReady(): boolean;
  /** Whether an account, the broker's own or the one on paper, is traded here. */
  trades(account: string): boolean;
  /** Something may be due for the connection: a token, an order. */
  wake(): Promise<void>;
  /** The trading state may have changed. */
  control(): Promise<void>;
  /** Looks at market and accounts now, where the clock has jumped and nobody's time to look has come. */
  observe(): Promise<void>;
  /** Says how the socket stands. */
  report(): Promise<void>;
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Together they leave room for the lease's release within the container's ten seconds. */
const SETTLE_MS = 6_000;
const WRITE_MS = 1_500;

export function createSocketDesk(deps: SocketDeskDeps): SocketDesk {
  const { connection, socket, executor, paper, recorder, reporter, log } = deps;
  const seats = createDeskSeats(connection.id, executor, paper);
  let wasReady = false;
  let unwatch = () => {};

  const leadership = deps.leadership({
    gained(lease) {
      log.info("leading", { connection: connection.id, epoch: lease.fence });
      seats.lead({ lease, isSafe: () => leadership.isSafe() });
      recorder.lead(lease);
      reporter.lead(lease);
      socket.start();
    },
    lost(reason) {
      log.info("leading-no-more", { connection: connection.id, reason });
      seats.yield();
      socket.drop();
      recorder.yield();
      reporter.yield();
    },
  });

  function changed(isReady: boolean): void {
    if (isReady && !wasReady) {
      seats.opened();
      deps.ready();
    }
    wasReady = isReady;
    void reporter.report();
  }

  return {
    connection,
    provesTokens: deps.provesTokens,
    start() {
      unwatch = socket.watch(({ phase }) => changed(phase === "ready"));
      leadership.start();
    },
    isLeading: () => leadership.isSafe(),
    isReady: () => leadership.isSafe() && wasReady,
    wake() {
      if (leadership.isSafe()) socket.wake();
      return seats.wake();
    },
    trades: (account) => seats.trades(account),
    control: () => seats.control(),
    observe: () => observe(deps, seats),
    report: () => reporter.report(),
    async idle() {
      await seats.idle();
      await reporter.idle();
      await recorder.idle();
    },
    async stop() {
      await stop(deps, seats, leadership);
      unwatch();
    },
  };
}

/** Prices first, then what is simulated on them, then what has come of it, and last the picture for everyone else. */
async function observe({ socket, recorder }: SocketDeskDeps, seats: DeskSeats): Promise<void> {
  await socket.market.observe?.();
  seats.observe();
  await seats.idle();
  await seats.wake();
  await Promise.all([seats.idle(), recorder.observe()]);
}

async function stop(
  { socket, reporter, recorder, timers }: SocketDeskDeps,
  seats: DeskSeats,
  leadership: Leadership,
): Promise<void> {
  const finished = seats.stop();
  await socket.stop({ settleMs: SETTLE_MS });
  await within(timers, WRITE_MS, Promise.all([finished, reporter.idle()]));
  seats.close();
  await leadership.stop();
  await within(timers, WRITE_MS, Promise.all([finished, reporter.idle(), recorder.idle()]));
}

/** Waits for `work`, but not longer. */
function within(timers: Timers, ms: number, work: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timers.after(ms, resolve);
    const end = () => {
      cancel();
      resolve();
    };
    work.then(end, end);
  });
}
