/** Looks at the broker for what became of orders. Lists are read whole, in whatever order the broker gives them. */
import { type Failure, fail, type Result, succeed } from "../../platform/result.ts";
import type { Channel, CtraderCallFailure } from "./channel.ts";
import type { FoundOrder, SentClose } from "./order-desk.ts";
import { closesAmong, isProtective, type OrderSubject, oldest } from "./order-subject.ts";
import type { ProtoOADeal, ProtoOAOrder, ProtoOAPosition } from "./protocol/open-api.generated.ts";

/** How far the broker's clock may be from ours; what lies outside of a window would be called absent. */
const CLOCK_MARGIN_MS = 15 * 60_000;
/** A close has no id of ours: the further back it is looked for, the more easily another is taken for it. */
const CLOSE_MARGIN_MS = 60_000;
/** Some brokers serve no wider windows of their lists. */
const WIDEST_WINDOW_MS = 7 * 24 * 3_600_000;
/** More requests than this for one list are not worth its end. */
const MOST_PAGES = 500;
/** So many orders behind deals of unknown origin are asked for in one search. */
const MOST_CANDIDATES = 50;

const NOT_THERE = new Set(["ORDER_NOT_FOUND", "ENTITY_NOT_FOUND", "POSITION_NOT_FOUND"]);

type Answer<T> = Promise<Result<T, CtraderCallFailure>>;

/** Where the looks go. */
export interface LookParts {
  readonly request: Channel["request"];
  readonly account: number;
  /** By the broker's clock, in milliseconds since 1970. */
  brokerNow(): number;
  positions(): ReadonlyMap<number, ProtoOAPosition>;
}

/** Gives up at once: there is no channel to ask on. */
export function noChannel(): Failure<CtraderCallFailure> {
  return fail("BROKER_UNREACHABLE");
}

/** One order and its deals, by the broker's id. */
export async function lookAtOrder(parts: LookParts, orderId: number): Answer<FoundOrder> {
  const ctidTraderAccountId = parts.account;
  const answer = await parts.request("ProtoOAOrderDetailsReq", { ctidTraderAccountId, orderId });
  if (answer.ok) return succeed({ kind: "found", order: answer.value.order, deals: answer.value.deal });
  return isNotThere(answer) ? succeed({ kind: "absent" }) : answer;
}

/** The orders of a position since then, ended ones included. */
export function ordersOfPosition(
  parts: LookParts,
  positionId: number,
  sinceMs: number,
): Answer<readonly ProtoOAOrder[]> {
  return sweep(parts, sinceMs, async (fromTimestamp, toTimestamp) => {
    const window = { ctidTraderAccountId: parts.account, positionId, fromTimestamp, toTimestamp };
    const answer = await parts.request("ProtoOAOrderListByPositionIdReq", window);
    if (answer.ok) return succeed({ rows: answer.value.order, hasMore: answer.value.hasMore });
    return isNotThere(answer) ? succeed({ rows: [], hasMore: false }) : answer;
  });
}

/** What tells the order behind a close from others. */
export interface CloseFacts {
  /** It was sent after this, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** The order is another one's, or was there before. */
  isKnown(orderId: number): boolean;
  /** A close that is just like it is on its way, and has no order yet: what is found may be that one's. */
  isContested(): boolean;
}

/** The order behind a close that was sent; no answer while it cannot be told from another's. */
export async function searchClose(parts: LookParts, close: SentClose, facts: CloseFacts): Answer<FoundOrder> {
  const orders = await ordersOfPosition(parts, close.positionId, facts.sinceMs);
  if (!orders.ok) return orders;
  const own = closesAmong(orders.value, close, {
    isKnown: (orderId) => facts.isKnown(orderId),
    sinceMs: facts.sinceMs - CLOSE_MARGIN_MS,
  });
  if (own.length > 0 && facts.isContested()) return noChannel();
  for (const { orderId } of own) {
    if ((await close.take?.(orderId)) ?? true) return lookAtOrder(parts, orderId);
  }
  return succeed({ kind: "absent" });
}

