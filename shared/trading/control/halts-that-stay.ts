/** What of a kill of everything stays when the rest goes on: the accounts whose brokers have not confirmed it. */
import { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../../config/connection.ts";
import type { Transaction } from "../../platform/store.ts";
import { type TradingStateRecord, tradingStates } from "../records.ts";
import { EVERYTHING } from "../trading-state.ts";
import type { KillPart, KillRecord } from "./records.ts";
import { accountsKnown, botOf, type Scoped } from "./scopes.ts";

export interface StillHalted {
  readonly account: string;
  readonly because: string;
}

/** The parts of a kill that a scope, resumed, would need and that are not confirmed. */
export function unconfirmed(
  config: Scoped,
  killed: KillRecord | undefined,
  scope: string,
): readonly KillPart[] {
  // Of an account that is in the configuration no more nothing is ever sent, and nobody is left to confirm it.
  const known = accountsKnown(config);
  const isWhole = scope === EVERYTHING || botOf(scope) !== undefined;
  return (killed?.parts ?? []).filter(
    ({ state, account }) => state === "waiting" && known.includes(account) && (isWhole || account === scope),
  );
}

interface Kept extends StillHalted {
  readonly account: ConnectionId;
  readonly halt: TradingStateRecord;
}

/** The halts of the accounts that wait, each its own from now on and as old as the kill. */
export async function haltsThatStay(
  transaction: Pick<Transaction, "get">,
  killed: KillRecord,
  waiting: readonly KillPart[],
): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  for (const { account, trouble = "no worker has looked yet" } of waiting) {
    const own = await transaction.get(tradingStates, account);
    kept.push({ account, because: trouble, halt: haltOf(killed, own) });
  }
  return kept;
}

function haltOf(killed: KillRecord, own: TradingStateRecord | undefined): TradingStateRecord {
  const isStopped = own !== undefined && own.state !== "active";
  const before = isStopped && own.kill === undefined ? `; stopped before: ${own.why}` : "";
  const isLater = isStopped && Temporal.Instant.compare(own.at, killed.at) > 0;
  return {
    ...{ state: "halted", who: killed.actor, kill: killed.id, at: isLater ? own.at : killed.at },
    why: `its broker has not confirmed the kill of everything${before}`,
  };
}
