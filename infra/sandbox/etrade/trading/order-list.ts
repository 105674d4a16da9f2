/** Lists of orders: filters, dates and pages. */
import { Temporal } from "temporal-polyfill";
import type { Refusal } from "../dress.ts";
import type { Faults } from "../faults.ts";
import type { Texts } from "../http-words.ts";
import type { Plain } from "../markup.ts";
import { NEW_YORK } from "../token-life.ts";
import { listedFill, listedOrder, type OrderDress, shownStatus } from "./dress-orders.ts";
import { filledOf, isWorking, type OrderRecord } from "./records.ts";

type Row = { readonly [name: string]: Plain };

/** A page, nothing at all, or a refusal. */
export type ListAnswer =
  | { readonly kind: "page"; readonly document: { readonly [root: string]: Plain } }
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** What a list depends on besides the orders. */
export interface ListAsk {
  /** The first value of each query parameter. */
  readonly query: Texts;
  readonly now: Temporal.Instant;
  readonly dress: OrderDress;
  /** The list's own address, without a query. */
  readonly address: string;
}

const STATUS_WORDS = [
  "OPEN",
  "EXECUTED",
  "CANCELLED",
  "INDIVIDUAL_FILLS",
  "CANCEL_REQUESTED",
  "EXPIRED",
  "REJECTED",
];
const TYPE_WORDS = ["ATNM", "BUY", "SELL", "SELL_SHORT", "BUY_TO_COVER", "MF_EXCHANGE"];
const MOST_SYMBOLS = 25;
const MOST_YEARS = 2;

/** Answers a list of orders, newest first. */
export function listOrders(orders: readonly OrderRecord[], ask: ListAsk): ListAnswer {
  const fault = wordFault(ask.query) ?? countFault(ask.query.count);
  const days = readDays(ask);
  if (fault !== undefined || typeof days === "string") {
    const message = fault ?? String(days);
    return { kind: "refused", refusal: { status: 400, code: ask.dress.faults.orderInvalidCode, message } };
  }
  const found = orders
    .filter((order) => fits(order, ask) && order.placedTime >= days.from && order.placedTime < days.until)
    .sort((a, b) => b.placedTime - a.placedTime);
  return pageOf(found, ask);
}

function wordFault({
  status,
  transactionType,
  marketSession,
  symbol,
  securityType,
}: Texts): string | undefined {
  if (status !== undefined && !STATUS_WORDS.includes(status)) return "The status is not valid.";
  if (transactionType !== undefined && !TYPE_WORDS.includes(transactionType)) {
    return "The transaction type is not valid.";
  }
  if (marketSession !== undefined && !["REGULAR", "EXTENDED"].includes(marketSession)) {
    return "The market session is not valid.";
  }
  if (securityType !== undefined && !["EQ", "OPTN", "MF", "MMF"].includes(securityType)) {
    return "The security type is not valid.";
  }
  const isLong = (symbol ?? "").split(",").length > MOST_SYMBOLS;
  return isLong ? `At most ${MOST_SYMBOLS} symbols can be asked for.` : undefined;
}

function countFault(count: string | undefined): string | undefined {
  const isValid =
    count === undefined || (/^\d{1,3}$/.test(count) && Number(count) >= 1 && Number(count) <= 100);
  return isValid ? undefined : "The count must be 1 to 100.";
}

