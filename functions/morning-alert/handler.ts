import type { MorningOutcome } from "../../shared/alerts/morning.ts";
import type { Log } from "../../shared/platform/log.ts";
import { type JobHandler, jobHandler, runEach } from "../job-handler.ts";

/** Scheduler → the rung that is due, and whatever alert is still to be sent. */
export function createMorningAlertHandler(deps: {
  readonly log: Log;
  ringMorning(): Promise<MorningOutcome>;
  sweepAlerts(): Promise<number>;
}): JobHandler {
  return jobHandler(deps.log, async () => {
    const [morning, resent] = await runEach([deps.ringMorning, deps.sweepAlerts]);
    return { morning, resent };
  });
}
