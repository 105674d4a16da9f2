import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { LogFields } from "../log.ts";
import { Secret } from "../secret.ts";
import { toLoggable } from "./loggable.ts";
import { createPinoLog, type PinoLogOptions } from "./pino-log.ts";

function createCapturedLog(level: PinoLogOptions["level"] = "info") {
  const lines: string[] = [];
  const log = createPinoLog({ level, destination: { write: (line) => void lines.push(line) } });
  return { log, lines };
}

/** The text of the one line that these fields give. */
function textOf(fields: LogFields): string {
  const { log, lines } = createCapturedLog();
  log.info("event", fields);
  return lines.join("");
}

const fieldsOf = (fields: LogFields): unknown => JSON.parse(textOf(fields)).fields;

test("a line is JSON with time, severity, subsystem, event and fields", () => {
  const { log, lines } = createCapturedLog();

  log.for("tokens").warn("token-rejected", { connection: "etrade-production", attempt: 2 });

  expect(lines.length).toBe(1);
  expect(lines[0]?.endsWith("}\n")).toBe(true);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    severity: "WARNING",
    subsystem: "tokens",
    event: "token-rejected",
    fields: { connection: "etrade-production", attempt: 2 },
  });
});

test("severities are those of Cloud Logging", () => {
  const { log, lines } = createCapturedLog();

  log.info("a");
  log.warn("b");
  log.error("c");

  expect(lines.map((line) => JSON.parse(line).severity)).toEqual(["INFO", "WARNING", "ERROR"]);
});

test("lines below the level are left out", () => {
  const { log, lines } = createCapturedLog("warn");

  log.info("quiet");
  log.for("tokens").info("quiet");
  log.error("loud");

  expect(lines.map((line) => JSON.parse(line).event)).toEqual(["loud"]);
});

test.each([
  "token",
  "accessToken",
  "oauth_token_secret",
  "Authorization",
  "set-cookie",
  "pin",
  "ownerPin",
  "code",
  "loginCode",
  "oauth_verifier",
  "oauth_signature",
  "consumerKey",
  "apiKey",
  "masterKey",
  "password",
  "accountId",
  "accountIdKey",
  "body",
  "requestBody",
])("the value under the name %s is masked at any depth", (name) => {
  const text = textOf({ [name]: "CANARY", list: [{ deeper: new Map([[name, { value: "CANARY" }]]) }] });

  expect(text).not.toContain("CANARY");
  expect(text.split("[secret]").length).toBe(3);
});

test("codes that say what went wrong stay readable", () => {
  for (const code of ["BROKER_TIMEOUT", "ECONNREFUSED", "EPIPE", "ENOTFOUND", "ERR_SOCKET_CLOSED", 14]) {
    expect(fieldsOf({ code, statusCode: 502 })).toEqual({ code, statusCode: 502 });
  }
});

test("harmless facts stay readable", () => {
  const fields = { generation: 3, connection: "etrade-production", isTokenLive: true, key: "a", spin: 1 };

  expect(fieldsOf(fields)).toEqual(fields);
});

test("a secret prints as [secret] under any name", () => {
  expect(fieldsOf({ harmless: Secret.of("CANARY"), list: [Secret.of("CANARY")] })).toEqual({
    harmless: "[secret]",
    list: ["[secret]"],
  });
});

test.each([
  "request to https://api.telegram.org/bot123456789:AAEabcdefghijklmnopqrstuvwxyz012345/sendMessage failed",
  'OAuth oauth_consumer_key="c", oauth_token="AAEabcdefghijklmnopqrstuvwxyz", oauth_signature="AAEabc%3D"',
  "GET /callback?oauth_token=AAEabc%2Bdef&oauth_verifier=AAEab failed",
  "header was: Bearer AAEabcdefghijk.lmno",
  '{"accessToken":"AAEabcdef"}',
])("a secret inside of a text is masked: %s", (text) => {
  const logged = textOf({ note: text, error: new Error(text) });

  expect(logged).not.toContain("AAE");
  expect(logged).toContain("[secret]");
});

test("an error is cut down to name, code, message, stack and cause", () => {
  const cause = Object.assign(new TypeError("socket"), { code: "ECONNRESET", host: "CANARY" });
  const error = Object.assign(new Error("call failed", { cause }), {
    request: { headers: { "x-odd": "CANARY" } },
    response: { text: "CANARY" },
  });

  const fields = fieldsOf({ error }) as { error: Record<string, unknown> };

  expect(new Set(Object.keys(fields.error))).toEqual(new Set(["cause", "message", "name", "stack"]));
  expect(fields.error).toMatchObject({
    name: "Error",
    message: "call failed",
    stack: expect.stringContaining("pino-log.test.ts"),
    cause: { name: "TypeError", message: "socket", code: "ECONNRESET" },
  });
  expect(JSON.stringify(fields)).not.toContain("CANARY");
});

test("values that are not plain become text, and bytes only their length", () => {
  const fields = {
    at: Temporal.Instant.from("2026-03-09T12:00:00Z"),
    took: Temporal.Duration.from({ seconds: 2 }),
    url: new URL("https://user:CANARY@example.org/path?code=CANARY"),
    bytes: new Uint8Array(5),
    big: 10n,
    call: () => undefined,
    nothing: null,
  };

  expect(fieldsOf(fields)).toEqual({
    at: "2026-03-09T12:00:00Z",
    took: "PT2S",
    url: "https://example.org/path",
    bytes: "[5 bytes]",
    big: "10",
    call: "[function]",
    nothing: null,
  });
});

test("circles, depth, breadth and length are bounded", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;

  const text = textOf({ circle, wide: Array.from({ length: 1_000 }, () => 1), long: "x".repeat(100_000) });

  expect(text.length).toBeLessThan(5_000);
  expect(text).toContain("[deeper]");
  expect(text).toContain("(100000 characters)");
});

test("whatever is logged, a secret under a sensitive name does not appear", () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 4, withBigInt: true, withMap: true, withDate: true }), (value) => {
      const planted = {
        around: value,
        nested: [{ accessToken: "CANARY-4711", ...value, cookie: "CANARY-4711" }],
      };

      const text = JSON.stringify(toLoggable(planted));

      expect(text).not.toContain("CANARY-4711");
    }),
  );
});

test("a map whose keys are no texts is logged all the same", () => {
  const odd = new Map<unknown, unknown>([
    [{ toString: 0 }, 1],
    [7, 2],
    [Symbol("s"), 3],
  ]);

  expect(toLoggable({ odd })).toEqual({ odd: { "[object]": 1, "7": 2, "Symbol(s)": 3 } });
});
