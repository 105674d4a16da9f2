import type { BookMark } from "./book.ts";
import { keepNewest } from "./keep-newest.ts";
import type {
  ProtoOAMarginChangedEvent,
  ProtoOAOrder,
  ProtoOAPosition,
  ProtoOAReconcileRes,
  ProtoOATradeSide,
  ProtoOATrailingSLChangedEvent,
} from "./protocol/open-api.generated.ts";

/** So many ids of what has ended are remembered; what is older is no longer spoken of. */
const ENDED_KEPT = 10_000;

interface Entry<T> {
  value: T;
  /** The broker's time of its last change; 0 where it gave none. */
  updatedAt: number;
  /** When in the order of events it was last spoken of. */
  toldAt: number;
  /** Its stop follows the price. */
  isTrailing: boolean;
}

interface Ended {
  /** The broker's time of the end; infinite where no event can bring it back. */
  readonly at: number;
  /** When in the order of events it was told; 0 where a reconciliation no longer had it. */
  readonly toldAt: number;
}

/** Orders or positions by id, with the memory of what has ended. */
interface Shelf<T> {
  readonly values: Map<number, T>;
  readonly entries: Map<number, Entry<T>>;
  readonly ended: Map<number, Ended>;
  /** The value with the tighter of its own stop and another's: of two of one time, the later one. */
  readonly tighten: (value: T, other: T) => T;
}

/** What both shelves need to see of their values. */
interface Dated {
  readonly utcLastUpdateTimestamp?: number;
  readonly trailingStopLoss?: boolean;
}

/**
 * Orders and positions as events and reconciliations tell them; see `open-book.ts` for what holds. `doubted`: one
 * is held for which only another reconciliation can tell whether it is still there.
 */
export function openMirror(doubted: () => void = () => {}) {
  const orders = openShelf<ProtoOAOrder>(tightenOrder);
  const positions = openShelf<ProtoOAPosition>(tightenPosition);
  let told = 0;
  /** The newest of the broker's times that were known at the last reconciliation. */
  let reconciledTo = 0;

  /** Late news of what the last reconciliation did not have may be older than its end, of which nothing tells. */
  function heard<T extends Dated>(shelf: Shelf<T>, id: number, next: T): void {
    const isNews = !shelf.entries.has(id);
    put(shelf, id, next, told);
    if (isNews && shelf.entries.has(id) && (next.utcLastUpdateTimestamp ?? 0) <= reconciledTo) doubted();
  }

  function close(positionId: number, updatedAt: number | undefined): void {
    const held = positions.entries.get(positionId);
    if (held !== undefined && updatedAt !== undefined && updatedAt < held.updatedAt) return;
    end(positions, positionId, { at: updatedAt ?? held?.updatedAt ?? 0, toldAt: told });
    // The broker may or may not tell that the protective order ended with its position.
    for (const [orderId, order] of [...orders.values]) {
      if (order.orderType !== "STOP_LOSS_TAKE_PROFIT" || order.positionId !== positionId) continue;
      end(orders, orderId, { at: updatedAt ?? 0, toldAt: told });
    }
  }

  return {
    orders: (): ReadonlyMap<number, ProtoOAOrder> => orders.values,
    positions: (): ReadonlyMap<number, ProtoOAPosition> => positions.values,
    order(next: ProtoOAOrder): void {
      told += 1;
      if (!isWorking(next)) end(orders, next.orderId, { at: Number.POSITIVE_INFINITY, toldAt: told });
      else if (rests(next) || orders.entries.has(next.orderId)) heard(orders, next.orderId, next);
    },
    position(next: ProtoOAPosition): void {
      told += 1;
      if (isOpen(next)) heard(positions, next.positionId, next);
      else if (next.positionStatus === "POSITION_STATUS_CLOSED") {
        close(next.positionId, next.utcLastUpdateTimestamp);
      }
      // One that is only created waits for its order to be filled, and holds nothing yet.
    },
    mark: (): BookMark => told,
    trailed(event: ProtoOATrailingSLChangedEvent): void {
      told += 1;
      trail(positions, orders, event, told);
    },
    margin({ positionId, usedMargin }: ProtoOAMarginChangedEvent): void {
      const held = positions.entries.get(positionId);
      if (held !== undefined) replaceValue(positions, positionId, held, { ...held.value, usedMargin });
    },
    /** `newestDealAt`: of all deals known, those that were read with the answer included; 0 for none. */
    reconcile(answer: ProtoOAReconcileRes, mark: BookMark = told, newestDealAt = 0) {
      const listed = new Map(answer.order.map((next) => [next.orderId, next]));
      const open = new Map(answer.position.filter(isOpen).map((next) => [next.positionId, next]));
      const vanished = {
        orders: replaceAll(orders, listed, mark),
        positions: replaceAll(positions, open, mark),
      };
      reconciledTo = Math.max(newestDealAt, newest(orders), newest(positions));
      // Told while the answer was on its way, and not in it: newer than the answer, or late news of what is over.
      if (holdsMore(orders, listed) || holdsMore(positions, open)) doubted();
      return vanished;
    },
  };
}

function newest<T>({ entries }: Shelf<T>): number {
  return [...entries.values()].reduce((latest, { updatedAt }) => Math.max(latest, updatedAt), 0);
}

function holdsMore<T>({ entries }: Shelf<T>, answer: ReadonlyMap<number, T>): boolean {
  return [...entries.keys()].some((id) => !answer.has(id));
}

function openShelf<T>(tighten: (value: T, other: T) => T): Shelf<T> {
  return { values: new Map(), entries: new Map(), ended: new Map(), tighten };
}

