import { expect, test } from "vitest";
import { createVirtualTimers } from "./virtual-timers.ts";

test("what is due on the way fires in the order of time, ties in the order of asking, each at its own time", async () => {
  const timers = createVirtualTimers();
  const fired: [string, number][] = [];
  const note = (name: string) => () => fired.push([name, timers.now()]);
  timers.after(20, note("second"));
  timers.after(10, note("first"));
  timers.after(20, note("third"));
  timers.after(31, note("late"));

  await timers.advance(30);

  expect(fired).toEqual([
    ["first", 10],
    ["second", 20],
    ["third", 20],
  ]);
  expect([timers.now(), timers.pending()]).toEqual([30, 1]);
});

test("what a timer sets off is settled before the next, and may set timers that are due on the way", async () => {
  const timers = createVirtualTimers();
  const seen: string[] = [];
  timers.after(10, () => {
    void Promise.resolve().then(() => timers.after(5, () => seen.push("from a promise")));
  });
  timers.after(20, () => seen.push("after it"));

  await timers.advance(20);

  expect(seen).toEqual(["from a promise", "after it"]);
});

test("a cancelled timer never fires", async () => {
  const timers = createVirtualTimers();
  const seen: string[] = [];
  const cancel = timers.after(1, () => seen.push("fired"));
  cancel();

  await timers.advance(10);

  expect(seen).toEqual([]);
});
