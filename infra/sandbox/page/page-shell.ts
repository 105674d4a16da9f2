import { readFileSync } from "node:fs";
import { type Context, Hono } from "hono";
import { failureAnswer } from "../../../functions/http/failure-answer.ts";
import type { ErrorCode } from "../../../shared/errors.ts";
import type { FailureDetail } from "../../../shared/platform/result.ts";

const HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex, nofollow",
};

const TYPES = { css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8" };

/** The look that the sandbox's pages have in common; served with each of them. */
const FAMILY = new URL("family.css", import.meta.url);

export interface PageFiles {
  /** Its `{{base}}` becomes the path where the page is mounted, without a slash at the end. */
  readonly html: URL;
  /** Style sheets and scripts, each served under its own name. */
  readonly assets: readonly URL[];
}

/**
 * A page of the sandbox, to be mounted anywhere: `GET /` the document, its files and `family.css` beside it,
 * nothing inline. Its headers also cover the routes that are added to it.
 */
export function createPageShell(files: PageFiles): Hono {
  const html = readFileSync(files.html, "utf8");
  const page = new Hono();
  page.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
  });
  page.get("/", (context) => {
    const base = context.req.path.replace(/\/+$/, "");
    return context.html(html.replaceAll("{{base}}", base));
  });
  for (const asset of [FAMILY, ...files.assets]) {
    const text = readFileSync(asset, "utf8");
    const name = asset.pathname.slice(asset.pathname.lastIndexOf("/") + 1);
    const type = name.endsWith(".css") ? TYPES.css : TYPES.js;
    page.get(`/${name}`, (context) => context.body(text, 200, { "content-type": type }));
  }
  return page;
}

/** A failure as every other interface tells it. */
export function refuse(context: Context, code: ErrorCode, detail: FailureDetail = {}): Response {
  const { status, body } = failureAnswer(code, detail);
  return context.body(body, status, { "content-type": "application/json" });
}
