/** How the sockets of connections stand, from what their workers wrote down. */
import type { Temporal } from "temporal-polyfill";
import { type SocketRecord, socketDownSince, sockets } from "../brokers/socket-state.ts";
import type { Connection } from "../config/connection.ts";
import { ERRORS, type ErrorCode } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { toIso } from "../platform/instant.ts";
import type { Store } from "../platform/store.ts";
import { policyOf } from "../tokens/policy.ts";
import { tokens } from "../tokens/records.ts";
import { isLive, tokenState } from "../tokens/token-state.ts";
import type { ApiSocket, ApiStatus } from "./api.ts";
import { isoFields } from "./iso-fields.ts";

export interface SocketReportDeps {
  readonly store: Store;
  readonly clock: Clock;
}

interface DownSocket {
  readonly connection: Connection;
  readonly since: Temporal.Instant;
  /** Undefined where no worker has ever held it. */
  readonly record: SocketRecord | undefined;
}

/** What the worker says of the connection's socket; undefined where it has said nothing yet. */
export async function reportSocket(
  { store }: SocketReportDeps,
  { id }: Connection,
): Promise<ApiSocket | undefined> {
  const record = await store.get(sockets, id);
  if (record === undefined) return undefined;
  const { phase, ready, readySince, lastFrameAt, lagMs, epoch, generation, build, at } = record;
  const { waitingFor, lastTrouble, brokerCode } = record;
  return {
    ...{ phase, ready, epoch, build, readySince: toIso(readySince), at: toIso(at) },
    ...isoFields({ lastFrameAt }),
    ...(lagMs !== undefined && { lagMs }),
    ...(generation !== undefined && { generation }),
    ...(waitingFor !== undefined && { waitingFor }),
    ...(lastTrouble !== undefined && { lastTrouble }),
    ...(brokerCode !== undefined && { brokerCode }),
  };
}

/** Those that have been of no use for two minutes, though there is a token to hold them with. */
export async function socketsDown(
  deps: SocketReportDeps,
  connections: readonly Connection[],
): Promise<readonly DownSocket[]> {
  const found = await Promise.all(connections.map((one) => downSocket(deps, one)));
  return found.filter((one) => one !== undefined);
}

/** What needs the owner: orders of such a connection wait, and run out of time. */
export async function socketAttention(
  deps: SocketReportDeps,
  connections: readonly Connection[],
): Promise<ApiStatus["attention"]> {
  const down = await socketsDown(deps, connections);
  return down.map(({ connection, since, record }) => {
    const text = `${connection.label} is not connected, so no order can be sent. ${reasonOf(record)}`;
    return { kind: "socket-down", connection: connection.id, since: toIso(since), text };
  });
}

async function downSocket(
  { store, clock }: SocketReportDeps,
  connection: Connection,
): Promise<DownSocket | undefined> {
  if (connection.broker !== "ctrader") return undefined;
  const now = clock.now();
  const token = await store.get(tokens, connection.id);
  const state = tokenState({ record: token, authorization: undefined, policy: policyOf(connection) }, now);
  if (token === undefined || !isLive(state)) return undefined;
  const record = await store.get(sockets, connection.id);
  const since = socketDownSince(record, { now, wantedSince: token.issuedAt });
  return since && { connection, since, record };
}

function reasonOf(record: SocketRecord | undefined): string {
  if (record?.waitingFor === "maintenance") return "The broker says that it is under maintenance.";
  const trouble = record?.lastTrouble;
  const entry = trouble === undefined ? undefined : ERRORS[trouble as ErrorCode];
  if (entry !== undefined) return `${entry.summary} ${entry.next}`;
  const word = trouble === undefined ? "" : ` Its last trouble: ${trouble}.`;
  return `It is tried again by itself; \`openbell health\` tells whether the worker runs.${word}`;
}
