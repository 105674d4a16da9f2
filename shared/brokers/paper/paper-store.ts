/**
 * A paper account in the store.
 *
 * 1. Nothing is written under a fence lower than the account has seen.
 * 2. An order, its fills, and what they do to the account are written together or not at all.
 */
import type { Temporal } from "temporal-polyfill";
import type { AccountId, PaperTerms } from "../../config/account.ts";
import type { Store, Transaction } from "../../platform/store.ts";
import type { OrderTicket } from "../trading-broker.ts";
import type { Step } from "./engine.ts";
import {
  type PaperAccount,
  type PaperFill,
  type PaperOrder,
  paperAccounts,
  paperFills,
  paperId,
  paperOrders,
} from "./records.ts";

/** Whose account, and under which fence. */
export interface Led {
  readonly store: Store;
  readonly account: AccountId;
  readonly fence: number;
}

/** Somebody leads the account under a higher fence. */
export const LATE = "late";

/**
 * Takes the account under the fence, and opens it where there is none. What an earlier holder of the account
 * still tries to write from here on fails, also what this one sent and had no answer for: `sought` orders
 * that are not there then will not come any more.
 */
export function claimAccount(
  { store, account, fence }: Led,
  terms: PaperTerms,
  now: Temporal.Instant,
  sought: readonly string[],
): Promise<typeof LATE | { readonly account: PaperAccount; readonly orders: readonly PaperOrder[] }> {
  return store.transact(async (transaction) => {
    const known = await transaction.get(paperAccounts, account);
    if (known !== undefined && known.fence > fence) return LATE;
    const orders: PaperOrder[] = [];
    for (const clientOrderId of sought) {
      const order = await transaction.get(paperOrders, paperId(account, clientOrderId));
      if (order !== undefined) orders.push(order);
    }
    const claimed = { ...(known ?? newAccount(account, terms, now)), fence };
    transaction.set(paperAccounts, account, claimed);
    return { account: claimed, orders };
  });
}

function newAccount(account: AccountId, terms: PaperTerms, now: Temporal.Instant): PaperAccount {
  const { currency, balance } = terms;
  return {
    ...{ account, currency, balance, startBalance: balance, fence: 1, lastOrder: 0, lastFill: 0 },
    ...{ orders: [], positions: [], openedAt: now, changedAt: now },
  };
}

/** What became of an order that was given to be placed. */
export type Placed =
  | typeof LATE
  | "not-sent"
  | { readonly kind: "known"; readonly order: PaperOrder }
  | { readonly kind: "placed"; readonly step: Step };

/** Has an order arrive, once: one that is there already is told as it stands. `mayLeave` is asked right before. */
export function placeIn(
  led: Led,
  { clientOrderId }: OrderTicket,
  mayLeave: () => boolean,
  decide: (account: PaperAccount) => Step,
): Promise<Placed> {
  return led.store.transact(async (transaction) => {
    const account = await leading(transaction, led);
    if (account === undefined) return LATE;
    const order = await transaction.get(paperOrders, paperId(led.account, clientOrderId));
    if (order !== undefined) return { kind: "known", order };
    if (!mayLeave()) return "not-sent";
    const step = decide(account);
    write(transaction, step);
    return { kind: "placed", step };
  });
}

/** Writes what `decide` makes of the account; undefined where that is nothing new. */
export function changeIn(
  led: Led,
  decide: (account: PaperAccount) => Step | undefined,
): Promise<typeof LATE | Step | undefined> {
  return led.store.transact(async (transaction) => {
    const account = await leading(transaction, led);
    if (account === undefined) return LATE;
    const step = decide(account);
    if (step === undefined || step.account === account) return undefined;
    write(transaction, step);
    return step;
  });
}

/** So many fills are read at a time. */
const AT_ONCE = 50;

/** The fills from one number to another, those before `since` left out, in their order. */
export async function fillsBetween(
  { store, account }: Pick<Led, "store" | "account">,
  first: number,
  last: number,
  since: Temporal.Instant,
): Promise<readonly PaperFill[]> {
  const found: PaperFill[] = [];
  for (let upTo = last; upTo >= first; upTo -= AT_ONCE) {
    const from = Math.max(first, upTo - AT_ONCE + 1);
    const ids = Array.from({ length: upTo - from + 1 }, (_, index) => `f${from + index}`);
    const read = await Promise.all(ids.map((id) => store.get(paperFills, paperId(account, id))));
    const known = read.filter((one) => one !== undefined);
    const recent = known.filter(({ at }) => at.epochNanoseconds >= since.epochNanoseconds);
    found.unshift(...recent.map(({ account: _, ...fill }) => fill));
    if (recent.length < known.length) break;
  }
  return found;
}

/** The account, where nobody leads it under a higher fence. */
async function leading(transaction: Transaction, { account, fence }: Led): Promise<PaperAccount | undefined> {
  const known = await transaction.get(paperAccounts, account);
  return known?.fence === fence ? known : undefined;
}

function write(transaction: Transaction, { account, events }: Step): void {
  const name = { account: account.account };
  transaction.set(paperAccounts, account.account, account);
  const touched = new Map<string, PaperOrder>();
  for (const event of events) {
    if (event.kind === "fill") {
      transaction.set(paperFills, paperId(account.account, event.fill.id), { ...name, ...event.fill });
    } else {
      touched.set(event.order.ticket.clientOrderId, event.order);
    }
  }
  for (const [id, order] of touched) {
    transaction.set(paperOrders, paperId(account.account, id), { ...name, ...order });
  }
}
