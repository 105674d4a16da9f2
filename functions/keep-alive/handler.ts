import type { Log } from "../../shared/platform/log.ts";
import type { KeepAliveOutcome } from "../../shared/tokens/keeper.ts";
import { type JobHandler, jobHandler } from "../job-handler.ts";

/** Scheduler → what each token needs now, logins left half done, and alerts still to be sent. */
export function createKeepAliveHandler(deps: {
  readonly log: Log;
  keepAll(): Promise<Readonly<Record<string, KeepAliveOutcome>>>;
  recoverLogins(): Promise<number>;
  sweepAlerts(): Promise<number>;
}): JobHandler {
  return jobHandler(deps.log, async () => {
    const recovered = await deps.recoverLogins();
    const connections = await deps.keepAll();
    const resent = await deps.sweepAlerts();
    return { connections, recovered, resent };
  });
}
