import type { HttpFunction } from "@google-cloud/functions-framework";
import { getRequestListener, RequestError } from "@hono/node-server";
import type { Hono } from "hono";
import type { Log } from "../../shared/platform/log.ts";
import { failureAnswer } from "../http/failure-answer.ts";
import { reportIncident } from "../http/incident.ts";
import type { ConsoleEnv } from "./context.ts";

/** The console as a handler for the functions framework; the framework has read the body already. */
export function createConsoleHandler(app: Hono<ConsoleEnv>, log: Log): HttpFunction {
  return getRequestListener((request, env) => app.fetch(request, env as ConsoleEnv["Bindings"]), {
    // A process also runs other code, which must find the platform's own Request and Response.
    overrideGlobalObjects: false,
    errorHandler(thrown) {
      // Only an address that cannot be read comes here: the app answers everything else itself.
      const isRefused = thrown instanceof RequestError;
      const answer = isRefused ? failureAnswer("REQUEST_MALFORMED") : reportIncident(log, thrown);
      const headers = { "Content-Type": "application/json; charset=utf-8" };
      return new Response(answer.body, { status: answer.status, headers });
    },
  });
}
