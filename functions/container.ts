import type { Server } from "node:http";
import type { HttpFunction } from "@google-cloud/functions-framework";
import { z } from "zod";
import type { Log } from "../shared/platform/log.ts";
import { faultFields } from "./http/fault.ts";
import { serveFunction } from "./serve.ts";

/** A function put together and ready to serve. */
export interface ReadyFunction {
  readonly handler: HttpFunction;
  /** The longest body; default as in `serveFunction`. */
  readonly maxBodyBytes?: number;
  /** Lets go of stores and buses after the last answer. */
  close?(): Promise<void>;
}

/** The parts of Node's `process` that a container's life needs. */
export type ContainerProcess = Pick<NodeJS.Process, "once" | "exit">;

export interface ContainerDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Every function by its name, each put together only when it is the one to serve. */
  readonly functions: Readonly<Record<string, () => Promise<ReadyFunction>>>;
  readonly log: Log;
  readonly process: ContainerProcess;
}

/** Cloud Run kills a container 10 seconds after SIGTERM. */
const GRACE_MS = 9_000;

const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8_080),
  FUNCTION_TARGET: z.string().min(1),
});

/**
 * Serves the function that `FUNCTION_TARGET` names on `PORT`, until SIGTERM or SIGINT: then no new call is
 * taken, calls under way are finished, and the process exits, all within 10 seconds. Throws for an
 * environment that names no function.
 */
export async function startContainer(deps: ContainerDeps): Promise<Server> {
  const { PORT, FUNCTION_TARGET } = environmentSchema.parse(deps.environment);
  const build = Object.hasOwn(deps.functions, FUNCTION_TARGET) ? deps.functions[FUNCTION_TARGET] : undefined;
  if (build === undefined) {
    throw new RangeError(`FUNCTION_TARGET must be one of ${Object.keys(deps.functions).join(", ")}.`);
  }
  const ready = await build();
  const server = serveFunction({ ...ready, name: FUNCTION_TARGET, log: deps.log });
  await listen(server, PORT);
  deps.log.info("function-listening", { function: FUNCTION_TARGET });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    deps.process.once(signal, () => void stop(deps, server, ready));
  }
  deps.process.once("uncaughtException", (error) => {
    deps.log.error("process-broken", faultFields(error));
    deps.process.exit(1);
  });
  return server;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, resolve);
  });
}

async function stop(deps: ContainerDeps, server: Server, ready: ReadyFunction): Promise<void> {
  deps.log.info("function-stopping");
  const overdue = setTimeout(() => {
    deps.log.warn("function-stopped-late");
    deps.process.exit(1);
  }, GRACE_MS);
  await new Promise((resolve) => server.close(resolve));
  try {
    await ready.close?.();
    deps.log.info("function-stopped");
  } catch (error) {
    deps.log.error("function-not-closed", faultFields(error));
  } finally {
    clearTimeout(overdue);
    deps.process.exit(0);
  }
}
