/** What is stopped, and how long it has to stay so. */

import { type TradingStateRecord, tradingStates } from "../records.ts";
import type { ControlDeps } from "./control-deps.ts";

/** A scope that does not trade freely. */
export interface Hold extends Omit<TradingStateRecord, "state"> {
  readonly state: "reducing" | "halted";
  /** Seconds until a person may let it go on; 0 where it is time. */
  readonly waitSeconds: number;
}

/** Undefined for a scope that is not stopped itself. */
export async function readHold(deps: ControlDeps, scope: string): Promise<Hold | undefined> {
  const record = await deps.store.get(tradingStates, scope);
  if (record === undefined || record.state === "active") return undefined;
  return { ...record, state: record.state, waitSeconds: secondsToWait(deps, record) };
}

/** What a person lets only close, a person lets go on at once; what stopped by itself had a reason. */
export function secondsToWait(
  { config, clock }: Pick<ControlDeps, "config" | "clock">,
  { state, who, at }: Pick<TradingStateRecord, "state" | "who" | "at">,
): number {
  if (state !== "halted" && who.kind !== "system") return 0;
  const until = at.add({ minutes: config.safety.holdMinutes });
  return Math.max(0, Math.ceil(clock.now().until(until).total("seconds")));
}
