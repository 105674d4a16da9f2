import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { http } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { expect, test } from "vitest";
import {
  CHAT_ID,
  createListLog,
  startSimulator,
  TOKEN,
} from "../../infra/sandbox/telegram/simulator.fixture.ts";
import { createSqliteStore } from "../../shared/platform/local/sqlite-store.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { Secret } from "../../shared/platform/secret.ts";
import type { BotCommands } from "./bot.ts";
import { createTelegramHandler } from "./handler.ts";
import { telegramUpdates } from "./update-ledger.ts";

const SECRET = "web-hook_secret";
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
async function startBot(over: { commands?: Partial<BotCommands>; connect?: boolean } = {}) {
  const telegram = await startSimulator();
  const folder = makeTemporaryFolder();
  const store = createSqliteStore({ path: `${folder.path}/store.sqlite` });
  const log = createListLog();
  const handler = createTelegramHandler({
    botToken: Secret.of(TOKEN),
    webhookSecret: Secret.of(SECRET),
    botInfo: BOT_INFO,
    apiRoot: telegram.apiRoot,
    ownerChatId: CHAT_ID,
    store,
    clock: telegram.clock,
    log,
    commands: {
      start: async () => ({
        text: "Your page",
        buttons: [[{ label: "Open", url: "http://127.0.0.1:1/#c" }]],
      }),
      status: async () => ({ text: "All is well." }),
      ...over.commands,
    },
    callTimeoutMs: 300,
  });
  functions += 1;
  http(`telegram-${functions}`, handler);
  const server = getTestServer(`telegram-${functions}`);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  if (over.connect !== false)
    await telegram.call("setWebhook", { url, secret_token: SECRET, max_connections: 1 });
  return {
    ...telegram,
    store,
    log,
    url,
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

function message(over: object = {}): object {
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

test.each([
  ["/status", "All is well."],
  ["/start", "Your page"],
  ["/start payload", "Your page"],
  ["/status@openbell_test_bot", "All is well."],
])("%s is answered", async (text, answer) => {
  await using bot = await startBot();

  bot.simulator.phone.send(text);
  await bot.simulator.settled();

  expect(bot.texts()).toEqual([answer]);
});

test.each(["hello", "/stop", "status"])(
  "%s, which is no command, is answered with the commands",
  async (text) => {
    await using bot = await startBot();

    bot.simulator.phone.send(text);
    await bot.simulator.settled();

    const [help] = bot.simulator.phone.messages();
    expect(help?.text).toContain("/status");
    expect(help?.text).toContain("/start");
  },
);

test("the buttons under the help do what the commands do, and the tap is acknowledged", async () => {
  await using bot = await startBot();
  bot.simulator.phone.send("hello");
  await bot.simulator.settled();
  const [help] = bot.simulator.phone.messages();

  bot.simulator.phone.tap(help!.id, "status");
  await bot.simulator.settled();
  bot.simulator.phone.tap(help!.id, "start");
  await bot.simulator.settled();

  expect(bot.texts().slice(1)).toEqual(["All is well.", "Your page"]);
  expect(bot.simulator.phone.openTaps()).toBe(0);
});

test("a button with another action is acknowledged, and nothing is said", async () => {
  await using bot = await startBot();
  const reply_markup = { inline_keyboard: [[{ text: "?", callback_data: "other" }]] };
  await bot.call("sendMessage", { chat_id: CHAT_ID, text: "old", reply_markup });

  bot.simulator.phone.tap(bot.simulator.phone.messages()[0]!.id, "other");
  await bot.simulator.settled();

  expect(bot.simulator.phone.openTaps()).toBe(0);
  expect(bot.texts()).toEqual(["old"]);
});

test("a tap too old to be acknowledged is still answered", async () => {
  await using bot = await startBot();

  const response = await bot.post({
    update_id: 7,
    callback_query: {
      id: "unknown",
      from: { id: CHAT_ID, is_bot: false, first_name: "Owner" },
      chat_instance: "1",
      data: "status",
      message: (message() as { message: object }).message,
    },
  });

  expect(response.status).toBe(200);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("an update that comes twice at the same moment is answered once", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ deliverTwice: true });

  bot.simulator.phone.send("/status");
  bot.simulator.phone.send("/start");
  for (let round = 0; round < 6; round += 1) await bot.pass(60);

  expect(bot.texts()).toEqual(["All is well.", "Your page"]);
});

test("an update that comes again an hour later changes nothing", async () => {
  await using bot = await startBot();
  await bot.post(message());
  await bot.pass(3600);

  const again = await bot.post(message());

  expect(again.status).toBe(200);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("a command that is a day late is answered as it is now", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ lateUpdates: 80_000 });

  bot.simulator.phone.send("/status");
  await bot.pass(80_000);

  expect(bot.texts()).toEqual(["All is well."]);
});

test("a known update is kept for 48 hours", async () => {
  await using bot = await startBot();

  await bot.post(message());

  const kept = await bot.store.get(telegramUpdates, "900");
  expect(kept?.state).toBe("answered");
  expect(kept?.expiresAt.since(bot.clock.now()).total("hours")).toBe(48);
});

test.each([
  ["cannot be reached", { unreachable: true }],
  ["asks to send less", { rateLimit: 1 }],
])("an answer is not lost when Telegram %s: the update comes again", async (_title, faults) => {
  await using bot = await startBot();
  await bot.simulator.setFaults(faults);

  const failed = await bot.post(message());
  await bot.simulator.setFaults({ unreachable: false });
  const again = await bot.post(message());

  expect(failed.status).toBe(503);
  expect(again.status).toBe(200);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("Telegram is told when to bring an update that met a rate limit", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ rateLimit: 1, retryAfterSeconds: 41 });

  const response = await bot.post(message());

  expect(response.headers.get("retry-after")).toBe("41");
});

