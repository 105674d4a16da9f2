import { readFile } from "node:fs/promises";
import { posix } from "node:path";
import { z } from "zod";

const headerRule = z.strictObject({
  source: z.string(),
  headers: z.array(z.strictObject({ key: z.string(), value: z.string() })),
});

const rewriteRule = z.union([
  z.strictObject({
    source: z.string(),
    run: z.strictObject({ serviceId: z.string(), region: z.string() }),
  }),
  z.strictObject({ source: z.string(), destination: z.string() }),
]);

/** Strict: a setting that is not known here would hold in the cloud only. */
const hostingSchema = z.object({
  hosting: z.strictObject({
    public: z.string(),
    ignore: z.array(z.string()).default([]),
    cleanUrls: z.literal(false).default(false),
    trailingSlash: z.literal(false).optional(),
    headers: z.array(headerRule).default([]),
    rewrites: z.array(rewriteRule).default([]),
  }),
});

export type HostingConfig = z.output<typeof hostingSchema>["hosting"];

/** Reads the Hosting part of a `firebase.json`; throws when it has a form that we would serve differently. */
export async function readHostingConfig(path: string): Promise<HostingConfig> {
  return hostingSchema.parse(JSON.parse(await readFile(path, "utf8"))).hosting;
}

export type Route =
  | { readonly kind: "service"; readonly service: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "nothing" };

/** The first rewrite that fits, as Hosting applies them to a path that is no file. */
export function routeOf(config: HostingConfig, path: string): Route {
  const rule = config.rewrites.find((one) => matchesSource(one.source, path));
  if (rule === undefined) return { kind: "nothing" };
  return "run" in rule
    ? { kind: "service", service: rule.run.serviceId }
    : { kind: "file", path: rule.destination };
}

/** All headers that the rules give to a path; of one name the last rule wins. */
export function headersOf(config: HostingConfig, path: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const rule of config.headers.filter((one) => matchesSource(one.source, path))) {
    for (const { key, value } of rule.headers) headers.set(key.toLowerCase(), value);
  }
  return headers;
}

/** Whether a file of this path would not be deployed, and so does not exist. */
export function isIgnored(config: HostingConfig, path: string): boolean {
  return config.ignore.some((one) => matchesSource(`/${one}`, path));
}

/** `**` also takes names that begin with a dot, which Node's matcher leaves out. */
function matchesSource(source: string, path: string): boolean {
  return source === "**" || posix.matchesGlob(path, source);
}
