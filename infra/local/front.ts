/** The one port that people open: the sandbox's own paths, and Hosting for all others. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "../../shared/platform/log.ts";
import { answerPlainly } from "./answer-plainly.ts";
import type { RequestHandler } from "./hosting.ts";
import { closeServer } from "./services.ts";

const HOST = "127.0.0.1";

export interface Front {
  /** Scheme, host and port, without a slash at the end. */
  readonly address: string;
  /** Begins to answer; until then requests are told to come again in a second. */
  serve(sandbox: RequestHandler | undefined, hosting: RequestHandler): void;
  close(): Promise<void>;
}

/** Takes the port at once, so that a taken one is known before anything else is started. */
export async function openFront(port: number, log: Log): Promise<Front> {
  let handle: RequestHandler = async (_request, response) =>
    answerPlainly(response, 503, { "retry-after": "1" });
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log.error("request-failed", { error });
      answerPlainly(response, 500);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, resolve);
  });
  return {
    address: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    serve(sandbox, hosting) {
      handle = (request, response) =>
        (isSandboxPath(request) && sandbox ? sandbox : hosting)(request, response);
    },
    close: () => closeServer(server),
  };
}

function isSandboxPath(request: IncomingMessage): boolean {
  return /^\/sandbox(?:[/?#]|$)/.test(request.url ?? "");
}
