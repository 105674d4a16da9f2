/** A worker in a process of its own, on a home of this machine and a simulated broker: `node local-worker.ts ORDERS`. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { workerOf } from "../../functions/worker/worker-of.ts";
import { openHome } from "../../infra/local/home.ts";
import { openLocalPlatform } from "../../infra/local/local-platform.ts";
import { createApp } from "../../shared/app.ts";
import { configSchema } from "../../shared/config/config.ts";
import { createNodeHttp } from "../../shared/platform/local/node-http.ts";
import { createPinoLog } from "../../shared/platform/local/pino-log.ts";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../../shared/platform/local/system-timers.ts";

const NOWHERE = "http://127.0.0.1:9";
/** By https, as the messenger's own root is: plain http would load more of Node. */
const NO_MESSENGER = "https://127.0.0.1:9";
/** As that of the worker's container. */
const GRACE_MS = 9_000;

const socketSchema = z.object({ host: z.string(), port: z.number(), ca: z.string() });

/** What the file named on the command line says. */
export const localWorkerSchema = z.object({
  home: z.string(),
  config: z.unknown(),
  /** How far the market's clock is ahead of the machine's. */
  aheadMs: z.number(),
  /** Where the brokers' hosts are found. */
  sockets: z.object({ demo: socketSchema, live: socketSchema.optional() }),
  etrade: z.object({ apiBaseUrl: z.string(), authorizeUrl: z.string(), dataBaseUrl: z.string() }).optional(),
  leading: z
    .object({ ttlMs: z.number(), renewEveryMs: z.number(), retryAfterMs: z.number(), marginMs: z.number() })
    .optional(),
});
export type LocalWorkerOrders = z.input<typeof localWorkerSchema>;

const given = localWorkerSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")));
const log = createPinoLog({ level: "info" });
const machineClock = createSystemClock();
const timers = createSystemTimers();
const clock = {
  now: () => machineClock.now().add({ milliseconds: given.aheadMs }),
  sleep: machineClock.sleep,
};
const running = openLocalPlatform({
  home: await openHome(given.home, { isFresh: false }),
  masterKey: new Uint8Array(32).fill(7),
  clock,
  log,
});
const app = createApp(running.platform, {
  config: configSchema.parse(given.config),
  profile: "sandbox",
  build: "test",
  publicUrl: NOWHERE,
  chatId: 1,
  telegramApiRoot: NO_MESSENGER,
  hosts: {
    etrade: () => given.etrade ?? { apiBaseUrl: NOWHERE, authorizeUrl: NOWHERE, dataBaseUrl: NOWHERE },
    ctrader: ({ environment }) => {
      const socket = given.sockets[environment];
      if (socket === undefined) throw new Error(`There is no ${environment} host.`);
      return { socket, authorizeUrl: NOWHERE, tokenUrl: NOWHERE };
    },
  },
  machineClock,
  timers,
  http: createNodeHttp({ timers }),
  ...(given.leading !== undefined && { leading: given.leading }),
});
const worker = workerOf(app);
process.once("SIGTERM", () => {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  void worker
    .stop()
    .then(() => running.close())
    .then(() => process.exit(0));
});
await worker.start();
log.info("worker-started");
