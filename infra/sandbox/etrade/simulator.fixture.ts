import { createHash, createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Temporal } from "temporal-polyfill";
import type { Log, LogFields } from "../../../shared/platform/log.ts";
import type { Random } from "../../../shared/platform/random.ts";
import {
  createEtradeSimulator,
  type EtradeSimulator,
  type EtradeSimulatorAddresses,
  type EtradeSimulatorOptions,
} from "./simulator.ts";

/** A generator whose bytes follow from `seed`. */
export function seededRandom(seed: string): Random {
  let round = 0;
  return {
    bytes(count) {
      const blocks: Buffer[] = [];
      for (let have = 0; have < count; have += 32) {
        round += 1;
        blocks.push(createHash("sha256").update(`${seed}|${round}`).digest());
      }
      return new Uint8Array(Buffer.concat(blocks).subarray(0, count));
    },
  };
}

/** A log that keeps everything as text. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const add = (event: string, fields?: LogFields) => {
    lines.push(`${event} ${JSON.stringify(fields ?? {})}`);
  };
  const log = { lines, info: add, warn: add, error: add, for: () => log };
  return log;
}

/** Percent-encoding after RFC 3986, written apart from the simulator's. */
export function enc(text: string): string {
  let out = "";
  for (const byte of Buffer.from(text, "utf8")) {
    const letter = String.fromCharCode(byte);
    out += /[A-Za-z0-9._~-]/.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return out;
}

/** What a test signs. Query parameters are given decoded, and travel in `url` as encoded there. */
export interface Signing {
  readonly method?: string;
  /** Without a query. */
  readonly url: string;
  readonly query?: readonly (readonly [string, string])[];
  readonly oauth: Readonly<Record<string, string>>;
  readonly consumerSecret: string;
  readonly tokenSecret?: string;
}

/** The text that RFC 5849 wants signed, and its signature. */
export function sign(what: Signing): { readonly base: string; readonly signature: string } {
  const pairs = [...Object.entries(what.oauth), ...(what.query ?? [])]
    .map(([name, value]) => `${enc(name)}=${enc(value)}`)
    .sort();
  const base = [what.method ?? "GET", what.url, pairs.join("&")].map(enc).join("&");
  const key = `${enc(what.consumerSecret)}&${enc(what.tokenSecret ?? "")}`;
  return { base, signature: createHmac("sha1", key).update(base).digest("base64") };
}

/** An Authorization header in the usual form. */
export function header(oauth: Readonly<Record<string, string>>): string {
  const fields = Object.entries(oauth).map(([name, value]) => `${name}="${enc(value)}"`);
  return `OAuth realm="",${fields.join(",")}`;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A plain HTTP call; follows no redirect. Rejects when the connection ends without an answer, or after `timeoutMs`. */
export function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; timeoutMs?: number } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, body, timeoutMs } = options;
    const outgoing = httpRequest(url, { method, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: text });
      });
    });
    outgoing.on("error", reject);
    if (timeoutMs !== undefined) {
      outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error("no answer came")));
    }
    outgoing.end(body);
  });
}

export interface Pair {
  readonly token: string;
  readonly secret: string;
}

/** A simulator that listens, a clock to move, and a careful client for it. */
export interface Rig {
  readonly simulator: EtradeSimulator;
  readonly at: EtradeSimulatorAddresses;
  readonly log: ReturnType<typeof keptLog>;
  now: Temporal.Instant;
  close(): Promise<void>;
  /** A signed call; `extra` sets or (with undefined) drops parameters before signing. */
  call(path: string, options?: CallOptions): Promise<Answer>;
  requestToken(environment?: "production" | "sandbox"): Promise<Pair>;
  /** Walks login and agreement and reads the PIN. */
  pin(token: string, environment?: "production" | "sandbox"): Promise<string>;
  accessToken(environment?: "production" | "sandbox"): Promise<Pair>;
}

export interface CallOptions {
  readonly method?: string;
  readonly environment?: "production" | "sandbox";
  readonly door?: "api" | "sandbox";
  readonly token?: Pair;
  readonly query?: readonly (readonly [string, string])[];
  readonly extra?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Record<string, string>;
  readonly timeoutMs?: number;
}

/** 08:40 in New York on a Monday in winter. */
export const MONDAY = "2026-01-05T13:40:00Z";

let nonces = 0;

export function formOf(body: string): Pair {
  const fields = new URLSearchParams(body);
  return { token: fields.get("oauth_token") ?? "", secret: fields.get("oauth_token_secret") ?? "" };
}

