/**
 * What a process does with a connection before it trades on it: a token that works, else one that is revived,
 * else nothing; a real account call of its own; the account to trade on, as it is configured now.
 */
import type { Connection } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import { createLeases } from "../platform/lease.ts";
import { type AcknowledgerDeps, acknowledgeToken } from "./acknowledger.ts";
import { keepAlive } from "./keeper.ts";
import { policyOf } from "./policy.ts";
import { tokens } from "./records.ts";
import { tokenState } from "./token-state.ts";

export type StartUpOutcome =
  /** `account`: the last four characters of its number. */
  | { readonly kind: "ready"; readonly generation: number; readonly account: string }
  /** Nothing may be traded on this connection. */
  | { readonly kind: "stopped"; readonly reason: ErrorCode | "no-live-token" };

/**
 * Tries the token by a real call, whatever was acknowledged before and whoever else is at it; a sleeping one is
 * revived first. A process that starts calls it once for each connection.
 */
export async function startUp(deps: AcknowledgerDeps, connection: Connection): Promise<StartUpOutcome> {
  if (await isAsleep(deps, connection)) {
    const kept = await keepAlive({ ...deps, leases: createLeases(deps) }, connection, { isForced: true });
    if (kept.did === "failed") return { kind: "stopped", reason: kept.code };
  }
  const first = await acknowledgeToken(deps, connection, { isAnew: true });
  const isOvertaken = first.ok && first.value.did === "nothing" && first.value.reason === "overtaken";
  const outcome = isOvertaken ? await acknowledgeToken(deps, connection, { isAnew: true }) : first;
  if (!outcome.ok) return { kind: "stopped", reason: outcome.code };
  if (outcome.value.did === "nothing") return { kind: "stopped", reason: "no-live-token" };
  const { generation, account } = outcome.value.acknowledgement;
  return { kind: "ready", generation, account };
}

/** A token that sleeps, or one past its end that another can replace. */
async function isAsleep({ store, clock }: AcknowledgerDeps, connection: Connection): Promise<boolean> {
  const record = await store.get(tokens, connection.id);
  const policy = policyOf(connection);
  const { state } = tokenState({ record, authorization: undefined, policy }, clock.now());
  return state === "idle" || (state === "expired" && policy.replacedAfterShare !== undefined);
}
