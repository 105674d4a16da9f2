/**
 * One tick of one bot: look, ask the strategy, and write down in one transaction what came of it.
 *
 * 1. A tick is written once, with its orders and what they reserve, or not at all: whoever runs it again, or at
 *    the same time, finds the record and writes nothing.
 * 2. Nothing is sent from here: an order is a record and a wake-up, and a lost wake-up costs seconds.
 * 3. What decides whether an order may be is read in the transaction that writes the order.
 * 4. A bot that was switched to paper trades there from then on: also that is read in the transaction, and a tick
 *    that had looked at the other account looks again.
 * 5. What cannot be read or written throws, and the tick comes again; what a strategy does wrong never does.
 */
import { Temporal } from "temporal-polyfill";
import type { Audit } from "../../audit/audit-log.ts";
import { accountId, type Mode } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { Config } from "../../config/config.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import { isAlive } from "../../tokens/heartbeat.ts";
import { modeOf } from "../bot-modes.ts";
import { noteLatch } from "../control/control-deps.ts";
import { accountLedgers } from "../ledger/records.ts";
import { isDone } from "../order-progress.ts";
import { control, orderId, orders, tradingStates } from "../records.ts";
import { accountRisks } from "../risk/records.ts";
import type { SubmitDeps } from "../submit-order.ts";
import { wakeFor } from "../submit-order.ts";
import { type TradedAccount, tradedAccount } from "../traded-account.ts";
import { botScope, EVERYTHING } from "../trading-state.ts";
import { sessionAt } from "./bot-session.ts";
import { latestStart, minuteOf } from "./due-bots.ts";
import { createTurns } from "./in-turn.ts";
import { type Look, type LookDeps, type Looked, lookAtAll, type Outcome, type Wish } from "./look.ts";
import type { ReasonCode } from "./reasons.ts";
import type { RecentReads } from "./recent-reads.ts";
import type { TickRecord } from "./records.ts";
import type { BotPlace } from "./tick-terms.ts";
import { type LatchedScope, type Written, writeTick } from "./write-tick.ts";

export interface BotTickDeps extends SubmitDeps, LookDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Pick<Timers, "now">;
  readonly reads: RecentReads;
  readonly config: Pick<Config, "bots" | "accounts" | "connections">;
  readonly build: string;
  /** Whose acknowledgement of a token counts. */
  readonly subscriber: string;
  /** Where it is written down what was stopped. */
  readonly audit?: Audit | undefined;
}

export interface TickToRun {
  readonly bot: string;
  /** The scheduled instant. */
  readonly instant: Temporal.Instant;
}

export type TickRun =
  | { readonly kind: "ran" | "ran-before"; readonly record: TickRecord }
  /** The configuration has no such bot any more. */
  | { readonly kind: "unknown-bot" }
  /** Its instant is still to come: it must come again. */
  | { readonly kind: "too-early" };

export type RunBotTick = (tick: TickToRun) => Promise<TickRun>;

/** Clocks of two machines may be so far apart. */
const AHEAD_MS = 5_000;

/** Runs ticks, at any time and any number at once; safe to repeat. */
export function createBotTick(deps: BotTickDeps): RunBotTick {
  const places = placesOf(deps.config);
  const turns = createTurns();

  return async ({ bot: id, instant: given }) => {
    const bot = places.get(id);
    if (bot === undefined) return { kind: "unknown-bot" };
    const instant = minuteOf(given);
    const now = deps.clock.now();
    if (now.epochMilliseconds < instant.epochMilliseconds - AHEAD_MS) return { kind: "too-early" };
    const startedMs = deps.timers.now();
    let mode = await modeOf(deps.reads, { id, mode: bot.configured });
    for (;;) {
      const place = bot[mode];
      const looked = await look(deps, place, { instant, now });
      const opens = looked.wishes.some((wish) => wish.kind === "enter");
      const isWorkerAlive = opens && (await isAlive(deps, deps.subscriber));
      const write = () => writeTick(deps, place, { ...looked, instant, startedMs, isWorkerAlive });
      // Ticks without a wish share nothing with others; those with one would make each other try again.
      const written = looked.wishes.length === 0 ? await write() : await turns.take(place.account.id, write);
      if (!("movedTo" in written)) {
        await wakeAll(deps, place, written);
        return { kind: written.isNew ? "ran" : "ran-before", record: written.record };
      }
      mode = written.movedTo;
    }
  };
}

/** A bot's place in either mode: it may be switched from one to the other while this process runs. */
type BotPlaces = Readonly<Record<Mode, BotPlace>> & Pick<BotPlace, "configured">;

