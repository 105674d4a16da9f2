import fc from "fast-check";
import { expect, test } from "vitest";
import { LANES, type Lane, Lanes, LONGEST_QUEUE } from "./lanes.ts";

interface Item {
  readonly lane: Lane;
  readonly payloadType: number;
  readonly number: number;
}

let counted = 0;
const an = (lane: Lane, payloadType = 1): Item => ({ lane, payloadType, number: counted++ });

/** Everything that leaves at `now`. */
function leave(lanes: Lanes<Item>, now: number): Item[] {
  const gone: Item[] = [];
  for (let item = lanes.next(now); item !== undefined; item = lanes.next(now)) {
    lanes.left(item.lane, now);
    gone.push(item);
  }
  return gone;
}

const blow = (now: number, sentAt: number, retryAfterMs?: number) => ({ now, sentAt, retryAfterMs });

test("cancels leave before orders, orders before control, control before reads, reads before history", () => {
  const lanes = new Lanes<Item>();
  for (const lane of ["history", "reads", "control", "orders", "cancels", "reads", "orders"] as const)
    lanes.add(an(lane));

  const gone = leave(lanes, 0);

  const order = ["cancels", "orders", "orders", "control", "reads", "reads", "history"];
  expect(gone.map(({ lane }) => lane)).toEqual(order);
  expect(gone[1]?.number).toBeLessThan(gone[2]?.number ?? 0);
  expect(lanes.lookAgainAt(0)).toBeUndefined();
});

test("an order and an authorisation leave at once, however many reads left before them", () => {
  const lanes = new Lanes<Item>();
  for (let n = 0; n < 100; n += 1) lanes.add(an("reads"));
  expect(leave(lanes, 0)).toHaveLength(35);
  for (let n = 0; n < 100; n += 1) lanes.add(an("control"));
  expect(leave(lanes, 1)).toHaveLength(5);

  for (let n = 0; n < 6; n += 1) lanes.add(an("orders"));

  expect(leave(lanes, 2).map(({ lane }) => lane)).toEqual(Array(5).fill("orders"));
  expect(lanes.lookAgainAt(2)).toBe(1000);
  expect(leave(lanes, 999)).toEqual([]);
  expect(leave(lanes, 1000)[0]?.lane).toBe("orders");
});

test("fifty cancels leave at once, and whatever comes after them a little later than a second", () => {
  const lanes = new Lanes<Item>();
  for (let n = 0; n < 10; n += 1) lanes.add(an("orders"));
  for (let n = 0; n < 51; n += 1) lanes.add(an("cancels"));
  lanes.add(an("control"));

  expect(leave(lanes, 0).map(({ lane }) => lane)).toEqual(Array(50).fill("cancels"));
  expect(lanes.lookAgainAt(0)).toBe(1050);
  expect(leave(lanes, 1049)).toEqual([]);
  expect(leave(lanes, 1050)[0]?.lane).toBe("cancels");
});

test("orders leave five to cancels", () => {
  const lanes = new Lanes<Item>();
  for (let n = 0; n < 50; n += 1) lanes.add(an("orders"));
  expect(leave(lanes, 0)).toHaveLength(45);

  for (let n = 0; n < 6; n += 1) lanes.add(an("cancels"));

  expect(leave(lanes, 1).map(({ lane }) => lane)).toEqual(Array(5).fill("cancels"));
});

test("history leaves by twos each half second and takes no room from the others", () => {
  const lanes = new Lanes<Item>();
  for (let n = 0; n < 5; n += 1) lanes.add(an("history"));
  for (let n = 0; n < 40; n += 1) lanes.add(an("reads", 2));

  const counts = [0, 499, 500, 1000].map(
    (now) => leave(lanes, now).filter(({ lane }) => lane === "history").length,
  );

  expect(counts).toEqual([2, 0, 2, 1]);
});

test("a hold lasts as long as the broker asks, and longer with each repeat, up to two minutes", () => {
  const lanes = new Lanes<Item>();

  lanes.hold(7, blow(0, 0, 300_000));
  expect(lanes.heldUntil(7)).toBe(300_000);

  let now = 300_000;
  const pauses = [];
  for (let repeat = 0; repeat < 9; repeat += 1) {
    lanes.hold(7, blow(now, now, 500));
    pauses.push(lanes.heldUntil(7) - now);
    now = lanes.heldUntil(7);
  }

  expect(pauses).toEqual([2000, 4000, 8000, 16_000, 32_000, 64_000, 120_000, 120_000, 120_000]);
});

test("the next look is for whatever may leave first, a held kind before it or not", () => {
  const lanes = new Lanes<Item>();
  for (let n = 0; n < 35; n += 1) lanes.add(an("reads", 2));
  leave(lanes, 0);
  lanes.hold(1, blow(0, 0, 5000));
  lanes.add(an("reads", 1));
  lanes.add(an("reads", 2));

  expect(lanes.lookAgainAt(1)).toBe(1000);
  expect(leave(lanes, 1000)).toMatchObject([{ payloadType: 2 }]);
  expect(lanes.lookAgainAt(1000)).toBe(5000);
});

test("one overrun that is answered many times is one hold", () => {
  const lanes = new Lanes<Item>();

  for (let sentAt = 0; sentAt < 30; sentAt += 1) lanes.hold(7, blow(50, sentAt, 10));

  expect(lanes.heldUntil(7)).toBe(1050);
});

