/** What an account holds: positions by symbol, and their lots. */
import { Temporal } from "temporal-polyfill";
import type { SimulatedAccount } from "../accounts.ts";
import type { Refusal } from "../dress.ts";
import type { Texts } from "../http-words.ts";
import type { SessionOn } from "../market-hours.ts";
import type { Plain } from "../markup.ts";
import { toCents } from "../prices.ts";
import { type QuoteFacts, quoteFacts } from "../quote-facts.ts";
import { quoteTime, toSeconds } from "../quote-views.ts";
import { NEW_YORK } from "../token-life.ts";
import type { PriceTape } from "./price-tape.ts";
import type { AccountTrading, Lot } from "./records.ts";

type Fields = { readonly [name: string]: Plain };
type Answer =
  | { readonly kind: "page"; readonly document: { readonly [root: string]: Plain } }
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** What a portfolio depends on besides the account. */
export interface PortfolioAsk {
  readonly account: SimulatedAccount;
  readonly trading: AccountTrading;
  readonly market: { readonly prices: PriceTape; readonly sessionOn: SessionOn };
  readonly query: Texts;
  readonly now: Temporal.Instant;
  /** The address of a path below the account, with the suffix of the call. */
  addressOf(path: string): string;
}

const VIEWS = ["QUICK", "PERFORMANCE", "COMPLETE", "FUNDAMENTAL", "OPTIONSWATCH"];
const MOST_ROWS = 65_535;

interface Position {
  readonly symbol: string;
  readonly positionId: number;
  readonly lots: readonly Lot[];
  readonly quantity: number;
  readonly costCents: number;
  readonly facts: QuoteFacts;
}

/** Answers a portfolio page. */
export function portfolio(ask: PortfolioAsk): Answer {
  const { query, trading, account } = ask;
  const view = query.view ?? "QUICK";
  if (!VIEWS.includes(view)) return refusedWith("The view is not valid.");
  const [count, pageNumber] = [Number(query.count ?? 50), Number(query.pageNumber ?? 1)];
  // So many rows are too many for the real server as well.
  if (count > MOST_ROWS)
    return { kind: "refused", refusal: { status: 500, code: 100, message: UNAVAILABLE } };
  if (!(Number.isInteger(count) && count > 0 && Number.isInteger(pageNumber) && pageNumber > 0)) {
    return refusedWith("The count or page number is not valid.");
  }
  const symbols = [...new Set(trading.lots.map(({ symbol }) => symbol))].sort();
  const positions = symbols.map((symbol) => positionOf(symbol, ask));
  const page = positions.slice((pageNumber - 1) * count, pageNumber * count);
  if (page.length === 0) return { kind: "nothing" };
  const totalPages = Math.ceil(positions.length / count);
  const total = toCents(positions.reduce((sum, one) => sum + Math.abs(one.quantity * one.facts.last), 0));
  const next =
    pageNumber < totalPages
      ? {
          nextPageNo: String(pageNumber + 1),
          next: `${ask.addressOf("portfolio")}?count=${count}&pageNumber=${pageNumber + 1}`,
        }
      : {};
  const rows = page.map((one) => positionRow(one, { ask, view, total }));
  const body = { accountId: account.accountId, ...next, totalPages, Position: rows };
  return {
    kind: "page",
    document: {
      PortfolioResponse: {
        ...(query.totalsRequired === "true" ? { Totals: totals(positions, trading) } : {}),
        AccountPortfolio: [body],
      },
    },
  };
}

const UNAVAILABLE = "The requested service is not currently available, please try after sometime.";

function refusedWith(message: string): Answer {
  return { kind: "refused", refusal: { status: 400, code: 1_002, message } };
}

/** Answers the lots of one position. */
export function positionLots(ask: PortfolioAsk, positionId: string): Answer {
  const symbols = [...new Set(ask.trading.lots.map(({ symbol }) => symbol))];
  const found = symbols
    .map((symbol) => positionOf(symbol, ask))
    .find((one) => String(one.positionId) === positionId);
  if (found === undefined) return { kind: "nothing" };
  return { kind: "page", document: { PositionLotsResponse: { PositionLot: lotRows(found) } } };
}

function positionOf(symbol: string, { account, trading, market, now }: PortfolioAsk): Position {
  const lots = trading.lots.filter((lot) => lot.symbol === symbol);
  const trait = market.prices.trait(symbol, `position|${account.accountIdKey}`);
  return {
    symbol,
    positionId: 100_000_000_000 + Math.floor(trait * 800_000_000_000),
    lots,
    quantity: lots.reduce((sum, lot) => sum + lot.quantity, 0),
    costCents: lots.reduce((sum, lot) => sum + lot.quantity * lot.cents, 0),
    facts: quoteFacts({ kind: "equity", symbol }, market, now),
  };
}

const percent = (part: number, whole: number) => (whole === 0 ? 0 : toCents((100 * part) / Math.abs(whole)));

function totals(positions: readonly Position[], trading: AccountTrading): Fields {
  const value = positions.reduce((sum, one) => sum + one.quantity * one.facts.last, 0);
  const cost = positions.reduce((sum, one) => sum + one.costCents, 0) / 100;
  const day = positions.reduce((sum, one) => sum + dayGain(one), 0);
  return {
    todaysGainLoss: toCents(day),
    todaysGainLossPct: percent(day, value - day),
    totalMarketValue: toCents(value),
    totalGainLoss: toCents(value - cost),
    totalGainLossPct: percent(value - cost, cost),
    totalPricePaid: toCents(cost),
    cashBalance: trading.cashCents / 100,
  };
}

