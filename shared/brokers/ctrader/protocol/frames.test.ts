import fc from "fast-check";
import { expect, test } from "vitest";
import { createFrameReader, encodeFrame, MAX_FRAME_BYTES } from "./frames.ts";

test("frames come out whole and in order, however the stream is cut", () => {
  const anyFrames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });

  fc.assert(
    fc.property(anyFrames, fc.infiniteStream(fc.integer({ min: 1, max: 30 })), (bodies, sizes) => {
      const got: string[] = [];
      const reader = aReader({ frame: (bytes, start, end) => got.push(hex(bytes.subarray(start, end))) });

      for (const chunk of cut(Buffer.concat(bodies.map(framed)), sizes)) reader.push(chunk);

      expect(got).toEqual(bodies.map(hex));
      expect(reader.heldBytes()).toBe(0);
    }),
    { numRuns: 2_000 },
  );
});

test("a frame within one chunk is handed on in place, and only one that spans chunks is copied", () => {
  const seen: (readonly [Uint8Array, number, number])[] = [];
  const reader = aReader({ frame: (...frame) => seen.push(frame) });
  const first = Buffer.concat([framed([1, 2]), framed([3]), framed([4, 5]).subarray(0, 5)]);
  const second = Buffer.concat([Uint8Array.from([5]), framed([6])]);

  reader.push(first);
  reader.push(second);

  expect(seen.map(([bytes, start, end]) => [...bytes.subarray(start, end)])).toEqual([
    [1, 2],
    [3],
    [4, 5],
    [6],
  ]);
  expect(seen.map(([bytes]) => bytes === first || bytes === second)).toEqual([true, true, false, true]);
});

test("an empty frame is a frame", () => {
  const got: number[] = [];
  const reader = aReader({ frame: (_, start, end) => got.push(end - start) });

  reader.push(Uint8Array.from([0, 0, 0, 0, 0, 0]));
  reader.push(Uint8Array.from([0, 0]));

  expect(got).toEqual([0, 0]);
});

test("a length over the cap is told once, and ends the reading", () => {
  const told: number[] = [];
  let frames = 0;
  const reader = aReader({ frame: () => (frames += 1), tooLong: (length) => told.push(length) });

  reader.push(Buffer.concat([framed([1]), Uint8Array.from([0xff, 0xff, 0xff, 0xff]), framed([2])]));
  reader.push(framed([3]));

  expect([frames, told, reader.heldBytes()]).toEqual([1, [0xffff_ffff], 0]);
});

test("the cap itself is taken, one more is not, also where the length comes byte by byte", () => {
  const told: number[] = [];
  let frames = 0;
  const handlers = { frame: () => (frames += 1), tooLong: (length: number) => told.push(length) };
  const whole = aReader(handlers, { maxFrameBytes: 8 });
  const piecewise = aReader(handlers, { maxFrameBytes: 8 });

  whole.push(framed(new Uint8Array(8)));
  for (const byte of framed(new Uint8Array(8))) piecewise.push(Uint8Array.of(byte));
  for (const byte of framed(new Uint8Array(9))) piecewise.push(Uint8Array.of(byte));

  expect([frames, told]).toEqual([2, [9]]);
});

test("a peer that announces much and sends little makes us hold little", () => {
  const reader = aReader({});

  reader.push(Uint8Array.from([0x00, 0xff, 0xff, 0xff, 1, 2, 3]));

  expect(reader.heldBytes()).toBeLessThanOrEqual(1024);
});

test("what is held grows with what has come, to the cap and no further, and is let go with the frame", () => {
  let frames = 0;
  const reader = aReader({ frame: () => (frames += 1) });
  const whole = framed(new Uint8Array(MAX_FRAME_BYTES));
  let most = 0;

  for (let at = 0; at < whole.length; at += 65_536) {
    reader.push(whole.subarray(at, at + 65_536));
    const come = Math.min(at + 65_536, whole.length);
    expect(reader.heldBytes()).toBeLessThanOrEqual(Math.max(1024, 2 * come));
    most = Math.max(most, reader.heldBytes());
  }

  expect(frames).toBe(1);
  expect(most).toBeLessThanOrEqual(MAX_FRAME_BYTES + 4);
  expect(reader.heldBytes()).toBe(0);
});

test("a hundred thousand frames in one chunk need no stack", () => {
  let frames = 0;
  const reader = aReader({ frame: () => (frames += 1) });

  reader.push(Buffer.concat(new Array(100_000).fill(framed([1]))));

  expect(frames).toBe(100_000);
});

test("a frame's handler may stop the reader: nothing comes after", () => {
  let frames = 0;
  const reader = aReader({
    frame() {
      frames += 1;
      reader.stop();
    },
  });

  reader.push(Buffer.concat([framed([1]), framed([2]), framed([3]).subarray(0, 4)]));
  reader.push(Uint8Array.of(3));

  expect([frames, reader.heldBytes()]).toEqual([1, 0]);
});

test("a frame is written with its length, envelope, payload and id in one piece of memory", () => {
  const frame = encodeFrame(2104, Uint8Array.from([1, 2, 3]), "é");

  expect(hex(frame)).toBe("0000000c08b8101203010203" + "1a02c3a9");
  expect(frame.buffer.byteLength).toBe(frame.length);
});

function aReader(
  handlers: {
    readonly frame?: (bytes: Uint8Array, start: number, end: number) => void;
    readonly tooLong?: (length: number) => void;
  },
  options: { readonly maxFrameBytes?: number } = {},
) {
  return createFrameReader({ frame: () => undefined, tooLong: () => undefined, ...handlers }, options);
}

function framed(body: Uint8Array | readonly number[]): Uint8Array {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, 4);
  return frame;
}

function* cut(bytes: Uint8Array, sizes: Iterator<number>): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = Number(sizes.next().value);
    yield Uint8Array.from(bytes.subarray(at, at + size));
    at += size;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
