/** A trading day from the armed morning to the next midnight, minute by minute, with a line for what happens. */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE, sessionOn } from "../../shared/calendar/sessions.ts";
import { accountId } from "../../shared/config/account.ts";
import type { Stored } from "../../shared/platform/store.ts";
import { accounts } from "../../shared/trading/account-record.ts";
import { ZERO } from "../../shared/trading/ledger/exact.ts";
import { accountLedgers, type Trade, trades } from "../../shared/trading/ledger/records.ts";
import { fills } from "../../shared/trading/records.ts";
import { watchlists } from "../../shared/trading/scan/records.ts";
import { type TickRecord, ticks } from "../../shared/trading/ticks/records.ts";
import { barePositions } from "../../shared/trading/watch/watch-trading.ts";
import type { ScriptedOwner } from "../sandbox/owner/scripted-owner.ts";
import { createDayTale, type DayTale, signed } from "./day-tale.ts";
import type { Narrator } from "./narrator.ts";
import type { Stack } from "./stack.ts";

export interface PlayedDay {
  /** Armed, before the open of a full trading day. */
  readonly stack: Stack;
  readonly narrator: Narrator;
  /** Signed in. */
  readonly owner: ScriptedOwner;
  /** How long the owner waits for anything, in real time. */
  readonly patienceMs: number;
}

/** Between two looks at what has happened. */
const STEP = Temporal.Duration.from({ minutes: 5 });
/** By then a stop shall have been hit; if none was, the price is moved to one. */
const STOP_BY = "10:15";

/**
 * Plays it to the end and sums it up. True only where every bot had its ticks, something was traded, a stop was
 * hit, the books agree with the broker, and the log of decisions is whole.
 */
export async function playDay(day: PlayedDay): Promise<boolean> {
  const { stack, narrator } = day;
  const date = today(stack);
  const session = sessionOn(date);
  if (!session.ok || session.value === undefined) throw new Error(`${date} is no trading day.`);
  const { open, close } = session.value;
  const told = { tale: createDayTale(stack.app.platform.store), phone: newMessages(day) };
  await connectSockets(day);
  await told.phone.more();
  await moveTo(day, told, open.subtract({ minutes: 1 }));
  await tellScan(day, date);
  narrator.say("🔔 The market opens.");
  await moveTo(day, told, at(date, STOP_BY));
  if (!(await wasStopHit(stack))) await hitStop(day);
  await moveTo(day, told, close.subtract({ minutes: 29 }));
  await tellLeaveSafe(day, "before the close");
  await moveTo(day, told, close.add({ minutes: 1 }));
  narrator.say("🔔 The market has closed.");
  await moveTo(day, told, at(date, "23:01"), Temporal.Duration.from({ minutes: 60 }));
  await tellLeaveSafe(day, "before midnight");
  await moveTo(day, told, at(date, "23:30"));
  await moveTo(day, told, at(date.add({ days: 1 }), "00:05"), Temporal.Duration.from({ minutes: 35 }));
  return summarize(day, date);
}

/** Connects what does not need its owner each morning: a cTrader connection, by the broker's own pages. */
async function connectSockets({ stack, narrator, owner, patienceMs }: PlayedDay): Promise<void> {
  const wanted = stack.app.options.config.connections.filter((one) => one.broker === "ctrader");
  for (const { id } of wanted) {
    narrator.say(`📱 Connect ${id}: the broker's pages open.`);
    const landing = await owner.comeBack(await owner.logIn(await owner.begin(id)));
    await owner.waitForGreen(id, Number(landing.generation), patienceMs);
  }
}

interface Told {
  readonly tale: DayTale;
  readonly phone: ReturnType<typeof newMessages>;
}

/** What has come to the phone since it was last looked at. */
function newMessages({ owner }: PlayedDay) {
  let seen = 0;
  return {
    async more() {
      const fresh = (await owner.messages()).filter(({ id }) => id > seen);
      seen = Math.max(seen, ...fresh.map(({ id }) => id));
      return fresh;
    },
  };
}

async function moveTo(
  { stack, narrator }: PlayedDay,
  { tale, phone }: Told,
  until: Temporal.Instant,
  step = STEP,
): Promise<void> {
  while (Temporal.Instant.compare(stack.clock.now(), until) < 0) {
    const next = stack.clock.now().add(step);
    await stack.clock.advanceTo(Temporal.Instant.compare(next, until) < 0 ? next : until);
    for (const line of await tale.more()) narrator.tell(line);
    for (const { text } of await phone.more())
      for (const line of text.split("\n")) narrator.tell(`             │ ${line}`);
  }
}

