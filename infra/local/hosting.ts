/**
 * Firebase Hosting as far as Openbell uses it: static files first, then rewrites to services, the headers of
 * `firebase.json`, no cookie but `__session`, and an end after 60 seconds.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Log } from "../../shared/platform/log.ts";
import { type HostingConfig, headersOf, routeOf } from "./hosting-config.ts";

const SERVICE_TIMEOUT_MS = 60_000;
const PASSED_COOKIE = "__session";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
};
const COMPRESSED = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest"]);

export interface HostingDeps {
  readonly config: HostingConfig;
  /** The folder that holds `firebase.json`. */
  readonly root: string;
  readonly log: Log;
  /** Where a service listens on this machine. */
  addressOf(service: string): { readonly host: string; readonly port: number } | undefined;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createHosting(deps: HostingDeps): RequestHandler {
  const publicFolder = join(deps.root, deps.config.public);
  return async function hosting(incoming, outgoing) {
    const path = pathOf(incoming);
    if (path === undefined) return answerPlainly(outgoing, 400);
    const file = await findFile(publicFolder, path);
    if (file !== undefined) return sendFile(deps.config, { incoming, outgoing, path, file });

    const route = routeOf(deps.config, path);
    if (route.kind === "service") return passOn(deps, { incoming, outgoing, service: route.service });
    const fallback = route.kind === "file" ? await findFile(publicFolder, route.path) : undefined;
    if (fallback === undefined) return answerPlainly(outgoing, 404);
    return sendFile(deps.config, { incoming, outgoing, path, file: fallback });
  };
}

/** Ends a request with a status and its bare words. */
export function answerPlainly(
  outgoing: ServerResponse,
  status: 400 | 404 | 405 | 500 | 502 | 503 | 504,
): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  outgoing.end(`${status}\n`);
}

function pathOf(incoming: IncomingMessage): string | undefined {
  try {
    return decodeURIComponent(new URL(incoming.url ?? "/", "http://local").pathname);
  } catch {
    return undefined;
  }
}

async function findFile(folder: string, path: string): Promise<string | undefined> {
  const wanted = path.endsWith("/") ? `${path}index.html` : path;
  const file = normalize(join(folder, wanted));
  if (!file.startsWith(folder + sep) || file.includes("\0")) return undefined;
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? file : undefined;
}

interface FileAnswer {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly path: string;
  readonly file: string;
}

async function sendFile(config: HostingConfig, answer: FileAnswer): Promise<void> {
  const { incoming, outgoing, file } = answer;
  if (incoming.method !== "GET" && incoming.method !== "HEAD") return answerPlainly(outgoing, 405);
  const extension = extname(file);
  for (const [name, value] of headersOf(config, answer.path)) outgoing.setHeader(name, value);
  outgoing.setHeader("content-type", CONTENT_TYPES[extension] ?? "application/octet-stream");
  outgoing.setHeader("vary", "accept-encoding");
  const isCompressed =
    COMPRESSED.has(extension) && /\bgzip\b/.test(incoming.headers["accept-encoding"] ?? "");
  if (isCompressed) outgoing.setHeader("content-encoding", "gzip");
  outgoing.writeHead(200);
  if (incoming.method === "HEAD") {
    outgoing.end();
    return;
  }
  const content = createReadStream(file);
  await (isCompressed ? pipeline(content, createGzip(), outgoing) : pipeline(content, outgoing));
}

interface PassedRequest {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly service: string;
}

function passOn(deps: HostingDeps, { incoming, outgoing, service }: PassedRequest): Promise<void> {
  const address = deps.addressOf(service);
  if (address === undefined) {
    answerPlainly(outgoing, 502);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const upstream = request(
      {
        ...address,
        method: incoming.method,
        path: incoming.url,
        headers: passedHeaders(incoming),
        timeout: SERVICE_TIMEOUT_MS,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        pipeline(answer, outgoing).then(resolve, () => resolve());
      },
    );
    upstream.on("timeout", () => {
      answerPlainly(outgoing, 504);
      upstream.destroy();
    });
    upstream.on("error", (error) => {
      deps.log.warn("service-unreachable", { service, code: (error as NodeJS.ErrnoException).code });
      answerPlainly(outgoing, 502);
      resolve();
    });
    incoming.pipe(upstream);
  });
}

/** What Hosting changes on the way: the client's address is appended, only `__session` of the cookies stays. */
function passedHeaders(incoming: IncomingMessage): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined && name !== "cookie" && name !== "connection") headers[name] = value;
  }
  const kept = (incoming.headers.cookie ?? "")
    .split(";")
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie.startsWith(`${PASSED_COOKIE}=`));
  if (kept.length > 0) headers.cookie = kept.join("; ");
  const before = incoming.headers["x-forwarded-for"];
  const client = incoming.socket.remoteAddress ?? "unknown";
  headers["x-forwarded-for"] = before === undefined ? client : `${before}, ${client}`;
  headers["x-forwarded-host"] = incoming.headers.host ?? "";
  return headers;
}
