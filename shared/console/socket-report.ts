/** How the sockets of connections stand, from what their workers wrote down. */
import type { Temporal } from "temporal-polyfill";
import { type SocketRecord, socketDownSince, sockets } from "../brokers/socket-state.ts";
import type { Connection } from "../config/connection.ts";
import { ERRORS, type ErrorCode } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { toIso } from "../platform/instant.ts";
import type { Store } from "../platform/store.ts";
import { policyOf } from "../tokens/policy.ts";
import { type TokenRecord, tokens } from "../tokens/records.ts";
import { isLive, tokenState } from "../tokens/token-state.ts";
import type { ApiSocket, ApiStatus } from "./api.ts";
import { isoFields } from "./iso-fields.ts";

export interface SocketReportDeps {
  readonly store: Store;
  readonly clock: Clock;
}

/** The broker's connection, where it is one that a worker holds open. */
export function isHeldOpen(connection: Connection): boolean {
  return connection.broker === "ctrader";
}

/** Undefined for a broker without a socket, and before a worker has held it for the first time with a token. */
export async function reportSocket(
  { store, clock }: SocketReportDeps,
  connection: Connection,
): Promise<ApiSocket | undefined> {
  if (!isHeldOpen(connection)) return undefined;
  const record = await store.get(sockets, connection.id);
  const token = await store.get(tokens, connection.id);
  const downSince = downSinceOf(connection, { record, token, now: clock.now() });
  if (record === undefined) {
    return downSince && { phase: "stopped", ready: false, downSince: toIso(downSince) };
  }
  const { phase, ready, lagMs, epoch, generation, build, waitingFor, lastTrouble, brokerCode } = record;
  return {
    phase,
    ready,
    epoch,
    build,
    ...isoFields({ since: record.readySince, lastFrameAt: record.lastFrameAt, at: record.at, downSince }),
    ...(lagMs !== undefined && { lagMs }),
    ...(generation !== undefined && { generation }),
    ...(waitingFor !== undefined && { waitingFor }),
    ...(lastTrouble !== undefined && { lastTrouble }),
    ...(brokerCode !== undefined && { brokerCode }),
  };
}

/** Whether no connection with a live token has been without its socket for two minutes. */
export async function areSocketsUp(
  deps: SocketReportDeps,
  connections: readonly Connection[],
): Promise<boolean> {
  const reports = await Promise.all(connections.map((one) => reportSocket(deps, one)));
  return reports.every((report) => report?.downSince === undefined);
}

/** What needs the owner: orders of this connection wait, and new ones run out of time. */
export function socketAttention(
  { id, label }: { readonly id: string; readonly label: string },
  socket: ApiSocket | undefined,
): ApiStatus["attention"] {
  if (socket?.downSince === undefined) return [];
  const since = socket.downSince;
  const text = `${label} is not connected, so no order can be sent. ${reasonOf(socket)}`.trim();
  return [{ kind: "socket-down", connection: id, text, since }];
}

/** A socket is wanted for as long as there is a token to hold it with. */
function downSinceOf(
  connection: Connection,
  facts: {
    readonly record: SocketRecord | undefined;
    readonly token: TokenRecord | undefined;
    readonly now: Temporal.Instant;
  },
): Temporal.Instant | undefined {
  const { record, token, now } = facts;
  const state = tokenState({ record: token, authorization: undefined, policy: policyOf(connection) }, now);
  if (token === undefined || !isLive(state)) return undefined;
  return socketDownSince(record, { now, wantedSince: token.issuedAt });
}

function reasonOf({ lastTrouble, waitingFor }: ApiSocket): string {
  if (waitingFor === "maintenance") return "The broker says that it is under maintenance.";
  const entry = lastTrouble === undefined ? undefined : ERRORS[lastTrouble as ErrorCode];
  if (entry !== undefined) return `${entry.summary} ${entry.next}`;
  const word = lastTrouble === undefined ? "" : ` The connection's last trouble: ${lastTrouble}.`;
  return `It is tried again by itself; \`openbell health\` tells whether the worker runs.${word}`;
}