/** What a search for several orders brought; where it is not complete, those not found may be there all the same. */
export interface SearchResult {
  readonly found: ReadonlyMap<OrderSubject, FoundOrder>;
  readonly isComplete: boolean;
}

/**
 * Looks for orders by the ids that we gave them: in the list of orders since then, behind the positions that
 * carry an id in their comment, and behind every deal since then whose order the list did not have.
 */
export async function searchOrders(
  parts: LookParts,
  subjects: readonly OrderSubject[],
  sinceMs: number,
): Promise<SearchResult> {
  const found = new Map<OrderSubject, FoundOrder>();
  const missing = () => subjects.filter((subject) => !found.has(subject));
  const listed = await listOrders(parts, sinceMs);
  if (!listed.ok) return { found, isComplete: false };
  const known = new Set(listed.value.map((order) => order.orderId));
  for (const subject of subjects) {
    const order = oldest(listed.value.filter((seen) => subject.isOurs(seen)));
    if (order === undefined) continue;
    const details = await lookAtOrder(parts, order.orderId);
    if (!details.ok) return { found, isComplete: false };
    // The list had it, whatever becomes of the closer look.
    found.set(subject, details.value.kind === "found" ? details.value : { kind: "found", order, deals: [] });
  }
  if (missing().length === 0) return { found, isComplete: true };
  const behind = await ordersBehindDeals(parts, missing(), { sinceMs, known });
  for (const subject of missing()) {
    const own = behind.orders.filter(({ order }) => subject.isOurs(order));
    const first = oldest(own.map(({ order }) => order));
    const match = own.find(({ order }) => order.orderId === first?.orderId);
    if (match !== undefined) found.set(subject, { kind: "found", ...match });
  }
  return { found, isComplete: behind.isComplete };
}

interface OrderWithDeals {
  readonly order: ProtoOAOrder;
  readonly deals: readonly ProtoOADeal[];
}

async function ordersBehindDeals(
  parts: LookParts,
  subjects: readonly OrderSubject[],
  facts: { readonly sinceMs: number; readonly known: Set<number> },
): Promise<{ readonly orders: readonly OrderWithDeals[]; readonly isComplete: boolean }> {
  const candidates = new Set<number>();
  const ids = new Set(subjects.map((subject) => subject.submit?.clientOrderId));
  for (const position of parts.positions().values()) {
    if (!ids.has(position.tradeData.comment || undefined)) continue;
    const deals = await dealsOfPosition(parts, position.positionId, facts.sinceMs);
    if (!deals.ok) return { orders: [], isComplete: false };
    for (const deal of deals.value) candidates.add(deal.orderId);
  }
  const deals = await listDeals(parts, facts.sinceMs);
  if (!deals.ok) return { orders: [], isComplete: false };
  for (const deal of deals.value) {
    if (!facts.known.has(deal.orderId) && subjects.some((subject) => isLike(deal, subject))) {
      candidates.add(deal.orderId);
    }
  }
  const orders: OrderWithDeals[] = [];
  for (const orderId of [...candidates].slice(0, MOST_CANDIDATES)) {
    const details = await lookAtOrder(parts, orderId);
    if (!details.ok) return { orders, isComplete: false };
    if (details.value.kind === "found") orders.push(details.value);
  }
  return { orders, isComplete: candidates.size <= MOST_CANDIDATES };
}

function isLike(deal: ProtoOADeal, subject: OrderSubject): boolean {
  const order = subject.submit?.order;
  return order === undefined || (deal.symbolId === order.symbolId && deal.tradeSide === order.tradeSide);
}

