/** What the commands that stop trading and let it go on are made of. */
import type { Audit } from "../../audit/audit-log.ts";
import type { Config } from "../../config/config.ts";
import type { Bus } from "../../platform/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import type { Actor } from "../../tokens/records.ts";
import { control } from "../records.ts";

export interface ControlDeps {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly audit: Audit;
  readonly config: Pick<Config, "accounts" | "bots" | "connections" | "safety">;
  /** A random id of letters, digits, `-` and `_`. */
  newId(): string;
}

/** An actor as the audit log names it. */
export function actorText({ kind, session }: Actor): string {
  return session === undefined ? kind : `${kind}:${session}`;
}

/** Has every worker look at the trading state now. Losing it costs the seconds until the worker's next look. */
export async function tellControl({ bus, log }: ControlDeps, scope: string): Promise<void> {
  try {
    await bus.publish(control, { scope });
  } catch (error) {
    log.error("control-not-told", { scope, error });
  }
}

/** Writes to the audit log what Openbell has stopped by itself; `code`: of the control that did it. */
export async function noteLatch(
  { audit, log }: { readonly audit?: Audit | undefined; readonly log: Log },
  { state, scope, code }: { readonly state: string; readonly scope: string; readonly code: string },
): Promise<void> {
  if (audit === undefined) return;
  const action = state === "halted" ? "halted" : "reduced";
  await noteControl({ audit, log }, { actor: { kind: "system" }, action, scope, outcome: code });
}

/** Writes to the audit log what has happened already: it cannot be undone, so a failure is logged and no more. */
export async function noteControl(
  { audit, log }: Pick<ControlDeps, "audit" | "log">,
  fact: { readonly actor: Actor; readonly action: string; readonly scope: string; readonly outcome?: string },
): Promise<void> {
  const { action, scope: subject, outcome = "ok" } = fact;
  log.info("trading-controlled", { action, scope: subject, by: fact.actor.kind, outcome });
  try {
    await audit({ actor: actorText(fact.actor), action, subject, outcome });
  } catch (error) {
    log.error("control-not-audited", { action, scope: subject, error });
  }
}
