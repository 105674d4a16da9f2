/**
 * What is looked at each minute for the owner's sake: what was stopped and not told, kills that were confirmed,
 * books that disagree, orders of which nobody knows, figures out of bounds, and positions that cannot be left alone overnight. Each thing is told once, whoever looks
 * and however often.
 */
import { Temporal } from "temporal-polyfill";
import { accountId } from "../../config/account.ts";
import type { Config } from "../../config/config.ts";
import type { KpiThresholds } from "../../config/kpis.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Store } from "../../platform/store.ts";
import { accounts } from "../account-record.ts";
import { announceHalts } from "../control/announce-halts.ts";
import { type Announce, tellReceipt } from "../control/notices.ts";
import { kills, riskEvents } from "../control/records.ts";
import { unfinishedOrders } from "../control/sweep-orders.ts";
import { explainKill } from "../control/why-unasked.ts";
import { performanceOf } from "../ledger/performance.ts";
import { accountLedgers, type Lot, trades } from "../ledger/records.ts";
import { newYorkDate } from "../new-york-day.ts";
import { positions } from "../records.ts";
import { countMinute } from "./count-minute.ts";
import { kpiAlarms } from "./kpis.ts";
import { leaveLook, unguardedLots } from "./leave-safe.ts";
import { watchBooks } from "./watch-books.ts";

export interface WatchDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Pick<Config, "bots" | "accounts" | "connections">;
  readonly bounds: KpiThresholds;
  readonly announce: Announce;
  /** Of the worker, in MB, where it has said so lately. */
  memoryOf(): Promise<number | undefined>;
}

const RECEIPTS_OF = Temporal.Duration.from({ hours: 12 });
const OPEN_FOR = Temporal.Duration.from({ seconds: 10 });
const TRADES_OF = Temporal.Duration.from({ hours: 24 * 30 });
const MOST_TRADES = 500;
const MOST_EVENTS = 500;
const MOST_KILLS = 20;
/** A figure of a day moves slowly. */
const JUDGED_EVERY_MINUTES = 10;

/** Looks at everything; one look that fails keeps no other from being taken. Throws what failed, at the end. */
export async function watchTrading(deps: WatchDeps): Promise<void> {
  const looks = [
    () => announceHalts(deps, () => true, new Set()),
    () => tellReceipts(deps),
    () => watchBooks(deps),
    () => watchFigures(deps),
    () => watchPositions(deps),
  ];
  const errors: unknown[] = [];
  for (const look of looks) await look().catch((error: unknown) => errors.push(error));
  if (errors.length > 0) throw new AggregateError(errors, "Not everything could be looked at.");
}

async function tellReceipts(deps: WatchDeps): Promise<void> {
  const { store, clock } = deps;
  const now = clock.now();
  const [since, until] = [now.subtract(RECEIPTS_OF), now.subtract(OPEN_FOR)];
  for (const { value } of await store.query(kills, { orderBy: ["at", "desc"], limit: MOST_KILLS })) {
    if (Temporal.Instant.compare(value.confirmedAt ?? value.at, since) < 0) continue;
    // What is confirmed within seconds is told once, complete.
    if (value.isOpen && Temporal.Instant.compare(value.at, until) > 0) continue;
    await tellReceipt(deps, await explainKill(deps, value));
  }
}

async function watchFigures(deps: WatchDeps): Promise<void> {
  const { store, clock, bounds, announce } = deps;
  const now = clock.now();
  const date = newYorkDate(now);
  const counts = await countMinute(deps, now);
  if (Math.floor(now.epochMilliseconds / 60_000) % JUDGED_EVERY_MINUTES !== 0) return;
  const [stored, closed, events, memoryMb] = await Promise.all([
    store.query(accounts),
    store.query(trades, { orderBy: ["closedAt", "desc"], limit: MOST_TRADES }),
    store.query(riskEvents, { orderBy: ["at", "desc"], limit: MOST_EVENTS }),
    deps.memoryOf(),
  ]);
  const since = now.subtract(TRADES_OF);
  const lately = closed
    .map(({ value }) => value)
    .filter(({ closedAt }) => Temporal.Instant.compare(closedAt, since) >= 0);
  const trips = events.filter(
    ({ value }) => value.kind === "tripped" && newYorkDate(value.at) === date,
  ).length;
  const facts = {
    ...{ date, counts, trips, memoryMb, accounts: stored.map(({ value }) => value) },
    performance: performanceOf(lately),
  };
  for (const { name, subject, text } of kpiAlarms(facts, bounds)) {
    await announce(`kpi:${date}:${name}:${subject}`, {
      ...{ sign: "warning", title: "A figure is out of bounds", lines: [text] },
    });
  }
}

async function watchPositions(deps: WatchDeps): Promise<void> {
  const { clock, announce } = deps;
  const now = clock.now();
  const look = leaveLook(now);
  if (look === undefined) return;
  const bare = await barePositions(deps);
  if (bare.length === 0) return;
  await announce(`leave:${newYorkDate(now)}:${look.replaceAll(" ", "-")}`, {
    sign: "warning",
    title: `Not safe to leave: ${bare.length} open without a resting stop, ${look}`,
    lines: [
      ...bare.map(
        ({ account, lot }) =>
          `${lot.instrument} ${lot.side === "buy" ? "long" : "short"} ${lot.quantity.toFixed()} · ${lot.bot ?? "by hand"} · ${account}`,
      ),
      "Place a stop at the broker, or close it with /close.",
    ],
  });
}

/** The positions of ours that cannot be left alone now, of all accounts. */
export async function barePositions({
  store,
  config,
}: Pick<WatchDeps, "store" | "config">): Promise<readonly { readonly account: string; readonly lot: Lot }[]> {
  const bare: { readonly account: string; readonly lot: Lot }[] = [];
  for (const { value: ledger } of await store.query(accountLedgers)) {
    if (ledger.lots.length === 0) continue;
    const { account, lots } = ledger;
    const open = await store.query(positions, { where: { connection: account } });
    const record = await store.get(accounts, account);
    const found = unguardedLots({
      ...{ account, lots, positions: open.map(({ value }) => value), working: record?.working ?? [] },
      unfinished: await unfinishedOrders(store, { id: account }),
      bots: config.bots.filter((bot) => accountId(bot.connection, bot.mode) === account),
    });
    bare.push(...found.map((lot) => ({ account, lot })));
  }
  return bare;
}
