/** What a bot sees of one instrument, and what its strategy wants then. Nothing is decided or written here. */
import type { Temporal } from "temporal-polyfill";
import { z } from "zod";
import { BAR_MINUTES } from "../../config/bar-periods.ts";
import type { BotConfig } from "../../config/bot.ts";
import type {
  Bar,
  HeldPosition,
  Price,
  Sentiment,
  Signal,
  StrategyContext,
} from "../../strategies/strategy.ts";
import type { AccountLedger, Trade } from "../ledger/records.ts";
import type { MarketData, MarketView, Quote } from "./market-data.ts";
import type { ReasonCode } from "./reasons.ts";
import { type BotStrategy, StrategyFault, type StrategyRuns } from "./strategy-runs.ts";
import { pastTrades } from "./todays-trades.ts";

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
  /** What a bot has closed on the New York day, the oldest first. */
  tradesOf?(bot: BotConfig, now: Temporal.Instant): Promise<readonly Trade[]>;
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

/**
 * What a bot looks at: its instruments in their order, and behind them those that have left its list and in which
 * it still has something. The risk engine lets it open nothing there.
 */
export function instrumentsOf(bot: BotConfig, has: Iterable<string>): readonly string[] {
  return [...new Set([...bot.instruments, ...has])];
}

/** Looks at everything that the bot has to do with. A strategy that fails ends what it failed at, and no more. */
export async function lookAtAll(deps: LookDeps, sight: Sight): Promise<readonly Look[]> {
  const { bot, now } = sight;
  const held = (sight.ledger?.lots ?? []).filter((lot) => lot.bot === bot.id);
  const instruments = instrumentsOf(
    bot,
    held.map(({ instrument }) => instrument),
  );
  const over = (reason: ReasonCode, text: string) =>
    instruments.map((instrument): Look => ({ kind: "over", outcome: { instrument, reason, text } }));
  try {
    const strategy = await deps.runs.strategy(bot);
    const needsList = strategy.needs.includes("watchlist");
    const watchlist = needsList ? await deps.watchlistOf?.(bot, now) : undefined;
    // What is held must be left in time, list or no list.
    if (needsList && watchlist === undefined && held.length === 0) {
      return over("NO_WATCHLIST", "There is no scan of today.");
    }
    const trades = strategy.needs.includes("trades") ? await deps.tradesOf?.(bot, now) : undefined;
    const looks: Look[] = [];
    for (const instrument of instruments) {
      looks.push(await lookAt(deps, { ...sight, strategy, instrument, watchlist, trades }));
    }
    return looks;
  } catch (error) {
    if (error instanceof StrategyFault) return instruments.map((one) => failed(one, error));
    throw error;
  }
}

interface InstrumentSight extends Sight {
  readonly strategy: BotStrategy;
  readonly instrument: string;
  readonly watchlist: readonly string[] | undefined;
  readonly trades: readonly Trade[] | undefined;
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
  const unpriced = unpricedBecause(sight, quote);
  // Without a young price nothing is opened, and nobody is kept in a position.
  if (unpriced !== undefined && positionsOf(sight.ledger, bot.id, instrument).length === 0) {
    return over(...unpriced);
  }
  try {
    const { run, seen, isWarm, newest } = await deps.runs.ready(bot, instrument);
    if (!isWarm) {
      return over("WARMING_UP", `${seen} of ${strategy.warmup} ${bot.bars} bars of ${instrument} are there.`);
    }
    const sentiment = strategy.needs.includes("sentiment") ? await deps.sentimentOf?.(instrument) : undefined;
    const price = priceOf(quote, newest);
    if (price === undefined) return over("NO_QUOTE", noPrice(instrument));
    const signal = guarded(() => run.decide(contextOf(sight, price, sentiment)));
    const wish = wishOf(sight, signal);
    if (unpriced !== undefined && wish.kind !== "exit") return over(...unpriced);
    const stale = wish.kind === "enter" ? staleBars(sight, newest?.openAt) : undefined;
    return stale === undefined ? { kind: "wants", wish } : over("BARS_STALE", stale);
  } catch (error) {
    if (error instanceof StrategyFault) return failed(instrument, error);
    throw error;
  }
}

/** Why an instrument has no price by which anything could be opened. */
function unpricedBecause(
  { bot, instrument, now }: InstrumentSight,
  quote: Quote | undefined,
): readonly [ReasonCode, string] | undefined {
  if (quote === undefined) return ["NO_QUOTE", noPrice(instrument)];
  const age = Math.floor((now.epochMilliseconds - quote.at.epochMilliseconds) / 1_000);
  if (age <= bot.limits.quoteAge) return undefined;
  const text = `The price of ${instrument} is ${age} s old; ${bot.limits.quoteAge} are allowed.`;
  return ["QUOTE_STALE", text];
}

function noPrice(instrument: string): string {
  return `There is no price of ${instrument}.`;
}

/** What a strategy goes by: the quote, else the close of the latest bar, as of the instant at which that began. */
function priceOf(quote: Quote | undefined, newest: Bar | undefined): Price | undefined {
  if (quote !== undefined) return { bid: quote.bid.toNumber(), ask: quote.ask.toNumber(), at: quote.at };
  return newest && { bid: newest.close, ask: newest.close, at: newest.openAt };
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
  { bot, now, strategy }: InstrumentSight,
  newestAt: Temporal.Instant | undefined,
): string | undefined {
  // One that asks for no bars goes by none.
  if (newestAt === undefined || strategy.warmup === 0) return undefined;
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
  { bot, now, instrument, ledger, session, watchlist, trades }: InstrumentSight,
  price: Price,
  sentiment: Sentiment | undefined,
): StrategyContext {
  return {
    now,
    instrument,
    price,
    positions: positionsOf(ledger, bot.id, instrument),
    ...(sentiment !== undefined && { sentiment }),
    ...(watchlist !== undefined && { watchlist }),
    ...(trades !== undefined && { trades: pastTrades(trades, instrument) }),
    ...(session !== undefined && { session }),
  };
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
