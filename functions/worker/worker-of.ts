import { type App, WORKER } from "../../shared/app.ts";
import { createWorker, type Worker } from "./worker.ts";

/** The worker of an app, as its container starts it. */
export function workerOf(app: App): Worker {
  const { platform, options } = app;
  return createWorker({
    ...platform,
    log: platform.log.for("worker"),
    connections: options.config.connections,
    subscriber: WORKER,
    acknowledge: app.acknowledge,
    startUp: app.startUp,
    async finishInterrupted() {
      await app.authorizer.recover();
      await app.sweepAlerts();
    },
    beat: () => app.beat(WORKER),
  });
}
