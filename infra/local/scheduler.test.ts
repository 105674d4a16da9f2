import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRecordedLog } from "../../shared/platform/local/recorded-log.ts";
import { createVirtualClock, type VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { Job } from "../topology.ts";
import { createScheduler, type LocalScheduler } from "./scheduler.ts";
import { closeServer } from "./services.ts";
import { listenAnywhere } from "./testing/raw-http.ts";

interface Call {
  readonly at: string;
  readonly job: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const aJob = (over: Partial<Job> = {}): Job => ({
  name: "often",
  service: "keeper",
  schedule: "*/5 * * * *",
  timeZone: "America/New_York",
  attemptDeadlineSeconds: 30,
  retries: 0,
  ...over,
});

const START = Temporal.Instant.from("2026-11-23T14:00:30Z");
const minutes = (count: number) => Temporal.Duration.from({ minutes: count });

let clock: VirtualClock;
let calls: Call[];
let status: number;
let isDoubling: boolean;
let onCall: () => Promise<void>;
let server: Server;
let port: number;
let recorded: ReturnType<typeof createRecordedLog>;
let scheduler: LocalScheduler | undefined;

beforeEach(async () => {
  clock = createVirtualClock({ start: START });
  calls = [];
  status = 200;
  isDoubling = false;
  onCall = async () => undefined;
  recorded = createRecordedLog();
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
    const { method = "", url = "", headers } = request;
    const job = String(headers["x-cloudscheduler-jobname"]);
    calls.push({ at: clock.now().toString(), job, method, url, headers, body });
    await onCall();
    response.writeHead(status).end("done");
  });
  port = await listenAnywhere(server);
});
afterEach(async () => {
  scheduler?.stop();
  clock.close();
  await closeServer(server);
});

function schedule(...jobs: Job[]): LocalScheduler {
  const urlOf = (service: string) => {
    if (service === "absent") throw new Error("The service absent does not run.");
    return `http://127.0.0.1:${port}`;
  };
  scheduler = createScheduler({ clock, log: recorded.log, urlOf, isDoubling: () => isDoubling }, jobs);
  return scheduler;
}

const times = () => calls.map((call) => `${call.job} ${call.at.slice(11, 16)}`);

test("jobs call when their cron says so, in the order of time", async () => {
  schedule(aJob(), aJob({ name: "rare", schedule: "3,12 9 * * 1-5" }));

  await clock.advanceBy(minutes(12));

  expect(times()).toEqual(["rare 14:03", "often 14:05", "often 14:10", "rare 14:12"]);
});

test("calls that would find nothing to do are left out", async () => {
  const urlOf = () => `http://127.0.0.1:${port}`;
  const isNeeded = (_: Job, at: Temporal.Instant) => at.toString().includes(":15:");
  scheduler = createScheduler({ clock, log: recorded.log, urlOf, isDoubling: () => isDoubling, isNeeded }, [
    aJob(),
  ]);
  expect(scheduler.jobs()[0]?.nextAt).toBe("2026-11-23T14:15:00.000Z");

  await clock.advanceBy(minutes(120));

  expect(times()).toEqual(["often 14:15", "often 15:15"]);
});

test("a job that never finds anything to do is called once a day of its minutes, and does not hang the clock", async () => {
  const urlOf = () => `http://127.0.0.1:${port}`;
  const job = aJob({ schedule: "* * * * *" });
  scheduler = createScheduler(
    { clock, log: recorded.log, urlOf, isDoubling: () => isDoubling, isNeeded: () => false },
    [job],
  );

  await clock.advanceBy(minutes(1_500));

  expect(calls).toHaveLength(1);
});

test("a job keeps the wall clock of its zone when the clocks change", async () => {
  clock = createVirtualClock({ start: Temporal.Instant.from("2026-10-30T12:00:00Z") });
  schedule(aJob({ schedule: "30 8 * * *" }));

  await clock.advanceBy(Temporal.Duration.from({ hours: 72 }));

  expect(calls.map((call) => call.at)).toEqual([
    "2026-10-30T12:30:00Z",
    "2026-10-31T12:30:00Z",
    "2026-11-01T13:30:00Z",
  ]);
});

test("a planned call looks like Cloud Scheduler's", async () => {
  schedule(aJob());

  await clock.advanceBy(minutes(5));

  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatchObject({
    method: "POST",
    url: "/",
    body: "{}",
    headers: {
      "user-agent": "Google-Cloud-Scheduler",
      "x-cloudscheduler": "true",
      "x-cloudscheduler-jobname": "often",
      "x-cloudscheduler-scheduletime": "2026-11-23T14:05:00.000Z",
      "content-type": "application/json",
    },
  });
});

test("a forced call has no schedule time and moves no plan", async () => {
  const { run, jobs } = schedule(aJob());

  const forced = await run("often");

  expect(forced).toEqual({ at: "2026-11-23T14:00:30.000Z", status: 200 });
  expect(calls[0]?.headers["x-cloudscheduler"]).toBe("true");
  expect(calls[0]?.headers["x-cloudscheduler-scheduletime"]).toBeUndefined();
  expect(jobs()[0]).toMatchObject({ nextAt: "2026-11-23T14:05:00.000Z", lastRun: forced });
});

test("there is no run of a job that does not exist", async () => {
  const { run } = schedule(aJob());

  expect(await run("never")).toBeUndefined();
  expect(calls).toEqual([]);
});

