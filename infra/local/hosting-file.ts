import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { answerPlainly } from "./answer-plainly.ts";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
};
const COMPRESSED = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".webmanifest"]);

export interface StaticFile {
  readonly extension: string;
  readonly content: Buffer;
}

export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** The file of a decoded path, `/` being the index; undefined for a folder and for what is not inside `folder`. */
export async function readStaticFile(folder: string, path: string): Promise<StaticFile | undefined> {
  const file = join(folder, path === "/" ? "index.html" : path);
  if (!file.startsWith(folder + sep) || file.endsWith(sep)) return undefined;
  const content = await readFile(file).catch(() => undefined);
  return content && { extension: extname(file), content };
}

/** Answers with a file, or with 304 when the client has it, or with 405 to what is neither GET nor HEAD. */
export async function sendStaticFile(
  { incoming, outgoing }: Exchange,
  { extension, content }: StaticFile,
  headers: ReadonlyMap<string, string>,
): Promise<void> {
  if (incoming.method !== "GET" && incoming.method !== "HEAD") {
    return answerPlainly(outgoing, 405, { allow: "GET, HEAD" });
  }
  const isCompressed = COMPRESSED.has(extension) && takesGzip(incoming.headers["accept-encoding"]);
  const tag = `"${createHash("sha256").update(content).digest("hex")}${isCompressed ? "-gzip" : ""}"`;
  outgoing.setHeader("etag", tag);
  outgoing.setHeader("vary", "accept-encoding");
  outgoing.setHeader("content-type", CONTENT_TYPES[extension] ?? "application/octet-stream");
  for (const [name, value] of headers) outgoing.setHeader(name, value);
  if (isKnown(tag, incoming.headers["if-none-match"])) {
    outgoing.removeHeader("content-type");
    outgoing.writeHead(304).end();
    return;
  }
  const body = isCompressed ? await promisify(gzip)(content) : content;
  if (isCompressed) outgoing.setHeader("content-encoding", "gzip");
  outgoing.writeHead(200, { "content-length": body.byteLength });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

function takesGzip(accepted = ""): boolean {
  return accepted
    .toLowerCase()
    .split(",")
    .map((one) => one.trim().split(/\s*;\s*/))
    .some(([name, weight = "q=1"]) => (name === "gzip" || name === "*") && !/^q=0(?:\.0*)?$/.test(weight));
}

function isKnown(tag: string, known = ""): boolean {
  return known
    .split(",")
    .map((one) => one.trim().replace(/^W\//, ""))
    .some((one) => one === tag || one === "*");
}
