/** Puts each function together from the app; what one function needs is loaded for that one only. */
import type { HttpFunction } from "@google-cloud/functions-framework";
import type { App } from "../shared/app.ts";
import type { CredentialName } from "../shared/config/credentials.ts";
import { ERRORS } from "../shared/errors.ts";
import type { Secret } from "../shared/platform/secret.ts";

export interface HandlerOptions {
  /** Proxies of ours in front of the console. */
  readonly trustedProxyHops: number;
  /** The bot's name without `@`, as `getMe` tells it. */
  readonly botUsername: string;
}

/** The functions by the names that the topology gives them. */
export const HANDLERS = {
  "morning-alert": createMorningAlert,
  "keep-alive": createKeepAlive,
  console: createConsole,
  telegram: createTelegram,
  "strategy-tick": createStrategyTick,
  "bot-tick": createBotTick,
} as const satisfies Record<string, (app: App, options: HandlerOptions) => Promise<HttpFunction>>;

export type FunctionName = keyof typeof HANDLERS;

async function createMorningAlert(app: App): Promise<HttpFunction> {
  const { createMorningAlertHandler } = await import("./morning-alert/handler.ts");
  return createMorningAlertHandler({ ...app, log: app.platform.log.for("morning-alert") });
}

async function createKeepAlive(app: App): Promise<HttpFunction> {
  const { createKeepAliveHandler } = await import("./keep-alive/handler.ts");
  const recoverLogins = () => app.authorizer.recover();
  return createKeepAliveHandler({ ...app, recoverLogins, log: app.platform.log.for("keep-alive") });
}

async function createStrategyTick(app: App): Promise<HttpFunction> {
  const { createStrategyTickHandler } = await import("./strategy-tick/handler.ts");
  const { platform } = app;
  return createStrategyTickHandler({
    clock: platform.clock,
    log: platform.log.for("strategy-tick"),
    fanOut: async (instant) => (await app.ticks()).fanOut(instant),
    scan: async (instant) => (await app.ticks()).scan(instant),
    watch: app.watchTrading,
    sweepAlerts: app.sweepAlerts,
  });
}

async function createBotTick(app: App): Promise<HttpFunction> {
  const { createBotTickHandler } = await import("./bot-tick/handler.ts");
  const { run } = await app.ticks();
  return createBotTickHandler({ run, log: app.platform.log.for("bot-tick") });
}

async function createConsole(app: App, { trustedProxyHops }: HandlerOptions): Promise<HttpFunction> {
  const { createConsoleApp } = await import("./console/app.ts");
  const { createConsoleHandler } = await import("./console/handler.ts");
  const { createConsoleLimits } = await import("../shared/sessions/console-limits.ts");
  const { createSessions } = await import("../shared/sessions/sessions.ts");
  const { platform, options } = app;
  const log = platform.log.for("console");
  const key = await credential(app, "session-key");
  const console = createConsoleApp({
    services: app.services,
    links: app.links,
    sessions: createSessions({ ...platform, key }),
    limits: createConsoleLimits(platform),
    log,
    audit: app.audit.append,
    options: {
      publicOrigin: new URL(options.publicUrl).origin,
      trustedProxyHops,
      ownerChatId: String(options.chatId),
      build: options.build,
    },
  });
  return createConsoleHandler(console, log);
}

async function createTelegram(app: App, { botUsername }: HandlerOptions): Promise<HttpFunction> {
  const { createTelegramHandler } = await import("./telegram/handler.ts");
  const { platform, options, commands } = app;
  const botToken = await credential(app, "telegram-bot");
  return createTelegramHandler({
    ...platform,
    botToken,
    webhookSecret: await credential(app, "telegram-webhook"),
    botInfo: botInfoOf(botToken, botUsername),
    http: options.http,
    ownerChatId: options.chatId,
    log: platform.log.for("telegram"),
    commands,
    ...(options.telegramApiRoot !== undefined && { apiRoot: options.telegramApiRoot }),
  });
}

/** What `getMe` would answer, known beforehand: the id stands before the token's colon. */
function botInfoOf(token: Secret, username: string) {
  const id = Number(token.reveal().split(":")[0]);
  return {
    id,
    is_bot: true,
    first_name: "Openbell",
    username,
    can_join_groups: false,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_guest_queries: false,
    supports_join_request_queries: false,
  } as const;
}

/** Throws when the credential is missing: the function cannot start without it. */
async function credential(app: App, name: CredentialName): Promise<Secret> {
  const found = await app.credential(name);
  if (!found.ok) throw new RangeError(`${found.code} (${name}): ${ERRORS[found.code].next}`);
  return found.value;
}
