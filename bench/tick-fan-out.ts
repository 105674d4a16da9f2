/** One minute's messages to many bots, through the official Pub/Sub emulator and its push to the real function. */
import type { AddressInfo } from "node:net";
import { Temporal } from "temporal-polyfill";
import { createBotTickHandler } from "../functions/bot-tick/handler.ts";
import { serveFunction } from "../functions/serve.ts";
import { closeServer } from "../infra/local/services.ts";
import { TOPOLOGY } from "../infra/topology.ts";
import { createPubsubBus } from "../shared/platform/gcp/pubsub-bus.ts";
import { ensurePubsub } from "../shared/platform/gcp/pubsub-ensure.ts";
import { createSqliteStore } from "../shared/platform/local/sqlite-store.ts";
import { createSystemClock } from "../shared/platform/local/system-clock.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { fanOut } from "../shared/trading/ticks/fan-out.ts";
import { ticks } from "../shared/trading/ticks/records.ts";
import { startPubsubEmulator } from "../tests/support/emulators/emulators.ts";
import { openTickRunner, QUIET_LOG, someBots } from "./tick-ground.ts";

export interface FanOutFigures {
  readonly told: number;
  /** Until every message was taken. */
  readonly publishedMs: number;
  /** Until every bot's tick had been answered. */
  readonly arrivedMs: number;
  /** Records in the store. */
  readonly ticks: number;
}

const PATIENCE_MS = 60_000;

/** Throws where not every message has arrived within a minute. */
export async function measureFanOut(count: number): Promise<FanOutFigures> {
  const closers: (() => unknown)[] = [];
  try {
    const emulator = await startPubsubEmulator();
    closers.push(emulator.stop);
    const folder = makeTemporaryFolder();
    closers.push(() => folder.remove());
    const store = createSqliteStore({ path: `${folder.path}/store.db`, durability: "process-death" });
    closers.push(() => store.close());
    const clock = createSystemClock();
    const bots = someBots(count).map((bot) => ({ ...bot, toleranceSeconds: 3_600 }));
    const run = openTickRunner({ store, clock, bots });
    const answered = new Set<string>();
    const all = Promise.withResolvers<void>();
    const server = serveFunction({
      name: "bot-tick",
      log: QUIET_LOG,
      handler: createBotTickHandler({
        log: QUIET_LOG,
        async run(tick) {
          const outcome = await run(tick);
          answered.add(tick.bot);
          if (answered.size === count) all.resolve();
          return outcome;
        },
      }),
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => closeServer(server));
    const pushTo = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const place = { projectId: "demo-bench-ticks", emulatorHost: emulator.host };
    await ensurePubsub(place, {
      subscriptions: TOPOLOGY.subscriptions
        .filter(({ topic }) => topic === "bot-tick")
        .map(({ topic, subscriber }) => ({ topic, subscriber, pushTo })),
    });
    const bus = createPubsubBus({ ...place, log: QUIET_LOG, clock });
    closers.push(() => bus.close());
    return await measure({ store, bus, clock, bots }, all.promise);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function measure(
  {
    store,
    bus,
    clock,
    bots,
  }: Parameters<typeof fanOut>[0] & { readonly store: ReturnType<typeof createSqliteStore> },
  all: Promise<void>,
): Promise<FanOutFigures> {
  const started = performance.now();
  const { told } = await fanOut({ bus, clock, bots }, clock.now());
  const publishedMs = performance.now() - started;
  const late = clock.sleep(Temporal.Duration.from({ milliseconds: PATIENCE_MS })).then(() => {
    throw new Error("Not every bot's message has arrived within a minute.");
  });
  await Promise.race([all, late]);
  const arrivedMs = performance.now() - started;
  return { told, publishedMs, arrivedMs, ticks: (await store.query(ticks)).length };
}
