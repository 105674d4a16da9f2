/**
 * Buys what has fallen too far and sells what has risen too far, by the relative strength index, where what is
 * said of the instrument does not speak against it.
 *
 * 1. A stretch begins when the RSI passes `oversold` or `overbought`, and ends only when it has come back by
 *    `hysteresis` points, so that a value that trembles about the line begins one stretch and not many. It is
 *    good for an entry during its first `entryBars` bars.
 * 2. A sentiment that agrees lets it enter. One that is neutral, or that nobody could give, asks for an RSI that
 *    lies `neutralMargin` points further out: it narrows and never widens. One that contradicts forbids.
 * 3. The stop lies `stopPercent` away, nearer where `stopAtr` average ranges are nearer; the take profit
 *    `takeProfitRatio` times as far as the stop.
 * 4. A position is left when the RSI is back at `exitRsi` (for a sale: at 100 less it), or when the sentiment
 *    turns against it by `exitSentiment`. Only one position is held at a time.
 */
import { z } from "zod";
import { createAtr, createRsi, wilderWarmup } from "./indicators.ts";
import { bars, entryPrice, isAllowed, isUsable, multiple, percent, sides } from "./parameters.ts";
import type { HeldPosition, Sentiment, Signal, Strategy, StrategyContext } from "./strategy.ts";

const parameters = z
  .strictObject({
    rsiPeriod: bars.default(14).describe("Bars of the relative strength index"),
    oversold: z.number().min(1).max(49).default(30).describe("At and below it the price has fallen too far"),
    overbought: z
      .number()
      .min(51)
      .max(99)
      .default(70)
      .describe("At and above it the price has risen too far"),
    hysteresis: z
      .number()
      .min(0)
      .max(30)
      .default(5)
      .describe("Points by which the RSI has to come back before it may begin anew"),
    entryBars: z.int().min(1).max(100).default(3).describe("Bars after the beginning in which it may enter"),
    minimumSentiment: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.2)
      .describe("A score of so much agrees; one of so much with the other sign contradicts"),
    neutralMargin: z
      .number()
      .min(0)
      .max(30)
      .default(5)
      .describe("How many points further out the RSI has to be without a sentiment that agrees"),
    stopPercent: percent.default(1.5).describe("Distance of the stop, in percent of the price"),
    stopAtr: multiple
      .optional()
      .describe("Distance of the stop in average true ranges, where that is nearer"),
    atrPeriod: bars.default(14).describe("Bars of the average true range"),
    takeProfitRatio: multiple.default(2).describe("Distance of the take profit ÷ distance of the stop"),
    exitRsi: z.number().min(40).max(95).default(55).describe("A bought position is left at this RSI"),
    exitSentiment: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.5)
      .describe("A position is left when the score is so much against it"),
    sides: sides.default("both").describe("What may be opened"),
  })
  .refine((all) => all.exitRsi > all.oversold + all.hysteresis, {
    error: "must be above `oversold` and `hysteresis` together",
    path: ["exitRsi"],
  });
export type RsiSentimentParameters = z.output<typeof parameters>;

export const rsiSentiment: Strategy<RsiSentimentParameters> = {
  name: "rsi-sentiment",
  summary: "Buys what has fallen too far and sells what has risen too far, where the news does not disagree.",
  parameters,
  needs: ["sentiment"],
  warmup: ({ rsiPeriod, atrPeriod }) => Math.max(wilderWarmup(rsiPeriod) + 1, wilderWarmup(atrPeriod)),
  start(given) {
    const rsi = createRsi(given.rsiPeriod);
    const atr = createAtr(given.atrPeriod);
    const needed = rsiSentiment.warmup(given);
    let seen = 0;
    let stretch: Stretch | undefined;
    return {
      bar(bar) {
        seen += 1;
        rsi.add(bar);
        atr.add(bar);
        stretch = nextStretch(stretch, rsi.value(), given);
      },
      isWarm: () => seen >= needed,
      decide(context) {
        const facts = { rsi: rsi.value(), atr: atr.value(), stretch };
        const [held] = context.positions;
        return held === undefined ? entry(facts, context, given) : exit(facts, context, held, given);
      },
    };
  },
};

interface Stretch {
  /** Where it leads to. */
  readonly side: "buy" | "sell";
  /** Bars since it began. */
  readonly age: number;
}

