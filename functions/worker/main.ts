/** The worker's container: `node functions/worker/main.ts`, until SIGTERM. */
import { createPinoLog } from "../../shared/platform/local/pino-log.ts";
import { openCloudApp } from "../cloud-app.ts";
import { readCloudEnvironment } from "../cloud-environment.ts";
import { workerOf } from "./worker-of.ts";

/** Cloud Run kills a container 10 seconds after SIGTERM. */
const GRACE_MS = 9_000;

const log = createPinoLog({ level: "info" });
const { app, close } = await openCloudApp(readCloudEnvironment(process.env), log);
const worker = workerOf(app);

async function stop(): Promise<void> {
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  await worker.stop();
  await close();
  log.info("worker-stopped");
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

await worker.start();
log.info("worker-started", { build: app.options.build });
