/** What the Bot API answers to one call. */
export type Reply =
  | { readonly kind: "done"; readonly result: unknown; readonly description?: string }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly description: string;
      readonly parameters?: { readonly retry_after: number };
    }
  /** The call was carried out and its answer is lost. */
  | { readonly kind: "silence" }
  /** A page of the front server, not JSON. */
  | { readonly kind: "bad-gateway" };

export function done(result: unknown, description?: string): Reply {
  return { kind: "done", result, ...(description !== undefined && { description }) };
}

export function badRequest(description: string): Reply {
  return { kind: "refused", status: 400, description: `Bad Request: ${description}` };
}
