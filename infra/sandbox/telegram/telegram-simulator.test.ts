import { Api, InputFile } from "grammy";
import { expect, test } from "vitest";
import { CHAT_ID, startSimulator, TOKEN } from "./simulator.fixture.ts";

test("a message sent by grammY appears on the phone in the public shape", async () => {
  await using telegram = await startSimulator();
  const api = new Api(TOKEN, { apiRoot: telegram.apiRoot });

  const sent = await api.sendMessage(CHAT_ID, "The market opens in one hour.", {
    link_preview_options: { is_disabled: true },
    reply_markup: {
      inline_keyboard: [
        [{ text: "Open", url: "http://127.0.0.1:8080/#c" }],
        [{ text: "Later", callback_data: "later" }],
      ],
    },
  });

  expect(telegram.simulator.phone.messages()).toEqual([
    {
      id: sent.message_id,
      at: "2026-11-23T13:30:00.000Z",
      text: "The market opens in one hour.",
      buttons: [
        [{ text: "Open", url: "http://127.0.0.1:8080/#c" }],
        [{ text: "Later", callbackData: "later" }],
      ],
    },
  ]);
});

test("getMe tells the bot of the token", async () => {
  await using telegram = await startSimulator();

  const me = await new Api(TOKEN, { apiRoot: telegram.apiRoot }).getMe();

  expect(me).toMatchObject({ id: 7000000001, is_bot: true, username: "openbell_test_bot" });
});

test.each([
  ["a wrong token is 401", `/bot${TOKEN}x/getMe`, 401, "Unauthorized"],
  ["a token of no form is 404", "/botnonsense/getMe", 404, "Not Found"],
  ["another path is 404", "/", 404, "Not Found"],
  ["an unknown method is 404", `/bot${TOKEN}/sendPigeon`, 404, "Not Found: method not found"],
])("%s", async (_title, path, status, description) => {
  await using telegram = await startSimulator();

  const response = await fetch(telegram.apiRoot + path);

  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ ok: false, error_code: status, description });
});

const multipart = new FormData();
multipart.set("chat_id", String(CHAT_ID));
multipart.set("text", "hello");
multipart.set("reply_markup", '{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}');
const form = new URLSearchParams(
  [...multipart].map(([name, value]): [string, string] => [name, String(value)]),
);

test.each<[string, string, RequestInit]>([
  ["by GET with a query", `?${form}`, {}],
  ["by POST with a query", `?${form}`, { method: "POST" }],
  ["as a form", "", { method: "POST", body: form }],
  ["as multipart", "", { method: "POST", body: multipart }],
])("a call may come %s, in any case of its name", async (_title, query, init) => {
  await using telegram = await startSimulator();

  const response = await fetch(`${telegram.apiRoot}/bot${TOKEN}/SENDmessage${query}`, init);

  expect(response.status).toBe(200);
  expect(telegram.simulator.phone.messages()).toMatchObject([
    { text: "hello", buttons: [[{ text: "a", callbackData: "b" }]] },
  ]);
});

test("the multipart body that grammY makes for a file is understood", async () => {
  await using telegram = await startSimulator();
  const api = new Api(TOKEN, { apiRoot: telegram.apiRoot });

  await api.setWebhook("https://example.com/hook", {
    certificate: new InputFile(new Uint8Array([1, 2, 3]), "certificate.pem"),
    allowed_updates: ["message"],
    secret_token: "s",
  });

  expect(await api.getWebhookInfo()).toMatchObject({
    url: "https://example.com/hook",
    allowed_updates: ["message"],
  });
});

test.each<[string, object, number, string]>([
  ["another chat", { chat_id: 1 }, 400, "Bad Request: chat not found"],
  ["no chat", { chat_id: undefined }, 400, "Bad Request: chat_id is empty"],
  ["no text", { text: " \n" }, 400, "Bad Request: message text is empty"],
  ["4,097 characters", { text: "x".repeat(4097) }, 400, "Bad Request: message is too long"],
  ["empty callback data", keyboard({ callback_data: "" }), 400, "Bad Request: BUTTON_DATA_INVALID"],
  [
    "65 bytes of callback data",
    keyboard({ callback_data: `${"é".repeat(32)}x` }),
    400,
    "Bad Request: BUTTON_DATA_INVALID",
  ],
  [
    "a button that does nothing",
    keyboard({}),
    400,
    "Bad Request: text buttons are unallowed in the inline keyboard",
  ],
  [
    "a button to no address",
    keyboard({ url: "here#secret" }),
    400,
    "Bad Request: inline keyboard button URL 'here#secret' is invalid: Wrong HTTP URL",
  ],
  [
    "a button to a file",
    keyboard({ url: "file:///etc/passwd" }),
    400,
    "Bad Request: inline keyboard button URL 'file:///etc/passwd' is invalid: Unsupported URL protocol",
  ],
  ["markup", { parse_mode: "HTML" }, 400, "Bad Request: the simulator cannot take the parameter parse_mode"],
])("a message with %s is refused and does not reach the phone", async (_title, over, status, description) => {
  await using telegram = await startSimulator();

  const answer = await telegram.call("sendMessage", { chat_id: CHAT_ID, text: "x", ...over });

  expect(answer).toEqual({ status, body: { ok: false, error_code: status, description } });
  expect(telegram.simulator.phone.messages()).toEqual([]);
});

test("the longest text and the longest callback data are taken", async () => {
  await using telegram = await startSimulator();

  const answer = await telegram.call("sendMessage", {
    chat_id: CHAT_ID,
    text: "x".repeat(4096),
    ...keyboard({ callback_data: "é".repeat(32) }),
  });

  expect(answer.status).toBe(200);
});

test("a body that is not JSON is a clear 400", async () => {
  await using telegram = await startSimulator();

  const response = await fetch(`${telegram.apiRoot}/bot${TOKEN}/sendMessage`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{",
  });

  expect(await response.json()).toMatchObject({ ok: false, error_code: 400 });
});

test("an edit changes the message in place, and an edit that changes nothing is refused", async () => {
  await using telegram = await startSimulator();
  const { body } = await telegram.call("sendMessage", { chat_id: CHAT_ID, text: "before" });
  const edit = {
    chat_id: CHAT_ID,
    message_id: (body.result as { message_id: number }).message_id,
    text: "after",
  };

  const first = await telegram.call("editMessageText", edit);
  const second = await telegram.call("editMessageText", edit);
  const elsewhere = await telegram.call("editMessageText", { ...edit, message_id: 99 });

  expect(first.status).toBe(200);
  expect(telegram.simulator.phone.messages()).toMatchObject([{ text: "after" }]);
  expect(second).toMatchObject({
    status: 400,
    body: { description: expect.stringMatching(/message is not modified/) },
  });
  expect(elsewhere).toMatchObject({
    status: 400,
    body: { description: "Bad Request: message to edit not found" },
  });
});

test("commands are kept, and malformed ones refused", async () => {
  await using telegram = await startSimulator();
  const command = { command: "status", description: "How things are" };

  expect((await telegram.call("setMyCommands", { commands: [command] })).status).toBe(200);
  expect(
    (await telegram.call("setMyCommands", { commands: [{ ...command, command: "/Status" }] })).status,
  ).toBe(400);
});

function keyboard(button: object): object {
  return { reply_markup: { inline_keyboard: [[{ text: "b", ...button }]] } };
}
