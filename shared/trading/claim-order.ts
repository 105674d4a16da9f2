/** The last look at everything that an order needs, and the claim to send it, as one point in time. */
import { Temporal } from "temporal-polyfill";
import { ERRORS, type ErrorCode } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import type { Lease, Leases } from "../platform/lease.ts";
import type { Store, Transaction } from "../platform/store.ts";
import { acknowledgementId, isAcknowledged } from "../tokens/acknowledger.ts";
import { policyOf } from "../tokens/policy.ts";
import { acknowledgements, type TokenRecord, tokens } from "../tokens/records.ts";
import { isLive, tokenState } from "../tokens/token-state.ts";
import { accounts } from "./account-record.ts";
import { sum } from "./ledger/exact.ts";
import { accountLedgers } from "./ledger/records.ts";
import { protectionId, protections } from "./protection/records.ts";
import { type OrderRecord, orders } from "./records.ts";
import type { TradedAccount } from "./traded-account.ts";
import { isKeptStop, readTradingStanding, refusalIn, type TradingStanding } from "./trading-state.ts";

export interface ClaimDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly leases: Pick<Leases, "isHeld">;
  readonly account: TradedAccount;
  /** Whose acknowledgement of the token counts. */
  readonly subscriber: string;
}

/** The order is this term's to send, once. */
export interface Claimed {
  readonly kind: "claimed";
  readonly order: OrderRecord;
  readonly tradingState: TradingStanding;
  /** Until when the acknowledged token lives; undefined where there is none any more, and where none is needed. */
  readonly tokenEndsAt: Temporal.Instant | undefined;
}

export type Claim =
  | Claimed
  /** It is over without having been sent. */
  | { readonly kind: "ended"; readonly order: OrderRecord }
  /** Not now; nothing was changed. */
  | {
      readonly kind: "left";
      readonly reason: "not-leading" | "no-token" | "not-reconciled" | "not-there" | "taken";
    };

/**
 * Claims an order for a term. Repeating it within the term gives the same claim again: only who has not sent
 * the order yet may ask.
 */
export function claimOrder(deps: ClaimDeps, term: Lease, id: string): Promise<Claim> {
  return deps.store.transact((transaction) => claimIn(deps, transaction, { term, id }));
}

async function claimIn(
  deps: ClaimDeps,
  transaction: Transaction,
  { term, id }: { readonly term: Lease; readonly id: string },
): Promise<Claim> {
  const { account, clock, leases } = deps;
  const order = await transaction.get(orders, id);
  const isHeld = await leases.isHeld(transaction, term);
  const tradingState = await readTradingStanding(transaction, account, order?.bot);
  const token = account.mode === "paper" ? undefined : await usableToken(deps, transaction);
  const agrees = await hasAgreed(deps, transaction, term);
  const mayInHalt =
    order === undefined || tradingState.state !== "halted" || !isKeptStop(order)
      ? true
      : await protectsLot(deps, transaction, order);
  const now = clock.now();

  if (order === undefined) return { kind: "left", reason: "not-there" };
  if (!isHeld) return { kind: "left", reason: "not-leading" };
  if (order.state === "sending" && order.epoch === term.fence) {
    return { kind: "claimed", order, tradingState, tokenEndsAt: token?.expiresAt };
  }
  if (order.state !== "created") return { kind: "left", reason: "taken" };

  const end = (change: Partial<OrderRecord>): Claim => {
    const ended = { ...order, ...change, isDue: false, changedAt: now };
    transaction.set(orders, id, ended);
    return { kind: "ended", order: ended };
  };
  if (order.cancelRequestedAt !== undefined) return end({ state: "cancelled" });
  const halted = mayInHalt ? undefined : "TRADING_HALTED";
  const refusal = halted ?? refusalIn(tradingState, order) ?? lateness(order, now);
  if (refusal !== undefined) return end({ state: "refused", refusal: inWords(refusal) });
  if (token === undefined && account.mode === "live") return { kind: "left", reason: "no-token" };
  if (order.ticket.closes === undefined && !agrees) return { kind: "left", reason: "not-reconciled" };

  const claimed: OrderRecord = {
    ...order,
    state: "sending",
    isDue: false,
    epoch: term.fence,
    ...(token !== undefined && { generation: token.generation }),
    sentAt: now,
    changedAt: now,
  };
  transaction.set(orders, id, claimed);
  return { kind: "claimed", order: claimed, tradingState, tokenEndsAt: token?.expiresAt };
}

/**
 * Whether books and broker agree under this very term. An account of which no record is kept has nobody to compare
 * it: its orders are not a bot's.
 */
async function hasAgreed({ account }: ClaimDeps, transaction: Transaction, term: Lease): Promise<boolean> {
  const record = await transaction.get(accounts, account.id);
  return record === undefined || (record.isReconciled && record.epoch === term.fence);
}

/** Whether it is the stop that is kept for a lot of its bot, for no more than there is of it: then it can open nothing. */
async function protectsLot(
  { account }: ClaimDeps,
  transaction: Transaction,
  { clientOrderId, bot, ticket }: OrderRecord,
): Promise<boolean> {
  const { closes: positionId, side, quantity } = ticket;
  if (bot === undefined || positionId === undefined) return false;
  const kept = await transaction.get(protections, protectionId(account.id, { positionId, bot }));
  const ledger = await transaction.get(accountLedgers, account.id);
  const lots = (ledger?.lots ?? []).filter(
    (lot) => lot.positionId === positionId && lot.bot === bot && lot.side !== side,
  );
  return kept?.stopOrder === clientOrderId && quantity.lte(sum(lots.map((lot) => lot.quantity)));
}

/** The token in force, where it lives and the worker has proved that it can trade with it. */
async function usableToken(
  { account, subscriber, clock }: ClaimDeps,
  transaction: Transaction,
): Promise<TokenRecord | undefined> {
  const record = await transaction.get(tokens, account.id);
  const acknowledgement = await transaction.get(acknowledgements, acknowledgementId(account.id, subscriber));
  const state = tokenState(
    { record, authorization: undefined, policy: policyOf(account.connection) },
    clock.now(),
  );
  return isLive(state) && isAcknowledged(record, acknowledgement) ? record : undefined;
}

function lateness({ sendBy }: OrderRecord, now: Temporal.Instant): "ORDER_TOO_LATE" | undefined {
  return Temporal.Instant.compare(now, sendBy) > 0 ? "ORDER_TOO_LATE" : undefined;
}

function inWords(code: ErrorCode): { code: string; text: string } {
  return { code, text: ERRORS[code].summary };
}
