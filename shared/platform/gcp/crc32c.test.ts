import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The remainder by long division, bit by bit: slow, without a table, and without reversed bits. */
function divideBitwise(bytes: Uint8Array): number {
  const reverse = (value: number, width: number): number => {
    let reversed = 0;
    for (let bit = 0; bit < width; bit += 1) if (value & (1 << bit)) reversed |= 1 << (width - 1 - bit);
    return reversed;
  };
  let register = 0xffffffff;
  for (const byte of bytes) {
    register ^= reverse(byte, 8) << 24;
    for (let bit = 0; bit < 8; bit += 1) register = (register << 1) ^ (register < 0 ? 0x1edc6f41 : 0);
  }
  return (reverse(register, 32) ^ 0xffffffff) >>> 0;
}

test.each([
  ["hello", text("hello"), 2_591_144_780],
  ["nothing", new Uint8Array(), 0],
  ["the digits 1 to 9", text("123456789"), 0xe3069283],
  ["RFC 3720: 32 zeros", new Uint8Array(32), 0x8a9136aa],
  ["RFC 3720: 32 ones", new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ["RFC 3720: ascending", Uint8Array.from({ length: 32 }, (_, n) => n), 0x46dd794e],
  ["RFC 3720: descending", Uint8Array.from({ length: 32 }, (_, n) => 31 - n), 0x113fdb5c],
])("the checksum of %s is as published", (_name, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test("the checksum of any bytes is the remainder of the long division", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(crc32c(bytes)).toBe(divideBitwise(bytes));
    }),
  );
});

test("every change of one bit changes the checksum", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), fc.nat(7), (bytes, at, bit) => {
      const changed = Uint8Array.from(bytes);
      changed[at % bytes.length]! ^= 1 << bit;

      expect(crc32c(changed)).not.toBe(crc32c(bytes));
    }),
  );
});
