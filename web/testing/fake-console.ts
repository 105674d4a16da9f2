/**
 * A small console for tests of the page: serves `web/dist` with the headers of `firebase.json`, and answers the
 * interface of `shared/console/api.ts` from a scripted world. What it takes and gives passes the real schemas.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ApiConnectionStatus,
  type ApiStatus,
  callbackSchema,
  codeSchema,
  pinSchema,
  statusSchema,
} from "../../shared/console/api.ts";
import type { ApiKillReceipt } from "../../shared/console/control-api.ts";
import type { ApiTrading } from "../../shared/console/trading-api.ts";
import { aStatus, NOW } from "./a-status.ts";
import { aReceipt, aTrading } from "./a-trading.ts";
import { answerTrading } from "./fake-trading.ts";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const FIREBASE = new URL("../../firebase.json", import.meta.url);

export const GOOD_CODE = "a-good-code";
export const GOOD_PIN = "AB12C";

/** What the next answers are made of; tests turn its screws. */
export interface World {
  status: ApiStatus;
  trading: ApiTrading;
  /** What a kill has come to. */
  receipt: ApiKillReceipt;
  hasSession: boolean;
  /** False: the session opens, but its cookie never comes back. */
  isCookieKept: boolean;
  codes: Set<string>;
  /** How long after the PIN the worker acknowledges, in real milliseconds; never without. */
  acknowledgeAfterMs: number | undefined;
  /** Answers by call, e.g. `POST /api/session/link`, instead of what the world would say. */
  overrides: Map<string, Override>;
  /** Moves the virtual clock. */
  jumpMs: number;
}

/** `drop`: the connection breaks without an answer. */
export type Override = { status: number; body?: unknown; headers?: Record<string, string> } | "drop";