test("an answer that may have arrived is not sent twice", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ timeoutAfterAccept: 1 });

  const first = await bot.post(message());
  const again = await bot.post(message());

  expect([first.status, again.status]).toEqual([200, 200]);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("a blocked bot does not make Telegram bring the update for a day", async () => {
  await using bot = await startBot();
  await bot.simulator.setFaults({ blocked: true });

  expect((await bot.post(message())).status).toBe(200);
});

test("a command that fails is a 500 without details, and is tried anew", async () => {
  let calls = 0;
  const status = async () => {
    calls += 1;
    if (calls === 1) throw new Error("the secret of the store");
    return { text: "All is well." };
  };
  await using bot = await startBot({ commands: { status } });

  const failed = await bot.post(message());
  const again = await bot.post(message());

  expect(failed.status).toBe(500);
  expect(await failed.text()).toBe("");
  expect(bot.log.lines.join()).not.toContain("the secret of the store");
  expect(again.status).toBe(200);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("an update under way in another process is asked for again, and taken over when that process has died", async () => {
  await using bot = await startBot();
  const now = bot.clock.now();
  await bot.store.transact(async (transaction) =>
    transaction.set(telegramUpdates, "900", {
      state: "answering",
      claimedAt: now,
      expiresAt: now.add({ hours: 48 }),
    }),
  );

  const busy = await bot.post(message());
  await bot.pass(60);
  const later = await bot.post(message());

  expect([busy.status, later.status]).toEqual([503, 200]);
  expect(bot.texts()).toEqual(["All is well."]);
});

test("another chat gets silence, and nothing it said is logged", async () => {
  await using bot = await startBot();

  const response = await bot.post(
    message({ chat: { id: 666, type: "private", first_name: "Eve" }, text: "/status intruder" }),
  );

  expect(response.status).toBe(200);
  expect(bot.texts()).toEqual([]);
  expect(bot.log.lines.join()).toContain("stranger-ignored");
  expect(bot.log.lines.join()).not.toContain("intruder");
  expect(await bot.store.get(telegramUpdates, "900")).toBeUndefined();
});

test("a tap from another chat gets silence", async () => {
  await using bot = await startBot();
  const stranger = { id: 666, is_bot: false, first_name: "Eve" };

  await bot.post({
    update_id: 1,
    callback_query: { id: "1", from: stranger, chat_instance: "1", data: "status" },
  });

  expect(bot.texts()).toEqual([]);
});

test.each<[string, Record<string, string>]>([
  ["no secret", {}],
  ["an empty secret", { "x-telegram-bot-api-secret-token": "" }],
  ["a wrong secret", { "x-telegram-bot-api-secret-token": `${SECRET}x` }],
])("%s is 401 and nothing else, whatever the body", async (_title, headers) => {
  await using bot = await startBot();

  for (const body of [message(), { nonsense: true }]) {
    const response = await bot.post(body, headers);

    expect(response.status).toBe(401);
    expect(await response.text()).toBe("");
  }
  expect(bot.texts()).toEqual([]);
});

test.each([
  ["broken JSON", '{"update_id":'],
  ["a list", []],
  ["nothing", {}],
  ["an update without a number", { update_id: "7" }],
  ["a message without a chat", { update_id: 7, message: { message_id: 1 } }],
  ["10 kB of text in place of a number", { update_id: "9".repeat(10_000) }],
])("%s is a 400", async (_title, body) => {
  await using bot = await startBot();

  expect((await bot.post(body)).status).toBe(400);
  expect(bot.texts()).toEqual([]);
});

test("an update of a kind that the bot does not know is taken and ignored", async () => {
  await using bot = await startBot();

  expect((await bot.post({ update_id: 7, poll: { id: "1" } })).status).toBe(200);
});

test("a first request with a wrong secret makes no call to Telegram", async () => {
  let calls = 0;
  const api = createServer((_request, response) => {
    calls += 1;
    response.end();
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  await using bot = await startBot({ connect: false });
  const handler = createTelegramHandler({
    botToken: Secret.of(TOKEN),
    webhookSecret: Secret.of(SECRET),
    botInfo: BOT_INFO,
    apiRoot: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    ownerChatId: CHAT_ID,
    store: bot.store,
    clock: bot.clock,
    log: bot.log,
    commands: { start: async () => ({ text: "" }), status: async () => ({ text: "" }) },
  });
  http("telegram-uninvited", handler);
  const server = getTestServer("telegram-uninvited");
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: "POST",
  });
  server.close();
  api.close();

  expect(response.status).toBe(401);
  expect(calls).toBe(0);
});
