/**
 * What is left on an account of bots that the configuration does not name there any more, or that were switched to
 * paper and left it: nobody ticks them there, so nobody decides their exits.
 *
 * 1. Their orders that open are withdrawn, and none of theirs leaves; what closes or protects stays.
 * 2. The owner is told once of each, until the bot was configured and has traded again.
 */
import { Temporal } from "temporal-polyfill";
import { accountId, type Mode } from "../../config/account.ts";
import type { Config } from "../../config/config.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Lease, Leases } from "../../platform/lease.ts";
import type { Log } from "../../platform/log.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import { asTheyTrade, modeOf } from "../bot-modes.ts";
import { accountLedgers, type Lot } from "../ledger/records.ts";
import type { Attend } from "../order-executor.ts";
import { isDone } from "../order-progress.ts";
import { type OrderRecord, orderId, orders } from "../records.ts";
import { botRiskId, botRisks } from "../risk/records.ts";
import { withCancelRequest } from "../submit-order.ts";
import type { TradedAccount } from "../traded-account.ts";
import { type Announce, formerBotNotice } from "./notices.ts";
import { riskEvents } from "./records.ts";
import { unfinishedOrders } from "./sweep-orders.ts";

export interface FormerBotsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly leases: Pick<Leases, "isHeld">;
  readonly account: TradedAccount;
  readonly config: Pick<Config, "bots">;
  readonly announce: Announce;
}

export interface FormerBots {
  /** What is done for the account at each look, with what former bots have left looked after first. */
  before(attend: Attend): Attend;
  /** False for an order by which a former bot would open: it was asked to be cancelled instead. */
  mayLeave(order: OrderRecord): Promise<boolean>;
}

/** Who trades here changes with a restart or a switch: what comes in between comes from another process. */
const LOOK_EVERY_MS = 60_000;
const EVENTS_KEPT = Temporal.Duration.from({ hours: 24 * 400 });

/** The ids of the bots that trade on an account by the configuration. */
export function botsOn({ bots }: Pick<Config, "bots">, account: string): ReadonlySet<string> {
  const own = bots.filter((bot) => accountId(bot.connection, bot.mode) === account);
  return new Set(own.map(({ id }) => id));
}

/** Made once an account and process. */
export function createFormerBots(deps: FormerBotsDeps): FormerBots {
  const { timers, log, account, config } = deps;
  let looked: { readonly fence: number; readonly atMs: number; readonly bots: string } | undefined;

  async function tend(term: Lease): Promise<boolean> {
    const atMs = timers.now();
    const known = await botsHere(deps, config.bots);
    const bots = [...known].join(" ");
    const isSame = looked?.fence === term.fence && looked.bots === bots;
    if (isSame && atMs - (looked?.atMs ?? 0) < LOOK_EVERY_MS) return false;
    const isBusy = await tendFormerBots(deps, term, formerBy(known));
    looked = { fence: term.fence, atMs, bots };
    return isBusy;
  }

  return {
    before: (attend) => async (term) => {
      const isBusy = await tend(term).catch((error: unknown) => {
        log.error("former-bots-not-tended", { account: account.id, error });
        return false;
      });
      return (await attend(term)) || isBusy;
    },
    async mayLeave(order) {
      // One that is to be cancelled is ended by its claim.
      if (order.bot === undefined || order.cancelRequestedAt !== undefined) return true;
      const named = config.bots.filter(({ id }) => id === order.bot);
      if (!isOpening(order, formerBy(await botsHere(deps, named)))) return true;
      await withdraw(deps, [order]);
      return false;
    },
  };
}

/** The ids of those of `bots` that trade on the account now. */
async function botsHere(
  { store, account }: FormerBotsDeps,
  bots: Config["bots"],
): Promise<ReadonlySet<string>> {
  const near = bots.filter((bot) => bot.connection === account.connection.id);
  return botsOn({ bots: [...(await asTheyTrade(store, near))] }, account.id);
}

type IsFormer = (bot: string | undefined) => bot is string;

function formerBy(known: ReadonlySet<string>): IsFormer {
  return (bot): bot is string => bot !== undefined && !known.has(bot);
}

function isOpening({ bot, ticket }: OrderRecord, isFormer: IsFormer): boolean {
  return ticket.closes === undefined && isFormer(bot);
}

/** True where something was withdrawn. */
async function tendFormerBots(deps: FormerBotsDeps, term: Lease, isFormer: IsFormer): Promise<boolean> {
  const { store, account, leases } = deps;
  const ledger = await store.get(accountLedgers, account.id);
  const working = await unfinishedOrders(store, account);
  const lots = ledger?.lots ?? [];
  const bots = new Set([...lots, ...working].map(({ bot }) => bot).filter(isFormer));
  if (bots.size === 0 || !(await store.transact((transaction) => leases.isHeld(transaction, term)))) {
    return false;
  }
  const opening = working.filter((one) => isOpening(one, isFormer));
  const isAsked = opening.length > 0 && (await withdraw(deps, opening));
  for (const bot of bots) {
    await tell(deps, bot, {
      lots: lots.filter((one) => one.bot === bot),
      working: working.filter((one) => one.bot === bot),
    });
  }
  return isAsked;
}

/** Asks for the cancelling of orders that are not over; true where there was one. */
function withdraw({ store, clock }: FormerBotsDeps, opening: readonly OrderRecord[]): Promise<boolean> {
  return store.transact(async (transaction) => {
    const found: OrderRecord[] = [];
    for (const { connection, clientOrderId } of opening) {
      const order = await transaction.get(orders, orderId(connection, clientOrderId));
      if (order !== undefined && !isDone(order.state)) found.push(order);
    }
    for (const order of found) {
      const id = orderId(order.connection, order.clientOrderId);
      transaction.set(orders, id, withCancelRequest(order, clock.now()));
    }
    return found.length > 0;
  });
}

interface Left {
  readonly lots: readonly Lot[];
  readonly working: readonly OrderRecord[];
}

/** The message goes on its way first: a process that dies between the two sends it again, under the same id. */
async function tell(deps: FormerBotsDeps, bot: string, left: Left): Promise<void> {
  const { store, clock, account, config, announce } = deps;
  const risk = await store.get(botRisks, botRiskId(account.id, bot));
  // Its last order's id: another one only once it was configured and has traded again.
  const id = `former:${account.id}:${bot}:${risk?.latest?.[0] ?? "none"}`;
  if ((await store.get(riskEvents, id)) !== undefined) return;
  const configured = config.bots.find((one) => one.id === bot && one.connection === account.connection.id);
  const now = configured && (await besides(deps, configured));
  const notice = formerBotNotice(bot, { account: account.id, now, ...left });
  await announce(id, notice);
  const at = clock.now();
  await store.transact(async (transaction) => {
    transaction.set(riskEvents, id, {
      ...{ at, account: account.id, bot, kind: "warned", code: "BOT_NOT_CONFIGURED" },
      ...{ text: `${notice.title}. ${notice.lines[0] ?? ""}`, keptUntil: at.add(EVENTS_KEPT) },
    });
  });
}

/** How a bot trades on the connection's other account; undefined where the configuration alone has taken it from the broker's. */
async function besides(
  { store, account }: FormerBotsDeps,
  configured: Config["bots"][number],
): Promise<Mode | undefined> {
  const now = await modeOf(store, configured);
  if (account.mode === "paper") return now === "live" ? now : undefined;
  return configured.mode === "live" && now === "paper" ? now : undefined;
}
