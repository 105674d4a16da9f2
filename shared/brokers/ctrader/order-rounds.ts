import type { Timers } from "../../platform/timers.ts";
import type { AccountBook, WritableBook } from "./book.ts";
import { keepNewest } from "./keep-newest.ts";
import type { FoundOrder, SentClose } from "./order-desk.ts";
import {
  type CloseFacts,
  type LookParts,
  lookAtOrder,
  searchClose,
  searchOrders,
  searchProtection,
} from "./order-looks.ts";
import { isProtective, oldest } from "./order-subject.ts";
import { type OrderTracker, SECOND_LOOK_MS } from "./order-tracker.ts";
import type { ProtoOADeal } from "./protocol/open-api.generated.ts";

const CLAIMED_KEPT = 10_000;

/** What the rounds work on. */
export interface RoundParts {
  readonly trackers: ReadonlySet<OrderTracker>;
  readonly book: WritableBook;
  readonly timers: Timers;
  /** Undefined while there is no channel. */
  looks(): LookParts | undefined;
  reconcile(): void;
}

interface Round extends RoundParts {
  readonly begunAt: number;
  readonly look: LookParts;
  /** The connection that it looked on has ended: what it saw may have changed unheard. */
  isOver(): boolean;
  readonly ledger: ReturnType<typeof openCloseLedger>;
}

/**
 * Rounds of looks for orders in doubt, one at a time, each after a reconciliation; while any is in doubt the next
 * one is asked for ten seconds later.
 */
export function openRounds(parts: RoundParts) {
  const ledger = openCloseLedger(parts);
  let isAsked = false;
  let isRunning = false;
  let ends = 0;
  let next: number | undefined;
  let cancelTimer: (() => void) | undefined;

  function look(): void {
    if (isAsked) return;
    isAsked = true;
    arm();
    parts.reconcile();
  }

  function arm(): void {
    cancelTimer?.();
    cancelTimer = parts.timers.after(SECOND_LOOK_MS, () => {
      cancelTimer = undefined;
      isAsked = false;
      if (isAnyInDoubt()) look();
    });
  }

  function isAnyInDoubt(): boolean {
    return [...parts.trackers].some((tracker) => tracker.wants !== undefined);
  }

  async function run(): Promise<void> {
    isRunning = true;
    while (next !== undefined) {
      const begunAt = next;
      next = undefined;
      const looks = parts.looks();
      const started = ends;
      const isOver = () => ends !== started;
      if (looks !== undefined) await runRound({ ...parts, begunAt, look: looks, isOver, ledger });
    }
    isRunning = false;
    isAsked = false;
    if (isAnyInDoubt()) arm();
  }

  return {
    look,
    /** Of a close that this process has not sent. */
    factsOf: (close: SentClose, sinceMs: number): CloseFacts => ({
      sinceMs,
      isKnown: ledger.isTracked,
      isContested: () => ledger.isContested(close),
    }),
    dealsOf: (orderId: number) => dealsOf(parts.book, orderId),
    noteClose: ledger.note,
    forget: ledger.forget,
    channelEnded(): void {
      ends += 1;
      next = undefined;
    },
    reconciled(begunAt: number): void {
      next = begunAt;
      if (!isRunning) void run();
    },
  };
}

/** Which orders cannot be a close's own: the broker keeps no id of ours that would tell. */
function openCloseLedger(parts: RoundParts) {
  /** The orders of its position that were known before a close was sent. */
  const before = new Map<OrderTracker, ReadonlySet<number>>();
  /** The orders of closes that are done: none is another close's as well. */
  const claimed = new Set<number>();

  function isTracked(orderId: number): boolean {
    return claimed.has(orderId) || [...parts.trackers].some((tracker) => tracker.orderId === orderId);
  }

  return {
    isTracked,
    /** Another close just like it has left, and its answer is still to come. */
    isContested: ({ positionId, volume }: SentClose): boolean =>
      [...parts.trackers].some((other) => {
        const { sent, isAnswered, orderId } = other;
        const like = other.subject.close;
        const isLike = like?.positionId === positionId && like.volume === volume;
        return isLike && sent !== undefined && !isAnswered && orderId === undefined;
      }),
    isKnownTo: (tracker: OrderTracker, orderId: number) =>
      before.get(tracker)?.has(orderId) === true || isTracked(orderId),
    note(tracker: OrderTracker, positionId: number): void {
      const deals = [...parts.book.deals().values()].filter((deal) => deal.positionId === positionId);
      before.set(tracker, new Set(deals.map((deal) => deal.orderId)));
    },
    forget(tracker: OrderTracker): void {
      before.delete(tracker);
      if (tracker.orderId === undefined || tracker.subject.close === undefined) return;
      claimed.add(tracker.orderId);
      keepNewest(claimed, CLAIMED_KEPT);
    },
  };
}

