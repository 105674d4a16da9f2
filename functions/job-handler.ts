import type { HttpFunction } from "@google-cloud/functions-framework";
import type { Log } from "../shared/platform/log.ts";
import { faultFields } from "./http/fault.ts";

export type JobHandler = HttpFunction;

/**
 * What Cloud Scheduler calls. Doing the work again is harmless, so a doubled or late call is answered like any
 * other. `work` is given the instant for which the call was scheduled, as the scheduler wrote it; a call by hand
 * has none. What the work throws is logged and answered with 500, and the scheduler's own retries follow.
 */
export function jobHandler(
  log: Log,
  work: (scheduledFor: string | undefined) => Promise<unknown>,
): JobHandler {
  return async function runJob(request, response) {
    response.set("cache-control", "no-store");
    if (request.method !== "POST") {
      response
        .status(405)
        .set("allow", "POST")
        .json({ error: { code: "METHOD_NOT_ALLOWED" } });
      return;
    }
    const scheduledFor = request.header("x-cloudscheduler-scheduletime");
    try {
      const outcome = await work(scheduledFor);
      log.info("job-done", { scheduledFor, outcome });
      response.status(200).json({ outcome });
    } catch (error) {
      log.error("job-failed", { scheduledFor, ...faultFields(error) });
      response.status(500).json({ error: { code: "INTERNAL" } });
    }
  };
}

type Outcomes<W extends readonly (() => Promise<unknown>)[]> = {
  -readonly [I in keyof W]: Awaited<ReturnType<W[I]>>;
};

/** Runs all of a job's works, one after the other: one that fails holds up none, and fails the job at the end. */
export async function runEach<const W extends readonly (() => Promise<unknown>)[]>(
  works: W,
): Promise<Outcomes<W>> {
  const outcomes: unknown[] = [];
  const errors: unknown[] = [];
  for (const work of works) {
    try {
      outcomes.push(await work());
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, "Several of the job's works failed.");
  return outcomes as Outcomes<W>;
}