test("the first answer after a hold makes the next one short again; an answer from before it does not", () => {
  const lanes = new Lanes<Item>();
  lanes.hold(7, blow(0, 0));
  lanes.hold(7, blow(1000, 1000));
  expect(lanes.heldUntil(7)).toBe(3000);

  lanes.answered(7, 500);
  expect(lanes.heldUntil(7)).toBe(3000);
  lanes.answered(7, 3000);
  lanes.hold(7, blow(3000, 3000));

  expect(lanes.heldUntil(7)).toBe(4000);
});

test("a full lane turns reads away and never orders", () => {
  const lanes = new Lanes<Item>();
  for (let n = 0; n < LONGEST_QUEUE; n += 1) expect(lanes.add(an("reads"))).toBe(true);

  expect(lanes.add(an("reads"))).toBe(false);
  expect(lanes.add(an("history"))).toBe(true);
  for (let n = 0; n < LONGEST_QUEUE + 1; n += 1) expect(lanes.add(an("orders"))).toBe(true);
  for (let n = 0; n < LONGEST_QUEUE + 1; n += 1) expect(lanes.add(an("cancels"))).toBe(true);
});

test("what was taken out does not leave", () => {
  const lanes = new Lanes<Item>();
  const [first, second] = [an("orders"), an("orders")];
  lanes.add(first);
  lanes.add(second);

  expect(lanes.remove(first)).toBe(true);

  expect(lanes.remove(first)).toBe(false);
  expect(lanes.all()).toEqual([second]);
  expect(leave(lanes, 0)).toEqual([second]);
});

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("add"),
      lane: fc.constantFrom(...LANES),
      payloadType: fc.integer({ min: 1, max: 4 }),
      many: fc.integer({ min: 1, max: 30 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("wait"), ms: fc.integer({ min: 0, max: 700 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("hold"),
      payloadType: fc.integer({ min: 1, max: 4 }),
      retryAfterMs: fc.integer({ min: 0, max: 5000 }),
    }),
  },
) as fc.Arbitrary<
  | { kind: "add"; lane: Lane; payloadType: number; many: number }
  | { kind: "wait"; ms: number }
  | { kind: "hold"; payloadType: number; retryAfterMs: number }
>;

interface Departure {
  readonly item: Item;
  readonly at: number;
}

/** Plays the steps and checks each departure against what waited; then lets the load end. */
function play(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]): {
  readonly added: Item[];
  readonly gone: Departure[];
} {
  const lanes = new Lanes<Item>();
  const added: Item[] = [];
  const gone: Departure[] = [];
  let now = 0;
  const pump = () => {
    for (let item = lanes.next(now); item !== undefined; item = lanes.next(now)) {
      expect(lanes.heldUntil(item.payloadType)).toBeLessThanOrEqual(now);
      const above = LANES.slice(0, LANES.indexOf(item.lane));
      const free = lanes.all().filter(({ payloadType }) => lanes.heldUntil(payloadType) <= now);
      // Within the common window a lane above has at least the room of one below.
      if (item.lane !== "history") expect(free.filter(({ lane }) => above.includes(lane))).toEqual([]);
      expect(free.filter((one) => one.lane === item?.lane && one.number < item.number)).toEqual([]);
      lanes.left(item.lane, now);
      gone.push({ item, at: now });
    }
  };
  for (const one of steps) {
    if (one.kind === "wait") now += one.ms;
    else if (one.kind === "hold") lanes.hold(one.payloadType, blow(now, now, one.retryAfterMs));
    else {
      for (let n = 0; n < one.many; n += 1) {
        const item = an(one.lane, one.payloadType);
        if (lanes.add(item)) added.push(item);
      }
    }
    pump();
  }
  for (let at = lanes.lookAgainAt(now); at !== undefined; at = lanes.lookAgainAt(now)) {
    expect(at).toBeGreaterThan(now);
    now = at;
    const before = gone.length;
    pump();
    expect(gone.length).toBeGreaterThan(before);
  }
  return { added, gone };
}

function mostWithin(moments: readonly number[], windowMs: number): number {
  return Math.max(
    0,
    ...moments.map((from) => moments.filter((at) => at >= from && at < from + windowMs).length),
  );
}

test("whatever comes: no window holds more than its limit, higher lanes first, all leave once in the end", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { added, gone } = play(steps);

      const momentsOf = (...lanes: Lane[]) =>
        gone.filter(({ item }) => lanes.includes(item.lane)).map(({ at }) => at);
      expect(mostWithin(momentsOf("cancels", "orders", "control", "reads"), 1000)).toBeLessThanOrEqual(50);
      expect(mostWithin(momentsOf("orders", "control", "reads"), 1000)).toBeLessThanOrEqual(45);
      expect(mostWithin(momentsOf("control", "reads"), 1000)).toBeLessThanOrEqual(40);
      expect(mostWithin(momentsOf("reads"), 1000)).toBeLessThanOrEqual(35);
      expect(mostWithin(momentsOf("history"), 1000)).toBeLessThanOrEqual(4);
      expect(new Set(gone.map(({ item }) => item)).size).toBe(gone.length);
      expect(gone.map(({ item }) => item.number).sort((a, b) => a - b)).toEqual(
        added.map(({ number }) => number),
      );
    }),
    { numRuns: 150 },
  );
});
