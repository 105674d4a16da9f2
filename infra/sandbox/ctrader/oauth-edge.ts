import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Temporal } from "temporal-polyfill";
import { type HttpDoor, openHttpDoor, type Place } from "../http-door.ts";
import type { OauthCall, OauthOutcome } from "./oauth-desk.ts";

const MOST_BODY_BYTES = 64 * 1_024;

export interface OauthDoorDeps {
  handle(call: OauthCall): OauthOutcome;
  now(): Temporal.Instant;
  /** Called with the name of an error that nobody expected. */
  onBug(name: string): void;
}

/** Opens the host. Rejects with Node's own error when the port is taken. */
export async function openOauthDoor(deps: OauthDoorDeps, at: Place): Promise<HttpDoor> {
  const server = createServer((request, response) => {
    answer(deps, request, response).catch((error: unknown) => {
      // A client that hangs up in the middle of its request is no bug.
      if (request.complete) deps.onBug(error instanceof Error ? error.name : "unknown");
      response.destroy();
    });
  });
  return openHttpDoor(server, at);
}

async function answer(
  deps: OauthDoorDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: "close" }).end();
    return;
  }
  const { method = "GET", url: target = "/" } = request;
  const mark = target.indexOf("?");
  const outcome = deps.handle({
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark === -1 ? "" : target.slice(mark + 1)),
    form: new URLSearchParams(body),
    now: deps.now(),
  });
  if (outcome === "lost") {
    request.socket.destroy();
    return;
  }
  response.writeHead(outcome.status, outcome.headers).end(outcome.body);
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
