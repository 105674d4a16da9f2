/**
 * The sandbox's own interface: its clock, its jobs, its simulated broker and phone. It listens on this machine
 * only, exists in the sandbox profile only, and takes orders from its own pages and from programs, but from no
 * foreign web site.
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { failureAnswer } from "../../functions/http/failure-answer.ts";
import type { ErrorCode } from "../../shared/errors.ts";
import { toIso } from "../../shared/platform/instant.ts";
import type { VirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { FailureDetail, Result } from "../../shared/platform/result.ts";
import type { JobRun, JobView } from "../local/scheduler.ts";
import { readClockOrder } from "./clock-order.ts";
import type { SwitchView } from "./switches.ts";

/** A simulator's switches. */
export interface SwitchBoard {
  faults(): unknown;
  switches(): readonly SwitchView[];
  setFaults(patch: unknown): Promise<Result<unknown>> | Result<unknown>;
  /** What the simulator holds and has seen, without anything that could be used. */
  state?(): unknown;
}

export interface SandboxDeps {
  readonly clock: VirtualClock;
  /** Notes the clock's place after it was moved. */
  clockMoved(): Promise<void>;
  jobs(): readonly JobView[];
  runJob(name: string): Promise<JobRun | undefined>;
  readonly console: string;
  readonly etrade: Readonly<Record<string, unknown>>;
  readonly ctrader: Readonly<Record<string, unknown>>;
  readonly telegram: Readonly<Record<string, unknown>>;
  readonly perplexity: Readonly<Record<string, unknown>>;
  /** By the name in the path: `etrade`, `ctrader`, `telegram`, `perplexity`, `delivery`. */
  readonly boards: ReadonlyMap<string, SwitchBoard>;
  /** The phone's page, mounted at `/sandbox/phone`. */
  readonly phone: Hono;
  /** The sandbox's own page, mounted at `/sandbox/page`. */
  readonly page: Hono;
}

const LARGEST_BODY_BYTES = 65_536;

/** What should not have been thrown is thrown on to the server, which has the log. */
export function createSandboxApp(deps: SandboxDeps): Hono {
  const app = new Hono({ strict: false });
  const obey = createClockDesk(deps);
  app.onError((error) => {
    throw error;
  });
  app.use(onlyFromHere);
  app.use(bodyLimit({ maxSize: LARGEST_BODY_BYTES, onError: () => refuse("REQUEST_TOO_LARGE") }));
  app.route("/sandbox/phone", deps.phone);
  app.route("/sandbox/page", deps.page);

  app.get("/sandbox", (context) => {
    const wantsPage = (context.req.header("accept") ?? "").includes("text/html");
    return wantsPage ? context.redirect("/sandbox/page/") : context.json(describe(deps));
  });
  app.get("/sandbox/clock", (context) => context.json(clockView(deps)));
  app.post("/sandbox/clock", async (context) => {
    const moved = await obey(await readJson(context.req.raw));
    return moved.ok ? context.json(clockView(deps)) : refuse(moved.code, moved.detail);
  });
  app.get("/sandbox/jobs", (context) => context.json(deps.jobs()));
  app.post("/sandbox/jobs/:name/run", async (context) => {
    const run = await deps.runJob(context.req.param("name"));
    return run === undefined ? refuse("ROUTE_UNKNOWN", { jobs: jobNames(deps) }) : context.json(run);
  });
  app.get("/sandbox/:board/faults", (context) => {
    const board = deps.boards.get(context.req.param("board"));
    return board
      ? context.json({ faults: board.faults(), switches: board.switches() })
      : refuse("ROUTE_UNKNOWN");
  });
  app.post("/sandbox/:board/faults", async (context) => {
    const board = deps.boards.get(context.req.param("board"));
    if (board === undefined) return refuse("ROUTE_UNKNOWN");
    const set = await board.setFaults(await readJson(context.req.raw));
    return set.ok ? context.json({ faults: set.value }) : refuse(set.code, set.detail);
  });
  app.get("/sandbox/:board/state", (context) => {
    const state = deps.boards.get(context.req.param("board"))?.state;
    return state ? context.json(state() as object) : refuse("ROUTE_UNKNOWN");
  });
  app.notFound(() => refuse("ROUTE_UNKNOWN"));
  return app;
}

/** Takes the clock's orders one after the other, so that of two half hours each is half an hour. */
function createClockDesk({ clock, clockMoved }: SandboxDeps) {
  let before: Promise<unknown> = Promise.resolve();

  async function move(order: unknown): Promise<Result<unknown, "SANDBOX_CLOCK_INVALID">> {
    const target = readClockOrder(order, clock.now());
    if (!target.ok) return target;
    try {
      await clock.advanceTo(target.value);
    } catch (error) {
      // A clock that flows may be a moment beyond already: it has arrived.
      if (!(error instanceof RangeError)) throw error;
    } finally {
      await clockMoved();
    }
    return target;
  }

  return (order: unknown) => {
    const moving = before.then(() => move(order));
    before = moving.catch(() => undefined);
    return moving;
  };
}

function describe(deps: SandboxDeps) {
  return {
    clock: clockView(deps),
    jobs: deps.jobs(),
    console: deps.console,
    etrade: deps.etrade,
    ctrader: deps.ctrader,
    telegram: deps.telegram,
    perplexity: deps.perplexity,
  };
}

function clockView(deps: SandboxDeps) {
  return { now: toIso(deps.clock.now()) };
}

function jobNames(deps: SandboxDeps): string {
  return deps
    .jobs()
    .map((job) => job.name)
    .join(", ");
}

/** Broken JSON is `undefined`, which no schema takes. */
async function readJson(request: Request): Promise<unknown> {
  try {
    return JSON.parse(await request.text());
  } catch {
    return undefined;
  }
}

function refuse(code: ErrorCode, detail: FailureDetail = {}): Response {
  const { status, body } = failureAnswer(code, detail);
  return new Response(body, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/** A name that leads here from outside (DNS rebinding) and a foreign page that posts here are turned away. */
const onlyFromHere = async (
  context: { req: { header(name: string): string | undefined; method: string } },
  next: () => Promise<void>,
): Promise<Response | undefined> => {
  const host = context.req.header("host") ?? "";
  const origin = context.req.header("origin");
  const isForeign = origin !== undefined && origin !== `http://${host}`;
  if (!LOOPBACK.test(host) || isForeign) return refuse("ORIGIN_REFUSED");
  await next();
  return undefined;
};
