import type { AddressInfo } from "node:net";
import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import {
  CHAT_ID,
  createListLog,
  startSimulator,
  TOKEN,
} from "../../../infra/sandbox/telegram/simulator.fixture.ts";
import { createNodeHttp } from "../../../shared/platform/local/node-http.ts";
import { createSeededRandom } from "../../../shared/platform/local/seeded-random.ts";
import { createSqliteStore } from "../../../shared/platform/local/sqlite-store.ts";
import { createSystemTimers } from "../../../shared/platform/local/system-timers.ts";
import { makeTemporaryFolder } from "../../../shared/platform/local/temporary-folder.ts";
import { Secret } from "../../../shared/platform/secret.ts";
import type { BotCommands, LateAnswer } from "../bot.ts";
import { createTelegramHandler } from "../handler.ts";

export const SECRET = "web-hook_secret";
const BOT_INFO = {
  id: 7000000001,
  is_bot: true as const,
  first_name: "Openbell",
  username: "openbell_test_bot",
  can_join_groups: false,
  can_read_all_group_messages: false,
  can_manage_bots: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  supports_guest_queries: false,
  supports_join_request_queries: false,
};

let functions = 0;

/** The web hook on the functions framework's own server, and Telegram pushing to it. */
export async function startBot(over: { commands?: Partial<BotCommands>; apiRoot?: string } = {}) {
  const telegram = await startSimulator();
  const folder = makeTemporaryFolder();
  const store = createSqliteStore({ path: `${folder.path}/store.sqlite` });
  const log = createListLog();
  const late: (readonly [update: number, answer: LateAnswer])[] = [];
  const handler = createTelegramHandler({
    botToken: Secret.of(TOKEN),
    webhookSecret: Secret.of(SECRET),
    botInfo: BOT_INFO,
    http: createNodeHttp({ timers: createSystemTimers() }),
    apiRoot: over.apiRoot ?? telegram.apiRoot,
    ownerChatId: CHAT_ID,
    store,
    clock: telegram.clock,
    random: createSeededRandom("telegram"),
    log,
    commands: {
      start: async () => ({
        text: "Your page",
        buttons: [[{ label: "Open", url: "http://127.0.0.1:1/#c" }]],
      }),
      status: async () => ({ text: "All is well." }),
      trade: () => Promise.reject(new Error("not asked for")),
      later: async (update, answer) => void late.push([update, answer]),
      ...over.commands,
    },
    callTimeoutMs: 500,
  });
  functions += 1;
  http(`telegram-${functions}`, handler);
  const server = getTestServer(`telegram-${functions}`);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await telegram.call("setWebhook", { url, secret_token: SECRET, max_connections: 1 });
  return {
    ...telegram,
    store,
    log,
    url,
    /** Answers that are left to be brought later. */
    late,
    texts: () => telegram.simulator.phone.messages().map(({ text }) => text),
    post: (body: unknown, headers: Record<string, string> = { "x-telegram-bot-api-secret-token": SECRET }) =>
      fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      await telegram.simulator.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
      folder.remove();
    },
  };
}

/** An update that says `/status` in the owner's chat. */
export function message(over: object = {}): object {
  const text = "/status";
  return {
    update_id: 900,
    message: {
      message_id: 5,
      date: 1_795_000_000,
      from: { id: CHAT_ID, is_bot: false, first_name: "Owner" },
      chat: { id: CHAT_ID, type: "private", first_name: "Owner" },
      text,
      entities: [{ type: "bot_command", offset: 0, length: text.length }],
      ...over,
    },
  };
}
