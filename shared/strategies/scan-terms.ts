/** What the pre-market scan looks for; `parameters.scan` of a bot whose strategy needs a watchlist. */
import { z } from "zod";

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: "is a time such as 08:30" });

export const scanTermsSchema = z
  .strictObject({
    /** New York's time from which the scan may run, on the exchange's days. */
    from: clockTime.default("08:00"),
    /** New York's time until which it may run. */
    until: clockTime.default("09:25"),
    /** Instruments on the list at most. */
    most: z.int().min(1).max(50).default(5),
    /** Least distance from the close of the day before, in percent, in either direction. */
    gapPercent: z.number().min(0).max(100).default(1),
    /** Which gaps count. */
    gaps: z.enum(["both", "up", "down"]).default("up"),
    /** Least volume before the open, in units. */
    volume: z.number().min(0).default(10_000),
    /** Widest spread, in percent of the middle. */
    spreadPercent: z.number().gt(0).max(100).default(0.5),
    /** Lowest price. */
    lowestPrice: z.number().min(0).default(5),
    /** Highest price. */
    highestPrice: z.number().gt(0).default(1_000),
  })
  .refine((terms) => terms.from < terms.until, { error: "must be before `until`", path: ["from"] })
  .refine((terms) => terms.lowestPrice <= terms.highestPrice, {
    error: "must not be above `highestPrice`",
    path: ["lowestPrice"],
  });
export type ScanTerms = z.output<typeof scanTermsSchema>;
