/** A container with one function that misbehaves on demand, for tests that look at a whole process. */
import { pino } from "pino";
import type { Log, LogFields } from "../../shared/platform/log.ts";
import { startContainer } from "../container.ts";

const SECRET = "CANARY-5E3CR3T";

function printedLog(subsystem: string): Log {
  const logger = pino().child({ subsystem });
  return {
    info: (event, fields: LogFields = {}) => logger.info({ ...fields, event }),
    warn: (event, fields: LogFields = {}) => logger.warn({ ...fields, event }),
    error: (event, fields: LogFields = {}) => logger.error({ ...fields, event }),
    for: printedLog,
  };
}

const server = await startContainer({
  environment: process.env,
  log: printedLog("probe"),
  process,
  functions: {
    probe: async () => ({
      maxBodyBytes: 4_096,
      handler(request, response) {
        if (request.path === "/throw") throw new Error(SECRET);
        if (request.path === "/reject")
          return Promise.reject(new Error(SECRET, { cause: new Error(SECRET) }));
        if (request.path === "/text") return Promise.reject(SECRET);
        if (request.path === "/later") return void setImmediate(() => fail());
        if (request.path === "/half") {
          response.write("half");
          fail();
        }
        response.json({ length: request.rawBody?.length ?? 0 });
      },
    }),
  },
});

function fail(): never {
  throw new Error(SECRET);
}

// No connection ends because it is idle, so that a test sees which ones are ended on purpose.
server.keepAliveTimeout = 0;
const address = server.address();
process.send?.(typeof address === "object" && address !== null ? address.port : 0);
