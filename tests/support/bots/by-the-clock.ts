/** A strategy of one's own, as a file: in at one time of New York's day and out at another, whatever the market does. */
import { z } from "zod";
import type { Strategy } from "../../../shared/strategies/strategy.ts";

const clockTime = z.string().regex(/^\d\d:\d\d$/);

const parameters = z.strictObject({
  side: z.enum(["buy", "sell"]).default("buy"),
  enterAt: clockTime.default("10:00"),
  exitAt: clockTime.default("15:50"),
  /** Default: at market. */
  limitPrice: z.number().positive().exactOptional(),
  /** Of the price. */
  stopShare: z.number().positive().default(0.01),
});

export const strategy: Strategy<z.output<typeof parameters>> = {
  name: "by-the-clock",
  summary: "Goes in at one time of the day and out at another.",
  parameters,
  needs: [],
  warmup: () => 0,
  start({ side, enterAt, exitAt, limitPrice, stopShare }) {
    return {
      bar() {},
      isWarm: () => true,
      decide({ now, positions, price }) {
        const time = now
          .toZonedDateTimeISO("America/New_York")
          .toPlainTime()
          .toString({ smallestUnit: "minute" });
        const [held] = positions;
        if (held !== undefined && time >= exitAt) {
          return { kind: "exit", positionId: held.id, why: `It is ${exitAt}.` };
        }
        if (held !== undefined || time < enterAt || time >= exitAt) {
          return { kind: "hold", why: `It waits between ${enterAt} and ${exitAt}.` };
        }
        const at = limitPrice ?? (side === "buy" ? price.ask : price.bid);
        return {
          kind: "enter",
          side,
          ...(limitPrice !== undefined && { limitPrice }),
          stopDistance: at * stopShare,
          takeProfitDistance: at * stopShare * 2,
          why: `It is ${enterAt}.`,
        };
      },
    };
  },
};
