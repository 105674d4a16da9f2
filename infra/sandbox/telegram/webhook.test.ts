import { expect, test } from "vitest";
import { CHAT_ID, type SimulatorUnderTest, startHook, startSimulator } from "./simulator.fixture.ts";

async function connect(telegram: SimulatorUnderTest, url: string, over: object = {}): Promise<void> {
  const answer = await telegram.call("setWebhook", {
    url,
    secret_token: "s3cret_-",
    max_connections: 1,
    ...over,
  });
  expect(answer.body).toMatchObject({ ok: true, result: true });
}

async function info(telegram: SimulatorUnderTest): Promise<Record<string, unknown>> {
  return (await telegram.call("getWebhookInfo")).body.result as Record<string, unknown>;
}

test("what the owner types is pushed with the secret and Telegram's fields", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook();
  await connect(telegram, hook.url);

  telegram.simulator.phone.send("/start now");
  await telegram.simulator.settled();

  expect(hook.requests).toMatchObject([
    {
      method: "POST",
      url: "/hook",
      headers: { "content-type": "application/json", "x-telegram-bot-api-secret-token": "s3cret_-" },
      body: {
        update_id: expect.any(Number),
        message: {
          message_id: 1,
          date: Date.UTC(2026, 10, 23, 13, 30) / 1000,
          chat: { id: CHAT_ID, type: "private" },
          from: { id: CHAT_ID, is_bot: false },
          text: "/start now",
          entities: [{ type: "bot_command", offset: 0, length: 6 }],
        },
      },
    },
  ]);
});

test("without a secret no secret header is sent", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook();
  await connect(telegram, hook.url, { secret_token: undefined });

  telegram.simulator.phone.send("hello");
  await telegram.simulator.settled();

  expect(hook.requests[0]?.headers).not.toHaveProperty("x-telegram-bot-api-secret-token");
  expect(hook.requests[0]?.body.message).not.toHaveProperty("entities");
});

test("a tap is pushed with its data and the message, and can be answered once", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook();
  await connect(telegram, hook.url);
  const reply_markup = { inline_keyboard: [[{ text: "Later", callback_data: "later" }]] };
  await telegram.call("sendMessage", { chat_id: CHAT_ID, text: "Now?", reply_markup });
  const { phone } = telegram.simulator;
  const notes: unknown[] = [];
  phone.onChange((change) => notes.push(change));

  const outcomes = [phone.tap(1, "later"), phone.tap(1, "other"), phone.tap(9, "later")];
  await telegram.simulator.settled();
  const query = hook.requests[0]?.body.callback_query as { id: string };
  const first = await telegram.call("answerCallbackQuery", { callback_query_id: query.id, text: "Done" });
  const second = await telegram.call("answerCallbackQuery", { callback_query_id: query.id });

  expect(outcomes).toEqual(["tapped", "no-such-button", "no-such-button"]);
  expect(hook.requests).toHaveLength(1);
  expect(query).toMatchObject({
    data: "later",
    from: { id: CHAT_ID },
    message: { message_id: 1, text: "Now?" },
  });
  expect(first.status).toBe(200);
  expect(notes).toEqual([{ kind: "note", text: "Done" }]);
  expect(second).toMatchObject({
    status: 400,
    body: { description: expect.stringMatching(/query is too old/) },
  });
});

test("updates are pushed one at a time, in order, with ids that count up by one", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook([500, 500, 200, 200, 200]);
  await connect(telegram, hook.url);

  for (const text of ["a", "b", "c"]) telegram.simulator.phone.send(text);
  await telegram.pass(1);
  await telegram.pass(60);

  const ids = hook.requests.map(({ body }) => body.update_id);
  const first = ids[0] ?? 0;
  expect(ids).toEqual([first, first, first, first + 1, first + 2]);
});

test("a refused update comes again at once, then after 2, 4 and 8 seconds", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook([500, 301, 404, 401, 204]);
  await connect(telegram, hook.url);
  const counts: number[] = [];

  telegram.simulator.phone.send("hello");
  for (const seconds of [0, 1, 1, 3, 1, 7, 1, 3600]) {
    await telegram.pass(seconds);
    counts.push(hook.requests.length);
  }

  expect(counts).toEqual([2, 2, 3, 3, 4, 4, 5, 5]);
});

test("Retry-After of the web hook is kept to", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook([{ status: 503, retryAfter: 90 }]);
  await connect(telegram, hook.url);

  telegram.simulator.phone.send("hello");
  await telegram.pass(89);
  const before = hook.requests.length;
  await telegram.pass(1);

  expect([before, hook.requests.length]).toEqual([1, 2]);
});

test("a web hook that cannot be reached shows in getWebhookInfo, and the update waits", async () => {
  await using telegram = await startSimulator();
  await connect(telegram, "http://127.0.0.1:1/hook");

  telegram.simulator.phone.send("hello");
  await telegram.pass(30);

  expect(await info(telegram)).toMatchObject({
    url: "http://127.0.0.1:1/hook",
    pending_update_count: 1,
    max_connections: 1,
    last_error_message: "Connection refused or closed",
    last_error_date: expect.any(Number),
  });
});

