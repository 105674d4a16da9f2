/**
 * Cloud Scheduler as far as Openbell uses it: posts to a service when a cron says so, never runs one job twice
 * at a time by itself, and promises at least once, no more.
 */
import { Temporal } from "temporal-polyfill";
import { upcoming } from "../../shared/calendar/cron.ts";
import { toIso } from "../../shared/platform/instant.ts";
import type { VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { Log } from "../../shared/platform/log.ts";
import type { Job } from "../topology.ts";

export interface JobRun {
  readonly at: string;
  /** The HTTP status, or 0 when the service could not be reached. */
  readonly status: number;
}

export interface JobView {
  readonly name: string;
  readonly schedule: string;
  readonly timeZone: string;
  readonly nextAt: string;
  readonly lastRun?: JobRun;
}

export interface SchedulerDeps {
  readonly clock: VirtualClock;
  readonly log: Log;
  /** The service's address, e.g. `http://127.0.0.1:40001`. */
  urlOf(service: string): string;
  /** What has to be there before a job's call; on a clock that jumps nothing has had its time since the last one. */
  before?(job: Job): Promise<void>;
  /** Delivers each call twice, as the real scheduler rarely does. */
  isDoubling(): boolean;
  /** Whether a call would find anything to do; the rest is left out, so that a leap over days is not made of idle calls. */
  isNeeded?(job: Job, at: Temporal.Instant): boolean;
}

export interface LocalScheduler {
  jobs(): readonly JobView[];
  /** Calls a job now, like the console's "force run": without a schedule time. Undefined: no such job. */
  run(name: string): Promise<JobRun | undefined>;
  stop(): void;
}

/** Cloud Scheduler waits 5 seconds before the first retry of a call, and each time twice as long. */
const FIRST_BACKOFF = Temporal.Duration.from({ seconds: 5 });

/** Idle calls in a row that are left out: a day of minutes. */
const MOST_LEFT_OUT = 1_440;

/** One planned call, until it is done or given up. */
interface Tick {
  readonly job: Job;
  readonly scheduledFor: Temporal.Instant;
  readonly retriesLeft: number;
  readonly backoff: Temporal.Duration;
}

export function createScheduler(deps: SchedulerDeps, jobs: readonly Job[]): LocalScheduler {
  const lastRuns = new Map<string, JobRun>();
  const planned = new Map<string, { readonly at: Temporal.Instant; readonly cancel: () => void }>();

  async function call(job: Job, scheduledFor: Temporal.Instant | undefined): Promise<JobRun> {
    const at = toIso(deps.clock.now());
    const status = await post(deps, job, scheduledFor);
    const run = { at, status };
    lastRuns.set(job.name, run);
    if (!isGood(run)) deps.log.warn("job-call-failed", { job: job.name, status });
    return run;
  }

  function plan(job: Job, after: Temporal.Instant): void {
    const at = nextNeeded(deps, job, after);
    callAt(at, { job, scheduledFor: at, retriesLeft: job.retries, backoff: FIRST_BACKOFF });
  }

  function callAt(at: Temporal.Instant, tick: Tick): void {
    const { job, scheduledFor, retriesLeft, backoff } = tick;
    const cancel = deps.clock.at(at, async () => {
      await deps.before?.(job);
      const run = await call(job, scheduledFor);
      if (deps.isDoubling() && planned.has(job.name)) await call(job, scheduledFor);
      if (!planned.has(job.name)) return;
      // Planned only now: a job never runs beside itself, and what fell into its run comes late, as in the cloud.
      if (isGood(run) || retriesLeft === 0) return plan(job, scheduledFor);
      const next = { ...tick, retriesLeft: retriesLeft - 1, backoff: backoff.add(backoff) };
      callAt(deps.clock.now().add(backoff), next);
    });
    planned.set(job.name, { at, cancel });
  }

  for (const job of jobs) plan(job, deps.clock.now());

  return {
    jobs: () =>
      jobs.map((job) => {
        const lastRun = lastRuns.get(job.name);
        return {
          name: job.name,
          schedule: job.schedule,
          timeZone: job.timeZone,
          nextAt: toIso(planned.get(job.name)?.at ?? deps.clock.now()),
          ...(lastRun && { lastRun }),
        };
      }),
    async run(name) {
      const job = jobs.find((one) => one.name === name);
      return job && call(job, undefined);
    },
    stop() {
      for (const { cancel } of planned.values()) cancel();
      planned.clear();
    },
  };
}

/** Throws a RangeError for a schedule that never calls. */
function nextNeeded(deps: SchedulerDeps, job: Job, after: Temporal.Instant): Temporal.Instant {
  const schedule = { cron: job.schedule, timeZone: job.timeZone };
  let left = MOST_LEFT_OUT;
  for (const at of upcoming(schedule, after)) {
    if (left === 0 || deps.isNeeded?.(job, at) !== false) return at;
    left -= 1;
  }
  throw new RangeError(`The schedule "${job.schedule}" never calls.`);
}

function isGood({ status }: JobRun): boolean {
  return status >= 200 && status < 300;
}

async function post(
  deps: SchedulerDeps,
  job: Job,
  scheduledFor: Temporal.Instant | undefined,
): Promise<number> {
  try {
    const answer = await fetch(`${deps.urlOf(job.service)}/`, {
      method: "POST",
      signal: AbortSignal.timeout(job.attemptDeadlineSeconds * 1_000),
      body: "{}",
      headers: {
        "content-type": "application/json",
        "user-agent": "Google-Cloud-Scheduler",
        "x-cloudscheduler": "true",
        "x-cloudscheduler-jobname": job.name,
        ...(scheduledFor && { "x-cloudscheduler-scheduletime": toIso(scheduledFor) }),
      },
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}
