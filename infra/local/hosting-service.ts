import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Log } from "../../shared/platform/log.ts";
import { answerPlainly } from "./answer-plainly.ts";
import type { Exchange } from "./hosting-file.ts";

const PASSED_COOKIE = "__session";

/** Headers of one connection, not of the message; those that `Connection` names come on top. */
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

export interface Passage {
  readonly service: string;
  /** Undefined: the service does not run. */
  readonly address: ServiceAddress | undefined;
  /** Aborted when the request has taken too long. */
  readonly time: AbortSignal;
  readonly log: Log;
}

type Headers = Record<string, string | string[]>;

/**
 * Hands a request to a service and its answer back. 502 when the service is away or breaks off, 504 when the
 * time is over; an answer that has begun is then cut off. Ends with the client: what it gave up is not left
 * running.
 */
export function passOn(exchange: Exchange, passage: Passage): Promise<void> {
  const { incoming, outgoing } = exchange;
  const { address, time, service, log } = passage;
  if (outgoing.destroyed) return Promise.resolve();
  if (address === undefined) {
    answerPlainly(outgoing, 502);
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    const headers = passedHeaders(incoming, address);
    const upstream = request({ ...address, method: incoming.method, path: incoming.url, headers });
    const isOver = endTogether(exchange, { upstream, time, resolve });
    upstream.on("response", (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
      // What breaks off on either side breaks off on the other, and ends in `close`.
      pipeline(answer, outgoing).catch(() => outgoing.destroy());
    });
    upstream.on("error", (error: NodeJS.ErrnoException) => {
      // A service may answer and hang up on the rest of a body; its answer then has its own end.
      if (isOver() || outgoing.headersSent) return;
      log.warn("service-unreachable", { service, code: error.code });
      answerPlainly(outgoing, 502);
    });
    // What a service does not want to hear is let run by: a client that cannot finish may never read its answer.
    upstream.once("close", () => incoming.unpipe(upstream).resume());
    incoming.on("error", () => upstream.destroy());
    incoming.pipe(upstream);
  });
}

/** Ends the way to the service when the client is gone, served or out of time; says whether that was so. */
function endTogether(
  { outgoing }: Exchange,
  { upstream, time, resolve }: { upstream: ClientRequest; time: AbortSignal; resolve: () => void },
): () => boolean {
  let isOver = false;
  const onTimeOver = () => {
    isOver = true;
    answerPlainly(outgoing, 504);
    upstream.destroy();
  };
  time.addEventListener("abort", onTimeOver, { once: true });
  outgoing.once("close", () => {
    isOver = true;
    time.removeEventListener("abort", onTimeOver);
    upstream.destroy();
    resolve();
  });
  return () => isOver;
}

/**
 * What Hosting changes on the way: the service is called by its own name, the client's address is appended,
 * and only `__session` of the cookies stays.
 */
function passedHeaders(incoming: IncomingMessage, address: ServiceAddress): Headers {
  const { cookie = "", "x-forwarded-for": before, "content-length": length } = incoming.headers;
  const headers = endToEnd(incoming.headers);
  delete headers.cookie;
  // Answered on the way in already.
  delete headers.expect;
  const kept = cookie
    .split(";")
    .map((one) => one.trim())
    .filter((one) => one.startsWith(`${PASSED_COOKIE}=`));
  if (kept.length > 0) headers.cookie = kept.join("; ");
  // A body without an end of its own would be read as the next request, whatever `Connection` says of it.
  if (length !== undefined) headers["content-length"] = length;
  if (incoming.headers["transfer-encoding"] !== undefined) headers["transfer-encoding"] = "chunked";
  const client = incoming.socket.remoteAddress ?? "unknown";
  headers["x-forwarded-for"] = before === undefined ? client : `${before}, ${client}`;
  headers["x-forwarded-host"] = incoming.headers.host ?? "";
  headers.host = `${address.host}:${address.port}`;
  return headers;
}

function endToEnd(given: IncomingMessage["headers"]): Headers {
  const named = (given.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  const dropped = new Set([...HOP_BY_HOP, ...named]);
  const headers: Headers = {};
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !dropped.has(name)) headers[name] = value;
  }
  return headers;
}
