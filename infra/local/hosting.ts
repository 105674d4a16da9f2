/**
 * Firebase Hosting as far as Openbell uses it: static files first, then rewrites to services, the headers of
 * `firebase.json`, no cookie but `__session`, and an end after 60 seconds.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { resolve } from "node:path";
import type { Log } from "../../shared/platform/log.ts";
import { answerPlainly } from "./answer-plainly.ts";
import { type HostingConfig, headersOf, isIgnored, routeOf } from "./hosting-config.ts";
import { readStaticFile, sendStaticFile } from "./hosting-file.ts";
import { passOn, type ServiceAddress } from "./hosting-service.ts";

const SERVICE_TIMEOUT_MS = 60_000;

export interface HostingDeps {
  readonly config: HostingConfig;
  /** The folder that holds `firebase.json`. */
  readonly root: string;
  readonly log: Log;
  /** Where a service listens on this machine. */
  addressOf(service: string): ServiceAddress | undefined;
  /** Begins one request's time and is aborted at its end; default after the 60 seconds that Hosting gives. */
  beginTime?(): AbortSignal;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createHosting(deps: HostingDeps): RequestHandler {
  const { config, log } = deps;
  const beginTime = deps.beginTime ?? (() => AbortSignal.timeout(SERVICE_TIMEOUT_MS));
  const publicFolder = resolve(deps.root, config.public);
  const find = async (path: string) =>
    isIgnored(config, path) ? undefined : readStaticFile(publicFolder, path);

  return async function hosting(incoming, outgoing) {
    const path = pathOf(incoming);
    if (path === undefined) return answerPlainly(outgoing, 400);
    const exchange = { incoming, outgoing };
    const file = await find(path);
    if (file !== undefined) return sendStaticFile(exchange, file, headersOf(config, path));

    const route = routeOf(config, path);
    if (route.kind === "service") {
      const { service } = route;
      return passOn(exchange, { service, address: deps.addressOf(service), time: beginTime(), log });
    }
    const fallback = route.kind === "file" ? await find(route.path) : undefined;
    if (fallback === undefined) return answerPlainly(outgoing, 404);
    return sendStaticFile(exchange, fallback, headersOf(config, path));
  };
}

/**
 * The decoded path; undefined for what no browser sends: an address with a host in it, broken escapes, a NUL,
 * and steps out of a folder, however they are written.
 */
function pathOf({ url = "" }: IncomingMessage): string | undefined {
  const [written = ""] = url.split(/[?#]/, 1);
  if (!written.startsWith("/")) return undefined;
  try {
    const path = decodeURIComponent(written);
    const isStray = path.includes("\0") || path.split(/[/\\]/).includes("..");
    return isStray ? undefined : path;
  } catch {
    return undefined;
  }
}
