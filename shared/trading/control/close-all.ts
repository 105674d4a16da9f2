/**
 * Closing what is open: the scope only closes from then on, and each lot gets one order at the market.
 *
 * 1. A lot never has more on its way to be closed than there is of it: what other orders are closing is left out,
 *    and asking again adds nothing while an order of the asking before may still trade.
 * 2. A bot that ticks at the same moment sees these orders in the account's reservations, and they see its own.
 * 3. What a halt stops for everybody else, the owner may close: knowing of that halt, and of no later one.
 */
import { createHash } from "node:crypto";
import type { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../../config/connection.ts";
import { toIso } from "../../platform/instant.ts";
import { fail, type Result, succeed } from "../../platform/result.ts";
import type { Transaction } from "../../platform/store.ts";
import type { Actor } from "../../tokens/records.ts";
import { minus, sum, ZERO } from "../ledger/exact.ts";
import { accountLedgers, type Lot } from "../ledger/records.ts";
import { type OrderRecord, orderId, orders } from "../records.ts";
import { type AccountRisk, accountRisks, emptyAccountRisk, type Reservation } from "../risk/records.ts";
import { isOver } from "../risk/reservations.ts";
import { wakeFor } from "../submit-order.ts";
import { exitTicket } from "../ticks/make-ticket.ts";
import { readTradingStanding } from "../trading-state.ts";
import { actorText, type ControlDeps, noteControl } from "./control-deps.ts";
import { findScope } from "./known-scopes.ts";
import { reduce } from "./resume.ts";
import { isInScope } from "./scopes.ts";
import { isProtective, unfinishedOrders } from "./sweep-orders.ts";

export interface CloseRequest {
  readonly scope?: string | undefined;
  readonly actor: Actor;
  readonly why: string;
  /** Also what was opened by hand or by another program. Default: only what is ours. */
  readonly includesOthers?: boolean | undefined;
}

export interface Closing {
  readonly account: ConnectionId;
  /** The orders that close, those that were on their way already included. */
  readonly orders: readonly string[];
  /** Lots of the account that were left alone: not ours. */
  readonly left: number;
}

export interface Closed {
  readonly scope: string;
  readonly accounts: readonly Closing[];
}

const SEND_WITHIN = Temporal.Duration.from({ minutes: 2 });
const ID_LENGTH = 20;
/** Whose a close is where the lot is no bot's. */
const OWNER = "owner";

/** Lets the scope only close, and has every lot of it closed at the market. Safe to repeat. */
export async function closeAll(
  deps: ControlDeps,
  request: CloseRequest,
): Promise<Result<Closed, "SCOPE_UNKNOWN">> {
  const scope = await findScope(deps, request.scope);
  if (!scope.ok) return fail(scope.code, scope.detail);
  await reduce(deps, { ...request, scope: scope.value });
  const closings: Closing[] = [];
  for (const { id, value } of await deps.store.query(accountLedgers)) {
    const account = value.account;
    if (id !== account || !value.lots.some(({ bot }) => isInScope(scope.value, { account, bot }))) continue;
    const written = await writeCloses(deps, { account, scope: scope.value, request });
    closings.push(written.closing);
    for (const order of written.fresh) await wakeFor(deps, order);
  }
  await noteControl(deps, { actor: request.actor, action: "closed-all", scope: scope.value });
  return succeed({ scope: scope.value, accounts: closings });
}

interface AccountWish {
  readonly account: ConnectionId;
  readonly scope: string;
  readonly request: CloseRequest;
}

interface WrittenCloses {
  readonly closing: Closing;
  readonly fresh: readonly OrderRecord[];
}

async function writeCloses(deps: ControlDeps, wish: AccountWish): Promise<WrittenCloses> {
  const { store, clock } = deps;
  const { account, scope } = wish;
  // Orders that were given without being weighed stand in no reservation.
  const known = (await unfinishedOrders(store, { id: account })).map((order) => order.clientOrderId);
  return store.transact(async (transaction) => {
    const books = await readBooks(transaction, account, known);
    const plan = new ClosePlan(clock.now(), wish, books);
    for (const lot of books.lots) {
      if (!isInScope(scope, { account, bot: lot.bot }) || !plan.isMeant(lot)) continue;
      const { halts } = await readTradingStanding(transaction, { id: account }, lot.bot);
      plan.close(lot, { halts, id: await freeId(transaction, account, lot) });
    }
    for (const order of plan.fresh) {
      transaction.set(orders, orderId(account, order.clientOrderId), order);
    }
    if (plan.fresh.length > 0) {
      const reservations = [...books.risk.reservations, ...plan.fresh.map(reservationOf)];
      transaction.set(accountRisks, account, { ...books.risk, reservations });
    }
    return { closing: plan.closing(), fresh: plan.fresh };
  });
}

interface Books {
  readonly lots: readonly Lot[];
  readonly risk: AccountRisk;
  readonly orders: readonly OrderRecord[];
}

async function readBooks(
  transaction: Pick<Transaction, "get">,
  account: ConnectionId,
  known: readonly string[],
): Promise<Books> {
  const ledger = await transaction.get(accountLedgers, account);
  const risk = (await transaction.get(accountRisks, account)) ?? emptyAccountRisk(account);
  const ids = new Set([...known, ...risk.reservations.map((one) => one.clientOrderId)]);
  const found: OrderRecord[] = [];
  for (const id of ids) {
    const order = await transaction.get(orders, orderId(account, id));
    if (order !== undefined) found.push(order);
  }
  return { lots: ledger?.lots ?? [], risk, orders: found };
}

/** Which lots are closed, and by which orders. */
class ClosePlan {
  readonly fresh: OrderRecord[] = [];
  readonly #now: Temporal.Instant;
  readonly #wish: AccountWish;
  readonly #lots: readonly Lot[];
  readonly #closing: OrderRecord[];
  readonly #orders = new Set<string>();
  #left = 0;

  constructor(now: Temporal.Instant, wish: AccountWish, books: Books) {
    this.#now = now;
    this.#wish = wish;
    this.#lots = books.lots;
    this.#closing = books.orders.filter(
      (one) => one.ticket.closes !== undefined && !isProtective(one) && !isOver(one, now),
    );
  }

  isMeant({ bot, clientOrderId }: Lot): boolean {
    const isOurs = bot !== undefined || clientOrderId !== undefined;
    if (isOurs || this.#wish.request.includesOthers === true) return true;
    this.#left += 1;
    return false;
  }

  /** Closes what nothing on its way closes yet; `id` is one that no order has. */
  close(lot: Lot, { halts, id }: { readonly halts: readonly string[]; readonly id: string }): void {
    const others = this.#closing.filter((one) => one.ticket.closes === lot.positionId);
    for (const one of others) this.#orders.add(one.clientOrderId);
    // A position may be shared, by bots and by hand: neither the lot nor the whole is closed twice.
    const own = minus(lot.quantity, remainingOf(others.filter((one) => one.bot === lot.bot)));
    const shared = this.#lots.filter((one) => one.positionId === lot.positionId && one.side === lot.side);
    const whole = minus(sum(shared.map((one) => one.quantity)), remainingOf(others));
    const quantity = own.lt(whole) ? own : whole;
    if (!quantity.gt(0)) return;
    const order = this.#order(lot, { halts, id, quantity });
    this.#orders.add(id);
    this.#closing.push(order);
    this.fresh.push(order);
  }

  #order(
    lot: Lot,
    {
      halts,
      id,
      quantity,
    }: { readonly halts: readonly string[]; readonly id: string; readonly quantity: Decimal },
  ): OrderRecord {
    const { request, account } = this.#wish;
    const now = this.#now;
    return {
      connection: account,
      clientOrderId: id,
      source: actorText(request.actor).slice(0, 80),
      ...(lot.bot !== undefined && { bot: lot.bot }),
      why: `Closed by the owner: ${request.why}`.slice(0, 500),
      ticket: { ...exitTicket(lot), quantity },
      state: "created",
      isDue: true,
      createdAt: now,
      sendBy: now.add(SEND_WITHIN),
      changedAt: now,
      filledQuantity: ZERO,
      byOwner: { despite: [...halts] },
    };
  }

  closing(): Closing {
    return { account: this.#wish.account, orders: [...this.#orders], left: this.#left };
  }
}

function remainingOf(closing: readonly OrderRecord[]): Decimal {
  const left = closing.map(({ ticket, filledQuantity }) => minus(ticket.quantity, filledQuantity));
  return sum(left.filter((one) => one.gt(0)));
}

/** What bots' ticks see of it. */
function reservationOf({ clientOrderId, bot, ticket, createdAt }: OrderRecord): Reservation {
  const { instrument, side, quantity } = ticket;
  return {
    ...{ clientOrderId, bot: bot ?? OWNER, instrument, side, quantity },
    ...{ unitValue: ZERO, opens: false, at: createdAt },
  };
}

/** The first id of a lot that no order has: the same for everybody who asks before it is taken. */
async function freeId(
  transaction: Pick<Transaction, "get">,
  account: ConnectionId,
  { positionId, bot = OWNER, openedAt, clientOrderId = "" }: Lot,
): Promise<string> {
  for (let attempt = 0; ; attempt += 1) {
    const key = ["close", account, positionId, bot, toIso(openedAt), clientOrderId, attempt].join("|");
    const hash = createHash("sha256").update(key).digest("hex");
    const id = BigInt(`0x${hash}`).toString(36).padStart(ID_LENGTH, "0").slice(-ID_LENGTH);
    if ((await transaction.get(orders, orderId(account, id))) === undefined) return id;
  }
}
