import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import {
  CHAT_ID,
  createListLog,
  type SimulatorUnderTest,
  startSimulator,
  TOKEN,
} from "../../../infra/sandbox/telegram/simulator.fixture.ts";
import { createNodeHttp } from "../../platform/local/node-http.ts";
import { createSystemTimers } from "../../platform/local/system-timers.ts";
import { Secret } from "../../platform/secret.ts";
import { createTelegramMessenger } from "./telegram-messenger.ts";

const http = createNodeHttp({ timers: createSystemTimers() });
const CODE = "one-time-code-4711";
const MESSAGE = {
  text: "The market opens in one hour.\nhttp://127.0.0.1:9/first",
  buttons: [
    [{ label: "Open Openbell", url: `http://127.0.0.1:8080/#${CODE}` }],
    [
      { label: "Later", action: "later" },
      { label: "Not today", action: "skip" },
    ],
  ],
};

function messengerFor(telegram: SimulatorUnderTest, over: { token?: string; chatId?: number } = {}) {
  const log = createListLog();
  const messenger = createTelegramMessenger(
    { log, http },
    {
      token: Secret.of(over.token ?? TOKEN),
      chatId: over.chatId ?? CHAT_ID,
      apiRoot: telegram.apiRoot,
      timeoutMs: 300,
    },
  );
  return { messenger, log };
}

test("a message arrives with its buttons in rows, and its id comes back", async () => {
  await using telegram = await startSimulator();

  const result = await messengerFor(telegram).messenger.send(MESSAGE);

  const [message] = telegram.simulator.phone.messages();
  expect(result).toEqual({ ok: true, value: { messageId: String(message!.id) } });
  expect(message).toMatchObject({
    text: MESSAGE.text,
    buttons: [
      [{ text: "Open Openbell", url: `http://127.0.0.1:8080/#${CODE}` }],
      [
        { text: "Later", callbackData: "later" },
        { text: "Not today", callbackData: "skip" },
      ],
    ],
  });
});

test("no address in a message is opened by the link previewer", async () => {
  await using telegram = await startSimulator();

  await messengerFor(telegram).messenger.send(MESSAGE);

  await telegram.simulator.settled();
  expect(telegram.simulator.previews()).toEqual([]);
});

test("a rate limit is told with the seconds to wait, and not waited for", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ rateLimit: 1, retryAfterSeconds: 37 });
  const { messenger } = messengerFor(telegram);

  const limited = await messenger.send(MESSAGE);
  const next = await messenger.send(MESSAGE);

  expect(limited).toEqual({ ok: false, code: "MESSENGER_RATE_LIMITED", detail: { retryAfterSeconds: 37 } });
  expect(next.ok).toBe(true);
  expect(telegram.simulator.phone.messages()).toHaveLength(1);
});

test("a closed port is unreachable: nothing was sent", async () => {
  await using telegram = await startSimulator();
  const { messenger } = messengerFor(telegram);
  await messenger.send(MESSAGE);
  await telegram.simulator.setFaults({ unreachable: true });

  const result = await messenger.send(MESSAGE);
  await telegram.simulator.setFaults({ unreachable: false });
  const later = await messenger.send(MESSAGE);

  expect(result).toEqual({ ok: false, code: "MESSENGER_UNREACHABLE", detail: { reason: "ECONNREFUSED" } });
  expect(later.ok).toBe(true);
  expect(telegram.simulator.phone.messages()).toHaveLength(2);
});

test("an answer that is lost is a timeout, and the message may have arrived", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ timeoutAfterAccept: 1 });

  const result = await messengerFor(telegram).messenger.send(MESSAGE);

  expect(result).toEqual({ ok: false, code: "MESSENGER_TIMEOUT", detail: { reason: "timeout" } });
  expect(telegram.simulator.phone.messages()).toHaveLength(1);
});

test("a front server's error page leaves the outcome open", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ badGateway: 1 });

  const result = await messengerFor(telegram).messenger.send(MESSAGE);

  expect(result).toMatchObject({ ok: false, code: "MESSENGER_TIMEOUT" });
});

test.each<[string, RequestListener, object]>([
  ["drops the connection", (request) => request.socket.destroy(), { reason: "ECONNRESET" }],
  [
    "says that it failed",
    (_request, response) =>
      response.end('{"ok":false,"error_code":500,"description":"Internal Server Error"}'),
    { status: 500 },
  ],
])("the outcome is open when Telegram takes the message and %s", async (_title, act, detail) => {
  const server = createServer((request, response) =>
    request.resume().on("end", () => act(request, response)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const messenger = createTelegramMessenger(
    { log: createListLog(), http },
    { token: Secret.of(TOKEN), chatId: CHAT_ID, apiRoot },
  );

  const result = await messenger.send(MESSAGE);
  server.closeAllConnections();
  server.close();

  expect(result).toEqual({ ok: false, code: "MESSENGER_TIMEOUT", detail });
});

test.each([
  [
    "the owner has blocked the bot",
    {},
    { blocked: true },
    { status: 403, reason: "bot was blocked by the user" },
  ],
  ["the token is wrong", { token: `${TOKEN}x` }, {}, { status: 401, reason: "Unauthorized" }],
  ["the token has no form", { token: "nonsense" }, {}, { status: 404, reason: "Not Found" }],
  ["the chat is another", { chatId: 12 }, {}, { status: 400, reason: "chat not found" }],
  ["a button leads to localhost", {}, { publicUrlsOnly: true }, { status: 400, reason: "Wrong HTTP URL" }],
])("a message is refused when %s", async (_title, over, faults, detail) => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults(faults);

  const result = await messengerFor(telegram, over).messenger.send({
    text: "x",
    buttons: [[{ label: "Open", url: `http://localhost:8080/#${CODE}` }]],
  });

  expect(result).toEqual({ ok: false, code: "MESSENGER_REFUSED", detail });
  expect(telegram.simulator.phone.messages()).toEqual([]);
});

test.each([
  ["refused", { publicUrlsOnly: true }],
  ["not answered", { timeoutAfterAccept: 1 }],
  ["answered with a page", { badGateway: 1 }],
  ["not reached", { unreachable: true }],
])("neither the token nor the link shows when Telegram is %s", async (_title, faults) => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults(faults);
  const { messenger, log } = messengerFor(telegram);

  const result = await messenger.send({
    text: "x",
    buttons: [[{ label: "Open", url: `http://localhost:8080/#${CODE}` }]],
  });

  const seen = [
    inspect(result, { depth: 9 }),
    inspect(messenger, { depth: 9, showHidden: true }),
    ...log.lines,
  ].join();
  expect(result.ok).toBe(false);
  expect(log.lines).toHaveLength(1);
  expect(seen).not.toContain(TOKEN.split(":")[1]);
  expect(seen).not.toContain(CODE);
});
