/**
 * Has a stop order rest at the broker for each lot of a bot that wants one, where the broker attaches none to
 * the order that opens; else watches the price. State decides at each look, so what a crash left open is made
 * up for by the next one.
 *
 * 1. What is done for a lot is decided and written at one point in time, under the account's lease: however many
 *    look, at most one stop is on its way or at rest for a lot.
 * 2. A lot whose stop cannot rest is said to be watched, once each time that it comes to that; one that is
 *    refused again and again for the same reason, once an hour.
 */
import { Temporal } from "temporal-polyfill";
import type { InstrumentRules } from "../../brokers/instrument-rules.ts";
import type { MarketFeed } from "../../brokers/market-feed.ts";
import type { TradingBroker } from "../../brokers/trading-broker.ts";
import { marketPhase } from "../../calendar/sessions.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Lease, Leases } from "../../platform/lease.ts";
import type { Log } from "../../platform/log.ts";
import type { Store, Transaction } from "../../platform/store.ts";
import type { Announce } from "../control/notices.ts";
import { unfinishedOrders } from "../control/sweep-orders.ts";
import { accountLedgers } from "../ledger/records.ts";
import type { Attend } from "../order-executor.ts";
import { type OrderRecord, orderId, orders, type StoredTicket } from "../records.ts";
import { newOrderRecord, withCancelRequest } from "../submit-order.ts";
import { marketView } from "../ticks/market-data.ts";
import type { TradedAccount } from "../traded-account.ts";
import { readTradingState } from "../trading-state.ts";
import {
  decideProtection,
  type LotToProtect,
  type ProtectionFacts,
  type ProtectionStep,
} from "./decide-protection.ts";
import { closingOf, lotNamed, readLots } from "./lots-to-protect.ts";
import {
  type LotName,
  PROTECTION,
  type ProtectionRecord,
  protectionId,
  protections,
  protectiveOrderId,
} from "./records.ts";
import { isNews, noteWatched, tellWatched } from "./tell-watched.ts";

export interface ProtectionDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly leases: Pick<Leases, "isHeld">;
  readonly account: TradedAccount;
  readonly broker: Pick<TradingBroker, "positions" | "isReady" | "priceStepAt">;
  readonly feed: Pick<MarketFeed, "quotes" | "instruments">;
  readonly announce: Announce;
}

/** A price older than that is acted on no more. */
const PRICE_YOUNG = Temporal.Duration.from({ seconds: 120 });

/** What is done at each look of an account's worker, with its lots looked after before. */
export function withProtection(deps: ProtectionDeps, attend: Attend): Attend {
  return async (term) => {
    const isBusy = await tendLots(deps, term);
    return (await attend(term)) || isBusy;
  };
}

/** Looks after every lot of the account; call it at each look of its worker. True: look again soon. */
export async function tendLots(deps: ProtectionDeps, term: Lease): Promise<boolean> {
  const { store, account, broker, log } = deps;
  if (!broker.isReady()) return false;
  const ledger = await store.get(accountLedgers, account.id);
  const unfinished = (await unfinishedOrders(store, account)).filter(
    (one) => one.ticket.closes !== undefined,
  );
  const names = new Map<string, LotName>();
  for (const { positionId, bot } of ledger?.lots ?? []) {
    if (bot !== undefined) names.set(protectionId(account.id, { positionId, bot }), { positionId, bot });
  }
  for (const { source, bot, ticket } of unfinished) {
    if (source !== PROTECTION || bot === undefined || ticket.closes === undefined) continue;
    const name = { positionId: ticket.closes, bot };
    names.set(protectionId(account.id, name), name);
  }
  let isBusy = false;
  for (const name of names.values()) {
    try {
      isBusy = (await tendLot(deps, { term, name, unfinished })) || isBusy;
    } catch (error) {
      // What goes wrong with one lot leaves the others their stops.
      log.error("lot-not-tended", { account: account.id, position: name.positionId, error });
      isBusy = true;
    }
  }
  return isBusy;
}

/** A lot to look after. */
export interface LotQuestion {
  readonly term: Lease;
  readonly name: LotName;
  /** The orders of the account that may still close something. */
  readonly unfinished: readonly OrderRecord[];
  /** Whether the stop hangs on the position; missing where the broker attaches none. */
  readonly isAttached?: boolean;
}

/** Looks after one lot; true: look again soon. */
export async function tendLot(deps: ProtectionDeps, question: LotQuestion): Promise<boolean> {
  const { store, leases } = deps;
  const market = marketOf(deps, question.name);
  const done = await store.transact(async (transaction) => {
    const seen = await see(deps, transaction, question, market);
    if (!(await leases.isHeld(transaction, question.term))) return undefined;
    const step = decideProtection(seen.facts);
    return { step, isNewlyWatched: write(deps, transaction, question.name, { ...seen, step }) };
  });
  if (done === undefined) return false;
  const { step, isNewlyWatched } = done;
  if (isNewlyWatched && step.kind === "watch") tellWatched(deps, question.name, step);
  return step.kind === "cancel" || step.kind === "place" || step.kind === "close";
}

type Market = Pick<ProtectionFacts, "isThere"> & {
  readonly quoteOf: (instrument: string) => ProtectionFacts["quote"];
  readonly stepOf: (lot: LotToProtect) => InstrumentRules["priceStep"] | undefined;
};

