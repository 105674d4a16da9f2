import type { Connection } from "../config/connection.ts";
import type { Clock } from "../platform/clock.ts";
import type { Lease, Leases } from "../platform/lease.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../platform/store.ts";
import type { Timers } from "../platform/timers.ts";
import type { HeldSocket } from "./held-socket.ts";
import { type SocketRecord, sockets } from "./socket-state.ts";

const REPORT_EVERY_MS = 15_000;
/** Apart by more than that between two reports, the clock has jumped, or the machine has slept. */
const APART_MS = 1_000;

export interface ReporterDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly leases: Pick<Leases, "isHeld">;
  readonly connection: Connection;
  readonly build: string;
  readonly socket: Pick<HeldSocket, "state" | "lastFrameAt" | "market">;
}

/** Says in the store how the socket stands, while this process leads it. */
export interface SocketReporter {
  lead(term: Lease): void;
  /** Says it once more, and then no more. */
  yield(): void;
  /** Something has changed, or it is time to say it again. Resolves when it is written. */
  report(): Promise<void>;
  idle(): Promise<void>;
}

export function createSocketReporter(deps: ReporterDeps): SocketReporter {
  const { timers, log, connection } = deps;
  let term: Lease | undefined;
  let cancel = () => {};
  /** The turn of `ready` that was seen last, whether or not it could be written. */
  let turn: Pick<SocketRecord, "ready" | "readySince"> | undefined;
  let writing: Promise<void> = Promise.resolve();
  const sameTimeSince = watchClocks(deps);

  function report(): Promise<void> {
    const held = term;
    if (held === undefined) return writing;
    cancel();
    cancel = timers.after(REPORT_EVERY_MS, () => void report());
    const record = recordOf(deps, held, { turn, sameTimeSince: sameTimeSince() });
    turn = record;
    writing = writing
      .then(() => write(deps, held, record))
      .catch((error: unknown) => log.warn("socket-not-reported", { connection: connection.id, error }));
    return writing;
  }

  return {
    lead(held) {
      term = held;
      turn = undefined;
      void report();
    },
    yield() {
      void report();
      term = undefined;
      cancel();
    },
    report,
    idle: () => writing,
  };
}

/**
 * Since when, of the machine's timers, the clock has passed as they have. What the broker dated before that had
 * no delay that could be told: hours asleep would pass for one.
 */
function watchClocks({ clock, timers }: Pick<ReporterDeps, "clock" | "timers">): () => number {
  let since = timers.now();
  let offset = clock.now().epochMilliseconds - since;
  return () => {
    const now = timers.now();
    const next = clock.now().epochMilliseconds - now;
    if (Math.abs(next - offset) > APART_MS) since = now;
    offset = next;
    return since;
  };
}

interface Spoken {
  readonly turn: Pick<SocketRecord, "ready" | "readySince"> | undefined;
  readonly sameTimeSince: number;
}

function recordOf(
  { clock, timers, connection, build, socket }: ReporterDeps,
  term: Lease,
  { turn: before, sameTimeSince }: Spoken,
): SocketRecord {
  const now = clock.now();
  const { phase, waitingFor, lastTrouble, brokerCode, generation } = socket.state();
  const ready = phase === "ready";
  const lastFrameAt = socket.lastFrameAt();
  const lagMs = socket.market.lagMs(sameTimeSince);
  return {
    connection: connection.id,
    phase,
    ready,
    readySince: before?.ready === ready ? before.readySince : now,
    epoch: term.fence,
    build,
    at: now,
    ...(lastFrameAt !== undefined && {
      lastFrameAt: now.subtract({ milliseconds: Math.max(0, Math.round(timers.now() - lastFrameAt)) }),
    }),
    ...(lagMs !== undefined && { lagMs: Math.max(0, lagMs) }),
    ...(waitingFor !== undefined && { waitingFor }),
    ...(generation !== undefined && { generation }),
    // Without the broker's own word there simply is no token yet, which `waitingFor` says.
    ...(lastTrouble !== undefined && (waitingFor !== "token" || brokerCode !== undefined) && { lastTrouble }),
    ...(brokerCode !== undefined && { brokerCode }),
  };
}

/** A process that took over says since when it is not ready itself; it was not ready before either. */
function write({ store, leases }: ReporterDeps, term: Lease, record: SocketRecord): Promise<void> {
  return store.transact(async (transaction) => {
    const before = await transaction.get(sockets, record.connection);
    if (!(await leases.isHeld(transaction, term))) return;
    const wasOut = before !== undefined && !before.ready && before.epoch < record.epoch;
    const readySince = wasOut && !record.ready ? before.readySince : record.readySince;
    const lastReadyAt = lastReady(record) ?? (before && lastReady(before));
    const spoken = { ...record, readySince, ...(lastReadyAt !== undefined && { lastReadyAt }) };
    transaction.set(sockets, record.connection, spoken);
  });
}

function lastReady({ ready, at, lastReadyAt }: SocketRecord): SocketRecord["lastReadyAt"] {
  return ready ? at : lastReadyAt;
}