test("an update that nobody takes for a day is dropped", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook(Array.from({ length: 30 }, () => ({ status: 503, retryAfter: 3600 })));
  await connect(telegram, hook.url);
  telegram.simulator.phone.send("hello");
  await telegram.pass(23 * 3600);
  const pendingBefore = (await info(telegram)).pending_update_count;

  await telegram.pass(2 * 3600);
  await telegram.pass(60);

  expect(pendingBefore).toBe(1);
  expect((await info(telegram)).pending_update_count).toBe(0);
});

test("a web hook that is set later gets what was waiting, unless it is to be dropped", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook();
  telegram.simulator.phone.send("first");

  await connect(telegram, hook.url, { drop_pending_updates: true });
  telegram.simulator.phone.send("second");
  await telegram.simulator.settled();
  await telegram.call("deleteWebhook");
  telegram.simulator.phone.send("third");
  await telegram.simulator.settled();
  await connect(telegram, hook.url);
  await telegram.simulator.settled();

  expect(hook.requests.map(({ body }) => body.message)).toMatchObject([
    { text: "second" },
    { text: "third" },
  ]);
});

test("a new web hook gets at once the update that waits for its next try at the old one", async () => {
  await using telegram = await startSimulator();
  await using broken = await startHook([500, 500, 500]);
  await using sound = await startHook();
  await connect(telegram, broken.url);
  telegram.simulator.phone.send("hello");
  await telegram.simulator.settled();

  await connect(telegram, sound.url);
  await telegram.simulator.settled();

  expect(sound.requests).toHaveLength(1);
});

test("kinds of updates that the bot did not ask for are not kept", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook();
  await connect(telegram, hook.url, { allowed_updates: ["callback_query"] });

  telegram.simulator.phone.send("hello");
  await connect(telegram, hook.url);
  telegram.simulator.phone.send("still not wanted");
  await connect(telegram, hook.url, { allowed_updates: [] });
  telegram.simulator.phone.send("wanted");
  await telegram.simulator.settled();

  expect(hook.requests.map(({ body }) => body.message)).toMatchObject([{ text: "wanted" }]);
});

test.each<[string, object, string]>([
  [
    "plain http to another machine",
    { url: "http://example.com/" },
    "bad webhook: An HTTPS URL must be provided for webhook",
  ],
  ["no address", { url: "here" }, "bad webhook: invalid webhook URL specified"],
  ["a secret with a space", { secret_token: "a b" }, "secret token contains unallowed characters"],
  ["a secret of base64", { secret_token: "ab+/=" }, "secret token contains unallowed characters"],
  ["a secret of 257 characters", { secret_token: "x".repeat(257) }, "secret token is too long"],
])("a web hook with %s is refused", async (_title, over, complaint) => {
  await using telegram = await startSimulator();

  const answer = await telegram.call("setWebhook", { url: "https://example.com/hook", ...over });

  expect(answer).toMatchObject({
    status: 400,
    body: { ok: false, description: `Bad Request: ${complaint}` },
  });
  expect(await info(telegram)).toMatchObject({ url: "" });
});

test("setting and deleting a web hook says what it found", async () => {
  await using telegram = await startSimulator();
  const url = "https://example.com/hook";

  const answers = [
    await telegram.call("deleteWebhook"),
    await telegram.call("setWebhook", { url }),
    await telegram.call("setWebhook", { url }),
    await telegram.call("setWebhook", { url: "" }),
  ];

  expect(answers.map(({ body }) => body.description)).toEqual([
    "Webhook is already deleted",
    "Webhook was set",
    "Webhook is already set",
    "Webhook was deleted",
  ]);
});

test("deliverTwice pushes an update two times", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook();
  await connect(telegram, hook.url);
  await telegram.simulator.setFaults({ deliverTwice: true });

  telegram.simulator.phone.send("hello");
  await telegram.simulator.settled();

  const [first, second, ...more] = hook.requests.map(({ body }) => body);
  expect(second).toEqual(first);
  expect(more).toEqual([]);
});

test("lateUpdates holds an update back and keeps the order", async () => {
  await using telegram = await startSimulator();
  await using hook = await startHook();
  await connect(telegram, hook.url);
  await telegram.simulator.setFaults({ lateUpdates: 600 });
  telegram.simulator.phone.send("late");
  await telegram.simulator.setFaults({ lateUpdates: 0 });
  telegram.simulator.phone.send("prompt");

  await telegram.pass(599);
  const before = hook.requests.length;
  await telegram.pass(1);

  expect(before).toBe(0);
  expect(hook.requests.map(({ body }) => body.message)).toMatchObject([{ text: "late" }, { text: "prompt" }]);
});
