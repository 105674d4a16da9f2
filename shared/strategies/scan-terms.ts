/** What the pre-market scan looks for; `parameters.scan` of a bot whose strategy needs a watchlist. */
import { z } from "zod";

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "is a time such as 08:30" });

export const scanTermsSchema = z
  .strictObject({
    from: clockTime
      .default("08:00")
      .describe("New York's time from which the scan may run, on the exchange's days"),
    until: clockTime.default("09:25").describe("New York's time until which it may run"),
    most: z.int().min(1).max(50).default(5).describe("Instruments on the list at most"),
    gapPercent: z
      .number()
      .min(0)
      .max(100)
      .default(1)
      .describe("Least distance from the close of the day before, in percent, in either direction"),
    gaps: z.enum(["both", "up", "down"]).default("up").describe("Which gaps count"),
    volume: z.number().min(0).default(10_000).describe("Least volume before the open, in units"),
    spreadPercent: z.number().gt(0).max(100).default(0.5).describe("Widest spread, in percent of the middle"),
    lowestPrice: z.number().min(0).default(5).describe("Lowest price"),
    highestPrice: z.number().gt(0).default(1_000).describe("Highest price"),
  })
  .refine((terms) => terms.from < terms.until, { error: "must be before `until`", path: ["from"] })
  .refine((terms) => terms.lowestPrice <= terms.highestPrice, {
    error: "must not be above `highestPrice`",
    path: ["lowestPrice"],
  });
export type ScanTerms = z.output<typeof scanTermsSchema>;