/** Fields of the first form of a page, as a browser would send them. */
export function formFields(page: string): Record<string, string> {
  const inputs = page.match(/<input[^>]*>/g) ?? [];
  const pick = (input: string, name: string) =>
    new RegExp(`\\s${name}="([^"]*)"`).exec(input)?.[1]?.replaceAll("&amp;", "&");
  return Object.fromEntries(
    inputs.flatMap((input) => {
      const name = pick(input, "name");
      return name === undefined || pick(input, "type") === "submit"
        ? []
        : [[name, pick(input, "value") ?? ""]];
    }),
  );
}

export function postForm(url: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
  return send(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  });
}

/** Starts a simulator on free ports with a fixed seed. */
export async function startRig(
  options: EtradeSimulatorOptions & { readonly seed?: string; readonly now?: string } = {},
): Promise<Rig> {
  const { seed = "seed", now = MONDAY, ...rest } = options;
  const log = keptLog();
  const clock = { now: () => rig.now };
  const simulator = createEtradeSimulator({ clock, random: seededRandom(seed), log }, rest);
  const at = await simulator.listen({ host: "127.0.0.1" });
  const keyOf = (environment: "production" | "sandbox") =>
    environment === "production"
      ? { key: at.consumerKey, secret: at.consumerSecret }
      : { key: at.sandboxConsumerKey, secret: at.sandboxConsumerSecret };
  const rig: Rig = {
    simulator,
    at,
    log,
    now: Temporal.Instant.from(now),
    close: () => simulator.close(),
    call(path, given = {}) {
      const environment = given.environment ?? "production";
      const door = given.door ?? (environment === "sandbox" && path.startsWith("/v1") ? "sandbox" : "api");
      const key = keyOf(environment);
      nonces += 1;
      const wished: Record<string, string | undefined> = {
        oauth_consumer_key: key.key,
        oauth_nonce: `nonce${nonces}`,
        oauth_signature_method: "HMAC-SHA1",
        oauth_timestamp: String(Math.floor(rig.now.epochMilliseconds / 1_000)),
        oauth_version: "1.0",
        ...(given.token === undefined ? {} : { oauth_token: given.token.token }),
        ...given.extra,
      };
      const oauth = Object.fromEntries(
        Object.entries(wished).filter((pair): pair is [string, string] => pair[1] !== undefined),
      );
      const method = given.method ?? "GET";
      const url = `${door === "api" ? at.apiBaseUrl : at.sandboxBaseUrl}${path}`;
      const { signature } = sign({
        method,
        url,
        oauth,
        query: given.query ?? [],
        consumerSecret: key.secret,
        tokenSecret: given.token?.secret ?? "",
      });
      const query = (given.query ?? []).map(([name, value]) => `${enc(name)}=${enc(value)}`).join("&");
      return send(query === "" ? url : `${url}?${query}`, {
        method,
        headers: { authorization: header({ ...oauth, oauth_signature: signature }), ...given.headers },
        ...(given.timeoutMs === undefined ? {} : { timeoutMs: given.timeoutMs }),
      });
    },
    async requestToken(environment = "production") {
      const answer = await rig.call("/oauth/request_token", {
        environment,
        extra: { oauth_callback: "oob" },
      });
      if (answer.status !== 200) throw new Error(`request_token answered ${answer.status}: ${answer.body}`);
      return formOf(answer.body);
    },
    async pin(token, environment = "production") {
      const key = keyOf(environment).key;
      const login = await send(`${at.authorizeUrl}?key=${key}&token=${enc(token)}`);
      const agreement = await postForm(`${at.apiBaseUrl}/e/t/etws/login`, formFields(login.body));
      const fields = { ...formFields(agreement.body), decision: "Accept" };
      const complete = await postForm(`${at.apiBaseUrl}/e/t/etws/decision`, fields);
      return /<input[^>]*type="text"[^>]*value="([^"]*)"/.exec(complete.body)?.[1] ?? "";
    },
    async accessToken(environment = "production") {
      const request = await rig.requestToken(environment);
      const verifier = await rig.pin(request.token, environment);
      const answer = await rig.call("/oauth/access_token", {
        environment,
        token: request,
        extra: { oauth_verifier: verifier },
      });
      if (answer.status !== 200) throw new Error(`access_token answered ${answer.status}: ${answer.body}`);
      return formOf(answer.body);
    },
  };
  return rig;
}
