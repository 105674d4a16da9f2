/** An OAuth refusal: its status and the text that all three error dresses carry. */
export interface Problem {
  readonly status: 400 | 401;
  /** E.g. `oauth_problem=token_rejected`; further attributes follow after a comma. */
  readonly text: string;
}

const BAD_REQUEST = new Set([
  "callback_rejected",
  "parameter_absent",
  "parameter_rejected",
  "signature_method_rejected",
  "timestamp_refused",
  "version_rejected",
]);

/** Makes a refusal; the status follows from the name: 400 for a malformed request, 401 for everything else. */
export function problem(name: string, attributes: Readonly<Record<string, string>> = {}): Problem {
  const extra = Object.entries(attributes).map(([key, value]) => `,${key}=${value}`);
  return { status: BAD_REQUEST.has(name) ? 400 : 401, text: `oauth_problem=${name}${extra.join("")}` };
}
