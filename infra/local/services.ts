/** Starts every function of the topology on this machine, each behind the real functions-framework. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type FunctionName, HANDLERS, type HandlerOptions } from "../../functions/handlers.ts";
import { serveFunction } from "../../functions/serve.ts";
import type { App } from "../../shared/app.ts";
import type { Log } from "../../shared/platform/log.ts";
import { TOPOLOGY } from "../topology.ts";

export interface RunningServices {
  /** Where a service listens; undefined for one that does not run. */
  addressOf(service: string): { readonly host: string; readonly port: number } | undefined;
  /** The same as a URL without a slash at the end; throws for one that does not run. */
  urlOf(service: string): string;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

export async function startServices(app: App, options: HandlerOptions, log: Log): Promise<RunningServices> {
  const servers = new Map<string, Server>();
  const close = async () => {
    await Promise.all([...servers.values()].map(closeServer));
  };
  try {
    for (const service of TOPOLOGY.services) {
      if (service.kind !== "function") continue;
      const name: FunctionName = service.name;
      const handler = await HANDLERS[name](app, options);
      const server = serveFunction({ name, handler, log: log.for(name) });
      await listen(server);
      servers.set(name, server);
    }
  } catch (error) {
    await close();
    throw error;
  }
  function addressOf(service: string) {
    const server = servers.get(service);
    return server && { host: HOST, port: (server.address() as AddressInfo).port };
  }
  return {
    addressOf,
    urlOf(service) {
      const address = addressOf(service);
      if (address === undefined) throw new Error(`The service ${service} does not run.`);
      return `http://${address.host}:${address.port}`;
    },
    close,
  };
}

/** Ends a server and the connections that it keeps open. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, resolve);
  });
}
