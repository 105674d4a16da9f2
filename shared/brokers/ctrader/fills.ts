import { Decimal } from "decimal.js";
import type { Log } from "../../platform/log.ts";
import type { Timers } from "../../platform/timers.ts";
import type { Fill } from "../trading-broker.ts";
import type { AccountBook, BookNews } from "./book.ts";
import { keepNewest } from "./keep-newest.ts";
import { amountOf } from "./money.ts";
import { isProtective } from "./order-subject.ts";
import type { ProtoOADeal, ProtoOAExecutionEvent } from "./protocol/open-api.generated.ts";
import type { SymbolDirectory } from "./symbols.ts";
import { isClientOrderId } from "./tickets.ts";
import { instantOf, sideOf } from "./trader-views.ts";
import { unitsOf } from "./units.ts";

/** So many of our orders are remembered by the broker's id, to name the fills that come after their end. */
const OWN_KEPT = 10_000;

const NAMES_AGAIN_MS = 5_000;

/** What fills are made from. */
export interface FillParts {
  readonly book: AccountBook;
  readonly symbols: SymbolDirectory;
  readonly timers: Timers;
  readonly log: Log;
}

interface Waiting {
  readonly deal: ProtoOADeal;
  readonly clientOrderId: string | undefined;
}

/** The account's fills, each once and in the order in which they became known; they wait for the names of their instruments. */
export function openFills(parts: FillParts) {
  const own = new Map<number, string>();
  const listeners = new Set<(fill: Fill) => void>();
  const waiting: Waiting[] = [];
  let isNaming = false;

  function flush(): void {
    const isNamed = ({ deal }: Waiting) => parts.symbols.nameOf(deal.symbolId) !== undefined;
    let first = waiting[0];
    while (first !== undefined && isNamed(first)) {
      waiting.shift();
      tell(first);
      first = waiting[0];
    }
  }

  function tell({ deal, clientOrderId }: Waiting): void {
    const fill = fillOf(deal, own.get(deal.orderId) ?? clientOrderId);
    for (const listener of [...listeners]) listener(fill);
  }

  async function name(): Promise<void> {
    if (isNaming || waiting.length === 0) return;
    isNaming = true;
    const loaded = await parts.symbols.loadNames();
    isNaming = false;
    if (!loaded.ok) {
      parts.log.warn("fills-wait-for-names", { waiting: waiting.length, code: loaded.code });
      parts.timers.after(NAMES_AGAIN_MS, () => void name());
      return;
    }
    flush();
    // The list has no name for these: an instrument that the broker has put away.
    for (const one of waiting.splice(0)) tell(one);
  }

  function fillOf(deal: ProtoOADeal, clientOrderId: string | undefined): Fill {
    const instrument = parts.symbols.nameOf(deal.symbolId) ?? `#${deal.symbolId}`;
    return { ...factsOf(deal), instrument, ...(clientOrderId === undefined ? {} : { clientOrderId }) };
  }

  parts.book.listen((news) => {
    const deal = newDealOf(news);
    if (deal !== undefined) waiting.push(deal);
    flush();
    void name();
  });

  return {
    listen(listener: (fill: Fill) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    /** The broker's order is this one of ours. */
    own(orderId: number, clientOrderId: string): void {
      own.set(orderId, clientOrderId);
      keepNewest(own, OWN_KEPT);
    },
    ownerOf: (orderId: number): string | undefined => own.get(orderId),
    /** The broker's order for one of ours that this process has followed. */
    orderIdOf: (clientOrderId: string): number | undefined =>
      [...own].find(([, id]) => id === clientOrderId)?.[0],
    fillOf,
  };
}

function newDealOf(news: BookNews): Waiting | undefined {
  if (news.kind === "recovered-deal") return { deal: news.deal, clientOrderId: undefined };
  if (news.kind !== "event" || !news.isNewDeal || news.event.name !== "ProtoOAExecutionEvent")
    return undefined;
  const { deal } = news.event.body;
  return deal === undefined ? undefined : { deal, clientOrderId: ownIdOf(news.event.body) };
}

/**
 * Our id of the order that was filled. Protective orders inherit the entry's, and so may those that close its
 * position: an id that the position carries in its comment is the entry's.
 */
function ownIdOf({ order, position }: ProtoOAExecutionEvent): string | undefined {
  // Other programs give their orders ids of other forms, which no record of ours can carry.
  if (order === undefined || isProtective(order) || !isClientOrderId(order.clientOrderId)) return undefined;
  const isInherited = order.closingOrder === true && position?.tradeData.comment === order.clientOrderId;
  return isInherited ? undefined : order.clientOrderId;
}

function factsOf(deal: ProtoOADeal): Omit<Fill, "instrument"> {
  const close = deal.closePositionDetail;
  // Where one of the two does not say its digits, they are the other's: both are of the account's currency.
  const digits = close?.moneyDigits ?? deal.moneyDigits;
  return {
    id: String(deal.dealId),
    brokerOrderId: String(deal.orderId),
    positionId: String(deal.positionId),
    side: sideOf(deal.tradeSide),
    quantity: unitsOf(deal.filledVolume),
    price: new Decimal(deal.executionPrice ?? 0),
    commission: amountOf(deal.commission ?? 0, deal.moneyDigits ?? digits),
    at: instantOf(deal.executionTimestamp),
    ...(close === undefined
      ? {}
      : {
          closed: {
            grossProfit: amountOf(close.grossProfit, digits),
            swap: amountOf(close.swap, digits),
            // The fee for changing the profit's currency is a cost of closing that the balance carries too.
            commission: amountOf(close.commission + (close.pnlConversionFee ?? 0), digits),
            balanceAfter: amountOf(close.balance, digits),
            entryPrice: new Decimal(close.entryPrice),
            ...(close.closedVolume === undefined ? {} : { quantity: unitsOf(close.closedVolume) }),
          },
        }),
  };
}
