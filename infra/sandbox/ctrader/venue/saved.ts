/** Accounts as plain data, and back. */
import type { AccountState, AccountTerms } from "./records.ts";
import { isWorking } from "./records.ts";

/** An account without its maps and sets. */
export interface SavedAccount
  extends Pick<
    AccountState,
    "balance" | "balanceVersion" | "registeredAt" | "deals" | "offsets" | "cashFlow" | "marginCalls"
  > {
  readonly ctidTraderAccountId: number;
  readonly orders: readonly (AccountState["orders"] extends Map<number, infer O> ? O : never)[];
  readonly positions: readonly (AccountState["positions"] extends Map<number, infer P> ? P : never)[];
  readonly received: readonly (readonly [string, number])[];
}

/** A copy that later changes do not touch. */
export function saveAccount(account: AccountState): SavedAccount {
  const { balance, balanceVersion, registeredAt, deals, offsets, cashFlow, marginCalls } = account;
  return structuredClone({
    ctidTraderAccountId: account.terms.ctidTraderAccountId,
    balance,
    balanceVersion,
    registeredAt,
    orders: [...account.orders.values()],
    positions: [...account.positions.values()],
    deals,
    offsets,
    cashFlow,
    marginCalls,
    received: [...account.received],
  });
}

/** The account that was saved, under the terms that hold now. */
export function restoreAccount(terms: AccountTerms, saved: SavedAccount): AccountState {
  const { orders, positions, received, ...rest } = structuredClone(saved);
  return {
    ...rest,
    terms,
    orders: new Map(orders.map((order) => [order.orderId, order])),
    positions: new Map(positions.map((position) => [position.positionId, position])),
    working: new Set(orders.filter(isWorking)),
    live: new Set(positions.filter((position) => position.status !== "POSITION_STATUS_CLOSED")),
    received: new Map(received),
  };
}
