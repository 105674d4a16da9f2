/**
 * HTTP by Node's own modules. `fetch` is not used: its first call brings 13 MiB that the process then keeps, and it
 * does not tell whether anything has left.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";
import type { Http, HttpAnswer, HttpCall, HttpFault } from "../http.ts";
import { once } from "../once.ts";
import type { Timers } from "../timers.ts";

export interface NodeHttpOptions {
  /** The authority, as PEM, that is trusted in place of the machine's. */
  readonly ca?: string;
  /** From dialling to the end of the handshake. Default: 10 seconds. */
  readonly connectTimeoutMs?: number;
  /** Of an answer's body, in bytes; a longer one is not read. Default: 8 MiB. */
  readonly longestAnswer?: number;
}

/** Begins a request on a connection of its own, or on one that may be `reuse`d. Throws for what cannot be sent. */
export type Begin = (url: URL, options: RequestOptions, reuse: boolean) => ClientRequest;

const LONGEST_ANSWER = 8 * 1_048_576;

/** Certificates are always checked. Make one a process: it keeps the connections that may be used again. */
export function createNodeHttp(deps: { readonly timers: Timers }, options: NodeHttpOptions = {}): Http {
  const { longestAnswer = LONGEST_ANSWER } = options;
  // Loaded with the first call: a process that makes none keeps nothing of it.
  const open = once(async () => (await import("./node-http-agents.ts")).openAgents(deps, options));
  return async (call) => {
    const begin = await open();
    let request: ClientRequest;
    try {
      request = begin(new URL(call.url), optionsOf(call), call.reuse === true);
    } catch (error) {
      // An address, or a header with a character that no header may have.
      return { kind: "not-sent", why: codeOf(error) };
    }
    return exchange(request, call, { timers: deps.timers, longestAnswer });
  };
}

function optionsOf({ method, headers }: HttpCall): RequestOptions {
  return {
    method,
    // Without a word about it a server may choose to pack its answer; without a name some doors stay shut.
    headers: { "accept-encoding": "identity", "user-agent": "openbell", ...headers },
    insecureHTTPParser: false,
  };
}

function exchange(
  request: ClientRequest,
  { body, timeoutMs, mayLeave }: HttpCall,
  { timers, longestAnswer }: { readonly timers: Timers; readonly longestAnswer: number },
): Promise<HttpAnswer | HttpFault> {
  return new Promise((resolve) => {
    let isSent = false;
    const cancel = timers.after(timeoutMs, () => {
      failed("timeout");
      request.destroy();
    });
    function settle(outcome: HttpAnswer | HttpFault): void {
      cancel();
      resolve(outcome);
    }
    const failed = (why: string) => settle({ kind: isSent ? "unknown" : "not-sent", why });
    // Comes when the connection stands and its certificate was checked: now the first bytes leave.
    request.once("socket", () => {
      if (isAllowed(mayLeave)) {
        isSent = true;
        return;
      }
      failed("withheld");
      request.destroy();
    });
    request.on("error", (error) => failed(codeOf(error)));
    request.once("response", (response) => {
      read(response, longestAnswer).then(settle, (error: unknown) => failed(codeOf(error)));
    });
    request.end(body);
  });
}

/** Who throws has not said yes. */
function isAllowed(mayLeave: HttpCall["mayLeave"]): boolean {
  try {
    return mayLeave === undefined || mayLeave();
  } catch {
    return false;
  }
}

async function read(response: IncomingMessage, longestAnswer: number): Promise<HttpAnswer> {
  const { "content-encoding": encoding = "identity" } = response.headers;
  if (encoding.toLowerCase() !== "identity") {
    response.destroy();
    throw new Unread("encoded");
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    // To leave the loop closes the connection.
    if (length > longestAnswer) throw new Unread("too-long");
    chunks.push(chunk);
  }
  return {
    kind: "answered",
    status: response.statusCode ?? 0,
    text: new TextDecoder().decode(Buffer.concat(chunks)),
    headers: Object.fromEntries(
      Object.entries(response.headers).flatMap(([name, value]) =>
        typeof value === "string" ? [[name, value]] : [],
      ),
    ),
  };
}

/** An answer that is not read to its end. */
class Unread extends Error {
  override readonly name = "Unread";
  readonly why: string;
  constructor(why: "encoded" | "too-long") {
    super(`The answer was ${why}.`);
    this.why = why;
  }
}

function codeOf(error: unknown): string {
  if (error instanceof Unread) return error.why;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[A-Z0-9_]{2,60}$/.test(code) ? code : "unexplained";
}
