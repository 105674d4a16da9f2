/** Writes a tick down: its record, its orders, what they reserve and what was refused, at one point in time. */
import { Temporal } from "temporal-polyfill";
import type { Mode } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { Clock } from "../../platform/clock.ts";
import { toIso } from "../../platform/instant.ts";
import type { Store, Transaction } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import { modeOf } from "../bot-modes.ts";
import { riskEvents } from "../control/records.ts";
import { type OrderRecord, orderId, orders, tradingStates } from "../records.ts";
import type { Latch } from "../risk/check-order.ts";
import { accountRisks, botRiskId, botRisks } from "../risk/records.ts";
import { botScope } from "../trading-state.ts";
import { warningId } from "../warning-id.ts";
import { latestStart } from "./due-bots.ts";
import { instrumentsOf, type Looked, type Outcome } from "./look.ts";
import { opensBy } from "./make-ticket.ts";
import type { MarketData, MarketView } from "./market-data.ts";
import { openingHours } from "./opening-hours.ts";
import { foremost } from "./reasons.ts";
import { type TickRecord, tickId, ticks } from "./records.ts";
import { readTickBooks } from "./tick-books.ts";
import type { BotPlace, RiskNote, TickTerms, Weighed } from "./tick-terms.ts";
import { orderIdOfWish, weighWishes } from "./weigh-wishes.ts";

export interface WriteTickDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Pick<Timers, "now">;
  readonly market: MarketData;
  readonly build: string;
  /** Whose acknowledgement of a token counts. */
  readonly subscriber: string;
}

export interface TickToWrite extends Looked {
  readonly instant: Temporal.Instant;
  readonly isWorkerAlive: boolean;
  /** When it began, by the machine's passing time. */
  readonly startedMs: number;
}

export interface Written {
  readonly record: TickRecord;
  /** Whether this very call has written it. */
  readonly isNew: boolean;
  /** Orders that the worker has something to do for. */
  readonly due: readonly OrderRecord[];
  /** A latch that has closed, and the scope that it holds. */
  readonly latched?: LatchedScope;
}

export interface LatchedScope extends Pick<Latch, "state" | "code"> {
  readonly scope: string;
}

const TICKS_KEPT = Temporal.Duration.from({ hours: 24 * 60 });
const EVENTS_KEPT = Temporal.Duration.from({ hours: 24 * 400 });

/** Environments in which orders move real money: no bot has earned that yet. */
const REAL_MONEY: readonly string[] = ["production", "live"];

/** The bot was switched since it was looked at: nothing was written, and it has to be looked at anew. */
export interface Moved {
  readonly movedTo: Mode;
}

/** Gives the record that is there already back as it stands. */
export async function writeTick(
  deps: WriteTickDeps,
  place: BotPlace,
  tick: TickToWrite,
): Promise<Written | Moved> {
  const view = await deps.market.view(place.bot.connection);
  return deps.store.transact(async (transaction) => {
    const id = tickId(place.bot.id, tick.instant);
    const before = await transaction.get(ticks, id);
    if (before !== undefined) return { record: before, isNew: false, due: [] };
    const movedTo = await modeOf(transaction, { id: place.bot.id, mode: place.configured });
    if (movedTo !== place.bot.mode) return { movedTo };
    const now = deps.clock.now();
    const weighed =
      tick.wishes.length === 0 ? undefined : await weighIn(deps, transaction, { place, tick, view, now });
    const record = recordOf(deps, place, { tick, weighed, now });
    transaction.set(ticks, id, record);
    const latched = weighed && writeWeighed(transaction, place, { tick, weighed, now });
    return {
      record,
      isNew: true,
      due: [...(weighed?.orders ?? []), ...(weighed?.cancels ?? [])],
      ...(latched !== undefined && { latched }),
    };
  });
}

interface Weighing {
  readonly place: BotPlace;
  readonly tick: TickToWrite;
  readonly view: MarketView;
  readonly now: Temporal.Instant;
}

