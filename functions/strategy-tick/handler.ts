import type { Temporal } from "temporal-polyfill";
import type { Clock } from "../../shared/platform/clock.ts";
import type { Log } from "../../shared/platform/log.ts";
import { type FannedOut, scheduledInstant } from "../../shared/trading/ticks/fan-out.ts";
import { type JobHandler, jobHandler, runEach } from "../job-handler.ts";

/** Scheduler, each minute → the scan before the open where it is due, one message a due bot, and a look at all. */
export function createStrategyTickHandler(deps: {
  readonly log: Log;
  readonly clock: Clock;
  fanOut(instant: Temporal.Instant): Promise<FannedOut>;
  /** What is to be done before the open for bots that need a watchlist; safe to repeat. */
  scan(instant: Temporal.Instant): Promise<unknown>;
  /** What is looked at for the owner's sake, and told. */
  watch(): Promise<unknown>;
  sweepAlerts(): Promise<number>;
}): JobHandler {
  return jobHandler(deps.log, async (scheduledFor) => {
    const instant = scheduledInstant(scheduledFor, deps.clock.now());
    // Whoever trades at this very minute finds its list there.
    const works = [
      () => deps.scan(instant),
      () => deps.fanOut(instant),
      deps.watch,
      deps.sweepAlerts,
    ] as const;
    const [scan, ticks] = await runEach(works);
    return { ...ticks, scan };
  });
}
