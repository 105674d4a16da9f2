import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TELEGRAM_SWITCHES } from "./faults.ts";
import { CHAT_ID, startHook, startSimulator } from "./simulator.fixture.ts";

const MESSAGE = { chat_id: CHAT_ID, text: "hello" };

test("a counted switch hits so many sends, tells what is left, and is over then", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ rateLimit: 2, retryAfterSeconds: 7 });

  const first = await telegram.call("sendMessage", MESSAGE);
  const left = telegram.simulator.faults().rateLimit;
  const statuses = [
    (await telegram.call("sendMessage", MESSAGE)).status,
    (await telegram.call("sendMessage", MESSAGE)).status,
  ];

  expect(first).toEqual({
    status: 429,
    body: {
      ok: false,
      error_code: 429,
      description: "Too Many Requests: retry after 7",
      parameters: { retry_after: 7 },
    },
  });
  expect(left).toBe(1);
  expect(statuses).toEqual([429, 200]);
  expect(telegram.simulator.phone.messages()).toHaveLength(1);
});

test("while blocked is set every send is refused, and other calls are not", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ blocked: true });

  const refused = await telegram.call("sendMessage", MESSAGE);
  const me = await telegram.call("getMe");
  await telegram.simulator.setFaults({ blocked: null });
  const sent = await telegram.call("sendMessage", MESSAGE);

  expect(refused).toEqual({
    status: 403,
    body: { ok: false, error_code: 403, description: "Forbidden: bot was blocked by the user" },
  });
  expect([me.status, sent.status]).toEqual([200, 200]);
});

test("while unreachable is set the port is closed; afterwards it is the same port", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ unreachable: true });

  await expect(telegram.call("getMe")).rejects.toMatchObject({ cause: { code: "ECONNREFUSED" } });
  await Promise.all([
    telegram.simulator.setFaults({ unreachable: false }),
    telegram.simulator.setFaults({ unreachable: true }),
    telegram.simulator.setFaults({ unreachable: false }),
  ]);

  expect((await telegram.call("getMe")).status).toBe(200);
});

test("a long poll is cut when the port closes", async () => {
  await using telegram = await startSimulator();
  const polled = telegram.call("getUpdates", { timeout: 50 });
  const outcome = expect(polled).rejects.toThrow();
  await telegram.waiting();

  await telegram.simulator.setFaults({ unreachable: true });

  await outcome;
});

test("timeoutAfterAccept delivers the message and says nothing", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ timeoutAfterAccept: 1 });
  const arrived = new Promise((resolve) => telegram.simulator.phone.onChange(resolve));

  const call = telegram.call("sendMessage", MESSAGE);
  const outcome = expect(call).rejects.toThrow();
  await arrived;
  await telegram.simulator.close();

  await outcome;
  expect(telegram.simulator.phone.messages()).toHaveLength(1);
});

test("badGateway answers with a page and delivers nothing", async () => {
  await using telegram = await startSimulator();
  await telegram.simulator.setFaults({ badGateway: 1 });

  await expect(telegram.call("sendMessage", MESSAGE)).rejects.toThrow(SyntaxError);

  expect(telegram.simulator.phone.messages()).toEqual([]);
});

test.each<[string, unknown, string]>([
  ["an unknown switch", { explode: true }, "explode"],
  ["a wrong type", { blocked: "yes" }, "blocked"],
  ["a number out of range", { rateLimit: -1 }, "rateLimit"],
  ["no object", 7, ""],
])("%s is refused and changes nothing", async (_title, patch, name) => {
  await using telegram = await startSimulator();
  const before = telegram.simulator.faults();

  const result = await telegram.simulator.setFaults(patch);
  const mixed = await telegram.simulator.setFaults({ deliverTwice: true, lateUpdates: 1e9 });

  expect(result).toMatchObject({ ok: false, code: "SANDBOX_SWITCH_INVALID", detail: { switch: name } });
  expect(mixed.ok).toBe(false);
  expect(telegram.simulator.faults()).toEqual(before);
});

test("the guide lists every switch with its start and its sentence, and no other", () => {
  const guide = readFileSync(new URL("../../../docs/simulators/telegram.md", import.meta.url), "utf8");

  const rows = guide.split("\n").filter((line) => /^\| `\w+` \|/.test(line));

  expect(rows).toEqual(
    Object.entries(TELEGRAM_SWITCHES).map(
      ([name, { initial, takes, description }]) => `| \`${name}\` | ${takes} | ${initial} | ${description} |`,
    ),
  );
});

test("a preview opens the first address of a message by GET, and what a GET burns is burned", async () => {
  await using telegram = await startSimulator();
  await using site = await startHook([404]);
  const text = `Look: ${site.url}?code=1, or ${site.url}?code=2.`;

  await telegram.call("sendMessage", { ...MESSAGE, text });
  await telegram.simulator.settled();

  expect(site.requests).toMatchObject([
    { method: "GET", url: "/hook?code=1", headers: { "user-agent": expect.stringMatching(/^TelegramBot/) } },
  ]);
  expect(telegram.simulator.previews()).toEqual([
    { messageId: 1, url: `${site.url}?code=1`, at: "2026-11-23T13:30:00.000Z", outcome: 404 },
  ]);
});

test.each([
  ["the new way", { link_preview_options: { is_disabled: true } }],
  ["the old way", { disable_web_page_preview: true }],
])("no address is opened when the preview is off in %s", async (_title, over) => {
  await using telegram = await startSimulator();
  await using site = await startHook();

  await telegram.call("sendMessage", { ...MESSAGE, text: site.url, ...over });
  await telegram.simulator.settled();

  expect(site.requests).toEqual([]);
  expect(telegram.simulator.previews()).toEqual([]);
});

test("the previewer follows the address that the sender names, and never leaves this machine", async () => {
  await using telegram = await startSimulator();
  await using site = await startHook();

  await telegram.call("sendMessage", { ...MESSAGE, text: "x", link_preview_options: { url: site.url } });
  await telegram.call("sendMessage", { ...MESSAGE, text: "https://example.com/#code" });
  await telegram.call("sendMessage", { ...MESSAGE, text: "http://127.0.0.1:1/" });
  await telegram.simulator.settled();

  const outcomes = telegram.simulator.previews().map(({ messageId, outcome }) => [messageId, outcome]);
  expect(new Map(outcomes as [number, unknown][])).toEqual(
    new Map<number, unknown>([
      [1, 200],
      [2, "not-local"],
      [3, "unreachable"],
    ]),
  );
});
