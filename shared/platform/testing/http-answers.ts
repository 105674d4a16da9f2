/** What a call by HTTP comes to, for tests. */
import type { HttpAnswer, HttpFault } from "../http.ts";

/** The answer that a platform's `Response` holds. */
export async function answerOf(response: Response): Promise<HttpAnswer> {
  return {
    kind: "answered",
    status: response.status,
    text: await response.text(),
    headers: Object.fromEntries(response.headers),
  };
}

/** No byte of the call has left. */
export const notSent = (why = "ECONNREFUSED"): HttpFault => ({ kind: "not-sent", why });

/** The call may have arrived. */
export const noAnswer = (why = "ECONNRESET"): HttpFault => ({ kind: "unknown", why });