/** Since the last close, or since the shares were bought today. */
function dayGain({ lots, facts }: Position): number {
  return lots.reduce((sum, lot) => {
    const from = isToday(lot, facts) ? lot.cents / 100 : facts.previousClose;
    return sum + lot.quantity * (facts.last - from);
  }, 0);
}

function isToday(lot: Lot, { tradedAt }: QuoteFacts): boolean {
  const day = (instant: Temporal.Instant) => instant.toZonedDateTimeISO(NEW_YORK).toPlainDate();
  return day(Temporal.Instant.fromEpochMilliseconds(lot.acquiredAt)).equals(day(tradedAt));
}

function positionRow(
  position: Position,
  { ask, view, total }: { readonly ask: PortfolioAsk; readonly view: string; readonly total: number },
): Fields {
  const { symbol, positionId, lots, quantity, facts } = position;
  const cost = position.costCents / 100;
  const value = quantity * facts.last;
  const each = Math.round((100 * cost) / quantity) / 100;
  const bought = lots.filter((lot) => isToday(lot, facts));
  const boughtToday = bought.reduce((sum, lot) => sum + lot.quantity, 0);
  const paidToday = bought.reduce((sum, lot) => sum + lot.quantity * lot.cents, 0) / 100;
  const day = dayGain(position);
  const isShort = quantity < 0;
  return {
    positionId,
    symbolDescription: symbol,
    dateAcquired: Math.min(...lots.map(({ acquiredAt }) => acquiredAt)),
    pricePaid: each,
    commissions: 0,
    otherFees: 0,
    quantity,
    positionIndicator: isShort ? "TYPE5" : ask.account.mode === "MARGIN" ? "TYPE2" : "TYPE1",
    positionType: isShort ? "SHORT" : "LONG",
    daysGain: toCents(day),
    daysGainPct: percent(day, value - day),
    marketValue: toCents(value),
    totalCost: toCents(cost),
    totalGain: toCents(value - cost),
    totalGainPct: percent(value - cost, cost),
    pctOfPortfolio: percent(Math.abs(value), total),
    costPerShare: each,
    todayCommissions: 0,
    todayFees: 0,
    todayPricePaid: boughtToday === 0 ? 0 : toCents(paidToday / boughtToday),
    todayQuantity: boughtToday,
    adjPrevClose: facts.previousClose,
    lotsDetails: ask.addressOf(`portfolio/${positionId}`),
    quoteDetails: ask.addressOf(`/v1/market/quote/${symbol}`),
    Product: productOf(symbol),
    ...viewFields(view, position, ask),
    ...(ask.query.lotsRequired === "true" ? { positionLot: lotRows(position) } : {}),
  };
}

function productOf(symbol: string): Fields {
  const product = { symbol, securityType: "EQ", expiryYear: 0, expiryMonth: 0, expiryDay: 0, strikePrice: 0 };
  return { ...product, productId: { symbol, typeCode: "EQUITY" } };
}

function viewFields(view: string, position: Position, { query }: PortfolioAsk): Fields {
  const { facts, quantity } = position;
  const isExtended = query.marketSession === "EXTENDED" && facts.extended !== undefined;
  const last = isExtended ? (facts.extended?.last ?? facts.last) : facts.last;
  const change = toCents(last - facts.previousClose);
  const quick: Fields = {
    lastTrade: last,
    lastTradeTime: toSeconds(facts.tradedAt),
    change,
    changePct: percent(change, facts.previousClose),
    volume: facts.volume,
    quoteStatus: facts.phase === "open" ? "REALTIME" : "CLOSING",
  };
  const gain = quantity * facts.last - position.costCents / 100;
  if (view === "QUICK") return { Quick: quick };
  if (view === "PERFORMANCE") {
    const { volume: _, ...rest } = quick;
    const gains = { daysGain: toCents(dayGain(position)), totalGain: toCents(gain) };
    const totalGainPct = percent(gain, position.costCents / 100);
    const marketValue = toCents(quantity * facts.last);
    return { Performance: { ...rest, ...gains, totalGainPct, marketValue } };
  }
  if (view === "COMPLETE") {
    const prices = { bid: facts.bid, ask: facts.ask, previousClose: facts.previousClose, open: facts.open };
    const range = {
      daysRange: `${facts.low} - ${facts.high}`,
      week52High: facts.high52,
      week52Low: facts.low52,
    };
    return { Complete: { ...quick, ...prices, ...range, lastTradeText: quoteTime(facts.tradedAt) } };
  }
  return view === "FUNDAMENTAL" ? { Fundamental: quick } : { OptionsWatch: quick };
}

function lotRows({ lots, positionId, facts }: Position): readonly Fields[] {
  return lots.map((lot) => ({
    positionId,
    positionLotId: positionId + lot.lotId,
    price: lot.cents / 100,
    acquiredDate: lot.acquiredAt,
    originalQty: lot.quantity,
    remainingQty: lot.quantity,
    availableQty: Math.max(0, lot.quantity),
    marketValue: toCents(lot.quantity * facts.last),
    totalCost: (lot.quantity * lot.cents) / 100,
    totalGain: toCents(lot.quantity * facts.last - (lot.quantity * lot.cents) / 100),
    commPerShare: 0,
    feesPerShare: 0,
  }));
}
