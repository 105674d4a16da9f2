/** What a worker knows of the socket that it holds, for whoever looks from outside. */
import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { connectionIdSchema } from "../config/connection.ts";
import { instantSchema } from "../platform/instant.ts";
import { collection } from "../platform/store.ts";

/** In the order in which a connection passes through them; `stopped` and `waiting` hold no connection. */
export const SOCKET_PHASES = [
  "stopped",
  "waiting",
  "connecting",
  "application",
  "account",
  "reconciling",
  "subscribing",
  "ready",
] as const;
export type SocketPhase = (typeof SOCKET_PHASES)[number];

/** Written by the worker that leads the connection, and by no other. */
export const socketSchema = z.strictObject({
  connection: connectionIdSchema,
  phase: z.enum(SOCKET_PHASES),
  waitingFor: z.enum(["token", "backoff", "maintenance", "person"]).optional(),
  /** Connected, authorised and reconciled: orders may go. */
  ready: z.boolean(),
  /** Since when `ready` has been what it is. */
  readySince: instantSchema,
  /** When it was last said to be ready, by whichever worker; missing where it never was. */
  lastReadyAt: instantSchema.optional(),
  /** The last frame of any kind; missing while there is no connection. */
  lastFrameAt: instantSchema.optional(),
  /** How old the last price was when it came, or how long the last call took; in milliseconds. */
  lagMs: z.number().min(0).optional(),
  /** The fence of the lease under which the socket is held. */
  epoch: z.int().positive(),
  /** The token that the account is authorised with. */
  generation: z.int().positive().optional(),
  build: z.string(),
  /** Why the last connection ended or the last try failed: its own word or a code of the error table. */
  lastTrouble: z.string().optional(),
  /** The broker's own word for it. */
  brokerCode: z.string().optional(),
  /** When this was written: at each change of phase, and at least every half minute. */
  at: instantSchema,
});
export type SocketRecord = z.output<typeof socketSchema>;

/** By connection. */
export const sockets = collection("sockets", socketSchema);

/** Up to when somebody heard what the broker told, at least; a worker that leads and gets no connection hears nothing. */
export function heardUntil(record: SocketRecord): Temporal.Instant {
  return record.lastReadyAt ?? (record.ready ? record.at : record.readySince);
}

/** Not ready, or not spoken of, for so long: somebody should know. */
const DOWN_AFTER = Temporal.Duration.from({ minutes: 2 });

/** Since when nothing can be traded over the socket; undefined while it is ready or was so within two minutes. */
export function socketDownSince(
  record: SocketRecord | undefined,
  { now, wantedSince }: { readonly now: Temporal.Instant; readonly wantedSince: Temporal.Instant },
): Temporal.Instant | undefined {
  const since = laterOf(wantedSince, outOfUseSince(record));
  return Temporal.Instant.compare(now, since.add(DOWN_AFTER)) < 0 ? undefined : since;
}

/** For a ready socket the last time that its worker said so. */
function outOfUseSince(record: SocketRecord | undefined): Temporal.Instant | undefined {
  if (record === undefined) return undefined;
  return record.ready ? record.at : record.readySince;
}

function laterOf(one: Temporal.Instant, other: Temporal.Instant | undefined): Temporal.Instant {
  return other !== undefined && Temporal.Instant.compare(other, one) > 0 ? other : one;
}
