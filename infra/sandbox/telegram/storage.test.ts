import fc from "fast-check";
import { expect, test } from "vitest";
import { createTextSeal } from "./sealed-text.ts";
import { CHAT_ID, createTextStorage, startHook, startSimulator } from "./simulator.fixture.ts";

const LINK = "http://127.0.0.1:8080/#one-time-code";
const buttons = {
  reply_markup: {
    inline_keyboard: [
      [
        { text: "Open", url: LINK },
        { text: "x", callback_data: "y" },
      ],
    ],
  },
};

test("messages, the web hook, waiting updates and open taps survive a restart", async () => {
  const storage = createTextStorage();
  await using hook = await startHook();
  await using first = await startSimulator({ storage });
  await first.call("sendMessage", { chat_id: CHAT_ID, text: "Now?", ...buttons });
  first.simulator.phone.send("/status");
  first.simulator.phone.tap(1, "y");
  await first.call("setWebhook", { url: "https://example.com/", secret_token: "kept" });
  const before = first.simulator.phone.conversation();
  await first.simulator.close();

  await using second = await startSimulator({ storage });
  const info = await second.call("getWebhookInfo");
  await second.call("setWebhook", { url: hook.url });
  await second.simulator.settled();

  expect(second.simulator.phone.conversation()).toEqual(before);
  expect(info.body.result).toMatchObject({ url: "https://example.com/", pending_update_count: 2 });
  expect(hook.requests.map(({ body }) => Object.keys(body)[1])).toEqual(["message", "callback_query"]);
  expect(second.simulator.phone.openTaps()).toBe(1);
});

test("ids go on after a restart, so that a bot does not take a new update for an old one", async () => {
  const storage = createTextStorage();
  await using hook = await startHook();
  await using first = await startSimulator({ storage });
  await first.call("setWebhook", { url: hook.url });
  first.simulator.phone.send("one");
  await first.simulator.settled();
  await first.simulator.close();

  await using second = await startSimulator({ storage });
  second.simulator.phone.send("two");
  await second.simulator.settled();

  const [one, two] = hook.requests.map(({ body }) => body);
  expect(two!.update_id).toBe(one!.update_id + 1);
  expect(two!.message).toMatchObject({ message_id: 2 });
});

test("nothing of a message or of the web hook's secret can be read in what is stored", async () => {
  const storage = createTextStorage();
  await using telegram = await startSimulator({ storage });

  await telegram.call("sendMessage", { chat_id: CHAT_ID, text: "Good morning", ...buttons });
  await telegram.call("setWebhook", { url: "https://example.com/", secret_token: "hook_secret" });

  const stored = storage.text ?? "";
  const readable = stored + Buffer.from(stored, "base64url").toString("latin1");
  expect(stored.length).toBeGreaterThan(200);
  for (const secret of ["one-time-code", "Good morning", "hook_secret"])
    expect(readable).not.toContain(secret);
});

test("a history that another key wrote is left behind with a warning", async () => {
  const storage = createTextStorage();
  await using first = await startSimulator({ storage });
  await first.call("sendMessage", { chat_id: CHAT_ID, text: "Good morning" });

  await using second = await startSimulator({ storage: { ...storage, key: new Uint8Array(32).fill(8) } });

  expect(second.simulator.phone.messages()).toEqual([]);
  expect(second.log.lines).toEqual(['{"event":"phone-history-unreadable"}']);
});

test("the phone keeps its last 500 messages", async () => {
  await using telegram = await startSimulator();

  for (let n = 1; n <= 502; n += 1) telegram.simulator.phone.send(`message ${n}`);

  const kept = telegram.simulator.phone.conversation();
  expect(kept).toHaveLength(500);
  expect(kept[0]?.text).toBe("message 3");
});

test("what was sealed opens with the same key, and neither with another nor when a byte is changed", () => {
  const seal = createTextSeal(new Uint8Array(32).fill(1));
  const other = createTextSeal(new Uint8Array(32).fill(2));

  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (text, at) => {
      const sealed = seal.seal(text);
      const bytes = Buffer.from(sealed, "base64url");
      bytes[at % bytes.length]! ^= 1;

      expect(seal.open(sealed)).toBe(text);
      expect(other.open(sealed)).toBeUndefined();
      expect(seal.open(bytes.toString("base64url"))).toBeUndefined();
    }),
  );
});

test("two texts never share a nonce, since it depends on the text", () => {
  const seal = createTextSeal(new Uint8Array(32).fill(1));
  const nonce = (text: string) => Buffer.from(seal.seal(text), "base64url").subarray(0, 12).toString("hex");

  const nonces = Array.from({ length: 1000 }, (_, n) => nonce(`text ${n}`));

  expect(new Set(nonces).size).toBe(1000);
});

test("a key of another length is a bug", () => {
  expect(() => createTextSeal(new Uint8Array(16))).toThrow(RangeError);
});