async function weighIn(
  deps: WriteTickDeps,
  transaction: Transaction,
  { place, tick, view, now }: Weighing,
): Promise<Weighed> {
  const { bot, account } = place;
  const { instant, wishes, closeAt } = tick;
  const books = await readTickBooks(transaction, {
    ...{ account, bot, now, subscriber: deps.subscriber },
    instruments: wishes.map((wish) => wish.instrument),
    clientOrderIds: wishes.flatMap((wish) => orderIdOfWish(bot.id, instant, wish) ?? []),
  });
  const isReal = account.mode === "live" && REAL_MONEY.includes(account.connection.environment);
  const hours = openingHours(account.connection, { now, closeAt });
  const sendBy = latestStart(bot, instant);
  const terms: TickTerms = {
    ...place,
    ...{ instant, now, hours, view, build: deps.build, isWorkerAlive: tick.isWorkerAlive },
    ...{ sendBy, opensBy: opensBy(sendBy, { now, until: hours.until }) },
    mayTradeLive: !isReal,
  };
  return weighWishes(terms, books, wishes);
}

function recordOf(
  { timers }: WriteTickDeps,
  { bot }: BotPlace,
  { tick, weighed, now }: { tick: TickToWrite; weighed: Weighed | undefined; now: Temporal.Instant },
): TickRecord {
  const outcomes = inOrder(bot, [...tick.outcomes, ...(weighed?.outcomes ?? [])]);
  const { reason, text } = foremost(outcomes);
  return {
    bot: bot.id,
    instant: tick.instant,
    ...{ reason, text },
    orders: (weighed?.orders ?? []).map((order) => order.clientOrderId),
    ...(outcomes.length > 1 && { instruments: outcomes }),
    at: now,
    tookMs: Math.max(0, Math.round((timers.now() - tick.startedMs) * 10) / 10),
    keptUntil: now.add(TICKS_KEPT),
  };
}

function inOrder(bot: BotConfig, outcomes: readonly Outcome[]): Outcome[] {
  const instruments = instrumentsOf(
    bot,
    outcomes.map(({ instrument }) => instrument),
  );
  return instruments.flatMap((instrument) => outcomes.filter((one) => one.instrument === instrument));
}

/** The latch that has closed, where one has. */
function writeWeighed(
  transaction: Transaction,
  { bot, account }: BotPlace,
  { tick, weighed, now }: { tick: TickToWrite; weighed: Weighed; now: Temporal.Instant },
): LatchedScope | undefined {
  for (const order of [...weighed.orders, ...weighed.cancels]) {
    transaction.set(orders, orderId(account.id, order.clientOrderId), order);
  }
  if (weighed.isWeighed) {
    transaction.set(botRisks, botRiskId(account.id, bot.id), weighed.botRisk);
    if (weighed.orders.length > 0) transaction.set(accountRisks, account.id, weighed.risk);
  }
  const event = { at: now, account: account.id, bot: bot.id, keptUntil: now.add(EVENTS_KEPT) };
  for (const note of weighed.notes) {
    const { kind, code, text } = note;
    transaction.set(
      riskEvents,
      noteId(note, { bot: bot.id, account: account.id, instant: tick.instant, now }),
      {
        ...event,
        ...{ kind, code, text },
      },
    );
  }
  return weighed.latch && writeLatch(transaction, weighed.latch, event);
}

/** A limit that fills up is told once a mark and day or week, under the name that breakers tell it by; a refusal each time. */
function noteId(
  { kind, clientOrderId, code, reached, scope }: RiskNote,
  of: { bot: string; account: string; instant: Temporal.Instant; now: Temporal.Instant },
): string {
  const { bot, account, instant, now } = of;
  return kind === "warned"
    ? warningId({ subject: scope === "account" ? account : bot, code, reached }, now)
    : `${toIso(instant)}:${clientOrderId}:${code}`;
}

interface EventBasis {
  readonly at: Temporal.Instant;
  readonly account: OrderRecord["connection"];
  readonly bot: string;
  readonly keptUntil: Temporal.Instant;
}

/** Stays until a person lets it go on. */
function writeLatch(
  transaction: Transaction,
  { scope, code, text, state }: Latch,
  event: EventBasis,
): LatchedScope {
  const latched = scope === "account" ? event.account : botScope(event.bot);
  transaction.set(tradingStates, latched, {
    state,
    who: { kind: "system" },
    why: `${code}: ${text}`,
    at: event.at,
  });
  const { bot, ...ofAccount } = event;
  transaction.set(riskEvents, `${toIso(event.at)}:${latched}:${code}`, {
    ...(scope === "account" ? ofAccount : { ...ofAccount, bot }),
    kind: "tripped",
    ...{ code, text },
  });
  return { scope: latched, state, code };
}
