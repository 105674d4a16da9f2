import { randomBytes } from "node:crypto";
import type { Random } from "../random.ts";

/** The system's generator, fit for keys and codes. */
export function createSystemRandom(): Random {
  return { bytes: (count) => new Uint8Array(randomBytes(count)) };
}
