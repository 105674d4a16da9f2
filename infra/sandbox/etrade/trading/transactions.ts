/** What fills did to an account's money, as its transactions. */
import { Temporal } from "temporal-polyfill";
import type { SimulatedAccount } from "../accounts.ts";
import type { Refusal } from "../dress.ts";
import type { Faults } from "../faults.ts";
import type { Texts } from "../http-words.ts";
import type { SessionOn } from "../market-hours.ts";
import type { Plain } from "../markup.ts";
import { NEW_YORK } from "../token-life.ts";
import { readDate } from "./order-list.ts";
import type { AccountTrading, TransactionRecord } from "./records.ts";

type Fields = { readonly [name: string]: Plain };
type Answer =
  | { readonly kind: "page"; readonly document: { readonly [root: string]: Plain } }
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

export interface TransactionsAsk {
  readonly account: SimulatedAccount;
  readonly trading: AccountTrading;
  readonly query: Texts;
  readonly faults: Faults;
  readonly sessionOn: SessionOn;
  nameOf(symbol: string): string;
  /** The list's own address, without a query. */
  readonly address: string;
}

const WORDS = {
  BUY: "Bought",
  SELL: "Sold",
  SELL_SHORT: "Sold Short",
  BUY_TO_COVER: "Bought To Cover",
} as const;

function refused(code: number, message: string): Answer {
  return { kind: "refused", refusal: { status: 400, code, message } };
}

const newYork = (date: Temporal.PlainDate) => date.toZonedDateTime(NEW_YORK).epochMilliseconds;
const markerOf = ({ transactionId, at }: TransactionRecord) => `${transactionId}_${Math.floor(at / 1_000)}`;

/** Answers a page of transactions, newest first unless asked otherwise. */
export function listTransactions(ask: TransactionsAsk): Answer {
  const { query, trading, faults } = ask;
  const { startDate, endDate, sortOrder = "DESC", marker } = query;
  const count = Number(query.count ?? 50);
  if (!Number.isInteger(count) || count < 1 || count > 50) return refused(2005, "The count must be 1 to 50.");
  if (sortOrder !== "ASC" && sortOrder !== "DESC") return refused(2007, "The sort order is not valid.");
  if ((startDate === undefined) !== (endDate === undefined)) return refused(2002, "Both dates are needed.");
  const [start, end] = [readDate(startDate), readDate(endDate)];
  if (startDate !== undefined && (start === undefined || end === undefined)) {
    return refused(2004, "Dates must be MMDDYYYY.");
  }
  if (start && end && Temporal.PlainDate.compare(start, end) > 0)
    return refused(2002, "The range is not valid.");
  const [from, until] = [
    start ? newYork(start) : 0,
    end ? newYork(end.add({ days: 1 })) : Number.POSITIVE_INFINITY,
  ];
  const found = trading.transactions.filter(({ at }) => at >= from && at < until);
  if (sortOrder === "DESC") found.reverse();
  const first = marker === undefined ? 0 : found.findIndex((one) => markerOf(one) === marker) + 1;
  const page = found.slice(first, first + count);
  const last = page.at(-1);
  if (last === undefined) return { kind: "nothing" };
  const hasMore = first + page.length < found.length;
  const next = `${ask.address}?marker=${markerOf(last)}`;
  return {
    kind: "page",
    document: {
      TransactionListResponse: {
        ...{ next, marker: markerOf(last), pageMarkers: encodeURIComponent(btoa(markerOf(last)).repeat(4)) },
        moreTransactions: hasMore && !faults.moreTransactionsLies,
        transactionCount: page.length,
        totalCount: found.length,
        Transaction: page.map((one) => row(one, ask)),
      },
    },
  };
}

function row(one: TransactionRecord, ask: TransactionsAsk): Fields {
  return {
    transactionId: one.transactionId,
    accountId: ask.account.accountId,
    transactionDate: one.at,
    postDate: one.at,
    amount: (-one.quantity * one.cents) / 100,
    description: ask.nameOf(one.symbol),
    transactionType: WORDS[one.action],
    memo: "",
    imageFlag: false,
    instType: "BROKERAGE",
    storeId: 0,
    brokerage: {
      product: { symbol: one.symbol, securityType: "EQ" },
      quantity: one.quantity,
      price: one.cents / 100,
      settlementCurrency: "USD",
      paymentCurrency: "USD",
      fee: 0,
      displaySymbol: one.symbol,
      settlementDate: settledAt(one.at, ask.sessionOn),
    },
    // Behind the suffix, as the real one puts it.
    detailsURI: `${ask.address}/${one.transactionId}?storeId=0`,
  };
}

/** Midnight in New York of the next day with a session. */
function settledAt(at: number, sessionOn: SessionOn): number {
  const day = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(NEW_YORK).toPlainDate();
  for (let days = 1; days <= 10; days += 1) {
    const date = day.add({ days });
    if (sessionOn(date) !== undefined) return newYork(date);
  }
  return newYork(day.add({ days: 1 }));
}
