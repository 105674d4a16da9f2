import { Temporal } from "temporal-polyfill";
import { beforeEach, expect, test } from "vitest";
import { createRecordedLog } from "../../shared/platform/local/recorded-log.ts";
import { createVirtualClock } from "../../shared/platform/local/virtual-clock.ts";
import type { LogFields } from "../../shared/platform/log.ts";
import { Secret } from "../../shared/platform/secret.ts";
import { createNarrator, easternDateTime, type Narrator } from "./narrator.ts";

let lines: string[];
let narrator: Narrator;
beforeEach(() => {
  lines = [];
  narrator = createNarrator((line) => lines.push(line));
});

const clockAt = (text: string) => createVirtualClock({ start: Temporal.Instant.from(text) });

test("before there is a clock a line stands alone, then New York's time stands before it", async () => {
  narrator.say("first");
  const clock = clockAt("2026-03-06T13:29:05.999Z");
  narrator.follow(clock);
  narrator.say("winter");
  await clock.advanceTo(Temporal.Instant.from("2026-03-09T04:00:00Z"));
  narrator.say("summer");

  expect(lines).toEqual(["first", "08:29:05 ET  winter", "00:00:00 ET  summer"]);
});

test("a headline has the day too", () => {
  expect(easternDateTime(Temporal.Instant.from("2026-11-24T02:30:00Z"))).toBe("Mon 2026-11-23 21:30 ET");
});

test.each<[string, LogFields, string]>([
  ["alert-sent", { kind: "morning" }, "🔔 The phone rings."],
  ["alert-sent", { kind: "renewed" }, "📨 Message sent (renewed)."],
  [
    "alert-not-sent",
    { kind: "morning", code: "MESSENGER_UNREACHABLE" },
    "⚠️  A message (morning) did not go out. The messenger could not be reached.",
  ],
  [
    "token-stored",
    { connection: "etrade-production", generation: 2, login: "pin" },
    "🔑 etrade-production: the broker took the PIN; token 2 is in the vault.",
  ],
  [
    "token-stored",
    { connection: "ctrader-demo", generation: 1, login: "redirect" },
    "🔑 ctrader-demo: the broker's page gave access; token 1 is in the vault.",
  ],
  [
    "token-replaced",
    { connection: "ctrader-demo", generation: 2 },
    "🔁 ctrader-demo: the broker gave the next token; token 2 is in the vault.",
  ],
  [
    "token-acknowledged",
    { connection: "etrade-production", generation: 2, latencyMs: 12.6 },
    "🟢 etrade-production: the worker made a real call with token 2 (13 ms).",
  ],
  ["token-kept-alive", { connection: "a", isRenewed: false }, "💓 a: kept alive."],
  ["token-kept-alive", { connection: "a", isRenewed: true }, "💓 a: kept alive (woken from sleep)."],
  [
    "token-kept-alive",
    { connection: "a", isRenewed: true, login: "redirect" },
    "💓 a: kept alive (the next token took its place).",
  ],
  [
    "keep-alive-failed",
    { connection: "a", failuresInRow: 2, code: "BROKER_TIMEOUT" },
    "⚠️  a: keep-alive failed, 2 in a row. The broker did not answer in time; whether it acted is unknown.",
  ],
  ["token-died", { connection: "a" }, "🌙 a: midnight in New York, the token has ended."],
  [
    "token-died",
    { connection: "a", login: "redirect" },
    "🌙 a: the token has ended, and the broker gave no other.",
  ],
  ["login-taken-over", { connection: "a" }, "↩️  a: finishing a login that was cut off."],
  ["token-probe-failed", { connection: "a", code: "toString" }, "⚠️  a: the broker did not answer well. "],
  [
    "job-call-failed",
    { job: "keep-alive", status: 0 },
    "⚠️  The job keep-alive failed: its service did not answer.",
  ],
  [
    "job-call-failed",
    { job: "keep-alive", status: 500 },
    "⚠️  The job keep-alive failed: its service answered 500.",
  ],
  ["service-unreachable", { service: "console" }, "⚠️  The service console does not answer."],
])("%s with %j is told in a person's words", (event, fields, expected) => {
  narrator.listen(createRecordedLog().log).info(event, fields);

  expect(lines).toEqual([expected]);
});

test("of the other events only errors are told, by their name and without their fields", () => {
  const log = narrator.listen(createRecordedLog().log);

  log.info("anything", { text: "CANARY" });
  log.warn("call-failed", { text: "CANARY" });
  log.error("work-failed", { error: new Error("CANARY") });

  expect(lines).toEqual(["⚠️  work-failed (see openbell.log)"]);
});

test("everything goes on to the log with its level and fields, also from subsystems", () => {
  const { log, lines: logged } = createRecordedLog();
  const listening = narrator.listen(log);

  listening.info("one", { n: 1 });
  listening.for("keeper").warn("two", { n: 2 });
  listening.for("keeper").for("deep").error("three");

  expect(logged.map(({ level, event, fields }) => [level, event, fields])).toEqual([
    ["info", "one", { n: 1 }],
    ["warn", "two", { n: 2 }],
    ["error", "three", {}],
  ]);
  expect(lines).toEqual(["⚠️  three (see openbell.log)"]);
});

test("a secret in a field is not printed", () => {
  const log = narrator.listen(createRecordedLog().log);

  log.info("alert-sent", { kind: Secret.of("CANARY") });
  log.info("token-stored", { connection: Secret.of("CANARY"), generation: Secret.of("CANARY") });

  expect(lines.join("\n")).toContain("[secret]");
  expect(lines.join("\n")).not.toContain("CANARY");
});
