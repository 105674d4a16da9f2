/**
 * Makes a trading state true of the orders that are there: while an account or a bot is halted, every order of
 * ours that may still trade is to be cancelled; while it is reducing, those that open, and at a broker those by which
 * a bot would open that was switched to paper. State decides: no kill has to be heard, and one that was missed is made
 * up for by the next look.
 */
import { Temporal } from "temporal-polyfill";
import { ERRORS } from "../../errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store, Stored } from "../../platform/store.ts";
import { botModes } from "../bot-modes.ts";
import { isDone } from "../order-progress.ts";
import { type OrderRecord, orderId, orders, tradingStates, UNSETTLED_STATES } from "../records.ts";
import type { TradedAccount } from "../traded-account.ts";
import { type AskingOrder, readTradingStanding, refusalIn, type TradingStanding } from "../trading-state.ts";

export interface SweepDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly account: TradedAccount;
}

const AGAIN_AFTER = Temporal.Duration.from({ seconds: 3 });

const PAGE = 1_000;
/** Orders that are asked to be cancelled at one point in time; every store takes so many writes. */
const AT_ONCE = 100;

/** The orders that are not over, the waiting ones included: of one account, or of all. */
export async function unfinishedOrders(
  store: Pick<Store, "query">,
  account?: Pick<TradedAccount, "id">,
): Promise<readonly OrderRecord[]> {
  const connection = account && { connection: account.id };
  const found = new Map<string, OrderRecord>();
  // One after the other: asked for at once, an order that goes from one state to the next could be in neither answer.
  for (const state of ["created", ...UNSETTLED_STATES] as const) {
    for (const order of await readAll(store, { ...connection, state })) {
      found.set(orderId(order.connection, order.clientOrderId), order);
    }
  }
  return [...found.values()];
}

async function readAll(
  store: Pick<Store, "query">,
  where: Partial<OrderRecord>,
): Promise<readonly OrderRecord[]> {
  const found: Stored<OrderRecord>[] = [];
  for (;;) {
    const last = found.at(-1);
    const page = await store.query(orders, { where, limit: PAGE, ...(last && { after: last }) });
    found.push(...page);
    if (page.length < PAGE) return found.map(({ value }) => value);
  }
}

/** An order that protects a position: it closes one and waits for its price. */
export function isProtective({ ticket }: Pick<OrderRecord, "ticket">): boolean {
  return ticket.closes !== undefined && ticket.type !== "market";
}

/** Whether an order may not stay as things stand. */
export function mustGo(order: Pick<OrderRecord, "ticket"> & AskingOrder, standing: TradingStanding): boolean {
  return !isProtective(order) && refusalIn(standing, order) !== undefined;
}

/**
 * Asks for the cancelling of what may not stay; gives back whether anything had to go and was not asked to
 * before.
 */
export async function sweepOrders(deps: SweepDeps): Promise<boolean> {
  const { store, clock, account } = deps;
  const known = new Map<string | undefined, TradingStanding>();
  const standingOf = async (bot: string | undefined) => {
    const standing = known.get(bot) ?? (await readTradingStanding(store, account, bot));
    known.set(bot, standing);
    return standing;
  };
  if ((await standingOf(undefined)).state === "active" && !(await hasBotOutOfWork(deps))) return false;
  const going: Going[] = [];
  for (const order of await unfinishedOrders(store, account)) {
    const standing = await standingOf(order.bot);
    if (isBeingCancelled(order, clock.now()) || !mustGo(order, standing)) continue;
    going.push({ order, standing });
  }
  let isAsked = false;
  for (let from = 0; from < going.length; from += AT_ONCE) {
    isAsked = (await askToCancel(deps, going.slice(from, from + AT_ONCE))) || isAsked;
  }
  return isAsked;
}

interface Going {
  readonly order: OrderRecord;
  readonly standing: TradingStanding;
}

/** One or two small questions in place of one for each bot. */
async function hasBotOutOfWork({ store, account }: SweepDeps): Promise<boolean> {
  const stored = await store.query(tradingStates, {});
  if (stored.some(({ id, value }) => id.startsWith("bot:") && value.state !== "active")) return true;
  if (account.mode === "paper") return false;
  return (await store.query(botModes, { where: { mode: "paper" }, limit: 1 })).length > 0;
}

/** Asked for already, and either still to be done or answered just now; what was refused is asked for again. */
function isBeingCancelled(
  { cancelRequestedAt, isDue, changedAt }: OrderRecord,
  now: Temporal.Instant,
): boolean {
  if (cancelRequestedAt === undefined) return false;
  return isDue || Temporal.Instant.compare(now, changedAt.add(AGAIN_AFTER)) < 0;
}

/** An order that no worker has claimed ends here and now: whoever wants to claim it finds it over. */
function askToCancel({ store, clock, account }: SweepDeps, going: readonly Going[]): Promise<boolean> {
  return store.transact(async (transaction) => {
    const found = await Promise.all(
      going.map(async ({ order, standing }) => {
        const id = orderId(account.id, order.clientOrderId);
        return { id, standing, now: await transaction.get(orders, id) };
      }),
    );
    const at = clock.now();
    let isAsked = false;
    for (const { id, standing, now } of found) {
      if (now === undefined || isDone(now.state)) continue;
      isAsked = true;
      const code = refusalIn(standing, now);
      if (now.state === "created" && code !== undefined) {
        const refusal = { code, text: ERRORS[code].summary };
        transaction.set(orders, id, { ...now, state: "refused", refusal, isDue: false, changedAt: at });
      } else {
        const cancelRequestedAt = now.cancelRequestedAt ?? at;
        transaction.set(orders, id, { ...now, isDue: true, cancelRequestedAt, changedAt: at });
      }
    }
    return isAsked;
  });
}
