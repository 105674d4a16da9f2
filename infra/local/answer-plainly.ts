import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

/** Ends a request with a status and its bare number; one whose answer has begun is cut off. */
export function answerPlainly(
  outgoing: ServerResponse,
  status: 400 | 404 | 405 | 500 | 502 | 503 | 504,
  headers: OutgoingHttpHeaders = {},
): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    ...headers,
  });
  outgoing.end(`${status}\n`);
}
