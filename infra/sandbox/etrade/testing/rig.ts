import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { Temporal } from "temporal-polyfill";
import type { Log, LogFields } from "../../../../shared/platform/log.ts";
import type { Random } from "../../../../shared/platform/random.ts";
import {
  createEtradeSimulator,
  type EtradeSimulator,
  type EtradeSimulatorAddresses,
  type EtradeSimulatorOptions,
} from "../simulator.ts";
import { enc, header, sign } from "./signing.ts";

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

/** An HTTP answer as it came. */
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

/** A token with its secret. */
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

/** How a call differs from a plain signed GET with the production key. */
export interface CallOptions {
  readonly method?: string;
  readonly environment?: "production" | "sandbox";
  readonly door?: "api" | "sandbox";
  readonly token?: Pair;
  readonly query?: readonly (readonly [string, string])[];
  readonly extra?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly timeoutMs?: number;
}

/** 08:40 in New York on a Monday in winter. */
export const MONDAY = "2026-01-05T13:40:00Z";

/** Reads a token pair from a form-encoded body. */
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

/** Sends a form as a browser would. */
export function postForm(url: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
  return send(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  });
}

const keyOf = (at: EtradeSimulatorAddresses, environment: "production" | "sandbox") =>
  environment === "production"
    ? { key: at.consumerKey, secret: at.consumerSecret }
    : { key: at.sandboxConsumerKey, secret: at.sandboxConsumerSecret };

let nonces = 0;

/** The usual parameters of a call of this rig, with a fresh nonce. */
function usual(rig: Rig, key: string, given: CallOptions): Readonly<Record<string, string>> {
  nonces += 1;
  const wished: Record<string, string | undefined> = {
    oauth_consumer_key: key,
    oauth_nonce: `nonce${nonces}`,
    oauth_signature_method: "HMAC-SHA1",
    oauth_timestamp: String(Math.floor(rig.now.epochMilliseconds / 1_000)),
    oauth_version: "1.0",
    ...(given.token === undefined ? {} : { oauth_token: given.token.token }),
    ...given.extra,
  };
  return Object.fromEntries(
    Object.entries(wished).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

function signedCall(rig: Rig, path: string, given: CallOptions): Promise<Answer> {
  const environment = given.environment ?? "production";
  const isSandboxData = environment === "sandbox" && path.startsWith("/v1");
  const door = given.door ?? (isSandboxData ? "sandbox" : "api");
  const key = keyOf(rig.at, environment);
  const { method = "GET", query = [], token, timeoutMs } = given;
  const oauth = usual(rig, key.key, given);
  const url = `${door === "api" ? rig.at.apiBaseUrl : rig.at.sandboxBaseUrl}${path}`;
  const secrets = { consumerSecret: key.secret, tokenSecret: token?.secret ?? "" };
  const { signature } = sign({ method, url, oauth, query, ...secrets });
  const text = query.map(([name, value]) => `${enc(name)}=${enc(value)}`).join("&");
  return send(text === "" ? url : `${url}?${text}`, {
    method,
    headers: { authorization: header({ ...oauth, oauth_signature: signature }), ...given.headers },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(given.body === undefined ? {} : { body: given.body }),
  });
}

async function walkPages(rig: Rig, token: string, environment: "production" | "sandbox"): Promise<string> {
  const login = await send(
    `${rig.at.authorizeUrl}?key=${keyOf(rig.at, environment).key}&token=${enc(token)}`,
  );
  const agreement = await postForm(`${rig.at.apiBaseUrl}/e/t/etws/login`, formFields(login.body));
  const fields = { ...formFields(agreement.body), decision: "Accept" };
  const complete = await postForm(`${rig.at.apiBaseUrl}/e/t/etws/decision`, fields);
  return /<input[^>]*type="text"[^>]*value="([^"]*)"/.exec(complete.body)?.[1] ?? "";
}

function pairOf(answer: Answer): Pair {
  if (answer.status !== 200) throw new Error(`The token call answered ${answer.status}: ${answer.body}`);
  return formOf(answer.body);
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
  const rig: Rig = {
    simulator,
    at,
    log,
    now: Temporal.Instant.from(now),
    close: () => simulator.close(),
    call: (path, given = {}) => signedCall(rig, path, given),
    async requestToken(environment = "production") {
      return pairOf(
        await rig.call("/oauth/request_token", { environment, extra: { oauth_callback: "oob" } }),
      );
    },
    pin: (token, environment = "production") => walkPages(rig, token, environment),
    async accessToken(environment = "production") {
      const token = await rig.requestToken(environment);
      const extra = { oauth_verifier: await rig.pin(token.token, environment) };
      return pairOf(await rig.call("/oauth/access_token", { environment, token, extra }));
    },
  };
  return rig;
}
