import { expect, test } from "vitest";
import { fail, type Result, succeed } from "../../platform/result.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import { DEFAULT_RETRY, RETRIED_READS, RETRIED_WRITES, withRetry } from "./retry.ts";
import { createConstantRandom, createJumpingClock } from "./testing/fakes.ts";

type Outcome = Result<string, BrokerCallFailure>;

function attempts(outcomes: readonly Outcome[]) {
  let made = 0;
  const attempt = async (): Promise<Outcome> => outcomes[made++]!;
  return { attempt, made: () => made };
}

const rule = { attempts: 4, baseMs: 100, maxMs: 300, retried: RETRIED_READS };

test("a read is tried until it succeeds", async () => {
  const { attempt, made } = attempts([fail("BROKER_UNAVAILABLE"), fail("BROKER_TIMEOUT"), succeed("answer")]);

  const result = await withRetry(
    { clock: createJumpingClock(), random: createConstantRandom(0) },
    rule,
    attempt,
  );

  expect([result, made()]).toEqual([succeed("answer"), 3]);
});

test("the last failure is what remains after the last try", async () => {
  const { attempt, made } = attempts([
    fail("BROKER_TIMEOUT"),
    fail("BROKER_TIMEOUT"),
    fail("BROKER_TIMEOUT"),
    fail("BROKER_RATE_LIMITED", { module: "market" }),
  ]);

  const result = await withRetry(
    { clock: createJumpingClock(), random: createConstantRandom(0) },
    rule,
    attempt,
  );

  expect([result, made()]).toEqual([fail("BROKER_RATE_LIMITED", { module: "market" }), 4]);
});

test.each([
  [0, [0, 0, 0]],
  [128, [50, 100, 150]],
  [255, [99, 199, 299]],
])(
  "with random byte %i the pauses are %o: between nothing and a bound that doubles",
  async (byte, pauses) => {
    const clock = createJumpingClock();
    const failing = async (): Promise<Outcome> => fail("BROKER_UNREACHABLE");

    await withRetry({ clock, random: createConstantRandom(byte) }, rule, failing);

    expect(clock.sleepsMs).toEqual(pauses);
  },
);

test.each([
  ["BROKER_RATE_LIMITED", true, false],
  ["BROKER_TIMEOUT", true, false],
  ["BROKER_UNAVAILABLE", true, false],
  ["BROKER_UNREACHABLE", true, true],
  ["BROKER_REFUSED", false, false],
  ["BROKER_REPLY_UNREADABLE", false, false],
  ["BROKER_SIGNATURE_REFUSED", false, false],
  ["BROKER_CLOCK_REFUSED", false, false],
  ["BROKER_CREDENTIALS_REJECTED", false, false],
  ["BROKER_TOKEN_EXPIRED", false, false],
  ["BROKER_TOKEN_REJECTED", false, false],
] as const)("after %s a read is tried again: %s, and what acts: %s", async (code, isRead, isWrite) => {
  const deps = { clock: createJumpingClock(), random: createConstantRandom(0) };
  const read = attempts([fail(code), succeed("answer")]);
  const write = attempts([fail(code), succeed("answer")]);

  await withRetry(deps, rule, read.attempt);
  await withRetry(deps, { ...rule, retried: RETRIED_WRITES }, write.attempt);

  expect([read.made(), write.made()]).toEqual([isRead ? 2 : 1, isWrite ? 2 : 1]);
});

test("the default is three tries and at most a second and a half of pauses", () => {
  expect(DEFAULT_RETRY).toEqual({ attempts: 3, baseMs: 500, maxMs: 4000 });
});