async function tellScan({ stack, narrator }: PlayedDay, date: Temporal.PlainDate): Promise<void> {
  const lists = await stack.app.platform.store.query(watchlists, { where: { date: date.toString() } });
  for (const { value } of lists) {
    narrator.say(`🔎 ${value.bot}: today's list is ${value.instruments.join(", ") || "empty"}.`);
  }
}

/** What is not safe to leave has come to the phone already. */
async function tellLeaveSafe({ stack, narrator }: PlayedDay, when: string): Promise<void> {
  const { platform, options } = stack.app;
  const bare = await barePositions({ store: platform.store, config: options.config });
  const found =
    bare.length === 0 ? "every open position has a resting stop" : `${bare.length} open without one`;
  narrator.say(`🛏  Leave-safe check ${when}: ${found}.`);
}

async function wasStopHit(stack: Stack): Promise<boolean> {
  const all = await stack.app.platform.store.query(fills, {});
  return all.some(({ value }) => value.closed !== undefined && value.clientOrderId === undefined);
}

/** The market does what it does; so that a stop is seen to work, the price of something held goes below it. */
async function hitStop({ stack, narrator }: PlayedDay): Promise<void> {
  const ledgers = await stack.app.platform.store.query(accountLedgers, {});
  // The other simulator has a market of its own.
  const movable = stack.app.options.config.connections
    .filter(({ broker }) => broker === "etrade")
    .flatMap(({ id }) => [accountId(id, "paper"), accountId(id, "live")]);
  const held = ledgers
    .filter(({ value }) => movable.includes(value.account))
    .flatMap(({ value }) => value.lots)
    .find((lot) => lot.stopLoss !== undefined && lot.side === "buy" && lot.bot !== undefined);
  if (held?.stopLoss === undefined) return;
  const price = held.stopLoss.times("0.999").toNumber();
  narrator.say(`🎬 So that you see a stop work, ${held.instrument} falls to ${price.toFixed(2)}.`);
  stack.simulators.etrade.setFaults({ movePrice: { symbol: held.instrument, price, hold: false } });
}

async function summarize({ stack, narrator }: PlayedDay, date: Temporal.PlainDate): Promise<boolean> {
  const { store } = stack.app.platform;
  const closed = (await store.query(trades, {})).map(({ value }) => value);
  const lots = (await store.query(accountLedgers, {})).flatMap(({ value }) => value.lots);
  const kept = (await store.query(accounts, {})).map(({ value }) => value);
  const audit = await stack.app.audit.verify();
  narrator.say("");
  let isComplete = true;
  for (const bot of stack.app.options.config.bots) {
    const own = closed.filter((one) => one.bot === bot.id);
    const seen = await countTicks(stack, bot.id);
    isComplete &&= seen > 0;
    narrator.tell(`   ${bot.id}: ${seen} ticks, ${own.length} trades, ${signed(sum(own))} net.`);
  }
  const isAgreed = kept.every((one) => one.isReconciled);
  narrator.tell(
    `   Books and broker ${isAgreed ? "agree" : "DISAGREE"}; audit chain ${audit.isIntact ? "intact" : "BROKEN"}.`,
  );
  const wasHit = await wasStopHit(stack);
  narrator.tell(
    `   ${date}: ${closed.length} trades closed, ${wasHit ? "a stop was hit" : "NO stop was hit"}, ${lots.filter((one) => one.bot !== undefined).length} positions of bots left open.`,
  );
  return isComplete && closed.length > 0 && wasHit && isAgreed && audit.isIntact;
}

async function countTicks(stack: Stack, bot: string): Promise<number> {
  let count = 0;
  for (let after: Stored<TickRecord> | undefined; ; ) {
    const page = await stack.app.platform.store.query(ticks, { where: { bot }, ...(after && { after }) });
    count += page.length;
    after = page.at(-1);
    if (page.length < 1_000) return count;
  }
}

function sum(all: readonly Trade[]) {
  return all.reduce((total, { net }) => total.plus(net), ZERO);
}

function today(stack: Stack): Temporal.PlainDate {
  return stack.clock.now().toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate();
}

function at(date: Temporal.PlainDate, time: string): Temporal.Instant {
  return date.toZonedDateTime({ timeZone: EXCHANGE_TIME_ZONE, plainTime: time }).toInstant();
}
