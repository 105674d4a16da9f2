import type { Server as HttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";

/** Where a simulator's server listens. */
export interface Place {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** An open HTTP server. */
export interface HttpDoor {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** Listens; rejects with Node's own error when the port is taken. Gives back the port. */
export function listenAt(server: Server, { host, port }: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Opens an HTTP server; closing it ends the connections that are open. */
export async function openHttpDoor(server: HttpServer, place: Place): Promise<HttpDoor> {
  const port = await listenAt(server, place);
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  return {
    baseUrl: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
