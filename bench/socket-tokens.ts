/**
 * From the broadcast of a new token to the worker's acknowledgement of it: read, proved by a real call on the open
 * socket, and recorded. Worker and simulated broker run in this process, so one monotonic clock times both ends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { workerOf } from "../functions/worker/worker-of.ts";
import { quietLog } from "../infra/local/quiet-log.ts";
import { createApp } from "../shared/app.ts";
import { createNodeHttp } from "../shared/platform/local/node-http.ts";
import { createSystemClock } from "../shared/platform/local/system-clock.ts";
import { createSystemTimers } from "../shared/platform/local/system-timers.ts";
import type { Log, LogFields } from "../shared/platform/log.ts";
import { hasEmulators } from "../tests/support/emulators/emulators.ts";
import { type Ground, openEmulatedGround, openLocalGround } from "./socket-ground.ts";
import { CONFIG, NOWHERE, openSocketPlace } from "./socket-place.ts";
import { type Print, summarize, tableOf } from "./summary.ts";

const RUNS = 50;
const P95_BUDGET_MS = 1_000;
const PATIENCE_MS = 30_000;
/** Each renewal is several messages, of which the channel sends 45 a second: they must not wait for one another. */
const BETWEEN_MS = 250;

/** Prints n, p50, p95 and max on each ground, and whether p95 keeps the budget over all runs. */
export async function runTokens(print: Print): Promise<void> {
  print("From the broadcast of a new token to the worker's acknowledgement, over the socket that is open.");
  const rows = [["", "n", "p50 ms", "p95 ms", "max ms", `p95 ≤ ${P95_BUDGET_MS} ms`]];
  rows.push(["this machine (SQLite)", ...(await measureOn(await openLocalGround()))]);
  if (hasEmulators(process.env)) {
    rows.push([
      "Google's clients on emulators",
      ...(await measureOn(await openEmulatedGround("demo-bench"))),
    ]);
  } else print("Left out: Google's clients on emulators (gcloud with the emulators, or Java, not found).");
  for (const line of tableOf(rows)) print(line);
}

/** One row of the table, without its name. */
async function measureOn(ground: Ground): Promise<readonly string[]> {
  try {
    const samples = await renewRepeatedly(ground);
    const { count, p50, p95, max } = summarize(samples);
    return [
      String(count),
      ...[p50, p95, max].map((ms) => ms.toFixed(0)),
      p95 <= P95_BUDGET_MS ? "yes" : "NO",
    ];
  } finally {
    await ground.close();
  }
}

/** The milliseconds of each renewal; the first token of all, which opens the socket, is none of them. */
async function renewRepeatedly(ground: Ground): Promise<readonly number[]> {
  const broker = await openSocketPlace();
  const watch = watchAcknowledgements();
  const running = await ground.open(watch.log);
  await broker.seed(running.platform);
  const worker = startableWorker(running.platform, broker.socket);
  try {
    await worker.start();
    const samples: number[] = [];
    for (let generation = 1; generation <= RUNS + 1; generation += 1) {
      const acknowledged = watch.next(generation);
      const renewal = await broker.store(running.platform, generation);
      const startMs = performance.now();
      await renewal.publish();
      const tookMs = (await acknowledged) - startMs;
      if (generation > 1) samples.push(tookMs);
      await sleep(BETWEEN_MS);
    }
    return samples;
  } finally {
    await worker.stop();
    await running.close();
    await broker.close();
  }
}

type Place = Awaited<ReturnType<typeof openSocketPlace>>;

function startableWorker(platform: Parameters<typeof createApp>[0], socket: Place["socket"]) {
  return workerOf(
    createApp(platform, {
      config: CONFIG,
      profile: "sandbox",
      build: "bench",
      publicUrl: NOWHERE,
      chatId: 1,
      telegramApiRoot: NOWHERE,
      hosts: {
        etrade: () => ({ apiBaseUrl: NOWHERE, authorizeUrl: NOWHERE, dataBaseUrl: NOWHERE }),
        ctrader: () => ({ socket, authorizeUrl: NOWHERE, tokenUrl: NOWHERE }),
      },
      machineClock: createSystemClock(),
      timers: createSystemTimers(),
      http: createNodeHttp({ timers: createSystemTimers() }),
    }),
  );
}

interface Watch {
  readonly log: Log;
  /** When this generation was acknowledged, on the clock of `performance.now()`; rejects when that takes too long. */
  next(generation: number): Promise<number>;
}

/** A log that keeps nothing but tells of acknowledgements, which are logged once they are in the store. */
function watchAcknowledgements(): Watch {
  let waiting: { readonly generation: number; readonly tell: (atMs: number) => void } | undefined;
  const log: Log = {
    ...quietLog,
    info(event: string, fields: LogFields = {}) {
      if (event === "token-acknowledged" && fields.generation === waiting?.generation) {
        waiting?.tell(performance.now());
      }
    },
    for: () => log,
  };
  return {
    log,
    next: (generation) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          reject(new Error(`Generation ${generation} was not acknowledged within ${PATIENCE_MS} ms.`));
        }, PATIENCE_MS);
        waiting = {
          generation,
          tell(atMs) {
            clearTimeout(limit);
            resolve(atMs);
          },
        };
      }),
  };
}
