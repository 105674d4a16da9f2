import { expect, test } from "vitest";
import { createPoller } from "./poller.ts";

function setUp(plan: () => number | undefined = () => 15_000) {
  const answers: (() => void)[] = [];
  const timers: { run: () => void; afterMs: number; isOff: boolean }[] = [];
  const poller = createPoller({
    ask: () => new Promise((resolve) => answers.push(resolve)),
    plan,
    schedule(run, afterMs) {
      const timer = { run, afterMs, isOff: false };
      timers.push(timer);
      return () => {
        timer.isOff = true;
      };
    },
  });
  const live = () => timers.filter(({ isOff }) => !isOff);
  return { poller, answers, live };
}

test("after an answer the next question is planned once", async () => {
  const { poller, answers, live } = setUp();

  const asked = poller.now();
  answers[0]?.();
  await asked;

  expect(live().map(({ afterMs }) => afterMs)).toEqual([15_000]);
});

test("whoever asks while a question is under way gets the answer to a later one", async () => {
  const { poller, answers } = setUp();

  const first = poller.now();
  const second = poller.now();
  const third = poller.now();
  answers[0]?.();
  await first;
  await Promise.resolve();
  const askedSoFar = answers.length;
  answers[1]?.();
  await Promise.all([second, third]);

  expect(askedSoFar).toBe(2);
  expect(answers).toHaveLength(2);
});

test("asking now calls off what was planned", async () => {
  const { poller, answers, live } = setUp();
  const asked = poller.now();
  answers[0]?.();
  await asked;

  void poller.now();

  expect(live()).toEqual([]);
});

test("without a plan nothing is asked until somebody does", async () => {
  const { poller, answers, live } = setUp(() => undefined);

  const asked = poller.now();
  answers[0]?.();
  await asked;

  expect(live()).toEqual([]);
});