export interface FakeConsole {
  readonly origin: string;
  readonly world: World;
  /** Every call to the API so far: method, path, body, headers. */
  readonly calls: { call: string; body: string; headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
}

export function refusal(status: number, message: string, next = "Try again."): Override {
  return { status, body: { error: { code: "SOME_CODE", message, next, detail: {} } } };
}

export async function startFakeConsole(): Promise<FakeConsole> {
  const rules = await headerRules();
  const startedAtMs = performance.now();
  const world: World = {
    status: aStatus(),
    trading: aTrading(),
    receipt: aReceipt(),
    hasSession: false,
    isCookieKept: true,
    codes: new Set([GOOD_CODE]),
    acknowledgeAfterMs: 300,
    overrides: new Map(),
    jumpMs: 0,
  };
  const calls: FakeConsole["calls"] = [];
  const nowMs = () => Date.parse(NOW) + (performance.now() - startedAtMs) + world.jumpMs;

  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? "/", "http://fake").pathname;
    if (!path.startsWith("/api/")) return serveFile(path, response, rules(path));
    const body = await textOf(request);
    const call = `${request.method} ${path}`;
    calls.push({ call, body, headers: request.headers });
    const answer = world.overrides.get(call) ?? answerCall(call, { world, body, request, nowMs: nowMs() });
    if (answer === "drop") return request.socket.destroy();
    response.writeHead(answer.status, {
      "content-type": "application/json",
      "cache-control": "no-store",
      ...answer.headers,
    });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    world,
    calls,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

interface Call {
  readonly world: World;
  readonly body: string;
  readonly request: IncomingMessage;
  readonly nowMs: number;
}

function answerCall(call: string, facts: Call): Exclude<Override, "drop"> {
  const { world, body, request, nowMs } = facts;
  if (call === "POST /api/session") return openSession(world, codeSchema.parse(JSON.parse(body)).code);
  if (call === "POST /api/session/link") return { status: 202, body: {} };
  if (!world.hasSession || !request.headers.cookie?.includes("__session=")) return refuse(401, "No session.");

  if (call === "DELETE /api/session") {
    world.hasSession = false;
    return { status: 204 };
  }
  if (call === "GET /api/status") {
    const status = { ...world.status, now: new Date(nowMs).toISOString() };
    return { status: 200, body: statusSchema.parse(status) };
  }
  if (call.includes(" /api/trading")) {
    const query = new URL(request.url ?? "/", "http://fake").searchParams;
    return answerTrading(call, { world, body, query, nowMs });
  }
  if (call === "POST /api/keep-alive") {
    const connections = world.status.connections.map(({ keepAlive }) => keepAlive);
    return { status: 200, body: { connections } };
  }
  if (call === "POST /api/oauth/etrade/callback") {
    callbackSchema.parse(JSON.parse(body));
    return accept(facts, "etrade-production");
  }
  if (call === "GET /api/oauth/ctrader/callback") return leadBack(facts);
  const [, connection = "", authorization] =
    /^POST \/api\/connections\/([^/]+)\/authorizations(?:\/([^/]+)\/pin)?$/.exec(call) ?? [];
  if (connection === "") return refuse(404, "There is no such call.");
  return authorization === undefined ? begin(facts, connection) : takePin(facts, connection);
}

function openSession(world: World, code: string): Exclude<Override, "drop"> {
  if (!world.codes.delete(code)) return refuse(410, "This link was used or is too old.");
  world.hasSession = true;
  const cookie = "__session=signed; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=86400";
  return {
    status: 200,
    body: { words: world.status.words, expiresAt: world.status.sessionExpiresAt },
    headers: world.isCookieKept ? { "set-cookie": cookie } : {},
  };
}

function begin({ world, nowMs, request }: Call, id: string): Exclude<Override, "drop"> {
  const authorization = {
    id: `login-${nowMs.toFixed(0)}`,
    authorizeUrl: `http://${request.headers.host}${brokersPage(world, id)}`,
    expiresAt: new Date(nowMs + 300_000).toISOString(),
    attemptsLeft: 5,
  };
  change(world, id, (connection) => ({
    ...connection,
    authorization,
    token: { ...connection.token, state: "awaiting-pin" },
  }));
  return { status: 201, body: authorization };
}

/** The page of a broker that redirects agrees at once and leads back. */
function brokersPage({ status }: World, id: string): string {
  const isRedirect = status.connections.find((one) => one.id === id)?.login === "redirect";
  return isRedirect ? "/api/oauth/ctrader/callback?code=c" : "/the-brokers-page?key=k&token=t%2Bt%3D";
}

function leadBack(facts: Call): Exclude<Override, "drop"> {
  accept(facts, "ctrader-demo");
  const generation = facts.world.status.connections.find((one) => one.id === "ctrader-demo")?.token
    .generation;
  return { status: 303, headers: { location: `/#connected=ctrader-demo&generation=${generation}` } };
}

function takePin(facts: Call, id: string): Exclude<Override, "drop"> {
  const { world, body } = facts;
  const { pin } = pinSchema.parse(JSON.parse(body));
  if (pin === GOOD_PIN) return accept(facts, id);
  change(world, id, (connection) => {
    const { authorization, ...rest } = connection;
    if (authorization === undefined || authorization.attemptsLeft <= 1) return rest;
    return { ...rest, authorization: { ...authorization, attemptsLeft: authorization.attemptsLeft - 1 } };
  });
  return refuse(422, "The broker does not accept this PIN.", "Copy it once more from the broker’s page.");
}

function accept({ world, nowMs }: Call, id: string): Exclude<Override, "drop"> {
  const generation = (world.status.connections.find((one) => one.id === id)?.token.generation ?? 0) + 1;
  const at = new Date(nowMs).toISOString();
  change(world, id, ({ authorization: _, acknowledgement: __, ...rest }) => ({
    ...rest,
    acknowledged: false,
    token: { state: "active", generation, issuedAt: at, expiresAt: "2026-03-24T04:00:00.000Z" },
  }));
  if (world.acknowledgeAfterMs !== undefined) {
    setTimeout(() => acknowledge(world, id, new Date(nowMs + 250).toISOString()), world.acknowledgeAfterMs);
  }
  return { status: 202, body: { connection: id, generation } };
}

/** The worker's word, for the generation that the world holds. */
export function acknowledge(world: World, id: string, at: string): void {
  change(world, id, (connection) => ({
    ...connection,
    token: { ...connection.token, lastUsedAt: at },
    acknowledged: true,
    acknowledgement: {
      at,
      generation: connection.token.generation,
      accounts: 2,
      latencyMs: 43,
      account: "1111",
    },
  }));
  world.status = {
    ...world.status,
    attention: world.status.attention.filter((item) => item.connection !== id),
  };
}

function change(
  world: World,
  id: string,
  to: (connection: ApiConnectionStatus) => ApiConnectionStatus,
): void {
  const connections = world.status.connections.map((connection) =>
    connection.id === id ? to(connection) : connection,
  );
  world.status = { ...world.status, connections };
}

function refuse(status: number, message: string, next?: string): Exclude<Override, "drop"> {
  return refusal(status, message, next) as Exclude<Override, "drop">;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".webmanifest": "application/manifest+json",
};

async function serveFile(
  path: string,
  response: ServerResponse,
  headers: Record<string, string>,
): Promise<void> {
  const file = path.includes(".") ? path : "/index.html";
  try {
    const body = await readFile(join(DIST, file));
    response.writeHead(200, {
      ...headers,
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

interface Hosting {
  readonly hosting: {
    readonly headers: {
      readonly source: string;
      readonly headers: { readonly key: string; readonly value: string }[];
    }[];
  };
}

/** As Hosting does it: every rule that matches counts, the last one wins. Knows the two forms that we use. */
async function headerRules(): Promise<(path: string) => Record<string, string>> {
  const { hosting } = JSON.parse(await readFile(FIREBASE, "utf8")) as Hosting;
  return (path) => {
    const matching = hosting.headers.filter(
      ({ source }) => source === "**" || (source.endsWith("/**") && path.startsWith(source.slice(0, -2))),
    );
    return Object.fromEntries(matching.flatMap((rule) => rule.headers.map(({ key, value }) => [key, value])));
  };
}
