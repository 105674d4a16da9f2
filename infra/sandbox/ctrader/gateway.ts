/**
 * The simulated broker's door: connections, applications, accounts and their sessions. It knows nothing of
 * sockets and clocks of its own: with virtual timers and a seed, one course of bytes gives one course of bytes.
 */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../shared/platform/clock.ts";
import type { Log } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import type { Timers } from "../../../shared/platform/timers.ts";
import { createChance } from "./chance.ts";
import { Connection } from "./connection.ts";
import type { FaultBoard } from "./faults.ts";
import type { GrantBook } from "./grants.ts";
import type { BrokerUser, Hall } from "./hall.ts";
import { Journal } from "./journal.ts";
import type { Peer, Visit } from "./peer.ts";
import type { Venue } from "./venue.ts";
import { type Application, type BrokerHost, REFUSALS, type Refusal } from "./words.ts";

export interface GatewayDeps {
  readonly clock: Pick<Clock, "now">;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly venue: Venue;
  readonly grants: GrantBook;
  readonly board: FaultBoard;
  readonly applications: readonly Application[];
  readonly users: readonly BrokerUser[];
}

export interface Gateway {
  /** Takes a connection to one of the two hosts. */
  accept(host: BrokerHost, peer: Peer): Visit;
  readonly journal: Journal;
  /** Open connections, and which accounts are authorised on each. */
  connections(): readonly {
    readonly host: BrokerHost;
    readonly connection: number;
    readonly accounts: readonly number[];
  }[];
  /** Does what the switches that act once ask for, and puts them back. */
  act(): void;
  losesTokenAnswer(): boolean;
  close(): void;
}

const GONE: Visit = { receive: () => undefined, closed: () => undefined };
const REASON = "Access token is no longer valid";

export function createGateway(deps: GatewayDeps): Gateway {
  const open = new Set<Connection>();
  const journal = new Journal(deps.clock);
  const hall = createHall(deps, { open, journal });
  let number = 0;
  deps.grants.watch((accessIds) => endSessions(hall, open, accessIds));
  return {
    journal,
    accept(host, peer) {
      if (deps.board.faults().refuseConnections) {
        peer.close();
        return GONE;
      }
      number += 1;
      const connection = new Connection(hall, { host, number }, peer);
      open.add(connection);
      return connection;
    },
    connections: () =>
      [...open].map(({ host, number: connection, sessions }) => ({
        host,
        connection,
        accounts: sessions.list(),
      })),
    act() {
      const { endTokensNow, disconnectNow } = deps.board.faults();
      deps.board.turn({ endTokensNow: "no", disconnectNow: "no" });
      if (endTokensNow === "sessions") endSessions(hall, open, undefined);
      else if (endTokensNow !== "no") deps.grants.endAll({ withRefresh: endTokensNow === "grants" });
      if (disconnectNow !== "no") disconnectAll(open, disconnectNow === "told");
    },
    losesTokenAnswer: hall.losesTokenAnswer,
    close: () => {
      for (const connection of [...open]) connection.drop();
    },
  };
}

function createHall(
  deps: GatewayDeps,
  { open, journal }: { readonly open: Set<Connection>; readonly journal: Journal },
): Hall {
  const { clock, board } = deps;
  const faults = () => board.faults();
  return {
    ...deps,
    journal,
    chance: createChance(deps.random),
    connectionsOf: (clientId) => [...open].filter((one) => one.application?.clientId === clientId).length,
    maintenance: () => maintenanceOf(faults().maintenanceUntil, clock.now()),
    notAuthorized: () =>
      faults().notAuthorized === "ACCOUNT_NOT_AUTHORIZED" ? REFUSALS.accountForeign : REFUSALS.accountMissing,
    viewOnly: () => ({ errorCode: faults().viewOnly, description: "Trading is not allowed for this token" }),
    refusesByEvent: ({ errorCode }) =>
      faults().notAuthorized === "order-error-event" || errorCode === "TRADING_NOT_ALLOWED",
    losesTokenAnswer() {
      const { lostTokenAnswers } = faults();
      if (lostTokenAnswers === 0) return false;
      board.turn({ lostTokenAnswers: lostTokenAnswers - 1 });
      return true;
    },
    left: (connection) => open.delete(connection),
  };
}

function maintenanceOf(until: string | null, now: Temporal.Instant): Refusal | undefined {
  if (until === null) return undefined;
  const end = Temporal.Instant.from(until);
  if (Temporal.Instant.compare(now, end) >= 0) return undefined;
  return {
    errorCode: "SERVER_IS_UNDER_MAINTENANCE",
    description: "Server is under maintenance",
    maintenanceEndTimestamp: end.epochMilliseconds,
  };
}

/** Ends sessions of these tokens, or all, and tells their connections as the switches say. */
function endSessions(
  hall: Hall,
  open: ReadonlySet<Connection>,
  accessIds: readonly string[] | undefined,
): void {
  const { sessionsAfterRefresh, lateDisconnectMs } = hall.board.faults();
  if (sessionsAfterRefresh === "stay") return;
  for (const connection of open) {
    const { sessions, speaker } = connection;
    const accounts = sessions.openedWith(accessIds);
    if (accounts.length === 0) continue;
    for (const account of accounts) sessions.end(account);
    const told = { ctidTraderAccountIds: accounts, reason: REASON };
    speaker.relay({ name: "ProtoOAAccountsTokenInvalidatedEvent", body: told }, undefined);
    const disconnect = () => {
      for (const ctidTraderAccountId of accounts) {
        speaker.relay({ name: "ProtoOAAccountDisconnectEvent", body: { ctidTraderAccountId } }, undefined);
      }
    };
    if (sessionsAfterRefresh === "told-and-disconnected") disconnect();
    else hall.timers.after(lateDisconnectMs, disconnect);
  }
}

function disconnectAll(open: ReadonlySet<Connection>, isTold: boolean): void {
  for (const connection of [...open]) {
    const body = { reason: "The server is restarting" };
    if (isTold) connection.speaker.relay({ name: "ProtoOAClientDisconnectEvent", body }, undefined);
    connection.drop();
  }
}
