/**
 * Follows a trend: enters when a bar closes beyond the highest or lowest price of the bars before it, in the
 * direction that two averages show, and lets a stop that trails the price end it.
 *
 * 1. Trend: the fast average above the slow one is up, below it is down.
 * 2. Breakout: the latest bar closed above the highest high (below the lowest low) of the `channelBars` bars
 *    before it by at least `breakoutAtr` average ranges.
 * 3. The stop lies `stopAtr` average ranges away, at most `stopPercent`; the take profit `takeProfitRatio` times
 *    as far.
 * 4. A position is left when a bar closes `trailAtr` average ranges under the highest high of the last
 *    `trailBars` bars (a sale: above the lowest low), or when the averages have crossed against it.
 */
import { z } from "zod";
import { type Channel, createAtr, createChannel, createEma, emaWarmup, wilderWarmup } from "./indicators.ts";
import { bars, entryPrice, isAllowed, isUsable, multiple, percent, sides } from "./parameters.ts";
import type { HeldPosition, Signal, Strategy, StrategyContext } from "./strategy.ts";

const parameters = z
  .strictObject({
    fastPeriod: bars.default(20).describe("Bars of the fast average"),
    slowPeriod: bars.default(50).describe("Bars of the slow average"),
    channelBars: bars.default(20).describe("Bars whose highest and lowest price have to be passed"),
    atrPeriod: bars.default(14).describe("Bars of the average true range"),
    breakoutAtr: z
      .number()
      .min(0)
      .max(10)
      .default(0.1)
      .describe("By how many average ranges it has to be passed"),
    stopAtr: multiple.default(2).describe("Distance of the stop in average ranges"),
    stopPercent: percent.default(2).describe("Distance of the stop at most, in percent of the price"),
    takeProfitRatio: multiple.default(3).describe("Distance of the take profit ÷ distance of the stop"),
    trailBars: bars.default(22).describe("Bars whose highest price the exit trails"),
    trailAtr: multiple.default(3).describe("How far behind, in average ranges"),
    sides: sides.default("both").describe("What may be opened"),
  })
  .refine((all) => all.fastPeriod < all.slowPeriod, {
    error: "must be below `slowPeriod`",
    path: ["fastPeriod"],
  });
export type TrendBreakoutParameters = z.output<typeof parameters>;

export const trendBreakout: Strategy<TrendBreakoutParameters> = {
  name: "trend-breakout",
  summary: "Follows a trend out of its channel and lets a trailing stop end it.",
  parameters,
  needs: [],
  warmup: ({ slowPeriod, atrPeriod, channelBars, trailBars }) =>
    Math.max(emaWarmup(slowPeriod), wilderWarmup(atrPeriod), channelBars + 1, trailBars),
  start(given) {
    const fast = createEma(given.fastPeriod);
    const slow = createEma(given.slowPeriod);
    const atr = createAtr(given.atrPeriod);
    const channel = createChannel(given.channelBars);
    const trail = createChannel(given.trailBars);
    const needed = trendBreakout.warmup(given);
    let seen = 0;
    let close = 0;
    /** Of the bars before the latest. */
    let broken: Channel | undefined;
    return {
      bar(bar) {
        seen += 1;
        close = bar.close;
        broken = channel.value();
        for (const one of [fast, slow, atr, channel, trail]) one.add(bar);
      },
      isWarm: () => seen >= needed,
      decide(context) {
        const facts = readFacts({
          ...{ close, broken, fast: fast.value(), slow: slow.value() },
          ...{ atr: atr.value(), trail: trail.value() },
        });
        if (facts === undefined) return hold("Too few bars were seen.");
        const [held] = context.positions;
        return held === undefined ? entry(facts, context, given) : exit(facts, held, given);
      },
    };
  },
};

interface Facts {
  readonly close: number;
  readonly broken: Channel;
  readonly fast: number;
  readonly slow: number;
  readonly atr: number;
  readonly trail: Channel;
}

function readFacts(facts: { readonly [K in keyof Facts]: Facts[K] | undefined }): Facts | undefined {
  return Object.values(facts).includes(undefined) ? undefined : (facts as Facts);
}

function entry(facts: Facts, { price }: StrategyContext, given: TrendBreakoutParameters): Signal {
  const { close, broken, fast, slow, atr } = facts;
  if (!isUsable(price) || !(atr > 0)) return hold("There is no price to go by.");
  const margin = given.breakoutAtr * atr;
  const side = close > broken.high + margin ? "buy" : close < broken.low - margin ? "sell" : undefined;
  if (side === undefined) return hold("The price is inside its channel.");
  const name = side === "buy" ? "above" : "below";
  if (side === "buy" ? fast <= slow : fast >= slow) {
    return hold(`The price broke out ${name} its channel, but against the trend.`);
  }
  if (!isAllowed(given.sides, side)) {
    return hold(`The price broke out ${name} its channel, but only "${given.sides}" is allowed.`);
  }
  const farthest = (entryPrice(price, side) * given.stopPercent) / 100;
  const stopDistance = Math.min(given.stopAtr * atr, farthest);
  const takeProfitDistance = stopDistance * given.takeProfitRatio;
  const why = `The price broke out ${name} its channel of ${given.channelBars} bars, with the trend.`;
  return { kind: "enter", side, stopDistance, takeProfitDistance, why };
}

function exit(facts: Facts, held: HeldPosition, { trailAtr, trailBars }: TrendBreakoutParameters): Signal {
  const { close, fast, slow, atr, trail } = facts;
  const leave = (why: string): Signal => ({ kind: "exit", positionId: held.id, why });
  const isBought = held.side === "buy";
  const line = isBought ? trail.high - trailAtr * atr : trail.low + trailAtr * atr;
  if (isBought ? close < line : close > line) {
    return leave(`The price fell back from its best of ${trailBars} bars by ${trailAtr} average ranges.`);
  }
  if (isBought ? fast < slow : fast > slow) return leave("The trend has turned.");
  return hold("A position is held and the trend goes on.");
}

function hold(why: string): Signal {
  return { kind: "hold", why };
}
