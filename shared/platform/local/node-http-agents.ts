/** Where the connections of HTTP calls come from: each call's own, or those that reads leave open for the next. */
import {
  type Agent,
  type AgentOptions,
  type ClientRequestArgs,
  Agent as HttpAgent,
  request,
} from "node:http";
import { Agent as HttpsAgent, request as requestTls } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Timers } from "../timers.ts";
import type { Begin, NodeHttpOptions } from "./node-http.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** Reads come every few seconds. Most servers wait as long; one that says how long it does is left a second earlier. */
const KEPT: AgentOptions = { keepAlive: true, timeout: 30_000, maxFreeSockets: 2 };

/** What `createConnection` is told: a connection that stands, or why there is none. */
type Made = (error: Error | null, socket?: Duplex) => void;

/** Nothing is dialled before the first request. */
export function openAgents(
  { timers }: { readonly timers: Timers },
  { ca, connectTimeoutMs = CONNECT_TIMEOUT_MS }: NodeHttpOptions,
): Begin {
  const handOver = (socket: Socket, event: "connect" | "secureConnect", made: Made) =>
    handOverWhenReady(socket, event, { timers, connectTimeoutMs, made });

  class Plain extends HttpAgent {
    override createConnection(options: ClientRequestArgs, made: Made): undefined {
      handOver(super.createConnection(options) as Socket, "connect", made);
    }
  }

  class Secure extends HttpsAgent {
    override createConnection(options: ClientRequestArgs, made: Made): undefined {
      handOver(super.createConnection(options) as Socket, "secureConnect", made);
    }
  }

  const checked = {
    // Said aloud: an environment variable could turn the default off.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2" as const,
    // Connections are few, and a session that is taken up again would be one more thing kept.
    maxCachedSessions: 0,
    ...(ca !== undefined && { ca }),
  };
  const plain = { own: new Plain(), kept: new Plain(KEPT) };
  const secure = { own: new Secure(checked), kept: new Secure({ ...KEPT, ...checked }) };
  const oneOf = (agents: { readonly own: Agent; readonly kept: Agent }, reuse: boolean) =>
    reuse ? agents.kept : agents.own;
  return (url, options, reuse) =>
    url.protocol === "https:"
      ? requestTls(url, { ...options, agent: oneOf(secure, reuse) })
      : request(url, { ...options, agent: oneOf(plain, reuse) });
}

/**
 * A request gets its connection only when it stands, and by TLS when the certificate was found good. Until then no
 * byte of it is anywhere but here, so that a fault before is known to be one in which nothing was sent.
 */
function handOverWhenReady(
  socket: Socket,
  event: "connect" | "secureConnect",
  how: { readonly timers: Timers; readonly connectTimeoutMs: number; readonly made: Made },
): void {
  const cancel = how.timers.after(how.connectTimeoutMs, () => {
    socket.destroy(
      Object.assign(new Error("No connection came about in time."), { code: "CONNECT_TIMEOUT" }),
    );
  });
  const failed = (error: Error) => {
    cancel();
    how.made(error);
  };
  socket.once("error", failed);
  socket.once(event, () => {
    cancel();
    socket.off("error", failed);
    how.made(null, socket);
  });
}
