/** What a bot sees of one instrument, and what its strategy wants then. Nothing is decided or written here. */
import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { BAR_MINUTES } from "../../config/bar-periods.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { HeldPosition, Price, Sentiment, Signal, StrategyContext } from "../../strategies/strategy.ts";
import type { AccountLedger } from "../ledger/records.ts";
import type { MarketData, MarketView, Quote } from "./market-data.ts";
import type { ReasonCode } from "./reasons.ts";
import { type BotStrategy, StrategyFault, type StrategyRuns } from "./strategy-runs.ts";

/** What became of one instrument at a tick. */
export interface Outcome {
  readonly instrument: string;
  readonly reason: ReasonCode;
  /** One sentence. */
  readonly text: string;
}

export type EnterSignal = Extract<Signal, { kind: "enter" }>;

/** What the strategy wants. `nothing` matters while an order of the bot rests. */
export type Wish =
  | { readonly kind: "enter"; readonly instrument: string; readonly signal: EnterSignal }
  | { readonly kind: "exit"; readonly instrument: string; readonly positionId: string; readonly why: string }
  | {
      readonly kind: "nothing";
      readonly instrument: string;
      readonly reason: ReasonCode;
      readonly why: string;
    };

export type Look =
  | { readonly kind: "over"; readonly outcome: Outcome }
  | { readonly kind: "wants"; readonly wish: Wish };

/** What a tick found before anything was written. */
export interface Looked {
  readonly outcomes: readonly Outcome[];
  readonly wishes: readonly Wish[];
  /** When the session ends; undefined where it does not. */
  readonly closeAt: Temporal.Instant | undefined;
}

export interface LookDeps {
  readonly market: MarketData;
  readonly runs: StrategyRuns;
  /** What is thought of an instrument, where a strategy asks for it. Neutral where nobody can say, never a failure. */
  sentimentOf?(instrument: string): Promise<Sentiment>;
  /** The day's list of the pre-market scan; undefined where there was none. */
  watchlistOf?(bot: BotConfig, now: Temporal.Instant): Promise<readonly string[] | undefined>;
}

export interface Sight {
  readonly bot: BotConfig;
  readonly now: Temporal.Instant;
  readonly view: MarketView;
  readonly ledger: AccountLedger | undefined;
  readonly session: StrategyContext["session"];
}

const LONGEST_TEXT = 300;

const why = z.string().transform((text) => text.slice(0, LONGEST_TEXT));
const amount = z.number().positive();

const signalSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("enter"),
    side: z.enum(["buy", "sell"]),
    limitPrice: amount.exactOptional(),
    stopDistance: amount,
    takeProfitDistance: amount.exactOptional(),
    why,
  }),
  z.object({ kind: z.literal("exit"), positionId: z.string().min(1), why }),
  z.object({ kind: z.literal("hold"), why }),
]);

/** Looks at every instrument of the bot, in their order. A strategy that fails ends what it failed at, and no more. */
export async function lookAtAll(deps: LookDeps, sight: Sight): Promise<readonly Look[]> {
  const { bot, now } = sight;
  const over = (reason: ReasonCode, text: string) =>
    bot.instruments.map((instrument): Look => ({ kind: "over", outcome: { instrument, reason, text } }));
  try {
    const strategy = await deps.runs.strategy(bot);
    const needsList = strategy.needs.includes("watchlist");
    const watchlist = needsList ? await deps.watchlistOf?.(bot, now) : undefined;
    // What is held must be left in time, list or no list.
    if (needsList && watchlist === undefined && !isHolding(sight)) {
      return over("NO_WATCHLIST", "There is no scan of today.");
    }
    const looks: Look[] = [];
    for (const instrument of bot.instruments) {
      looks.push(await lookAt(deps, { ...sight, strategy, instrument, watchlist }));
    }
    return looks;
  } catch (error) {
    if (error instanceof StrategyFault) return bot.instruments.map((one) => failed(one, error));
    throw error;
  }
}

interface InstrumentSight extends Sight {
  readonly strategy: BotStrategy;
  readonly instrument: string;
  readonly watchlist: readonly string[] | undefined;
}

async function lookAt(deps: LookDeps, sight: InstrumentSight): Promise<Look> {
  const { bot, instrument, strategy } = sight;
  const over = (reason: ReasonCode, text: string): Look => ({
    kind: "over",
    outcome: { instrument, reason, text },
  });
  const rules = await deps.market.rules(bot.connection, instrument);
  if (rules?.isTradable === false)
    return over("MARKET_CLOSED", `The broker does not trade ${instrument} now.`);
  const quote = sight.view.quote(instrument);
  if (quote === undefined) return over("NO_QUOTE", `There is no price of ${instrument}.`);
  const age = Math.floor((sight.now.epochMilliseconds - quote.at.epochMilliseconds) / 1_000);
  const isOld = age > bot.limits.quoteAge;
  const tooOld = () =>
    over("QUOTE_STALE", `The price of ${instrument} is ${age} s old; ${bot.limits.quoteAge} are allowed.`);
  // An old price opens nothing, and keeps nobody in a position.
  if (isOld && positionsOf(sight.ledger, bot.id, instrument).length === 0) return tooOld();
  try {
    const { run, seen, isWarm, newestAt } = await deps.runs.ready(bot, instrument);
    if (!isWarm) {
      return over("WARMING_UP", `${seen} of ${strategy.warmup} ${bot.bars} bars of ${instrument} are there.`);
    }
    const sentiment = strategy.needs.includes("sentiment") ? await deps.sentimentOf?.(instrument) : undefined;
    const signal = guarded(() => run.decide(contextOf(sight, quote, sentiment)));
    const wish = wishOf(sight, signal);
    if (isOld && wish.kind !== "exit") return tooOld();
    const stale = wish.kind === "enter" ? staleBars(sight, newestAt) : undefined;
    return stale === undefined ? { kind: "wants", wish } : over("BARS_STALE", stale);
  } catch (error) {
    if (error instanceof StrategyFault) return failed(instrument, error);
    throw error;
  }
}

