import { escapeMarkup } from "../markup.ts";
import type { Faults } from "./faults.ts";
import { type Call, pathOf, type Reply } from "./http-words.ts";
import { type Plain, toXml } from "./markup.ts";
import type { Problem } from "./problems.ts";

/** In which form a call is answered, apart for success and failure. */
export interface Dress {
  readonly good: "json" | "xml";
  readonly bad: "html" | "json" | "xml";
}

/** A refusal in the broker's words; OAuth and rate-limit refusals have no code. */
export interface Refusal {
  readonly status: number;
  readonly code?: number;
  readonly message: string;
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
};
const TYPES = { html: "text/html;charset=utf-8", json: "application/json", xml: "application/xml" } as const;

/** OAuth calls fail in HTML, `.json` calls in JSON, all others in XML or as `acceptErrorFormat` says. */
export function dressOf(call: Call, faults: Pick<Faults, "acceptErrorFormat">): Dress {
  const path = pathOf(call.target);
  if (path.startsWith("/oauth/")) return { good: "xml", bad: "html" };
  if (path.endsWith(".json")) return { good: "json", bad: "json" };
  const isJsonAccepted = /\bapplication\/json\b/i.test(call.headers.accept ?? "");
  return isJsonAccepted ? { good: "json", bad: faults.acceptErrorFormat } : { good: "xml", bad: "xml" };
}

/** An answer with data. */
export function good(document: { readonly [root: string]: Plain }, dress: Dress): Reply {
  const body = dress.good === "json" ? JSON.stringify(document) : toXml(document);
  return { status: 200, headers: { "content-type": TYPES[dress.good] }, body };
}

/** An answer that refuses. */
export function refuse(refusal: Refusal, dress: Dress): Reply {
  const { status, code, message } = refusal;
  const headers = { "content-type": TYPES[dress.bad] };
  if (dress.bad === "html") return { status, headers, body: statusPage(status, message) };
  const document = { Error: code === undefined ? { message } : { code, message } };
  return { status, headers, body: dress.bad === "json" ? JSON.stringify(document) : toXml(document) };
}

/** An OAuth refusal; with `hasHeader` also as a `WWW-Authenticate` header on a 401. */
export function refuseProblem(problem: Problem, dress: Dress, hasHeader: boolean): Reply {
  const reply = refuse({ status: problem.status, message: problem.text }, dress);
  if (!hasHeader || problem.status !== 401) return reply;
  const fields = problem.text.split(",").map((pair) => pair.replace("=", '="').concat('"'));
  return { ...reply, headers: { ...reply.headers, "www-authenticate": `OAuth ${fields.join(",")}` } };
}

/** Nothing found: 204 without a body. */
export function nothing(): Reply {
  return { status: 204, headers: {}, body: "" };
}

/** A server's own page for a status, in the manner of Tomcat. */
export function statusPage(status: number, message: string): string {
  const title = `HTTP Status ${status} – ${REASONS[status] ?? "Error"}`;
  return [
    `<!doctype html><html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1><hr />`,
    "<p><b>Type</b> Status Report</p>",
    `<p><b>Message</b> ${escapeMarkup(message)}</p>`,
    "<p><b>Description</b> The simulated server did not fulfil this request.</p>",
    "<hr /></body></html>",
  ].join("");
}

/** A page for a status. */
export function statusReply(status: number, message: string): Reply {
  return { status, headers: { "content-type": TYPES.html }, body: statusPage(status, message) };
}