interface Facts {
  readonly rsi: number | undefined;
  readonly atr: number | undefined;
  readonly stretch: Stretch | undefined;
}

function nextStretch(
  before: Stretch | undefined,
  rsi: number | undefined,
  { oversold, overbought, hysteresis }: RsiSentimentParameters,
): Stretch | undefined {
  if (rsi === undefined) return undefined;
  if (before?.side !== "buy" && rsi <= oversold) return { side: "buy", age: 0 };
  if (before?.side !== "sell" && rsi >= overbought) return { side: "sell", age: 0 };
  if (before === undefined) return undefined;
  const isBack = before.side === "buy" ? rsi > oversold + hysteresis : rsi < overbought - hysteresis;
  return isBack ? undefined : { side: before.side, age: before.age + 1 };
}

function entry(
  { rsi, atr, stretch }: Facts,
  context: StrategyContext,
  given: RsiSentimentParameters,
): Signal {
  if (rsi === undefined || !isUsable(context.price)) return hold("There is no price to go by.");
  const at = `RSI ${rsi.toFixed(1)}`;
  if (stretch === undefined) {
    return hold(`${at} lies between ${given.oversold} and ${given.overbought}: nothing is stretched.`);
  }
  const { side, age } = stretch;
  const name = side === "buy" ? "oversold" : "overbought";
  if (!isAllowed(given.sides, side)) return hold(`${at} is ${name}, but only "${given.sides}" is allowed.`);
  if (age >= given.entryBars) return hold(`${at} has been ${name} for ${age} bars: too late to enter.`);
  const opinion = opinionOf(context.sentiment, side, given.minimumSentiment);
  if (opinion === "against") return hold(`${at} is ${name}, but the sentiment is against it.`);
  if (opinion === "neutral" && !isFarOut(rsi, side, given)) {
    return hold(`${at} is ${name}, but not far enough for a neutral sentiment.`);
  }
  const stopDistance = distanceOfStop(entryPrice(context.price, side), atr, given);
  const takeProfitDistance = stopDistance * given.takeProfitRatio;
  const why = `${at} is ${name} and the sentiment ${opinion === "for" ? "agrees" : "is neutral"}.`;
  return { kind: "enter", side, stopDistance, takeProfitDistance, why };
}

function isFarOut(rsi: number, side: "buy" | "sell", given: RsiSentimentParameters): boolean {
  const { oversold, overbought, neutralMargin } = given;
  return side === "buy" ? rsi <= oversold - neutralMargin : rsi >= overbought + neutralMargin;
}

function opinionOf(sentiment: Sentiment | undefined, side: "buy" | "sell", least: number) {
  const score = scoreFor(sentiment, side);
  if (score >= least) return "for";
  return score <= -least ? "against" : "neutral";
}

/** The score as seen from a position: above 0 speaks for it. What nobody could say is 0. */
function scoreFor(sentiment: Sentiment | undefined, side: "buy" | "sell"): number {
  if (sentiment === undefined || sentiment.isNeutralised) return 0;
  return side === "buy" ? sentiment.score : -sentiment.score;
}

function distanceOfStop(
  price: number,
  atr: number | undefined,
  { stopPercent, stopAtr }: RsiSentimentParameters,
): number {
  const byPercent = (price * stopPercent) / 100;
  if (stopAtr === undefined || atr === undefined || atr <= 0) return byPercent;
  return Math.min(byPercent, atr * stopAtr);
}

function exit(
  { rsi }: Facts,
  context: StrategyContext,
  held: HeldPosition,
  { exitRsi, exitSentiment }: RsiSentimentParameters,
): Signal {
  const leave = (why: string): Signal => ({ kind: "exit", positionId: held.id, why });
  if (scoreFor(context.sentiment, held.side) <= -exitSentiment) {
    return leave("The sentiment has turned against the position.");
  }
  if (rsi === undefined) return hold("There is no price to go by.");
  const isBack = held.side === "buy" ? rsi >= exitRsi : rsi <= 100 - exitRsi;
  if (isBack) return leave(`RSI ${rsi.toFixed(1)} is back in the middle.`);
  return hold(`A position is held; RSI ${rsi.toFixed(1)} is not back yet.`);
}

function hold(why: string): Signal {
  return { kind: "hold", why };
}
