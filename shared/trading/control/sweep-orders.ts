/**
 * Makes a trading state true of the orders that are there: while an account or a bot is halted, every order of
 * ours that may still trade is to be cancelled; while it is reducing, those that open. State decides: no kill has
 * to be heard, and one that was missed is made up for by the next look.
 */
import { Temporal } from "temporal-polyfill";
import { ERRORS } from "../../errors.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../platform/store.ts";
import { isDone } from "../order-progress.ts";
import { type OrderRecord, orderId, orders, tradingStates, UNSETTLED_STATES } from "../records.ts";
import type { TradedAccount } from "../traded-account.ts";
import { readTradingState, refusalIn, type TradingState } from "../trading-state.ts";

export interface SweepDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly account: TradedAccount;
}

const AGAIN_AFTER = Temporal.Duration.from({ seconds: 3 });

/** The orders of an account that are not over, the waiting ones included. */
export async function unfinishedOrders(
  store: Pick<Store, "query">,
  account: Pick<TradedAccount, "id">,
): Promise<readonly OrderRecord[]> {
  const found: OrderRecord[] = [];
  for (const state of ["created", ...UNSETTLED_STATES] as const) {
    const stored = await store.query(orders, { where: { connection: account.id, state } });
    found.push(...stored.map(({ value }) => value));
  }
  return found;
}

/** An order that protects a position: it closes one and waits for its price. */
export function isProtective({ ticket }: Pick<OrderRecord, "ticket">): boolean {
  return ticket.closes !== undefined && ticket.type !== "market";
}

/** Whether an order may not stay in a trading state. */
export function mustGo(order: Pick<OrderRecord, "ticket">, state: TradingState): boolean {
  if (state === "active" || isProtective(order)) return false;
  return state === "halted" || order.ticket.closes === undefined;
}

/**
 * Asks for the cancelling of what may not stay, order by order; gives back whether anything had to go and was
 * not asked to before.
 */
export async function sweepOrders(deps: SweepDeps): Promise<boolean> {
  const { store, clock, account } = deps;
  const states = new Map<string | undefined, TradingState>();
  const stateOf = async (bot: string | undefined) => {
    const known = states.get(bot) ?? (await readTradingState(store, account, bot));
    states.set(bot, known);
    return known;
  };
  if ((await stateOf(undefined)) === "active" && !(await hasBotOutOfWork(store))) return false;
  let isAsked = false;
  for (const order of await unfinishedOrders(store, account)) {
    const state = await stateOf(order.bot);
    if (isBeingCancelled(order, clock.now()) || !mustGo(order, state)) continue;
    isAsked = (await askToCancel(deps, order, state)) || isAsked;
  }
  return isAsked;
}

/** One small question in place of one for each bot. */
async function hasBotOutOfWork(store: Pick<Store, "query">): Promise<boolean> {
  const stored = await store.query(tradingStates, {});
  return stored.some(({ id, value }) => id.startsWith("bot:") && value.state !== "active");
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
function askToCancel(
  { store, clock, account }: SweepDeps,
  order: OrderRecord,
  state: TradingState,
): Promise<boolean> {
  const id = orderId(account.id, order.clientOrderId);
  return store.transact(async (transaction) => {
    const now = await transaction.get(orders, id);
    if (now === undefined || isDone(now.state)) return false;
    const at = clock.now();
    const code = refusalIn(state, now.ticket);
    if (now.state === "created" && code !== undefined) {
      const refusal = { code, text: ERRORS[code].summary };
      transaction.set(orders, id, { ...now, state: "refused", refusal, isDue: false, changedAt: at });
    } else {
      const cancelRequestedAt = now.cancelRequestedAt ?? at;
      transaction.set(orders, id, { ...now, isDue: true, cancelRequestedAt, changedAt: at });
    }
    return true;
  });
}