function placesOf({ bots, accounts, connections }: BotTickDeps["config"]): ReadonlyMap<string, BotPlaces> {
  const places = new Map<string, BotPlaces>();
  for (const bot of bots) {
    const connection = connections.find((one) => one.id === bot.connection);
    if (connection === undefined) continue;
    const configured = bot.mode;
    const place = (mode: Mode): BotPlace => {
      const account = tradedAccount(connection, mode);
      const config = accounts.find((one) => accountId(one.connection, one.mode) === account.id);
      return { bot: { ...bot, mode }, configured, account, config };
    };
    places.set(bot.id, { configured, paper: place("paper"), live: place("live") });
  }
  return places;
}

async function look(
  deps: BotTickDeps,
  { bot, account }: BotPlace,
  { instant, now }: { readonly instant: Temporal.Instant; readonly now: Temporal.Instant },
): Promise<Looked> {
  const over = (reason: ReasonCode, text: string): Looked => ({
    outcomes: bot.instruments.map((instrument) => ({ instrument, reason, text })),
    wishes: [],
    closeAt: undefined,
  });
  if (Temporal.Instant.compare(now, latestStart(bot, instant)) > 0) {
    const late = Math.round((now.epochMilliseconds - instant.epochMilliseconds) / 1_000);
    return over("TOO_LATE", `It came ${late} s after its instant; ${bot.toleranceSeconds} s are tolerated.`);
  }
  const session = sessionAt(bot.session, now);
  if (session.kind === "closed") return over(session.reason, session.text);
  const halted = await haltedBy(deps.reads, account, bot);
  if (halted !== undefined) return over("HALTED", halted);
  const { open, close } = session;
  const looks = await lookAtAll(deps, {
    bot,
    now,
    view: await deps.market.view(bot.connection),
    ledger: await deps.reads.get(accountLedgers, account.id),
    session: open === undefined || close === undefined ? undefined : { open, close },
  });
  const rests = await restingIn(deps.reads, account, bot);
  const outcomes: Outcome[] = [];
  const wishes: Wish[] = [];
  for (const one of looks) {
    if (one.kind === "over") {
      outcomes.push(one.outcome);
    } else if (one.wish.kind !== "nothing" || rests.has(one.wish.instrument)) {
      wishes.push(one.wish);
    } else {
      const { instrument, reason, why: text } = one.wish;
      outcomes.push({ instrument, reason, text });
    }
  }
  for (const instrument of rests) {
    if (looks.some((one) => instrumentOf(one) === instrument)) continue;
    wishes.push({
      kind: "nothing",
      instrument,
      reason: "NO_SIGNAL",
      why: "It is not on the bot's list any more.",
    });
  }
  return { outcomes, wishes, closeAt: close };
}

function instrumentOf(look: Look): string {
  return look.kind === "over" ? look.outcome.instrument : look.wish.instrument;
}

/** The instruments in which an order of the bot may still rest, which its strategy may not want any more. */
async function restingIn(
  reads: RecentReads,
  account: TradedAccount,
  bot: BotConfig,
): Promise<ReadonlySet<string>> {
  const resting = new Set<string>();
  const risk = await reads.get(accountRisks, account.id);
  for (const { bot: owner, clientOrderId, instrument } of risk?.reservations ?? []) {
    if (owner !== bot.id) continue;
    const order = await reads.get(orders, orderId(account.id, clientOrderId));
    if (order !== undefined && order.ticket.type !== "market" && !isDone(order.state))
      resting.add(instrument);
  }
  return resting;
}

/** Spares a halted bot its look; whether an order may be is asked again where it is written. */
async function haltedBy(
  reads: RecentReads,
  account: TradedAccount,
  bot: BotConfig,
): Promise<string | undefined> {
  for (const scope of [EVERYTHING, account.id, botScope(bot.id)]) {
    const found = await reads.get(tradingStates, scope);
    if (found?.state === "halted") return `Trading is halted for ${scope}: ${found.why}`;
  }
  return undefined;
}

/** Losing it costs the time until the next look at the trading state. */
async function tellLatch(deps: BotTickDeps, latch: LatchedScope): Promise<void> {
  const { bus, log } = deps;
  const { scope } = latch;
  await noteLatch(deps, latch);
  try {
    await bus.publish(control, { scope });
  } catch (error) {
    log.warn("control-wake-up-lost", { scope, error });
  }
}

/** Of a tick that was written before, only orders that still wait for the worker. */
async function wakeAll(deps: BotTickDeps, { account }: BotPlace, written: Written): Promise<void> {
  if (written.isNew) {
    await Promise.all(written.due.map((order) => wakeFor(deps, order)));
    if (written.latched !== undefined) await tellLatch(deps, written.latched);
    return;
  }
  for (const clientOrderId of written.record.orders) {
    const order = await deps.store.get(orders, orderId(account.id, clientOrderId));
    if (order?.isDue === true) await wakeFor(deps, order);
  }
}