function listOrders(parts: LookParts, sinceMs: number): Answer<readonly ProtoOAOrder[]> {
  return sweep(parts, sinceMs, async (fromTimestamp, toTimestamp) => {
    const window = { ctidTraderAccountId: parts.account, fromTimestamp, toTimestamp };
    const answer = await parts.request("ProtoOAOrderListReq", window);
    return answer.ok ? succeed({ rows: answer.value.order, hasMore: answer.value.hasMore }) : answer;
  });
}

/** Every deal of the account since then, and from a while before; each may come twice. */
export function listDeals(parts: LookParts, sinceMs: number): Answer<readonly ProtoOADeal[]> {
  return sweep(parts, sinceMs, async (fromTimestamp, toTimestamp) => {
    const window = { ctidTraderAccountId: parts.account, fromTimestamp, toTimestamp };
    const answer = await parts.request("ProtoOADealListReq", window);
    return answer.ok ? succeed({ rows: answer.value.deal, hasMore: answer.value.hasMore }) : answer;
  });
}

function dealsOfPosition(
  parts: LookParts,
  positionId: number,
  sinceMs: number,
): Answer<readonly ProtoOADeal[]> {
  return sweep(parts, sinceMs, async (fromTimestamp, toTimestamp) => {
    const window = { ctidTraderAccountId: parts.account, positionId, fromTimestamp, toTimestamp };
    const answer = await parts.request("ProtoOADealListByPositionIdReq", window);
    return answer.ok ? succeed({ rows: answer.value.deal, hasMore: answer.value.hasMore }) : answer;
  });
}

type ReadPage<T> = (
  fromMs: number,
  toMs: number,
) => Answer<{ readonly rows: readonly T[]; readonly hasMore: boolean }>;

/**
 * Reads a list from `sinceMs` until now. A window that has more than it shows is halved until it shows all:
 * brokers differ in whether the newest or the oldest rows come first.
 */
async function sweep<T>(parts: LookParts, sinceMs: number, read: ReadPage<T>): Answer<readonly T[]> {
  const rows: T[] = [];
  const windows: [from: number, to: number][] = [];
  // A clock that was set back puts the beginning behind the present, and there must be a window all the same.
  const end = Math.max(sinceMs, parts.brokerNow()) + CLOCK_MARGIN_MS;
  for (let from = sinceMs - CLOCK_MARGIN_MS; from <= end; from += WIDEST_WINDOW_MS) {
    windows.push([from, Math.min(end, from + WIDEST_WINDOW_MS - 1)]);
  }
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const window = windows.pop();
    if (window === undefined) return succeed(rows);
    const [from, to] = window;
    const page = await read(from, to);
    if (!page.ok) return page;
    if (!page.value.hasMore) {
      rows.push(...page.value.rows);
      continue;
    }
    // More in one millisecond than the broker shows: to take that for all would be to call the rest absent.
    if (to <= from) break;
    const middle = Math.floor((from + to) / 2);
    windows.push([from, middle], [middle + 1, to]);
  }
  return fail("BROKER_REPLY_UNREADABLE", { reason: "a list has no end" });
}

function isNotThere(answer: Failure<CtraderCallFailure>): boolean {
  return answer.code === "BROKER_REFUSED" && NOT_THERE.has(String(answer.detail.brokerCode));
}

/** The protective order that a position's levels became after that entry; undefined where the broker has none. */
export async function searchProtection(
  parts: LookParts,
  entry: { readonly positionId: number; readonly orderId: number; readonly sinceMs: number },
): Answer<ProtoOAOrder | undefined> {
  const orders = await ordersOfPosition(parts, entry.positionId, entry.sinceMs);
  if (!orders.ok) return orders;
  const own = orders.value.filter(
    (order) =>
      isProtective(order) &&
      order.orderId > entry.orderId &&
      (order.orderStatus === "ORDER_STATUS_ACCEPTED" || order.orderStatus === "ORDER_STATUS_FILLED"),
  );
  return succeed(oldest(own));
}
