import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { connectionLine } from "../../shared/console/status-text.ts";
import { formatHealth, formatKeepAlive, formatStatus, timeLeft } from "./format-status.ts";
import { aConnection, anArmedConnection, aReport } from "./testing/a-connection.ts";

const PLAIN = { strong: (text: string) => text };

test("an armed connection is told with its countdown, its proof and its keep-alive", () => {
  const connection = anArmedConnection();

  const text = formatStatus(aReport(connection), PLAIN);

  expect(text.split("\n")).toEqual([
    "Mon 2026-11-23 08:29 ET (sandbox: everything is simulated)",
    "",
    connectionLine(connection, "Europe/London"),
    "   etrade-production, production",
    "   expires in 15 h 30 min",
    "   acknowledged 08:20 ET: 2 accounts, answered in 45 ms",
    "   keep-alive healthy, next 09:35 ET",
    "",
    "Market opens Mon 2026-11-23 09:30 ET · 14:30 London",
    "",
    "Nothing needs you now.",
  ]);
});

test("what needs the owner comes with the command for it", () => {
  const attention = [
    { kind: "renew", connection: "etrade-production", text: "E*TRADE production needs your login." },
    { kind: "alert-undelivered", text: "A message did not reach your phone." },
  ] as const;

  const text = formatStatus(aReport(aConnection(), { attention: [...attention] }), PLAIN);

  expect(text.split("\n").slice(-4)).toEqual([
    "Needs you:",
    "• E*TRADE production needs your login.",
    "  npm run openbell -- renew etrade-production",
    "• A message did not reach your phone.",
  ]);
});

test("a token without the worker's word is never called acknowledged, and the reason is named", () => {
  const { acknowledgement: old, ...connection } = anArmedConnection({
    acknowledged: false,
    trouble: { code: "BROKER_UNAVAILABLE", at: "2026-11-23T13:21:00.000Z" },
  });

  const text = formatStatus(aReport({ ...connection, ...(old && { acknowledgement: old }) }), PLAIN);

  expect(text).toContain("   not acknowledged by the worker yet (BROKER_UNAVAILABLE)");
  expect(text).not.toContain("acknowledged 08:20");
});

test("an open login is told with its address and the time that it has left", () => {
  const connection = aConnection({
    token: { state: "awaiting-pin", generation: 0 },
    authorization: {
      id: "login-1",
      authorizeUrl: "https://broker.example/authorize?token=a%2Fb",
      expiresAt: "2026-11-23T13:33:35.000Z",
      attemptsLeft: 5,
    },
  });

  expect(formatStatus(aReport(connection), PLAIN)).toContain(
    "   login open for 4 min 05 s: https://broker.example/authorize?token=a%2Fb",
  );
});

test("only what is to be strong is marked", () => {
  const connection = anArmedConnection();

  const marked = formatStatus(aReport(connection), { strong: (text) => `<${text}>` });

  expect(marked.split("\n").filter((line) => line.startsWith("<"))).toEqual([
    `<${connectionLine(connection, "Europe/London")}>`,
  ]);
});

test("the keep-alive is a table in which failures are named", () => {
  const failing = {
    connection: "etrade-sandbox",
    health: "failing",
    failuresInRow: 2,
    lastAt: "2026-11-23T13:20:00.000Z",
    lastOutcome: "BROKER_TIMEOUT",
    nextAt: "2026-11-23T13:25:00.000Z",
  } as const;

  const text = formatKeepAlive([aConnection().keepAlive, failing]);

  expect(text.split("\n")).toEqual([
    "connection         health   last                       next      failures in a row",
    "etrade-production  resting  -                          -         0",
    "etrade-sandbox     failing  08:20 ET (BROKER_TIMEOUT)  08:25 ET  2",
  ]);
});

test("a silent worker is told with what to look at", () => {
  const text = formatHealth({
    status: "degraded",
    build: "1.0",
    checks: { store: true, worker: false, sockets: true },
  });

  expect(text.split("\n")).toEqual([
    "degraded, build 1.0",
    "store: answers",
    "worker: has been silent for three minutes; is `npm start` running?",
    "sockets: connected, or not needed",
  ]);
});

test.each([
  ["2026-11-24T05:00:00Z", "15 h 30 min"],
  ["2026-11-23T14:29:29Z", "59 min 59 s"],
  ["2026-11-23T13:29:35Z", "5 s"],
  ["2026-11-23T13:29:30Z", "no time"],
  ["2026-11-22T00:00:00Z", "no time"],
])("the time left until %s is %s", (until, words) => {
  expect(timeLeft(Temporal.Instant.from("2026-11-23T13:29:30Z"), until)).toBe(words);
});

test("the night of 1 November is an hour longer, and the countdown knows", () => {
  const evening = Temporal.Instant.from("2026-10-31T23:00:00-04:00");

  expect(timeLeft(evening, "2026-11-02T00:00:00-05:00")).toBe("26 h 00 min");
});
