import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { TestLine } from "../../shared/brokers/connection-test.ts";
import type { ConnectionId } from "../../shared/config/connection.ts";
import { formatTestLine } from "./format-test.ts";

const CONNECTION = { environment: "demo", connection: "ctrader-demo" as ConnectionId } as const;
const AROUND = { now: Temporal.Instant.from("2026-11-23T14:00:00Z"), ownerTimeZone: "Europe/London" };
const TLS = {
  ...{ status: "ok", step: "tls", environment: "live", address: "live.ctraderapi.com:5035" },
  found: {
    ...{ protocol: "TLSv1.3", subject: "CN=*.ctraderapi.com", issuer: "CN=Some authority" },
    ...{ validTo: "2027-03-01T12:00:00.000Z", tookMs: 41.3 },
  },
} as const satisfies TestLine;
const WRONG_SECRET = {
  ...CONNECTION,
  status: "failed",
  step: "application",
  trouble: {
    code: "BROKER_CREDENTIALS_REJECTED",
    brokerCode: "CH_CLIENT_AUTH_FAILURE",
    description: "Invalid credentials.",
    summary: "The broker does not accept the consumer key.",
    cause: "They do not belong together.",
    next: "Copy both anew.",
  },
} as const satisfies TestLine;

test.each<[string, TestLine]>([
  [
    "[OK]  TLS live     live.ctraderapi.com:5035: TLSv1.3 in 41 ms; certificate of CN=*.ctraderapi.com, by CN=Some authority, good until 2027-03-01",
    TLS,
  ],
  [
    "[OK]  connection   ctrader-demo (cTrader demo)",
    { ...CONNECTION, status: "ok", step: "connection", found: { label: "cTrader demo" } },
  ],
  [
    "[OK]  application  authorised in 3.2 ms",
    { ...CONNECTION, status: "ok", step: "application", found: { tookMs: 3.21 } },
  ],
  [
    "[OK]  token        generation 3, good until Wed 2026-12-23 19:00 ET · Thu 00:00 London; renewed by itself from Thu 2026-12-17 18:00 ET · 23:00 London",
    {
      ...CONNECTION,
      ...{ status: "ok", step: "token" },
      found: {
        generation: 3,
        expiresAt: Temporal.Instant.from("2026-12-24T00:00:00Z"),
        replacedFrom: Temporal.Instant.from("2026-12-17T23:00:00Z"),
      },
    },
  ],
  [
    "[OK]  account      ··1111, authorised in 12 ms; the token opens 2 demo accounts",
    { ...CONNECTION, status: "ok", step: "account", found: { account: "1111", accounts: 2, tookMs: 12 } },
  ],
  [
    "[OK]  balance      12345.67 EUR, read in 2.0 ms",
    {
      ...CONNECTION,
      ...{ status: "ok", step: "balance" },
      found: { balance: "12345.67", currency: "EUR", tookMs: 2 },
    },
  ],
  ["[OK]  permission   trading is allowed", { ...CONNECTION, status: "ok", step: "permission", found: {} }],
  [
    "[OK]  latency      20 round trips, p50 1.2 ms, p95 31 ms",
    { ...CONNECTION, status: "ok", step: "latency", found: { roundTrips: 20, p50Ms: 1.2, p95Ms: 31 } },
  ],
  ["[--]  balance      not reached", { ...CONNECTION, status: "not-reached", step: "balance" }],
  [
    "[ERR] application  BROKER_CREDENTIALS_REJECTED (CH_CLIENT_AUTH_FAILURE): The broker does not accept the consumer key, in the broker's words: Invalid credentials. Cause: They do not belong together. Next: Copy both anew.",
    WRONG_SECRET,
  ],
  [
    "[ERR] TLS demo     BROKER_UNREACHABLE: Not reached (demo.test:5035). Cause: Away. Next: Wait.",
    {
      ...{ environment: "demo", address: "demo.test:5035", status: "failed", step: "tls" },
      trouble: { code: "BROKER_UNREACHABLE", summary: "Not reached.", cause: "Away.", next: "Wait." },
    },
  ],
])("%s", (text, line) => {
  expect(formatTestLine(line, AROUND)).toBe(text);
});

test("the broker's text stays on one line and moves no cursor", () => {
  const description = "one\r\ntwo\u001b[2Jthree\u009bK";

  const text = formatTestLine({ ...WRONG_SECRET, trouble: { ...WRONG_SECRET.trouble, description } }, AROUND);

  expect(text).toContain("one two [2Jthree K");
  expect(text).not.toMatch(/\p{Cc}/u);
});