test("what a job is and did can be looked up", async () => {
  const { jobs } = schedule(aJob());
  expect(jobs()).toEqual([
    {
      name: "often",
      schedule: "*/5 * * * *",
      timeZone: "America/New_York",
      nextAt: "2026-11-23T14:05:00.000Z",
    },
  ]);

  await clock.advanceBy(minutes(5));

  expect(jobs()[0]).toMatchObject({
    nextAt: "2026-11-23T14:10:00.000Z",
    lastRun: { at: "2026-11-23T14:05:00.000Z", status: 200 },
  });
});

test("doubling delivers each planned call twice with the same schedule time", async () => {
  isDoubling = true;
  schedule(aJob());

  await clock.advanceBy(minutes(10));

  expect(calls.map((call) => call.headers["x-cloudscheduler-scheduletime"])).toEqual([
    "2026-11-23T14:05:00.000Z",
    "2026-11-23T14:05:00.000Z",
    "2026-11-23T14:10:00.000Z",
    "2026-11-23T14:10:00.000Z",
  ]);
});

test("a job never runs beside itself, and what fell into its run comes late", async () => {
  let release = (): void => undefined;
  const entered = new Promise<void>((enter) => {
    onCall = () => {
      enter();
      return new Promise((resolve) => {
        release = resolve;
      });
    };
  });
  clock = createVirtualClock({ start: Temporal.Instant.from("2026-11-23T14:04:59.995Z"), flowing: true });
  schedule(aJob({ schedule: "* * * * *" }));
  await entered;
  const caughtUp = new Promise<void>((resolve) => {
    onCall = async () => {
      if (calls.length === 4) resolve();
    };
  });
  await clock.advanceBy(minutes(3));
  expect(calls).toHaveLength(1);

  release();
  await caughtUp;

  expect(calls.map((call) => call.headers["x-cloudscheduler-scheduletime"])).toEqual([
    "2026-11-23T14:05:00.000Z",
    "2026-11-23T14:06:00.000Z",
    "2026-11-23T14:07:00.000Z",
    "2026-11-23T14:08:00.000Z",
  ]);
});

test.each([
  [204, 0],
  [302, 1],
  [500, 1],
  [503, 1],
])("an answer of %i warns %i times and does not stop the plan", async (answer, warnings) => {
  status = answer;
  const { jobs } = schedule(aJob());

  await clock.advanceBy(minutes(5));
  expect(jobs()[0]?.lastRun?.status).toBe(answer);
  expect(recorded.lines.filter((line) => line.event === "job-call-failed")).toHaveLength(warnings);

  status = 200;
  await clock.advanceBy(minutes(5));
  expect(times()).toEqual(["often 14:05", "often 14:10"]);
});

test("a call that fails is made again after 5 and 10 seconds with the same schedule time, then given up", async () => {
  status = 503;
  schedule(aJob({ retries: 2 }));

  await clock.advanceBy(minutes(6));

  expect(calls.map((call) => [call.at, call.headers["x-cloudscheduler-scheduletime"]])).toEqual([
    ["2026-11-23T14:05:00Z", "2026-11-23T14:05:00.000Z"],
    ["2026-11-23T14:05:05Z", "2026-11-23T14:05:00.000Z"],
    ["2026-11-23T14:05:15Z", "2026-11-23T14:05:00.000Z"],
  ]);
  expect(scheduler?.jobs()[0]?.nextAt).toBe("2026-11-23T14:10:00.000Z");
});

test("once a retry went well the job is back in its plan", async () => {
  status = 500;
  onCall = async () => {
    if (calls.length === 2) status = 200;
  };
  schedule(aJob({ retries: 2 }));

  await clock.advanceBy(minutes(10));

  expect(calls.map((call) => call.at.slice(11, 19))).toEqual(["14:05:00", "14:05:05", "14:10:00"]);
});

test("a forced call that fails is not made again", async () => {
  status = 500;
  const { run } = schedule(aJob({ retries: 2 }));

  await run("often");
  await clock.advanceBy(minutes(1));

  expect(calls).toHaveLength(1);
});

test("a service that is away counts as status 0, and the next call is made all the same", async () => {
  const { jobs } = schedule(aJob(), aJob({ name: "lost", service: "absent" }));
  const address = port;
  await closeServer(server);

  await clock.advanceBy(minutes(5));

  expect(jobs().map((job) => job.lastRun?.status)).toEqual([0, 0]);
  expect(recorded.lines.map((line) => line.fields)).toEqual([
    { job: "often", status: 0 },
    { job: "lost", status: 0 },
  ]);
  await new Promise<void>((resolve) => server.listen(address, "127.0.0.1", resolve));
  await clock.advanceBy(minutes(5));
  expect(jobs().map((job) => job.lastRun?.status)).toEqual([200, 0]);
});

test("once stopped no call is made, not even the second one of a doubled call under way", async () => {
  isDoubling = true;
  onCall = async () => scheduler?.stop();
  schedule(aJob(), aJob({ name: "other" }));

  await clock.advanceBy(minutes(60));

  expect(times()).toEqual(["often 14:05"]);
});

test("a schedule that Cloud Scheduler would not take is refused at once", () => {
  expect(() => schedule(aJob({ schedule: "@daily" }))).toThrow(RangeError);
});
