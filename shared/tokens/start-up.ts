/**
 * What a process does with a connection before it trades on it: a token that works, else one that is revived,
 * else nothing; a real account call; an account to trade on.
 */
import type { Connection } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import {
  type AcknowledgerDeps,
  acknowledgementId,
  acknowledgeToken,
  isAcknowledged,
} from "./acknowledger.ts";
import { type KeeperDeps, keepAlive } from "./keeper.ts";
import { acknowledgements, tokens } from "./records.ts";

export type StartUpOutcome =
  /** `account`: the last four characters of its number. */
  | { readonly kind: "ready"; readonly generation: number; readonly account: string }
  /** Nothing may be traded on this connection. */
  | { readonly kind: "stopped"; readonly reason: ErrorCode | "no-live-token" };

/**
 * Tries the token by a real call, whatever was acknowledged before; a sleeping one is revived first. A process
 * that starts calls it once for each connection.
 */
export async function startUp(
  deps: AcknowledgerDeps & KeeperDeps,
  connection: Connection,
): Promise<StartUpOutcome> {
  const kept = await keepAlive(deps, connection, { isForced: true });
  if (kept.did === "failed") return { kind: "stopped", reason: kept.code };
  const outcome = await acknowledgeToken(deps, connection);
  if (!outcome.ok) return { kind: "stopped", reason: outcome.code };

  const record = await deps.store.get(tokens, connection.id);
  const id = acknowledgementId(connection.id, deps.subscriber);
  const acknowledgement = await deps.store.get(acknowledgements, id);
  const isDead = outcome.value.did === "nothing" && outcome.value.reason === "no-live-token";
  if (isDead || acknowledgement === undefined || !isAcknowledged(record, acknowledgement)) {
    return { kind: "stopped", reason: "no-live-token" };
  }
  return { kind: "ready", generation: acknowledgement.generation, account: acknowledgement.account };
}
