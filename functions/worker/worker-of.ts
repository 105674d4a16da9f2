import { type App, WORKER } from "../../shared/app.ts";
import type { TokenIssuer } from "../../shared/brokers/token-issuer.ts";
import type { Connection } from "../../shared/config/connection.ts";
import { createSocketDesk, type SocketDesk } from "./socket-desk.ts";
import { watchKills } from "./watch-kills.ts";
import { createWorker, type Worker } from "./worker.ts";

/** The worker of an app, as its container starts it. */
export function workerOf(app: App): Worker {
  const { platform, options } = app;
  /** Where this process holds a connection's socket, tokens are proved on it. */
  const probes = new Map<string, TokenIssuer["probe"]>();

  async function openDesk(connection: Connection, ready: () => void): Promise<SocketDesk | undefined> {
    const kit = await app.openSocket(connection);
    if (kit === undefined) return undefined;
    const log = platform.log.for("trading");
    const { probe } = kit;
    const provesTokens = probe !== undefined;
    const desk = createSocketDesk({ ...kit, connection, provesTokens, log, timers: options.timers, ready });
    if (probe === undefined) return desk;
    probes.set(connection.id, async (token) => {
      const proved = await probe(token);
      // From now on the socket uses this token, which is worth saying at once.
      if (proved.ok) void desk.report();
      return proved;
    });
    return desk;
  }

  return createWorker({
    ...platform,
    log: platform.log.for("worker"),
    connections: options.config.connections,
    subscriber: WORKER,
    acknowledge: (connection, given) => app.acknowledge(connection, probes.get(connection.id), given),
    startUp: (connection) => app.startUp(connection, probes.get(connection.id)),
    async finishInterrupted() {
      await app.authorizer.recover();
      await app.sweepAlerts();
    },
    beat: () => app.beat(WORKER),
    openDesk,
    watchKills: (watch) =>
      watchKills({ ...platform, timers: options.timers, log: platform.log.for("worker") }, watch),
  });
}
