/** A sandbox with real switches on a clock that stands, its jobs counted and its brokers absent. */
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { Temporal } from "temporal-polyfill";
import { createVirtualClock, type VirtualClock } from "../../../shared/platform/local/virtual-clock.ts";
import { createDeliveryBoard } from "../../local/delivery-board.ts";
import { createScheduler } from "../../local/scheduler.ts";
import { TOPOLOGY } from "../../topology.ts";
import * as ctrader from "../ctrader/faults.ts";
import * as etrade from "../etrade/faults.ts";
import { PERPLEXITY_SWITCHES } from "../perplexity/faults.ts";
import { createSandboxApp, type SwitchBoard } from "../sandbox-app.ts";
import { holdSwitches, type SwitchTable } from "../switches.ts";
import { TELEGRAM_SWITCHES } from "../telegram/faults.ts";
import { createSandboxPage } from "./sandbox-page.ts";

export interface TrialSandbox {
  readonly address: string;
  readonly clock: VirtualClock;
  readonly boards: ReadonlyMap<string, SwitchBoard>;
  /** The names of the jobs that were called, in order. */
  readonly calls: readonly string[];
  /** What the jobs' services answer from now on. */
  answerJobsWith(status: number): void;
  close(): Promise<void>;
}

export async function startTrialSandbox(start: string): Promise<TrialSandbox> {
  const clock = createVirtualClock({ start: Temporal.Instant.from(start) });
  const services = await startServices();
  const delivery = createDeliveryBoard(() => undefined);
  const scheduler = createScheduler(
    {
      clock,
      log: silentLog,
      urlOf: (name) => `${services.address}/${name}`,
      isDoubling: delivery.isDoubling,
      // It has no bots.
      isNeeded: (job) => job.service !== "strategy-tick",
    },
    TOPOLOGY.jobs,
  );
  const boards = new Map<string, SwitchBoard>([
    ["etrade", boardOver(etrade.SWITCHES)],
    ["ctrader", boardOver(ctrader.SWITCHES)],
    ["telegram", boardOver(TELEGRAM_SWITCHES)],
    ["perplexity", boardOver(PERPLEXITY_SWITCHES)],
    ["delivery", delivery],
  ]);
  const app = createSandboxApp({
    clock,
    clockMoved: async () => undefined,
    jobs: () => scheduler.jobs(),
    runJob: (name) => scheduler.run(name),
    console: "http://127.0.0.1:8080/",
    etrade: { apiBaseUrl: "http://127.0.0.1:8081", consumerKey: "trial-key", username: "trader" },
    ctrader: { host: "127.0.0.1", demoPort: 8084, accounts: [{ ctidTraderAccountId: 30_100_001 }] },
    telegram: { apiRoot: "http://127.0.0.1:8083", chatId: 4_242 },
    perplexity: { apiRoot: "http://127.0.0.1:8087" },
    boards,
    phone: new Hono(),
    page: createSandboxPage({ minutesBeforeOpen: [60, 30, 10] }),
  });
  const front = await listen(app);
  return {
    address: front.address,
    clock,
    boards,
    calls: services.calls,
    answerJobsWith: services.answerWith,
    async close() {
      scheduler.stop();
      clock.close();
      await front.close();
      await services.close();
    },
  };
}

const silentLog = { info() {}, warn() {}, error() {}, for: () => silentLog };

async function startServices() {
  const calls: string[] = [];
  let status = 200;
  const app = new Hono();
  app.post("/:name/", (context) => {
    calls.push(context.req.param("name"));
    return context.body(null, status as 200);
  });
  const server = await listen(app);
  return {
    ...server,
    calls,
    answerWith(next: number) {
      status = next;
    },
  };
}

function boardOver<T extends SwitchTable>(table: T): SwitchBoard {
  const { current, view, patch } = holdSwitches(table);
  return { faults: current, switches: view, setFaults: patch };
}

async function listen(app: Hono) {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
    },
  };
}
