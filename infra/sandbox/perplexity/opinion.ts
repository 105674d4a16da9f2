/** What the simulated Perplexity thinks of an instrument. */
import { createHash } from "node:crypto";
import type { Temporal } from "temporal-polyfill";
import type { PerplexityFaults } from "./faults.ts";

/** An opinion stands for so long on the clock. */
const STANDS_MS = 6 * 60 * 60 * 1_000;
const FIXED = { good: 0.8, bad: -0.8, neutral: 0 } as const;

/** A score with two decimals; the same seed, instrument and six hours give the same one. */
export function opinionOf(
  seed: string,
  instrument: string,
  { mood, now }: { readonly mood: PerplexityFaults["mood"]; readonly now: Temporal.Instant },
): number {
  if (mood !== "by-instrument") return FIXED[mood];
  const turn = Math.floor(now.epochMilliseconds / STANDS_MS);
  const drawn = createHash("sha256").update(`${seed}:${instrument}:${turn}`).digest().readUInt32BE(0);
  return Math.round((drawn / 0xffff_ffff) * 200 - 100) / 100;
}
