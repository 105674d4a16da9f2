/** The worker's container: `node functions/worker/main.ts`, until SIGTERM. */
import { createPinoLog } from "../../shared/platform/local/pino-log.ts";
import { openCloudApp } from "../cloud-app.ts";
import { readCloudEnvironment } from "../cloud-environment.ts";
import { faultFields } from "../http/fault.ts";
import { startOrExplain } from "../start-or-explain.ts";
import { workerOf } from "./worker-of.ts";

/** Cloud Run kills a container 10 seconds after SIGTERM. */
const GRACE_MS = 9_000;

const log = createPinoLog({ level: "info" });

async function run(): Promise<void> {
  const { app, close } = await openCloudApp(readCloudEnvironment(process.env), log);
  const worker = workerOf(app);

  async function stop(): Promise<void> {
    setTimeout(() => {
      log.warn("worker-stopped-late");
      process.exit(1);
    }, GRACE_MS).unref();
    await worker.stop();
    await close();
    log.info("worker-stopped");
  }

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error("worker-not-stopped", faultFields(error));
          process.exit(1);
        },
      );
    });
  }

  await worker.start();
  log.info("worker-started", { build: app.options.build });
}

await startOrExplain({ log, process }, run);
