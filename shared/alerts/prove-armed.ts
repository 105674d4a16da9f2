/** The last look before the open: a token that has died since it was armed must not stay green. */
import { Temporal } from "temporal-polyfill";
import type { Connection } from "../config/connection.ts";
import type { Log } from "../platform/log.ts";
import type { KeepAliveOptions, KeepAliveOutcome } from "../tokens/keeper.ts";
import { type MorningDeps, morningConnections, todaysSession } from "./morning.ts";

export interface ProveArmedDeps
  extends Pick<MorningDeps, "store" | "clock" | "connections" | "ladder" | "subscriber"> {
  readonly log: Log;
  keep(connection: Connection, options: KeepAliveOptions): Promise<KeepAliveOutcome>;
}

/** What the proof of each armed connection came to, by the connections' ids. */
export type ProofOutcomes = Readonly<Record<string, KeepAliveOutcome>>;

/**
 * From the last rung until the open, tries every armed connection that is needed by one real call, unless the
 * broker has answered its token since that rung: calls that come again make none. At other times it does
 * nothing. One connection that makes trouble does not keep the others from their proof.
 */
export async function proveArmed(deps: ProveArmedDeps): Promise<ProofOutcomes> {
  const now = deps.clock.now();
  const session = todaysSession(now);
  if (session === undefined) return {};
  const lastRungAt = session.open.subtract({ minutes: Math.min(...deps.ladder.minutesBeforeOpen) });
  const isLastCall =
    Temporal.Instant.compare(now, lastRungAt) >= 0 && Temporal.Instant.compare(now, session.open) < 0;
  if (!isLastCall) return {};

  const outcomes: Record<string, KeepAliveOutcome> = {};
  for (const connection of deps.connections) {
    try {
      if (!(await isArmedAndNeeded(deps, connection))) continue;
      outcomes[connection.id] = await deps.keep(connection, { isForced: true, unlessUsedSince: lastRungAt });
    } catch (error) {
      deps.log.error("proof-broken", { connection: connection.id, error });
      outcomes[connection.id] = { did: "failed", code: "INTERNAL" };
    }
  }
  return outcomes;
}

async function isArmedAndNeeded(deps: ProveArmedDeps, connection: Connection): Promise<boolean> {
  const [found] = await morningConnections({ ...deps, connections: [connection] });
  return found?.isNeeded === true && found.state === "armed";
}
