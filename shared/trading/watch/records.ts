/** What is counted minute by minute, so that a day's figures can be told. */
import { z } from "zod";
import { instantSchema } from "../../platform/instant.ts";
import { collection } from "../../platform/store.ts";

const connectionCountsSchema = z.strictObject({
  /** Minutes in which the connection was to be used, and in which of these it was ready. */
  wanted: z.int().min(0),
  ready: z.int().min(0),
  /** Sum of the delays that were measured, in milliseconds, and how many there were. */
  lagMs: z.number().min(0),
  lags: z.int().min(0),
});

export const dayCountsSchema = z.strictObject({
  /** New York's date. */
  date: z.string(),
  connections: z.record(z.string(), connectionCountsSchema),
  /** The minute that was counted last: a minute counts once. */
  countedAt: instantSchema,
  keptUntil: instantSchema,
});
export type DayCounts = z.output<typeof dayCountsSchema>;

/** By New York's date. */
export const dayCounts = collection("dayCounts", dayCountsSchema, { expiresBy: "keptUntil" });
