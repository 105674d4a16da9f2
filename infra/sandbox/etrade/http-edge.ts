import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Temporal } from "temporal-polyfill";
import { type HttpDoor, openHttpDoor, type Place } from "../http-door.ts";
import { type Call, httpDate, type Outcome, type Reply } from "./http-words.ts";

const MOST_BODY_BYTES = 64 * 1_024;
const KEEP_ALIVE_SECONDS = 60;

/** What a host needs of the simulator behind it. */
export interface DoorDeps {
  handle(call: Call): Outcome;
  now(): Temporal.Instant;
  /** How long an answer waits. */
  latencyMs(): number;
  delay(ms: number): Promise<void>;
  /** Fresh hex digits for headers. */
  hex(bytes: number): string;
  /** Called with the name of an error that nobody expected. */
  onBug(name: string): void;
}

/** Opens a host. Rejects with Node's own error when the port is taken. */
export async function openDoor(
  deps: DoorDeps,
  options: Place & { readonly door: Call["door"] },
): Promise<HttpDoor> {
  const server = createServer((request, response) => {
    answer(deps, options.door, { request, response }).catch((error: unknown) => {
      // A client that hangs up in the middle of its request is no bug.
      if (request.complete) deps.onBug(error instanceof Error ? error.name : "unknown");
      response.destroy();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_SECONDS * 1_000;
  return openHttpDoor(server, options);
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(deps: DoorDeps, door: Call["door"], exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  const body = await readBody(request);
  if (body === undefined) {
    write(deps, exchange, {
      status: 413,
      headers: { "content-type": "text/plain", connection: "close" },
      body: "",
    });
    return;
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const { method = "GET", url: target = "/" } = request;
  const outcome = deps.handle({ door, scheme: "http", method, target, headers, body });
  if (outcome.kind === "drop") {
    request.socket.destroy();
    return;
  }
  if (outcome.kind === "silence") return;
  const latencyMs = deps.latencyMs();
  if (latencyMs > 0) await deps.delay(latencyMs);
  if (!response.destroyed) write(deps, exchange, outcome.reply);
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MOST_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

/** Sends an answer with the headers that were recorded of the real server. */
function write(deps: DoorDeps, { request, response }: Exchange, reply: Reply): void {
  const trace = deps.hex(20);
  const hasSession = /\bJSESSIONID=/.test(request.headers.cookie ?? "");
  response.sendDate = false;
  response.writeHead(reply.status, {
    date: httpDate(deps.now()),
    server: "Apache",
    "cache-control": "no-cache, no-store",
    pragma: "no-cache",
    apiServerName: `${trace.slice(32, 34)}w${trace.slice(34, 37)}m0.simulator.invalid`,
    "X-ET-Trace": trace.slice(0, 32),
    ...(hasSession
      ? {}
      : { "set-cookie": `JSESSIONID=${deps.hex(16).toUpperCase()}.tomcat1; Path=/; Secure; HttpOnly` }),
    // A client that asked for the connection's end must not be told that it stays.
    ...(response.shouldKeepAlive
      ? { "keep-alive": `timeout=${KEEP_ALIVE_SECONDS}, max=100`, connection: "Keep-Alive" }
      : { connection: "close" }),
    ...reply.headers,
  });
  // Two writes, so that Node sends the body chunked, as the real server does.
  if (reply.body !== "") response.write(reply.body);
  response.end();
}
