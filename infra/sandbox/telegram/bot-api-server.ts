import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../../../shared/platform/log.ts";
import type { BotApi } from "./bot-api.ts";
import { readParams } from "./bot-api-params.ts";
import type { Reply } from "./reply.ts";

const MAX_BODY_BYTES = 1_000_000;

/** The HTTP side of the Bot API: one port, `/bot<token>/METHOD`. */
export interface BotApiServer {
  /** Opens the port (`port` 0: any free one) and returns the root that a client is given. Rejects when it is taken. */
  open(address: { readonly host: string; readonly port: number }): Promise<string>;
  /** Closes the port and cuts every connection; `open` may follow. */
  shut(): Promise<void>;
}

export function createBotApiServer(
  deps: { readonly api: BotApi; readonly log: Log },
  options: { readonly token: string },
): BotApiServer {
  let server: Server | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const reply = await replyTo(request, { ...deps, ...options, gone: gone.signal });
    if (!response.destroyed) writeReply(response, reply);
  }

  return {
    async open({ host, port }) {
      const opened = createServer((request, response) => {
        answer(request, response).catch((error: unknown) => {
          deps.log.error("bot-api-failed", { error });
          response.destroy();
        });
      });
      await new Promise<void>((resolve, reject) => {
        opened.once("error", reject).listen(port, host, resolve);
      });
      server = opened;
      return `http://${host}:${(opened.address() as AddressInfo).port}`;
    },
    async shut() {
      const shutting = server;
      server = undefined;
      if (shutting === undefined) return;
      const closed = new Promise((resolve) => shutting.close(resolve));
      shutting.closeAllConnections();
      await closed;
    },
  };
}

async function replyTo(
  incoming: IncomingMessage,
  context: { readonly api: BotApi; readonly token: string; readonly gone: AbortSignal },
): Promise<Reply> {
  const url = URL.parse(incoming.url ?? "", "http://bot-api");
  const [, token, method] = url?.pathname.match(/^\/bot(\d+:[^/]+)\/([^/]+)$/) ?? [];
  if (url === null || token === undefined || method === undefined) {
    return { kind: "refused", status: 404, description: "Not Found" };
  }
  if (!isSame(decodeURIComponent(token), context.token)) {
    return { kind: "refused", status: 401, description: "Unauthorized" };
  }
  const body = await readBody(incoming);
  if (body === undefined) return { kind: "refused", status: 413, description: "Request Entity Too Large" };
  const request = new Request(url, {
    method: incoming.method ?? "GET",
    headers: { "content-type": incoming.headers["content-type"] ?? "" },
    ...(incoming.method === "POST" && { body }),
  });
  const params = await readParams(request);
  if (params === undefined) {
    return { kind: "refused", status: 400, description: "Bad Request: can't parse the request body" };
  }
  return await context.api.call(method, params, context.gone);
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

function writeReply(response: ServerResponse, reply: Reply): void {
  // The connection stays open without an answer until one side ends it.
  if (reply.kind === "silence") return;
  if (reply.kind === "bad-gateway") {
    response.writeHead(502, { "content-type": "text/html" }).end("<html><h1>502 Bad Gateway</h1></html>");
    return;
  }
  const body =
    reply.kind === "done"
      ? { ok: true, result: reply.result, ...(reply.description && { description: reply.description }) }
      : {
          ok: false,
          error_code: reply.status,
          description: reply.description,
          ...(reply.parameters && { parameters: reply.parameters }),
        };
  const status = reply.kind === "done" ? 200 : reply.status;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
