/**
 * Serves handlers under Google's functions framework, without four of its habits: it answers a broken body
 * with a stack and logs a piece of the body; it answers and logs what a handler throws in full; it holds
 * bodies of up to a gigabyte; and its own start-up ends the process in the middle of a request.
 */
import type { Domain } from "node:domain";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { type HttpFunction, http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import type { ErrorCode } from "../shared/errors.ts";
import type { Log } from "../shared/platform/log.ts";
import { admit } from "./http/admit.ts";
import { failureAnswer } from "./http/failure-answer.ts";
import { reportIncident } from "./http/incident.ts";
import { setSecurityHeaders, writeFailure } from "./http/write-failure.ts";

export interface ServedFunction {
  /** Letters, digits, `-` and `_`; unique in the process. */
  readonly name: string;
  readonly handler: HttpFunction;
  readonly log: Log;
  /** The longest body; default 256 KiB. */
  readonly maxBodyBytes?: number;
}

/** What this file needs of the framework's Express application. */
interface ExpressApp extends RequestListener {
  use(
    onError: (error: unknown, request: IncomingMessage, response: ServerResponse, next: unknown) => void,
  ): void;
}

const MAX_BODY_BYTES = 262_144;
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;

/** Registers the handler with the framework and returns the framework's server, not yet listening. */
export function serveFunction(served: ServedFunction): Server {
  http(served.name, guardedHandler(served));
  const server = getTestServer(served.name);
  const app = expressAppOf(server);
  app.use((error, _request, response, _next) => answerFrameworkError(served.log, error, response));
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    setSecurityHeaders(response);
    response.once("close", () => setImmediate(() => closeWhenStopping(server)));
    if (admit(request, response, served.maxBodyBytes ?? MAX_BODY_BYTES)) app(request, response);
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  return server;
}

function guardedHandler(served: ServedFunction): HttpFunction {
  return async (request, response) => {
    const report = (thrown: unknown) =>
      writeFailure(response, reportIncident(served.log, thrown, { function: served.name }));
    takeOverDomain(report);
    try {
      await served.handler(request, response);
    } catch (thrown) {
      report(thrown);
    }
  };
}

/** The framework runs each call in a domain, whose faults (of timers and emitters) it would print whole. */
function takeOverDomain(onFault: (thrown: unknown) => void): void {
  const { domain } = process as { domain?: Domain | null };
  domain?.removeAllListeners("error");
  domain?.on("error", onFault);
}

/** What the framework met before the handler: a body or an address that cannot be read. */
function answerFrameworkError(log: Log, error: unknown, response: ServerResponse): void {
  const code = codeOf(error);
  if (code === undefined) {
    writeFailure(response, reportIncident(log, error));
    return;
  }
  log.warn("request-refused", { code });
  writeFailure(response, failureAnswer(code));
}

function codeOf(error: unknown): ErrorCode | undefined {
  const status = error instanceof Error && "status" in error ? Number(error.status) : 500;
  if (status === 413) return "REQUEST_TOO_LARGE";
  if (status === 415) return "REQUEST_NOT_JSON";
  return status >= 400 && status < 500 ? "REQUEST_MALFORMED" : undefined;
}

function expressAppOf(server: Server): ExpressApp {
  const [app] = server.listeners("request");
  if (typeof app !== "function" || !("use" in app)) {
    throw new TypeError("The functions framework no longer hands out its Express application.");
  }
  return app as unknown as ExpressApp;
}

/** A server that has stopped listening keeps no connection open once its answer is out. */
function closeWhenStopping(server: Server): void {
  if (!server.listening) server.closeIdleConnections();
}
