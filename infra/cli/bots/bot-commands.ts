/** What bots do, and why they do nothing, from the records that they left. */
import type { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../../../shared/calendar/sessions.ts";
import { accountId } from "../../../shared/config/account.ts";
import type { BotConfig } from "../../../shared/config/bot.ts";
import { toIso } from "../../../shared/platform/instant.ts";
import type { Store } from "../../../shared/platform/store.ts";
import { switchOf } from "../../../shared/trading/bot-modes.ts";
import { accountLedgers } from "../../../shared/trading/ledger/records.ts";
import type { TickRecord } from "../../../shared/trading/ticks/records.ts";
import { lastTick, nextDue, reportTicks } from "../../../shared/trading/ticks/tick-report.ts";
import { readTradingState } from "../../../shared/trading/trading-state.ts";
import { type OutputOptions, withApp } from "../app-commands.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";
import { formatBots, formatWhy } from "./format-bots.ts";

export interface WhyOptions extends OutputOptions {
  readonly bot?: string;
  /** In New York. */
  readonly day?: Temporal.PlainDate;
}

/** A tick as it is printed. */
export interface PrintedTick {
  readonly instant: string;
  readonly reason: string;
  readonly text: string;
  readonly orders: readonly string[];
  readonly instruments?: TickRecord["instruments"];
  readonly tookMs: number;
}

export interface PrintedBot {
  readonly bot: string;
  readonly account: string;
  readonly strategy: string;
  readonly instruments: readonly string[];
  readonly state: string;
  /** Missing of a bot that trades as it is configured. */
  readonly switched?: { readonly at: string; readonly who: string; readonly why: string };
  readonly positions: number;
  readonly last?: PrintedTick;
  readonly next?: string;
}

export interface PrintedDay {
  readonly bot: string;
  readonly date: string;
  readonly due: number;
  readonly missed: number;
  readonly closed?: string;
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  readonly latest: readonly PrintedTick[];
}

export function runBots(world: World, { json }: OutputOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async ({ app, clock }) => {
    const { store } = app.platform;
    const bots: PrintedBot[] = [];
    for (const bot of app.options.config.bots) bots.push(await describe(store, bot, clock.now()));
    world.terminal.print(json === true ? JSON.stringify(bots, undefined, 2) : formatBots(bots));
    return 0;
  });
}

/** 2 for a bot that the configuration does not have. */
export function runWhy(world: World, { bot: wanted, day, json }: WhyOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async ({ app, clock }) => {
    const { store } = app.platform;
    const all = app.options.config.bots;
    const bots = all.filter((bot) => wanted === undefined || bot.id === wanted);
    if (bots.length === 0 && wanted !== undefined) {
      world.terminal.complain(`There is no bot ${wanted}; there are ${all.map((bot) => bot.id).join(", ")}.`);
      return 2;
    }
    const now = clock.now();
    const date = day ?? now.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate();
    const days: PrintedDay[] = [];
    for (const bot of bots) {
      const { latest, ...report } = await reportTicks({ store }, bot, { date, now });
      days.push({ ...report, latest: latest.map(printed) });
    }
    world.terminal.print(json === true ? JSON.stringify(days, undefined, 2) : formatWhy(days));
    return 0;
  });
}

async function describe(store: Store, bot: BotConfig, now: Temporal.Instant): Promise<PrintedBot> {
  const switched = await switchOf(store, bot);
  const mode = switched === undefined ? bot.mode : "paper";
  const account = accountId(bot.connection, mode);
  const ledger = await store.get(accountLedgers, account);
  const last = await lastTick({ store }, bot, now);
  const next = nextDue(bot, now);
  return {
    bot: bot.id,
    account,
    strategy: bot.strategy,
    instruments: bot.instruments,
    state: await readTradingState(store, { id: account, mode }, bot.id),
    ...(switched !== undefined && {
      switched: { at: toIso(switched.at), who: switched.who.kind, why: switched.why },
    }),
    positions: ledger?.lots.filter((lot) => lot.bot === bot.id).length ?? 0,
    ...(last !== undefined && { last: printed(last) }),
    ...(next !== undefined && { next: toIso(next) }),
  };
}

function printed({ instant, reason, text, orders, instruments, tookMs }: TickRecord): PrintedTick {
  const facts = { instant: toIso(instant), reason, text, orders, tookMs };
  return { ...facts, ...(instruments !== undefined && { instruments }) };
}
