import { z } from "zod";

/** Parameters of a call: text where they came in a form or a query, JSON values where they came in JSON. */
export type BotApiParams = Readonly<Record<string, unknown>>;

/**
 * Reads a call's parameters from its query and its body (JSON, form, multipart). `undefined`: the body cannot
 * be read. Files in a multipart body are left out.
 */
export async function readParams(request: Request): Promise<BotApiParams | undefined> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method !== "POST") return query;
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  try {
    if (type === "application/json") {
      const body = z.record(z.string(), z.unknown()).safeParse(JSON.parse((await request.text()) || "{}"));
      return body.success ? { ...query, ...body.data } : undefined;
    }
    if (type === "application/x-www-form-urlencoded" || type === "multipart/form-data") {
      const fields = [...(await request.formData())].filter(([, value]) => typeof value === "string");
      return { ...query, ...Object.fromEntries(fields) };
    }
    return query;
  } catch {
    return undefined;
  }
}

/** A nested value: JSON text in a form, a plain value in JSON. */
export function nested<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => {
    if (typeof value !== "string") return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);
}

/** A number, or its digits. */
export const integer = z.preprocess(
  (value) => (typeof value === "string" && /^-?\d+$/.test(value) ? Number(value) : value),
  z.int(),
);

/** `true`, or one of the words that a form has for it; everything else that is text is false. */
export const flag = z.preprocess(
  (value) =>
    typeof value === "string" ? ["true", "yes", "t", "y", "1"].includes(value.toLowerCase()) : value,
  z.boolean(),
);

/** A chat's number, or a name like `@channel`. */
export const chatIdParam = z.union([z.string(), z.number()]).transform(String);
