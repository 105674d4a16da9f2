import { expect, test } from "vitest";
import { createVirtualTimers } from "../platform/local/virtual-timers.ts";
import { createBell } from "./bell.ts";

function aWait(ms?: number) {
  const timers = createVirtualTimers();
  const bell = createBell(timers);
  const held: { value: string | undefined; looks: number } = { value: undefined, looks: 0 };
  const answers: (string | undefined)[] = [];
  const look = () => {
    held.looks += 1;
    return held.value;
  };
  return { timers, bell, held, answers, wait: () => bell.until(look, ms).then((one) => answers.push(one)) };
}

test("what is there already is given at once, without a timer", async () => {
  const { timers, held, answers, wait } = aWait(1_000);
  held.value = "here";

  await wait();

  expect(answers).toEqual(["here"]);
  expect(timers.pending()).toBe(0);
});

test("a ring makes a wait look again, and one that is over looks no more and leaves no timer", async () => {
  const { timers, bell, held, answers, wait } = aWait(1_000);
  void wait();
  bell.ring();
  held.value = "now";
  bell.ring();
  bell.ring();
  await timers.advance(0);

  expect(answers).toEqual(["now"]);
  expect(held.looks).toBe(3);
  expect(timers.pending()).toBe(0);
});

test("a wait ends without a value after its time, and not before", async () => {
  const { timers, bell, answers, held, wait } = aWait(1_000);
  void wait();

  await timers.advance(999);
  expect(answers).toEqual([]);
  await timers.advance(1);
  expect(answers).toEqual([undefined]);
  bell.ring();
  expect(held.looks).toBe(1);
});
