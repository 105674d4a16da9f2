/**
 * The HTTP interface behind the page, as the table at the head of `shared/console/api.ts` tells it.
 *
 * 1. Every answer, errors included, carries the security headers and is never cached.
 * 2. Every failure has the one body of `failureSchema`; a body that fits no schema is never sent.
 * 3. A call passes, in this order: the general limit, the origin check, the session, the call's own limit,
 *    the body. What fails first is answered, and nothing later is looked at. Only the owner's kill passes the
 *    general limit however often anyone has called.
 * 4. The log holds no body, no cookie, no path and no header.
 */
import { Hono, type MiddlewareHandler } from "hono";
import { fail } from "../../shared/platform/result.ts";
import { clientAddress } from "../../shared/sessions/client-address.ts";
import { SECURITY_HEADERS } from "../http/security-headers.ts";
import { answerFailure, answerIncident } from "./answers.ts";
import type { ConsoleContext, ConsoleDeps, ConsoleEnv } from "./context.ts";
import { isFromOwnPage } from "./own-page.ts";
import { ownerRoutes } from "./owner-routes.ts";
import { redirectRoutes } from "./redirect-routes.ts";
import { ownerSession, type Route, spend } from "./route.ts";
import { sessionRoutes } from "./session-routes.ts";
import { tradingControlRoutes } from "./trading-control-routes.ts";
import { tradingReadRoutes } from "./trading-read-routes.ts";

const UNKNOWN_ROUTE = "unknown";
const KILL_PATH = "/api/trading/kill";
const HARMLESS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Throws a RangeError for options that cannot be meant. */
export function createConsoleApp(deps: ConsoleDeps): Hono<ConsoleEnv> {
  checkOptions(deps);
  const app = new Hono<ConsoleEnv>();
  app.use(withHeadersAndLog(deps));
  app.use(withinLimit(deps));
  app.use(fromOwnPage(deps));
  const routes = [
    ...sessionRoutes,
    ...ownerRoutes,
    ...tradingReadRoutes,
    ...tradingControlRoutes,
    ...redirectRoutes,
  ];
  for (const route of routes) {
    app.on(route.method, route.path, (context) => {
      context.set("route", route.path);
      return route.run(context, deps);
    });
  }
  for (const [path, allow] of methodsByPath(routes)) {
    app.all(path, (context) => {
      context.set("route", path);
      const refusal = answerFailure(context, fail("METHOD_NOT_ALLOWED"));
      refusal.headers.set("Allow", allow);
      return refusal;
    });
  }
  app.notFound((context) => answerFailure(context, fail("ROUTE_UNKNOWN")));
  app.onError((error, context) => answerIncident(deps, context, error));
  return app;
}

function withHeadersAndLog(deps: ConsoleDeps): MiddlewareHandler<ConsoleEnv> {
  return async (context, next) => {
    context.set("route", UNKNOWN_ROUTE);
    try {
      await next();
    } catch (thrown) {
      // Hono itself answers for errors; this is for what is thrown and is none.
      context.res = answerIncident(deps, context, thrown);
    }
    for (const [name, value] of SECURITY_HEADERS) context.res.headers.set(name, value);
    logCall(deps, context);
  };
}

/** Reading what works is not worth a line: the page reads every few seconds. */
function logCall(deps: ConsoleDeps, context: ConsoleContext): void {
  const { status } = context.res;
  const fields = {
    method: context.req.method,
    route: context.get("route"),
    status,
    code: context.get("code"),
  };
  if (status >= 400) deps.log.warn("call-failed", fields);
  else if (!HARMLESS.has(context.req.method)) deps.log.info("call-done", fields);
}

function withinLimit(deps: ConsoleDeps): MiddlewareHandler<ConsoleEnv> {
  return async (context, next) => {
    const address = clientAddress({
      forwardedFor: context.req.header("x-forwarded-for"),
      socketAddress: context.env?.incoming?.socket?.remoteAddress,
      trustedProxyHops: deps.options.trustedProxyHops,
    });
    context.set("address", address);
    const spent = await spend(deps.limits.requests, address);
    // Strangers who call often must not keep the owner from stopping: a cookie of ours is worth a look.
    const passes = spent.ok || (isKill(context) && (await ownerSession(context, deps)).ok);
    return passes ? await next() : answerFailure(context, spent);
  };
}

function isKill({ req }: ConsoleContext): boolean {
  return req.method === "POST" && req.path === KILL_PATH;
}

function fromOwnPage(deps: ConsoleDeps): MiddlewareHandler<ConsoleEnv> {
  return async (context, next) => {
    const facts = {
      origin: context.req.header("origin"),
      fetchSite: context.req.header("sec-fetch-site"),
      host: context.req.header("host"),
      forwardedHost: context.req.header("x-forwarded-host"),
    };
    const isFine = HARMLESS.has(context.req.method) || isFromOwnPage(facts, deps.options);
    return isFine ? await next() : answerFailure(context, fail("ORIGIN_REFUSED"));
  };
}

function methodsByPath(routes: readonly Route[]): ReadonlyMap<string, string> {
  const methods = new Map<string, string>();
  for (const { path, method } of routes) {
    const before = methods.get(path);
    const names = method === "GET" ? "GET, HEAD" : method;
    methods.set(path, before === undefined ? names : `${before}, ${names}`);
  }
  return methods;
}

function checkOptions({ options }: ConsoleDeps): void {
  const { publicOrigin, trustedProxyHops } = options;
  if (new URL(publicOrigin).origin !== publicOrigin) {
    throw new RangeError("The public origin is a scheme, a host and perhaps a port, and nothing more.");
  }
  if (!Number.isInteger(trustedProxyHops) || trustedProxyHops < 0) {
    throw new RangeError("Trusted proxy hops are counted from 0.");
  }
}
