import type { Log } from "../../shared/platform/log.ts";
import type { KeepAliveOutcome } from "../../shared/tokens/keeper.ts";
import { type JobHandler, jobHandler, runEach } from "../job-handler.ts";

/** Scheduler → what each token needs now, logins left half done, and alerts still to be sent. */
export function createKeepAliveHandler(deps: {
  readonly log: Log;
  keepAll(): Promise<Readonly<Record<string, KeepAliveOutcome>>>;
  recoverLogins(): Promise<number>;
  sweepAlerts(): Promise<number>;
}): JobHandler {
  return jobHandler(deps.log, async () => {
    const [recovered, connections, resent] = await runEach([
      deps.recoverLogins,
      deps.keepAll,
      deps.sweepAlerts,
    ]);
    return { connections, recovered, resent };
  });
}