function isWorking(order: ProtoOAOrder): boolean {
  return order.orderStatus === "ORDER_STATUS_ACCEPTED";
}

/** A market order is on its way, not at rest, unless it waits for the opening; the broker lists it no more than this does. */
function rests(order: ProtoOAOrder): boolean {
  const isMarket = order.orderType === "MARKET" || order.orderType === "MARKET_RANGE";
  return !isMarket || order.timeInForce === "MARKET_ON_OPEN";
}

function isOpen(position: ProtoOAPosition): boolean {
  return position.positionStatus === "POSITION_STATUS_OPEN" && position.tradeData.volume > 0;
}

function put<T extends Dated>(shelf: Shelf<T>, id: number, value: T, toldAt: number): void {
  const updatedAt = value.utcLastUpdateTimestamp ?? 0;
  const held = shelf.entries.get(id);
  if (held !== undefined && updatedAt !== 0 && updatedAt < held.updatedAt) return;
  const ended = shelf.ended.get(id);
  if (ended !== undefined && updatedAt <= ended.at) return;
  store(shelf, id, value, toldAt);
}

function store<T extends Dated>(shelf: Shelf<T>, id: number, next: T, toldAt: number): void {
  const held = shelf.entries.get(id);
  const updatedAt = next.utcLastUpdateTimestamp ?? held?.updatedAt ?? 0;
  const isSameAge = held !== undefined && held.updatedAt === updatedAt;
  const isTrailing = next.trailingStopLoss === true || (isSameAge && held.isTrailing);
  // A trailing stop moves without a new time on its position: nothing else tells which snapshot is the later.
  const value = isSameAge && isTrailing && held.isTrailing ? shelf.tighten(next, held.value) : next;
  shelf.ended.delete(id);
  shelf.entries.set(id, { value, updatedAt, toldAt, isTrailing });
  shelf.values.set(id, value);
}

function end<T>(shelf: Shelf<T>, id: number, ended: Ended): void {
  shelf.values.delete(id);
  shelf.entries.delete(id);
  const known = shelf.ended.get(id);
  // Set anew, so that the order of the map is the order in which they ended.
  shelf.ended.delete(id);
  shelf.ended.set(id, { at: Math.max(known?.at ?? 0, ended.at), toldAt: ended.toldAt });
  keepNewest(shelf.ended, ENDED_KEPT);
}

function replaceValue<T>(shelf: Shelf<T>, id: number, entry: Entry<T>, value: T): void {
  entry.value = value;
  shelf.values.set(id, value);
}

/**
 * Puts the answer in the place of all that no event has told of since `mark`; what one has told of gives way
 * only to something newer. Gives back the ids that were held and are no more.
 */
function replaceAll<T extends Dated>(
  shelf: Shelf<T>,
  answer: ReadonlyMap<number, T>,
  mark: BookMark,
): readonly number[] {
  const vanished: number[] = [];
  for (const [id, entry] of [...shelf.entries]) {
    if (answer.has(id) || entry.toldAt > mark) continue;
    vanished.push(id);
    end(shelf, id, { at: entry.updatedAt, toldAt: 0 });
  }
  for (const [id, value] of answer) {
    const updatedAt = value.utcLastUpdateTimestamp ?? 0;
    const held = shelf.entries.get(id);
    const ended = shelf.ended.get(id);
    if (held !== undefined && held.toldAt > mark && updatedAt <= held.updatedAt) continue;
    if (ended !== undefined && ended.toldAt > mark && updatedAt <= ended.at) continue;
    store(shelf, id, value, held?.toldAt ?? 0);
  }
  return vanished;
}

function tighter(side: ProtoOATradeSide, one: number, other: number): number {
  return side === "BUY" ? Math.max(one, other) : Math.min(one, other);
}

function tightenPosition(value: ProtoOAPosition, other: ProtoOAPosition): ProtoOAPosition {
  if (value.stopLoss === undefined || other.stopLoss === undefined) return value;
  return { ...value, stopLoss: tighter(value.tradeData.tradeSide, value.stopLoss, other.stopLoss) };
}

/** A protective order is on the other side than its position. */
function tightenOrder(value: ProtoOAOrder, other: ProtoOAOrder): ProtoOAOrder {
  if (value.orderType !== "STOP_LOSS_TAKE_PROFIT") return value;
  if (value.stopPrice === undefined || other.stopPrice === undefined) return value;
  const side = value.tradeData.tradeSide === "BUY" ? "SELL" : "BUY";
  return { ...value, stopPrice: tighter(side, value.stopPrice, other.stopPrice) };
}

function trail(
  positions: Shelf<ProtoOAPosition>,
  orders: Shelf<ProtoOAOrder>,
  event: ProtoOATrailingSLChangedEvent,
  toldAt: number,
): void {
  const position = positions.entries.get(event.positionId);
  if (position !== undefined && event.utcLastUpdateTimestamp >= position.updatedAt) {
    const moved = tightenPosition({ ...position.value, stopLoss: event.stopPrice }, position.value);
    Object.assign(position, { toldAt, isTrailing: true });
    replaceValue(positions, event.positionId, position, moved);
  }
  const order = orders.entries.get(event.orderId);
  if (order !== undefined && event.utcLastUpdateTimestamp >= order.updatedAt) {
    const moved = tightenOrder({ ...order.value, stopPrice: event.stopPrice }, order.value);
    Object.assign(order, { toldAt, isTrailing: true });
    replaceValue(orders, event.orderId, order, moved);
  }
}
