import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { type SocketRecord, socketDownSince, socketSchema } from "./socket-state.ts";

const NOON = Temporal.Instant.from("2026-11-23T12:00:00Z");
const at = (minute: number) => NOON.add({ seconds: Math.round(minute * 60) });

const aSocket = (over: Partial<SocketRecord> = {}): SocketRecord => ({
  connection: "ctrader-demo" as SocketRecord["connection"],
  phase: "ready",
  ready: true,
  readySince: at(0),
  epoch: 1,
  build: "test",
  at: at(0),
  ...over,
});

const down = (record: SocketRecord | undefined, minute: number, wantedSince = at(-600)) =>
  socketDownSince(record, { now: at(minute), wantedSince })?.toString();

test("what a worker writes is what it reads", () => {
  const record = aSocket({ lagMs: 12.5, lastFrameAt: at(1), lastTrouble: "silent", generation: 3 });

  expect(socketSchema.decode(socketSchema.encode(record))).toEqual(record);
});

test("a ready socket is up for as long as its worker has said so within two minutes", () => {
  expect(down(aSocket({ at: at(10) }), 11.9)).toBeUndefined();
  expect(down(aSocket({ at: at(10) }), 12)).toBe(at(10).toString());
});

test("one that is not ready is down two minutes after it was ready, however often it is tried", () => {
  const trying = (minute: number) =>
    aSocket({ ready: false, phase: "connecting", readySince: at(10), at: at(minute) });

  expect(down(trying(11.9), 11.9)).toBeUndefined();
  expect(down(trying(15), 15)).toBe(at(10).toString());
});

test("nothing is down for want of a token, nor in the first two minutes of one", () => {
  const waiting = aSocket({ ready: false, phase: "waiting", waitingFor: "token", readySince: at(-300) });

  expect(down(waiting, 1.9, at(0))).toBeUndefined();
  expect(down(waiting, 2, at(0))).toBe(at(0).toString());
});

test("one that no worker ever held is down two minutes after there was a token for it", () => {
  expect(down(undefined, 1, at(0))).toBeUndefined();
  expect(down(undefined, 2, at(0))).toBe(at(0).toString());
});
