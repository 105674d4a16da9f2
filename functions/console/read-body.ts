import type { z } from "zod";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";

/** The longest body that any call may have. */
export const MAX_BODY_BYTES = 4_096;

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

export type BodyFailure = "REQUEST_NOT_JSON" | "REQUEST_TOO_LARGE" | "REQUEST_MALFORMED";

/** The request's body, if it is JSON of the form that `schema` describes. The failure quotes nothing of it. */
export async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<Result<T, BodyFailure>> {
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? "")) return fail("REQUEST_NOT_JSON");
  const bytes = await readBounded(request);
  if (bytes === undefined) return fail("REQUEST_TOO_LARGE", { maxBytes: MAX_BODY_BYTES });
  const json = parseJson(bytes);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return succeed(parsed.data);
  const field = parsed.error.issues[0]?.path.join(".");
  return fail("REQUEST_MALFORMED", field ? { field } : {});
}

/** The whole body, or undefined as soon as it is known to be too long. */
async function readBounded(request: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(bytes: Uint8Array): Result<unknown, "REQUEST_MALFORMED"> {
  try {
    return succeed(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return fail("REQUEST_MALFORMED");
  }
}
