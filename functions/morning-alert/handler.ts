import type { MorningOutcome } from "../../shared/alerts/morning.ts";
import type { Log } from "../../shared/platform/log.ts";
import { type JobHandler, jobHandler } from "../job-handler.ts";

/** Scheduler → the rung that is due, and whatever alert is still to be sent. */
export function createMorningAlertHandler(deps: {
  readonly log: Log;
  ringMorning(): Promise<MorningOutcome>;
  sweepAlerts(): Promise<number>;
}): JobHandler {
  return jobHandler(deps.log, async () => {
    const morning = await deps.ringMorning();
    const resent = await deps.sweepAlerts();
    return { morning, resent };
  });
}