function marketOf({ account, broker, feed, clock }: ProtectionDeps, { positionId }: LotName): Market {
  const view = marketView(feed.quotes());
  const now = clock.now();
  const since = now.subtract(PRICE_YOUNG);
  return {
    isThere: broker.positions().some(({ id }) => id === positionId),
    quoteOf(instrument) {
      const quote = view.quote(instrument);
      if (quote === undefined || Temporal.Instant.compare(quote.at, since) < 0) return undefined;
      return isOfSession(account, quote.at) && isOfSession(account, now) ? quote : undefined;
    },
    // The rules tell the step at the price of now, and the stop is at another.
    stepOf: ({ instrument, stop }) =>
      (stop && broker.priceStepAt?.(stop)) ??
      feed.instruments().find((one) => one.instrument === instrument)?.priceStep,
  };
}

/**
 * E*TRADE tells prices outside of the regular session too. Few trade at them, a resting stop would not go by them, and
 * what would be sold by them waits at the broker for the next opening.
 */
function isOfSession({ connection }: TradedAccount, at: Temporal.Instant): boolean {
  if (connection.broker !== "etrade") return true;
  const phase = marketPhase(at);
  return phase.ok && phase.value === "open";
}

interface Seen {
  readonly held: ProtectionRecord | undefined;
  readonly facts: ProtectionFacts;
}

async function see(
  { account, clock }: ProtectionDeps,
  transaction: Pick<Transaction, "get">,
  { name, unfinished, isAttached }: LotQuestion,
  { quoteOf, stepOf, isThere }: Market,
): Promise<Seen> {
  const held = await transaction.get(protections, protectionId(account.id, name));
  const read = async (id: string | undefined) =>
    id === undefined ? undefined : transaction.get(orders, orderId(account.id, id));
  const stopOrder = await read(held?.stopOrder);
  const closeOrder = await read(held?.closeOrder);
  const ledger = await transaction.get(accountLedgers, account.id);
  const lots = readLots(ledger?.lots ?? [], name);
  const opener = await read(lots[0]?.clientOrderId);
  const closing = await closingOf(transaction, account, { name, known: unfinished, extra: closeOrder });
  const state = await readTradingState(transaction, account, name.bot);
  const lot = lotNamed(lots, opener);
  return {
    held,
    facts: {
      ...{ lot, stopOrder, closeOrder, closing, isThere, state },
      quote: lot && quoteOf(lot.instrument),
      priceStep: lot && stepOf(lot),
      now: clock.now(),
      isAttached,
    },
  };
}

/** True where the owner is to hear that the lot is watched. */
function write(
  { account }: ProtectionDeps,
  transaction: Transaction,
  name: LotName,
  { held, facts, step }: Seen & { readonly step: ProtectionStep },
): boolean {
  const { now, stopOrder, lot } = facts;
  const instrument = lot?.instrument ?? held?.instrument ?? stopOrder?.ticket.instrument;
  if (instrument === undefined) return false;
  const before = held ?? { account: account.id, ...name, instrument, serial: 0, state: "none", since: now };
  const state = stateAfter(step);
  const why = step.kind === "watch" ? { code: step.code, text: step.text } : undefined;
  const hasTurned = held === undefined || held.state !== state || held.why?.code !== why?.code;
  const { why: _, told: lastTold, ...rest } = before;
  const since = hasTurned ? now : before.since;
  const isToBeTold = step.kind === "watch" && hasTurned && isNews(lastTold, step, now);
  const told = isToBeTold ? { code: step.code, at: now } : isSafeNow(step) ? undefined : lastTold;
  const after: ProtectionRecord = {
    ...{ ...rest, instrument, state, since },
    ...(why !== undefined && { why }),
    ...(told !== undefined && { told }),
  };
  const put = (record: ProtectionRecord) =>
    transaction.set(protections, protectionId(account.id, name), record);
  if (step.kind === "cancel" && stopOrder !== undefined) {
    transaction.set(orders, orderId(account.id, stopOrder.clientOrderId), withCancelRequest(stopOrder, now));
  }
  if ((step.kind === "place" || step.kind === "close") && lot !== undefined) {
    const serial = before.serial + 1;
    const clientOrderId = protectiveOrderId(account.id, name, serial);
    const order = orderFor(account, { name, lot, step, clientOrderId, now });
    transaction.set(orders, orderId(account.id, clientOrderId), order);
    put({ ...after, serial, [step.kind === "place" ? "stopOrder" : "closeOrder"]: clientOrderId });
  } else if (hasTurned) {
    put(after);
  }
  if (isToBeTold) noteWatched(transaction, account, { name, instrument, step, now });
  return isToBeTold;
}

function isSafeNow({ kind }: ProtectionStep): boolean {
  return kind === "rest" || kind === "none";
}

function stateAfter({ kind }: ProtectionStep): ProtectionRecord["state"] {
  if (kind === "rest") return "resting";
  if (kind === "watch") return "watched";
  return kind === "none" ? "none" : "placing";
}

function orderFor(
  account: TradedAccount,
  {
    name,
    lot,
    step,
    clientOrderId,
    now,
  }: {
    readonly name: LotName;
    readonly lot: NonNullable<ProtectionFacts["lot"]>;
    readonly step: Extract<ProtectionStep, { kind: "place" | "close" }>;
    readonly clientOrderId: string;
    readonly now: Temporal.Instant;
  },
): OrderRecord {
  const { instrument } = lot;
  const side = lot.side === "buy" ? "sell" : "buy";
  const common = { instrument, side, quantity: step.quantity, closes: name.positionId } as const;
  const ticket: StoredTicket =
    step.kind === "place"
      ? { ...common, type: "stop", stopPrice: step.stopPrice, timeInForce: "gtc" }
      : { ...common, type: "market", timeInForce: "ioc" };
  return {
    ...newOrderRecord({ connection: account.id, clientOrderId, source: PROTECTION, ticket }, now),
    bot: name.bot,
    why: step.kind === "place" ? "The stop loss of what the bot holds." : step.why,
  };
}
