/**
 * One call with a JSON body, on a connection of its own. `node:http` is loaded only where it is spoken: it brings
 * Node's whole `fetch` and HTTP/2 with it, some 8 MiB that a worker would keep for a message now and then.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";

/** `broken`: no answer that can be read; `code`: the connection's fault as Node names it, undefined when there was none. */
export type PostAnswer =
  | { readonly kind: "answered"; readonly body: unknown }
  | { readonly kind: "broken"; readonly code: string | undefined };

/** Posts a body to a URL of http or https and reads the JSON of the answer, whatever its status; `timeoutMs`: for the whole call. */
export async function postJson(url: URL, body: unknown, timeoutMs: number): Promise<PostAnswer> {
  const request = url.protocol === "https:" ? await requestByHttps() : await requestByHttp();
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const broken = (error: unknown) => resolve({ kind: "broken", code: faultOf(error, signal) });
    const options: RequestOptions = {
      method: "POST",
      headers: { "content-type": "application/json" },
      // A connection that is kept may be dead by the next call.
      agent: false,
      signal,
    };
    request(url, options, (response) => {
      readJson(response).then((read) => resolve({ kind: "answered", body: read }), broken);
    })
      .on("error", broken)
      .end(JSON.stringify(body));
  });
}

type Request = (
  url: URL,
  options: RequestOptions,
  heard: (response: IncomingMessage) => void,
) => ClientRequest;

async function requestByHttps(): Promise<Request> {
  return (await import("node:https")).request;
}

async function requestByHttp(): Promise<Request> {
  return (await import("node:http")).request;
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

function faultOf(error: unknown, signal: AbortSignal): string | undefined {
  if (signal.aborted) return undefined;
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