/** The stretch of time that is asked for, in milliseconds since 1970, or what is wrong with it. */
function readDays({
  query,
  now,
  dress,
}: ListAsk): { readonly from: number; readonly until: number } | string {
  const { fromDate, toDate } = query;
  const { defaultOrderDays, sameDayDates } = dress.faults;
  const today = now.toZonedDateTimeISO(NEW_YORK).toPlainDate();
  if (fromDate === undefined && toDate === undefined) {
    const first = today.subtract({ days: defaultOrderDays });
    return { from: defaultOrderDays === 0 ? 0 : startOf(first), until: Number.POSITIVE_INFINITY };
  }
  const [from, to] = [readDate(fromDate), readDate(toDate)];
  if (from === undefined || to === undefined) return "Both dates are needed, as MMDDYYYY.";
  const order = Temporal.PlainDate.compare(from, to);
  if (order > 0 || (order === 0 && sameDayDates === "refuse")) return "The dates are not in order.";
  if (Temporal.PlainDate.compare(from, today.subtract({ years: MOST_YEARS })) < 0) {
    return `Orders are kept for ${MOST_YEARS} years.`;
  }
  return { from: startOf(from), until: startOf(to.add({ days: 1 })) };
}

function startOf(date: Temporal.PlainDate): number {
  return date.toZonedDateTime(NEW_YORK).epochMilliseconds;
}

/** Reads `MMDDYYYY`. */
export function readDate(text: string | undefined): Temporal.PlainDate | undefined {
  const [, month, day, year] = /^(\d{2})(\d{2})(\d{4})$/.exec(text ?? "") ?? [];
  if (year === undefined) return undefined;
  try {
    return Temporal.PlainDate.from(`${year}-${month}-${day}`, { overflow: "reject" });
  } catch {
    return undefined;
  }
}

function fits(order: OrderRecord, { query, dress }: ListAsk): boolean {
  const { symbol, status, transactionType = "ATNM", marketSession, securityType = "EQ" } = query;
  const { ticket } = order;
  if (securityType !== "EQ") return false;
  if (symbol !== undefined && !symbol.toUpperCase().split(",").includes(ticket.symbol)) return false;
  if (transactionType !== "ATNM" && transactionType !== ticket.action) return false;
  if (marketSession !== undefined && marketSession !== ticket.marketSession) return false;
  return status === undefined || hasStatus(order, status, dress.faults);
}

function hasStatus(order: OrderRecord, status: string, faults: Faults): boolean {
  if (status === "INDIVIDUAL_FILLS") return filledOf(order) > 0;
  if (status !== "OPEN") return order.status === status;
  if (!isWorking(order) || order.status !== "OPEN") return false;
  return faults.partialIsOpen || shownStatus(order, faults) === "OPEN";
}

function pageOf(found: readonly OrderRecord[], ask: ListAsk): ListAnswer {
  const { query, dress } = ask;
  const count = Number(query.count ?? 25);
  const marker = query.marker === undefined ? Number.POSITIVE_INFINITY : Number(query.marker);
  if (Number.isNaN(marker)) {
    const { orderInvalidCode: code } = dress.faults;
    return { kind: "refused", refusal: { status: 400, code, message: "The marker is not valid." } };
  }
  const isInclusive = dress.faults.markerPages === "inclusive";
  const rest = found.filter(
    ({ placedTime }) => placedTime < marker || (isInclusive && placedTime === marker),
  );
  const page = rest.slice(0, count);
  const last = page.at(-1);
  if (last === undefined) return { kind: "nothing" };
  const hasMore = rest.length > page.length || dress.faults.lastPageMarker;
  const next = `${ask.address}?${nextQuery(query, String(last.placedTime))}`;
  return {
    kind: "page",
    document: {
      OrdersResponse: {
        ...(hasMore ? { marker: String(last.placedTime), next } : {}),
        Order: page.flatMap((order) => rowsOf(order, ask)),
      },
    },
  };
}

function nextQuery(query: Texts, marker: string): string {
  const kept = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return new URLSearchParams([...kept.filter(([name]) => name !== "marker"), ["marker", marker]]).toString();
}

function rowsOf(order: OrderRecord, { query, dress }: ListAsk): readonly Row[] {
  const isByFill = query.status === "INDIVIDUAL_FILLS" && dress.faults.individualFillRows === "fills";
  return isByFill
    ? order.fills.map((fill) => listedFill(order, fill, dress)).reverse()
    : [listedOrder(order, dress)];
}
