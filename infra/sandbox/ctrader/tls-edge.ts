/** The broker's sockets: one TLS server for each of its hosts, and nothing but bytes. */
import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { Log } from "../../../shared/platform/log.ts";
import { listenAt } from "../http-door.ts";
import type { ServerCertificate } from "./authority.ts";
import type { Gateway } from "./gateway.ts";
import type { BrokerHost } from "./words.ts";

/** One of the broker's hosts, listening. */
export interface SocketDoor {
  readonly port: number;
  close(): Promise<void>;
}

/** A client that does not read what it is sent is cut off before the machine's memory is full. */
const MOST_UNREAD_BYTES = 16 * 1_048_576;

/** Opens a host. Rejects with Node's own error when the port is taken. */
export async function openSocketDoor(
  deps: { readonly gateway: Pick<Gateway, "accept">; readonly log: Log },
  options: {
    readonly at: BrokerHost;
    readonly host: string;
    readonly port: number;
    readonly certificate: ServerCertificate;
  },
): Promise<SocketDoor> {
  const sockets = new Set<Socket>();
  const server = createServer({ ...options.certificate, minVersion: "TLSv1.2" }, (socket) =>
    serve(deps.gateway, options.at, socket),
  );
  // Those that never finish a handshake too.
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // A port scanner, or a client that does not trust the certificate: nothing that the broker must know.
  server.on("tlsClientError", (error: NodeJS.ErrnoException) => {
    deps.log.info("simulated-handshake-failed", { error: error.code ?? error.name });
  });
  const port = await listenAt(server, options);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function serve(gateway: Pick<Gateway, "accept">, at: BrokerHost, socket: TLSSocket): void {
  socket.setNoDelay(true);
  const visit = gateway.accept(at, {
    send(bytes) {
      if (socket.destroyed) return;
      socket.write(bytes);
      if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
    },
    close: () => socket.destroySoon(),
  });
  socket.on("data", (chunk) => visit.receive(chunk));
  // A client that resets its connection is gone; `close` follows.
  socket.on("error", () => socket.destroy());
  socket.once("close", () => visit.closed());
}
