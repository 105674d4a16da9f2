import { createServer, type IncomingMessage, type Server } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { closeServer } from "../../local/services.ts";
import { listenAnywhere } from "../../local/testing/raw-http.ts";
import { createScriptedOwner, type PhoneMessage, Refused, type ScriptedOwner } from "./scripted-owner.ts";

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content: unknown;
}

interface Seen {
  readonly call: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** By method and path. An answer that is text is sent as it is. */
let answers: Record<string, (times: number) => Answer>;
let seen: Seen[];
let server: Server;
let origin: string;
let owner: ScriptedOwner;

beforeEach(async () => {
  seen = [];
  answers = {};
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
    const call = `${request.method} ${request.url}`;
    seen.push({ call, headers: request.headers, body });
    const times = seen.filter((one) => one.call === call).length;
    const {
      status = 200,
      headers = {},
      content,
    } = answers[call]?.(times) ?? { status: 404, content: "404\n" };
    response.writeHead(status, headers).end(typeof content === "string" ? content : JSON.stringify(content));
  });
  origin = `http://127.0.0.1:${await listenAnywhere(server)}`;
  owner = createScriptedOwner(`${origin}/sandbox`);
});
afterEach(() => closeServer(server));

const aMessage = (over: Partial<PhoneMessage> = {}): PhoneMessage => ({
  id: 1,
  at: "2026-11-23T13:30:00.000Z",
  text: "🔔",
  buttons: [[{ text: "Open", url: `${origin}/#c=one-time_code` }]],
  ...over,
});
const WORDS = { words: ["amber", "otter"], expiresAt: "2026-11-24T13:30:00.000Z" };
const FAILURE = {
  error: { code: "PIN_REFUSED", message: "It was refused.", next: "Try again.", detail: {} },
};

test("a message is waited for until it is there", async () => {
  const other = aMessage({ id: 1, text: "other", buttons: [] });
  answers["GET /sandbox/phone/messages"] = (times) => ({
    content: times < 3 ? [other] : [other, aMessage({ id: 2 })],
  });

  const found = await owner.waitForMessage((one) => one.buttons.length > 0, 5_000);

  expect(found.id).toBe(2);
  expect(seen).toHaveLength(3);
});

test("a message that does not come is given up, in words", async () => {
  answers["GET /sandbox/phone/messages"] = () => ({ content: [] });

  await expect(owner.waitForMessage(() => true, 0)).rejects.toThrow(
    "Waited 0 ms in vain for a message on the phone.",
  );
});

test("a link's code is posted as the page would, and the session goes with every later call", async () => {
  const cookie = "__session=s1; Path=/; HttpOnly";
  answers["POST /api/session"] = () => ({ headers: { "set-cookie": cookie }, content: WORDS });
  answers["POST /api/connections/c/authorizations/a/pin"] = () => ({
    status: 202,
    content: { connection: "c", generation: 3 },
  });

  expect(await owner.openLink(aMessage())).toEqual(["amber", "otter"]);
  expect(await owner.enterPin("c", "a", "AB12C")).toBe(3);

  expect(seen.map(({ body }) => JSON.parse(body))).toEqual([{ code: "one-time_code" }, { pin: "AB12C" }]);
  expect(seen[0]?.headers).toMatchObject({ origin, "content-type": "application/json" });
  expect(seen[1]?.headers.cookie).toBe("__session=s1");
});

test("a message without a link is not followed", async () => {
  await expect(owner.openLink(aMessage({ buttons: [] }))).rejects.toThrow("no link");
  expect(seen).toEqual([]);
});

test("a refusal carries the status, the code and its words", async () => {
  answers["POST /api/connections/c/authorizations/a/pin"] = () => ({ status: 422, content: FAILURE });

  const refused = await owner.enterPin("c", "a", "wrong").catch((error: unknown) => error);

  expect(refused).toBeInstanceOf(Refused);
  expect(refused).toMatchObject({
    status: 422,
    code: "PIN_REFUSED",
    message: expect.stringContaining("Try again."),
  });
  expect(String(refused)).not.toContain("wrong");
});

test.each(["<html>Bad gateway</html>", "502\n", ""])(
  "a proxy's answer %j is a refusal too",
  async (content) => {
    answers["GET /api/status"] = () => ({ status: 502, content });

    await expect(owner.status()).rejects.toMatchObject({ name: "Refused", status: 502, code: "unknown" });
  },
);

test("a good answer of another form is an error, not a success", async () => {
  answers["POST /api/session"] = () => ({ content: { words: ["one"] } });

  await expect(owner.openLink(aMessage())).rejects.toThrow();
});
