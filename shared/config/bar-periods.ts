import type { BAR_PERIODS } from "./connection.ts";

export type BarPeriod = (typeof BAR_PERIODS)[number];

/** How long a bar lasts, in minutes; a month has no one length. */
export const BAR_MINUTES: Readonly<Record<Exclude<BarPeriod, "MN1">, number>> = {
  M1: 1,
  M2: 2,
  M3: 3,
  M4: 4,
  M5: 5,
  M10: 10,
  M15: 15,
  M30: 30,
  H1: 60,
  H4: 240,
  H12: 720,
  D1: 1_440,
  W1: 10_080,
};
