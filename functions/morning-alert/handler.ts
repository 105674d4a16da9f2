import type { MorningOutcome } from "../../shared/alerts/morning.ts";
import type { ProofOutcomes } from "../../shared/alerts/prove-armed.ts";
import type { Log } from "../../shared/platform/log.ts";
import { type JobHandler, jobHandler, runEach } from "../job-handler.ts";

/** Scheduler → the proof of what is armed, the rung that is due after it, and whatever alert is still to be sent. */
export function createMorningAlertHandler(deps: {
  readonly log: Log;
  proveArmed(): Promise<ProofOutcomes>;
  ringMorning(): Promise<MorningOutcome>;
  sweepAlerts(): Promise<number>;
}): JobHandler {
  return jobHandler(deps.log, async () => {
    // First the proof: what it finds dead is then rung for.
    const [proven, morning, resent] = await runEach([deps.proveArmed, deps.ringMorning, deps.sweepAlerts]);
    return { proven, morning, resent };
  });
}