function dealsOf(book: AccountBook, orderId: number): readonly ProtoOADeal[] {
  return [...book.deals().values()].filter((deal) => deal.orderId === orderId);
}

async function runRound(round: Round): Promise<void> {
  const due = [...round.trackers].filter(({ sent }) => sent !== undefined && sent.at <= round.begunAt);
  // The end of one that rested may have come while the account was not authorised, on a connection that lived on.
  for (const tracker of due) {
    if (tracker.orderId !== undefined && !round.book.orders().has(tracker.orderId)) tracker.suspect();
  }
  const known = due.filter((tracker) => isInDoubt(tracker) && tracker.orderId !== undefined);
  await Promise.all(known.map((tracker) => lookAtKnown(round, tracker)));
  const unknown = due.filter((tracker) => isInDoubt(tracker) && tracker.orderId === undefined);
  if (round.isOver()) return;
  await searchSubmitted(
    round,
    unknown.filter((tracker) => tracker.subject.submit !== undefined),
  );
  for (const tracker of unknown) {
    const { close } = tracker.subject;
    if (close === undefined) continue;
    const facts = {
      sinceMs: tracker.sent?.brokerTime ?? 0,
      isKnown: (orderId: number) => round.ledger.isKnownTo(tracker, orderId),
      isContested: () => round.ledger.isContested(close),
    };
    const answer = await searchClose(round.look, close, facts);
    if (answer.ok) tell(round, tracker, answer.value);
  }
  for (const tracker of due) {
    if (round.isOver()) return;
    if (tracker.wants === "protection") await lookAtProtection(round, tracker);
  }
}

function isInDoubt(tracker: OrderTracker): boolean {
  return tracker.wants === "order" || tracker.wants === "deals";
}

async function lookAtKnown(round: Round, tracker: OrderTracker): Promise<void> {
  const { orderId } = tracker;
  if (orderId === undefined) return;
  const resting = round.book.orders().get(orderId);
  if (resting !== undefined && tracker.wants === "order") {
    tracker.follow(resting, dealsOf(round.book, orderId));
    return;
  }
  const answer = await lookAtOrder(round.look, orderId);
  if (answer.ok) tell(round, tracker, answer.value);
}

async function searchSubmitted(round: Round, trackers: readonly OrderTracker[]): Promise<void> {
  for (const tracker of trackers) {
    const resting = [...round.book.orders().values()].filter((order) => tracker.subject.isOurs(order));
    const order = oldest(resting);
    if (order !== undefined) tracker.follow(order, dealsOf(round.book, order.orderId));
  }
  const missing = trackers.filter((tracker) => isInDoubt(tracker) && tracker.orderId === undefined);
  if (missing.length === 0) return;
  const since = Math.min(...missing.map((tracker) => tracker.sent?.brokerTime ?? 0));
  const subjects = missing.map((tracker) => tracker.subject);
  const { found, isComplete } = await searchOrders(round.look, subjects, since);
  for (const tracker of missing) {
    const order = found.get(tracker.subject);
    if (order !== undefined) tell(round, tracker, order);
    else if (isComplete) tell(round, tracker, { kind: "absent" });
  }
}

function tell(round: Round, tracker: OrderTracker, found: FoundOrder): void {
  if (round.isOver()) return;
  if (found.kind === "found") {
    round.book.recover(found.deals);
    tracker.follow(found.order, found.deals);
  } else if (isInDoubt(tracker)) {
    tracker.miss(round.begunAt);
  }
}

async function lookAtProtection(round: Round, tracker: OrderTracker): Promise<void> {
  const { orderId, positionId, sent } = tracker;
  if (orderId === undefined || positionId === undefined || sent === undefined) return;
  const held = [...round.book.orders().values()].find(
    (order) => isProtective(order) && order.positionId === positionId,
  );
  if (held !== undefined) {
    tracker.lookedAtProtection({ kind: "placed", order: held });
    return;
  }
  const found = await searchProtection(round.look, { positionId, orderId, sinceMs: sent.brokerTime });
  if (!found.ok) return;
  const position = round.book.positions().get(positionId);
  const hasLevel = Boolean(position?.stopLoss) || Boolean(position?.takeProfit);
  if (found.value !== undefined) tracker.lookedAtProtection({ kind: "placed", order: found.value });
  else if (hasLevel) tracker.lookedAtProtection({ kind: "placed" });
  else tracker.lookedAtProtection({ kind: position === undefined ? "none" : "missing" });
}
