/** HTTP as a client speaks it: one request, one answer, and the truth about what became of it. */

export interface HttpCall {
  readonly method: "GET" | "POST" | "PUT";
  /** Of http or https. Sent as it is: whoever signs it writes it as `URL` would. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole call, from dialling to the last byte of the answer. */
  readonly timeoutMs: number;
  /**
   * Whether the call may use a connection that an earlier one left open, and leave it open. The other side may have
   * closed it without our knowing, and then it is unknown what became of the call: only for what can be asked again.
   */
  readonly reuse?: boolean;
  /**
   * Asked once the connection stands, in the moment before the first byte leaves: to dial can take seconds. False, or
   * what throws: nothing is sent, and `why` is `withheld`.
   */
  readonly mayLeave?: () => boolean;
}

/** An answer of any status, read to its end. Redirects are answers: nothing is followed. */
export interface HttpAnswer {
  readonly kind: "answered";
  readonly status: number;
  /** The body as UTF-8; empty where there is none. */
  readonly text: string;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * No answer. `not-sent`: not a byte of the request has left. `unknown`: it may have arrived, and have been acted on.
 * `why`: `withheld`; `timeout`, `too-long` or `encoded` of an answer that was not read, or the fault's code as Node names it;
 * never its words, which may hold addresses.
 */
export interface HttpFault {
  readonly kind: "not-sent" | "unknown";
  readonly why: string;
}

/** Sends one request, once, whatever becomes of it. Never rejects. */
export type Http = (call: HttpCall) => Promise<HttpAnswer | HttpFault>;
