/** Asks the breakers at the looks of an account's worker, and stops what they trip. */
import { Temporal } from "temporal-polyfill";
import type { Audit } from "../../audit/audit-log.ts";
import { accountId } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { Config } from "../../config/config.ts";
import type { Bus } from "../../platform/bus.ts";
import type { Clock } from "../../platform/clock.ts";
import { toIso } from "../../platform/instant.ts";
import type { Log } from "../../platform/log.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import type { Judge, Standing } from "../account-keeper.ts";
import { asTheyTrade } from "../bot-modes.ts";
import { ZERO } from "../ledger/exact.ts";
import { newBotLedger } from "../ledger/periods.ts";
import { botLedgerId, botLedgers } from "../ledger/records.ts";
import { control, tradingStates } from "../records.ts";
import { botRiskId, botRisks, emptyBotRisk } from "../risk/records.ts";
import { readRejections } from "../ticks/tick-books.ts";
import type { TradedAccount } from "../traded-account.ts";
import { botScope, isStricter } from "../trading-state.ts";
import { announceHalts } from "./announce-halts.ts";
import { type BotStanding, judge, stateOf, type Trip } from "./breakers.ts";
import { noteLatch } from "./control-deps.ts";
import type { Announce } from "./notices.ts";
import { riskEvents } from "./records.ts";
import { tellWarnings } from "./tell-warnings.ts";

export interface BreakerDeps {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly account: TradedAccount;
  readonly config: Pick<Config, "accounts" | "bots">;
  readonly announce: Announce;
  readonly audit?: Audit | undefined;
}

const EVENTS_KEPT = Temporal.Duration.from({ hours: 24 * 400 });
/** Prices move often: looked at no more often than that. */
const JUDGE_EVERY_MS = 1_000;

/** Made once an account and process. An account without limits of its own is judged by those of its bots alone. */
export function createBreakers(deps: BreakerDeps): Judge {
  const { timers, log, account } = deps;
  let judgedAt = Number.NEGATIVE_INFINITY;
  const told = new Set<string>();
  return async (standing) => {
    if (timers.now() - judgedAt < JUDGE_EVERY_MS) return;
    judgedAt = timers.now();
    const found = await judgeNow(deps, standing);
    for (const trip of found.trips) await stop(deps, trip);
    await tellWarnings(deps, found.warnings, told);
    // A latch that a tick has closed is told from here too.
    const bots = await botsOf(deps);
    const isOurs = (scope: string) => scope === account.id || bots.some(({ id }) => scope === botScope(id));
    await announceHalts(deps, isOurs, told).catch((error: unknown) =>
      log.error("halts-not-announced", { account: account.id, error }),
    );
  };
}

/** The bots that trade on the account now, also those that were switched to it. */
async function botsOf({ config, account, store }: BreakerDeps): Promise<readonly BotConfig[]> {
  const near = config.bots.filter((bot) => bot.connection === account.connection.id);
  return (await asTheyTrade(store, near)).filter(({ mode }) => mode === account.mode);
}

async function judgeNow(deps: BreakerDeps, standing: Standing) {
  const { account, config, clock } = deps;
  const own = config.accounts.find((one) => accountId(one.connection, one.mode) === account.id);
  if (own === undefined) return { trips: [], warnings: [] };
  const bots = await Promise.all((await botsOf(deps)).map((bot) => standingOf(deps, bot, standing)));
  return judge({ now: clock.now(), record: standing.record, config: own, bots });
}

async function standingOf(
  { store, account, clock }: BreakerDeps,
  bot: BotConfig,
  { valuation }: Standing,
): Promise<BotStanding> {
  const ledger = await store.get(botLedgers, botLedgerId(account.id, bot.id));
  const risk = (await store.get(botRisks, botRiskId(account.id, bot.id))) ?? emptyBotRisk(account.id, bot.id);
  const isValued = !valuation.unvalued.some((lot) => lot.bot === bot.id);
  return {
    bot,
    ledger: ledger ?? newBotLedger(account.id, bot.id, clock.now()),
    risk,
    unrealised: isValued ? (valuation.byBot.get(bot.id) ?? ZERO) : undefined,
    rejectionsInRow: await readRejections(store, { account, bot, latest: risk.latest ?? [] }),
  };
}

/** Stays until a person lets it go on. What is as strict already is left as it is, with who did it and why. */
async function stop(deps: BreakerDeps, trip: Trip): Promise<void> {
  const { scope, bot, code, text } = trip;
  const { store, bus, clock, account, log } = deps;
  const isNew = await store.transact(async (transaction) => {
    const before = await transaction.get(tradingStates, scope);
    const state = stateOf(trip);
    if (!isStricter(state, before?.state ?? "active")) return false;
    const at = clock.now();
    const why = `${code}: ${text}`;
    transaction.set(tradingStates, scope, { state, who: { kind: "system" }, why, at });
    transaction.set(riskEvents, `${toIso(at)}:${scope}:${code}`, {
      ...{ at, account: account.id, kind: "tripped", code, text, keptUntil: at.add(EVENTS_KEPT) },
      ...(bot !== undefined && { bot }),
    });
    return true;
  });
  if (!isNew) return;
  log.warn("breaker-tripped", { account: account.id, scope, control: code });
  await noteLatch(deps, { state: stateOf(trip), scope, code });
  await bus
    .publish(control, { scope })
    .catch((error: unknown) => log.error("control-not-told", { scope, error }));
}
