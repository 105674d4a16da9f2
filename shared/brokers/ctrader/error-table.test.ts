import { readFileSync } from "node:fs";
import fc from "fast-check";
import protobuf from "protobufjs";
import { expect, test } from "vitest";
import { ERRORS } from "../../errors.ts";
import { BROKER_ERRORS, explain, SAYS_NOTHING } from "./error-table.ts";

const PROTO = readFileSync(new URL("./protocol/open-api.proto", import.meta.url), "utf8");
const { root } = protobuf.parse(PROTO, { keepCase: true });
const OF_PROTOCOL = ["ProtoErrorCode", "ProtoOAErrorCode"].flatMap((name) =>
  Object.keys(root.lookupEnum(name).values),
);
/** An order's fate that stands for an error where the event names none. */
const OF_EVENTS = ["ORDER_REJECTED", "ORDER_CANCEL_REJECTED"];

test("every code of the protocol has its row, or is listed as saying nothing; and no other has one", () => {
  expect([...Object.keys(BROKER_ERRORS), ...SAYS_NOTHING].sort()).toEqual(
    [...OF_PROTOCOL, ...OF_EVENTS].sort(),
  );
});

test("each row gives a person a cause and a next step in whole sentences, under a code of our own", () => {
  for (const [code, { cause, next, failure }] of Object.entries(BROKER_ERRORS)) {
    expect(cause, code).toMatch(/^[A-Z].{15,}\.$/);
    expect(next, code).toMatch(/^[A-Z].{15,}\.$/);
    expect(Object.keys(ERRORS)).toContain(failure);
  }
});

test.each([
  ["already-done", ["ALREADY_LOGGED_IN", "CH_CLIENT_ALREADY_AUTHENTICATED", "ALREADY_SUBSCRIBED"]],
  ["session-lost", ["ACCOUNT_NOT_AUTHORIZED"]],
  ["token", ["OA_AUTH_TOKEN_EXPIRED", "CH_ACCESS_TOKEN_INVALID"]],
  ["application", ["CH_CLIENT_NOT_AUTHENTICATED"]],
  [
    "fatal",
    [
      "CH_CLIENT_AUTH_FAILURE",
      "CH_OA_CLIENT_NOT_FOUND",
      "CH_CTID_TRADER_ACCOUNT_NOT_FOUND",
      "RET_NO_SUCH_LOGIN",
      "RET_ACCOUNT_DISABLED",
      "CHANNEL_IS_BLOCKED",
    ],
  ],
  [
    "transient",
    [
      "CANT_ROUTE_REQUEST",
      "CH_SERVER_NOT_REACHABLE",
      "SERVER_IS_UNDER_MAINTENANCE",
      "TIMEOUT_ERROR",
      "NO_QUOTES",
      "CONNECTIONS_LIMIT_EXCEEDED",
    ],
  ],
  ["rate", ["BLOCKED_PAYLOAD_TYPE", "REQUEST_FREQUENCY_EXCEEDED"]],
  ["race", ["CONCURRENT_MODIFICATION", "PENDING_EXECUTION", "POSITION_LOCKED"]],
  ["gone", ["ORDER_NOT_FOUND", "POSITION_NOT_OPEN", "ORDER_CANCEL_REJECTED", "UNABLE_TO_AMEND_ORDER"]],
  ["caller", ["TRADING_BAD_STOPS", "TRADING_BAD_VOLUME", "INVALID_REQUEST", "FRAME_TOO_LONG"]],
  ["business", ["NOT_ENOUGH_MONEY", "MARKET_CLOSED", "TRADING_NOT_ALLOWED", "SHORT_SELLING_NOT_ALLOWED"]],
] as const)("%s: what the client does about %j", (action, codes) => {
  for (const code of codes) {
    expect(explain(code, "", "order").action).toBe(action);
    expect(explain(code, "", "read").action).toBe(action);
  }
});

test("bad credentials, a dead token, a time-out and too many requests fail under their own codes", () => {
  expect(explain("CH_CLIENT_AUTH_FAILURE", "", "read").failure).toBe("BROKER_CREDENTIALS_REJECTED");
  expect(explain("OA_AUTH_TOKEN_EXPIRED", "", "read").failure).toBe("BROKER_TOKEN_EXPIRED");
  expect(explain("CH_ACCESS_TOKEN_INVALID", "", "read").failure).toBe("BROKER_TOKEN_REJECTED");
  expect(explain("TIMEOUT_ERROR", "", "read").failure).toBe("BROKER_TIMEOUT");
  expect(explain("BLOCKED_PAYLOAD_TYPE", "", "read").failure).toBe("BROKER_RATE_LIMITED");
});

test("an invalid request is the caller's fault, but for the one text that means a lost session", () => {
  expect(explain("INVALID_REQUEST", "Nothing to amend.", "order").action).toBe("caller");
  expect(explain("INVALID_REQUEST", "Trading account is not authorized", "order").action).toBe(
    "session-lost",
  );
  expect(explain("MARKET_CLOSED", "Trading account is not authorized", "order").action).toBe("business");
});

test("a word that nobody has heard of refuses an order, and is passing trouble to a read", () => {
  const odd = fc.oneof(fc.string(), fc.constantFrom("UNKNOWN_ERROR", "constructor", "__proto__", ""));

  fc.assert(
    fc.property(odd, (code) => {
      fc.pre(!Object.hasOwn(BROKER_ERRORS, code));
      expect(explain(code, "", "order")).toMatchObject({ action: "unknown", failure: "BROKER_REFUSED" });
      expect(explain(code, "", "read")).toMatchObject({ action: "transient", failure: "BROKER_UNAVAILABLE" });
    }),
  );
});
