import type { Hono } from "hono";
import type { AuditFact } from "../../../shared/audit/audit-log.ts";
import { createRecordedLog, type LogLine } from "../../../shared/platform/local/recorded-log.ts";
import { Secret } from "../../../shared/platform/secret.ts";
import { createConsoleLimits } from "../../../shared/sessions/console-limits.ts";
import { createLinks, type Links } from "../../../shared/sessions/links.ts";
import { createSessions, type Sessions } from "../../../shared/sessions/sessions.ts";
import { createHarness, type Harness, OPEN_TIME } from "../../../shared/sessions/testing/harness.ts";
import { createConsoleApp } from "../app.ts";
import type { ConsoleDeps, ConsoleEnv } from "../context.ts";
import { createFakeServices, type FakeServices } from "./fake-services.ts";

export const ORIGIN = "https://openbell.example";
export const OWNER_CHAT = "4711";

export interface Ask {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON; text is sent as it is. */
  readonly body?: unknown;
  readonly cookie?: string;
  /** The address the last proxy saw; by default each house has one. */
  readonly from?: string;
}

export interface House extends Harness {
  readonly deps: ConsoleDeps;
  readonly app: Hono<ConsoleEnv>;
  readonly services: FakeServices;
  readonly links: Links;
  readonly sessions: Sessions;
  readonly logged: readonly LogLine[];
  readonly audited: AuditFact[];
  /** Calls as the page does: own origin, JSON. */
  ask(path: string, ask?: Ask): Promise<Response>;
  issueCode(chatId?: string): Promise<string>;
  /** A signed-in owner's cookie value. */
  signIn(): Promise<string>;
}

/** The console over real sessions, links and limits, with fake services behind and one proxy in front. */
export function createHouse(): House {
  const harness = createHarness();
  const services = createFakeServices();
  const links = createLinks(harness);
  const sessions = createSessions({ ...harness, key: Secret.of("k".repeat(32)) });
  const { log, lines: logged } = createRecordedLog();
  const audited: AuditFact[] = [];
  const deps: ConsoleDeps = {
    services,
    links,
    sessions,
    limits: createConsoleLimits(harness),
    log,
    audit: async (fact) => void audited.push(fact),
    options: { publicOrigin: ORIGIN, trustedProxyHops: 1, ownerChatId: OWNER_CHAT, build: "test-build" },
  };
  const app = createConsoleApp(deps);
  return {
    ...harness,
    deps,
    app,
    services,
    links,
    sessions,
    logged,
    audited,
    ask: async (path, ask = {}) => app.request(`${ORIGIN}${path}`, requestOf(ask)),
    async issueCode(chatId = OWNER_CHAT) {
      return (await links.issue({ chatId, expiresAt: OPEN_TIME })).code.reveal();
    },
    async signIn() {
      const { cookieValue } = await sessions.open({ chatId: OWNER_CHAT, words: ["acorn", "zephyr"] });
      return cookieValue.reveal();
    },
  };
}

function requestOf(ask: Ask): RequestInit {
  const method = ask.method ?? "GET";
  const headers: Record<string, string> = {
    host: "openbell.example",
    "x-forwarded-for": ask.from ?? "192.0.2.1",
  };
  if (ask.cookie !== undefined) headers.cookie = `__session=${ask.cookie}`;
  if (method !== "GET") {
    headers.origin = ORIGIN;
    headers["sec-fetch-site"] = "same-origin";
    headers["content-type"] = "application/json";
  }
  const body = typeof ask.body === "string" ? ask.body : JSON.stringify(ask.body ?? {});
  return {
    method,
    headers: { ...headers, ...ask.headers },
    ...(method === "POST" ? { body } : {}),
  };
}
