import { expect, test } from "vitest";
import { CHAT_ID, startHook } from "../../infra/sandbox/telegram/simulator.fixture.ts";
import { message, SECRET, startBot } from "./testing/bot-under-test.ts";
import { telegramUpdates } from "./update-ledger.ts";

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

test("a request with a wrong secret makes no call to Telegram, not even the first one", async () => {
  await using api = await startHook();
  await using bot = await startBot({ apiRoot: new URL(api.url).origin });

  const response = await bot.post(message(), {});

  expect(response.status).toBe(401);
  expect(api.requests).toEqual([]);
});
