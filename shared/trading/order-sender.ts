/** Gives the orders of one account to the broker's client, each of them once. */
import { Temporal } from "temporal-polyfill";
import type { OrderStanding, OrderTicket, TradingBroker } from "../brokers/trading-broker.ts";
import type { Lease } from "../platform/lease.ts";
import type { Log } from "../platform/log.ts";
import type { Timers } from "../platform/timers.ts";
import { awaitTurn } from "./await-turn.ts";
import { type ClaimDeps, type Claimed, claimOrder } from "./claim-order.ts";
import type { KnownTradingState } from "./known-trading-state.ts";
import type { OrderJournal } from "./order-journal.ts";
import { isDone } from "./order-progress.ts";
import { type OrderRecord, orderId } from "./records.ts";

export interface OrderSenderDeps<T extends SendingTerm> extends ClaimDeps {
  readonly log: Log;
  readonly timers: Timers;
  readonly broker: TradingBroker;
  readonly journal: OrderJournal;
  readonly tradingState: KnownTradingState;
  readonly stopping: AbortSignal;
  /** Of which generation the token is that the broker's client would send it with; missing where it is not known. */
  readonly heldGeneration?: (() => number | undefined) | undefined;
  /** Whether this process may let an order go now, whichever it is; nothing in it waits. */
  readonly mayLeave: (term: T) => boolean;
}

interface SendingTerm {
  readonly lease: Lease;
}

export interface OrderSender<T extends SendingTerm = SendingTerm> {
  /** Claims an order and gives it to the broker's client; resolves when its turn to leave has come. */
  send(term: T, order: OrderRecord): Promise<void>;
  /** Given to the broker's client by this process, and not known to be over. */
  isGiven(clientOrderId: string): boolean;
  /** A claim whose answer was lost: the order may be ours to send. */
  isClaiming(clientOrderId: string): boolean;
  claiming(): Iterable<string>;
}

export function createOrderSender<T extends SendingTerm>(deps: OrderSenderDeps<T>): OrderSender<T> {
  const given = new Set<string>();
  const claiming = new Set<string>();

  async function send(term: T, { clientOrderId }: OrderRecord): Promise<void> {
    const { account, log, tradingState } = deps;
    // Whatever the record says, what was given to the broker's client once is never given to it again.
    if (given.has(clientOrderId)) return;
    claiming.add(clientOrderId);
    const asked = tradingState.ask();
    const claim = await claimOrder(deps, term.lease, orderId(account.id, clientOrderId));
    claiming.delete(clientOrderId);
    if (claim.kind !== "claimed") {
      log.info(`order-${claim.kind}`, { connection: account.id, order: clientOrderId });
      return;
    }
    tradingState.believe(asked, claim.tradingState, claim.order.bot);
    // Said to have changed meanwhile, it is read again; where it stays unknown the order does not leave.
    await tradingState.read(claim.order.bot).catch(() => undefined);
    await give(term, claim);
  }

  /**
   * Resolves when the order's turn to leave has come. Claims do not run ahead of the broker's limits: what is
   * claimed and has not left when this process dies is nobody's to send any more.
   */
  function give(term: T, claim: Claimed): Promise<void> {
    const { order } = claim;
    const { clientOrderId } = order;
    given.add(clientOrderId);
    const turn = awaitTurn(deps.timers, deps.stopping);
    deps.broker.place(
      ticketOf(order),
      () => {
        turn.come();
        return deps.mayLeave(term) && mayBeSent(deps, claim);
      },
      (standing) => {
        turn.come();
        stand(clientOrderId, standing);
      },
    );
    return turn.isOver;
  }

  function stand(clientOrderId: string, standing: OrderStanding): void {
    void deps.journal.standing(clientOrderId, standing).then(() => {
      if (isDone(standing.kind)) given.delete(clientOrderId);
    });
  }

  return {
    send,
    isGiven: (clientOrderId) => given.has(clientOrderId),
    isClaiming: (clientOrderId) => claiming.has(clientOrderId),
    claiming: () => claiming,
  };
}

/** Asked in the moment before the bytes leave; nothing in here waits. */
function mayBeSent(deps: LastLook, claim: Claimed): boolean {
  const now = deps.clock.now();
  const isInTime = Temporal.Instant.compare(now, claim.order.sendBy) <= 0;
  return isInTime && hasToken(deps, claim, now) && deps.tradingState.allows(claim.order);
}

type LastLook = Pick<OrderSenderDeps<SendingTerm>, "clock" | "account" | "tradingState" | "heldGeneration">;

/** The token by which the order was claimed lives, and no other one has taken its place at the broker's client. */
function hasToken(
  { account, heldGeneration }: LastLook,
  { order, tokenEndsAt }: Claimed,
  now: Temporal.Instant,
): boolean {
  if (account.mode === "paper") return true;
  const isAlive = tokenEndsAt !== undefined && Temporal.Instant.compare(now, tokenEndsAt) < 0;
  return isAlive && (heldGeneration === undefined || heldGeneration() === order.generation);
}

/** What is not set is not there: the schema leaves it out. */
function ticketOf({ clientOrderId, ticket }: OrderRecord): OrderTicket {
  return { clientOrderId, ...ticket } as OrderTicket;
}