/** What a strategy that fails has left resting is nobody's wish any more. */
function failed(instrument: string, fault: StrategyFault): Look {
  return {
    kind: "wants",
    wish: { kind: "nothing", instrument, reason: "STRATEGY_FAILED", why: textOf(fault) },
  };
}

/** Where nobody trades there are no bars: so many may be missing, and so many minutes. */
const MISSED_BARS = 3;
const LEAST_MISSED_MINUTES = 15;
/** Before a weekend or a holiday a long bar ends, and is still the latest behind it. */
const LONG_BAR_MINUTES = 720;
const REST_MINUTES = 6 * 1_440;
const LONGEST_MONTH_MINUTES = 31 * 1_440;

/** Why a signal to open is none, however fresh the price: the bars that it comes from have stopped coming. */
function staleBars(
  { bot, now }: InstrumentSight,
  newestAt: Temporal.Instant | undefined,
): string | undefined {
  if (newestAt === undefined) return undefined;
  const minutes = bot.bars === "MN1" ? LONGEST_MONTH_MINUTES : BAR_MINUTES[bot.bars];
  const rest = minutes < LONG_BAR_MINUTES ? 0 : REST_MINUTES;
  const most = minutes + rest + Math.max(MISSED_BARS * minutes, LEAST_MISSED_MINUTES);
  const age = Math.floor((now.epochMilliseconds - newestAt.epochMilliseconds) / 60_000);
  return age <= most
    ? undefined
    : `The latest ${bot.bars} bar began ${age} minutes ago; ${most} are allowed.`;
}

/** What a strategy throws is its own fault. */
function guarded<R>(ask: () => R): R {
  try {
    return ask();
  } catch (error) {
    throw new StrategyFault(error instanceof Error ? error.message : "It threw something that is no error.", {
      cause: error,
    });
  }
}

function contextOf(
  { bot, now, instrument, ledger, session, watchlist }: InstrumentSight,
  quote: Quote,
  sentiment: Sentiment | undefined,
): StrategyContext {
  const price: Price = { bid: quote.bid.toNumber(), ask: quote.ask.toNumber(), at: quote.at };
  return {
    now,
    instrument,
    price,
    positions: positionsOf(ledger, bot.id, instrument),
    ...(sentiment !== undefined && { sentiment }),
    ...(watchlist !== undefined && { watchlist }),
    ...(session !== undefined && { session }),
  };
}

function isHolding({ bot, ledger }: Sight): boolean {
  return ledger?.lots.some((lot) => lot.bot === bot.id) === true;
}

/** The bot's own positions: what others hold is not its business. */
function positionsOf(ledger: AccountLedger | undefined, bot: string, instrument: string): HeldPosition[] {
  return (ledger?.lots ?? [])
    .filter((lot) => lot.bot === bot && lot.instrument === instrument)
    .map(({ positionId, side, quantity, price, openedAt }) => ({
      id: positionId,
      side,
      quantity: quantity.toNumber(),
      price: price.toNumber(),
      openedAt,
    }));
}

/** A strategy may be anybody's file: what it answers is looked at before anything is done with it. */
function wishOf(sight: InstrumentSight, given: unknown): Wish {
  const { instrument } = sight;
  const read = signalSchema.safeParse(given);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new StrategyFault(`its answer is none: ${issue?.path.join(".") || "kind"} ${issue?.message ?? ""}`);
  }
  const signal = read.data;
  switch (signal.kind) {
    case "hold":
      return { kind: "nothing", instrument, reason: whyNothing(sight), why: signal.why };
    case "exit":
      return { kind: "exit", instrument, positionId: signal.positionId, why: signal.why };
    case "enter":
      return { kind: "enter", instrument, signal };
    default:
      return signal satisfies never;
  }
}

function whyNothing({ bot, instrument, watchlist, ledger }: InstrumentSight) {
  const isLeftOut = watchlist?.includes(instrument) === false;
  return isLeftOut && positionsOf(ledger, bot.id, instrument).length === 0 ? "NOT_ON_WATCHLIST" : "NO_SIGNAL";
}

function textOf(fault: StrategyFault): string {
  return `The strategy failed: ${fault.message}`.slice(0, LONGEST_TEXT);
}
