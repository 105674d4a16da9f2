/** From which figures on the owner is told that something goes wrong, once a day each. */
import { z } from "zod";

const percent = z.number().min(0).max(100);

export const kpisSchema = z.strictObject({
  /** Of the minutes of a day in which a connection was to be used, so many in percent it was ready. */
  uptimePercent: percent.default(99),
  /** How long a connection's calls took, or how late its prices came, on average of a day; milliseconds. */
  latencyMs: z.int().min(1).max(60_000).default(1_000),
  /** Of a hundred trades of the last 30 days, so many won; asked from the 25th trade on. */
  winRatePercent: percent.default(45),
  /** What an account has lost in a day, of the equity that the day began with. */
  dayLossPercent: percent.default(2),
  /** So many breakers may trip in a day. */
  tripsPerDay: z.int().min(0).max(100).default(2),
  /** Memory of the worker. */
  memoryMb: z.int().min(50).max(16_000).default(400),
});
export type KpiThresholds = z.output<typeof kpisSchema>;
