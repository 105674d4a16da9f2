import { createHash } from "node:crypto";
import type { Random } from "../random.ts";

/** The same bytes in the same order for the same seed: for tests and simulators, never for keys. */
export function createSeededRandom(seed: string): Random {
  let block = 0;
  let rest = Buffer.alloc(0);
  return {
    bytes(count) {
      while (rest.length < count) {
        rest = Buffer.concat([rest, createHash("sha256").update(`${block}:${seed}`).digest()]);
        block += 1;
      }
      const taken = new Uint8Array(rest.subarray(0, count));
      rest = rest.subarray(count);
      return taken;
    },
  };
}
