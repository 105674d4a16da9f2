/** The requests that read an account, each with one answer. */
import type {
  Messages,
  ProtoOADeal,
  ProtoOAOrder,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VenueMessage } from "../venue.ts";
import { ASSET_CLASSES, ASSETS, CATEGORIES, LEVERAGES } from "./assets.ts";
import { conversionChain } from "./conversion.ts";
import { dressDeal, dressOrder, dressPosition, dressTrader } from "./dress.ts";
import { badRequest, type Floor, type Refusal } from "./floor.ts";
import { openingMargin, unrealised } from "./margin.ts";
import {
  type AccountState,
  type DealRecord,
  isOpen,
  isWorking,
  MONEY_DIGITS,
  type OrderRecord,
} from "./records.ts";
import { lightSymbol, SYMBOLS, type VenueSymbol } from "./symbols.ts";

export const LATEST = 2_147_483_646_000;
const WEEK_MS = 604_800_000;
/** Rows of a list when the request does not say how many. */
const PAGE_ROWS = 500;
export const TOO_WIDE =
  "Incorrect period boundaries or requested period is longer than allowed for this type of request";

/** An answer, or why there is none. */
export type Reading = VenueMessage | Refusal;

interface Window {
  readonly fromTimestamp?: number;
  readonly toTimestamp?: number;
}

/** Refuses a window that is upside down or out of the calendar, or wider than `widestMs`. */
export function checkWindow(window: Window, widestMs = Number.POSITIVE_INFINITY): Refusal | undefined {
  const { fromTimestamp: from = 0, toTimestamp: to = LATEST } = window;
  const isSound = from >= 0 && to <= LATEST && from <= to;
  return isSound && to - from <= widestMs ? undefined : badRequest(TOO_WIDE, "INCORRECT_BOUNDARIES");
}

const notFound = (symbolId: number) => badRequest(`Symbol not found with id ${symbolId}`, "SYMBOL_NOT_FOUND");

type Readers = {
  readonly [N in keyof Messages]?: (floor: Floor, account: AccountState, request: Messages[N]) => Reading;
};

/** Who answers which request. */
export const READERS: Readers = {
  ProtoOATraderReq: (_floor, account) => ({
    name: "ProtoOATraderRes",
    body: { ...idOf(account), trader: dressTrader(account) },
  }),
  ProtoOAAssetListReq: (_floor, account) => ({
    name: "ProtoOAAssetListRes",
    body: { ...idOf(account), asset: ASSETS },
  }),
  ProtoOAAssetClassListReq: (_floor, account) => ({
    name: "ProtoOAAssetClassListRes",
    body: { ...idOf(account), assetClass: ASSET_CLASSES },
  }),
  ProtoOASymbolCategoryListReq: (_floor, account) => ({
    name: "ProtoOASymbolCategoryListRes",
    body: { ...idOf(account), symbolCategory: CATEGORIES },
  }),
  ProtoOASymbolsListReq: (_floor, account) => ({
    name: "ProtoOASymbolsListRes",
    body: { ...idOf(account), symbol: [...SYMBOLS.values()].map(lightSymbol), archivedSymbol: [] },
  }),
  ProtoOASymbolByIdReq(_floor, account, request) {
    const found = request.symbolId.map((id) => SYMBOLS.get(id));
    const missing = request.symbolId.find((id) => !SYMBOLS.has(id));
    if (missing !== undefined) return notFound(missing);
    const symbol = found.filter((one): one is VenueSymbol => one !== undefined).map((one) => one.rules);
    return { name: "ProtoOASymbolByIdRes", body: { ...idOf(account), symbol, archivedSymbol: [] } };
  },
  ProtoOASymbolsForConversionReq(_floor, account, request) {
    const chain = conversionChain(request.firstAssetId, request.lastAssetId);
    if (chain === undefined) return badRequest("No conversion chain found", "ENTITY_NOT_FOUND");
    const symbol = chain.map(lightSymbol);
    return { name: "ProtoOASymbolsForConversionRes", body: { ...idOf(account), symbol } };
  },
  ProtoOAReconcileReq(_floor, account, request) {
    const isShown = (order: OrderRecord) =>
      isWorking(order) && (request.returnProtectionOrders === true || order.type !== "STOP_LOSS_TAKE_PROFIT");
    const position = [...account.positions.values()].filter(isOpen).map(dressPosition);
    const order = [...account.orders.values()].filter(isShown).map(dressOrder);
    return { name: "ProtoOAReconcileRes", body: { ...idOf(account), position, order } };
  },
  ProtoOAGetTrendbarsReq(floor, _account, request) {
    const body = floor.history.bars(request);
    return "code" in body ? body : { name: "ProtoOAGetTrendbarsRes", body };
  },
  ProtoOAGetTickDataReq(floor, _account, request) {
    const body = floor.history.ticks(request);
    return "code" in body ? body : { name: "ProtoOAGetTickDataRes", body };
  },
  ProtoOADealListReq: (_floor, account, request) =>
    checkWindow(request) ?? {
      name: "ProtoOADealListRes",
      body: { ...idOf(account), ...dealPage(account.deals, request, request.maxRows) },
    },
  ProtoOADealListByPositionIdReq(floor, account, request) {
    const deals = account.deals.filter((deal) => deal.positionId === request.positionId);
    const page = dealPage(deals, request);
    const deal = floor.unsure().oldestFirst ? page.deal.toReversed() : page.deal;
    return (
      checkWindow(request) ?? {
        name: "ProtoOADealListByPositionIdRes",
        body: { ...idOf(account), ...page, deal },
      }
    );
  },
  ProtoOAOrderListReq: (_floor, account, request) =>
    checkWindow(request) ?? {
      name: "ProtoOAOrderListRes",
      body: { ...idOf(account), ...orderPage([...account.orders.values()], request) },
    },
  ProtoOAOrderListByPositionIdReq(floor, account, request) {
    const orders = [...account.orders.values()].filter((order) => order.positionId === request.positionId);
    const page = orderPage(orders, request);
    const order = floor.unsure().oldestFirst ? page.order.toReversed() : page.order;
    return (
      checkWindow(request) ?? {
        name: "ProtoOAOrderListByPositionIdRes",
        body: { ...idOf(account), ...page, order },
      }
    );
  },
  ProtoOAOrderDetailsReq(_floor, account, request) {
    const order = account.orders.get(request.orderId);
    if (order === undefined) {
      const text = `Order ${request.orderId} not found or not belong to trader ${account.terms.traderLogin}`;
      return badRequest(text, "ORDER_NOT_FOUND");
    }
    const deal = account.deals
      .filter((one) => one.orderId === order.orderId)
      .map((one) => dressDeal(one, true));
    return { name: "ProtoOAOrderDetailsRes", body: { ...idOf(account), order: dressOrder(order), deal } };
  },
  ProtoOAExpectedMarginReq(floor, account, request) {
    const symbol = SYMBOLS.get(request.symbolId);
    if (symbol === undefined) return notFound(request.symbolId);
    const margin = request.volume.map((volume) => {
      const needed = openingMargin(floor, account, symbol, volume);
      return { volume, buyMargin: needed, sellMargin: needed };
    });
    return {
      name: "ProtoOAExpectedMarginRes",
      body: { ...idOf(account), margin, moneyDigits: MONEY_DIGITS },
    };
  },
  ProtoOACashFlowHistoryListReq(_floor, account, request) {
    const { fromTimestamp: from, toTimestamp: to } = request;
    const isShown = (at: number) => at >= from && at <= to;
    const depositWithdraw = account.cashFlow.filter((one) => isShown(one.changeBalanceTimestamp));
    return (
      checkWindow(request, WEEK_MS) ?? {
        name: "ProtoOACashFlowHistoryListRes",
        body: { ...idOf(account), depositWithdraw },
      }
    );
  },
  ProtoOADealOffsetListReq(_floor, account, request) {
    const dealOf = (dealId: number, volume: number) => {
      const deal = account.deals.find((one) => one.dealId === dealId);
      const when =
        deal === undefined ? {} : { executionTimestamp: deal.executedAt, executionPrice: deal.price };
      return { dealId, volume, ...when };
    };
    const own = account.offsets;
    const offsetBy = own
      .filter((one) => one.openedBy === request.dealId)
      .map((one) => dealOf(one.closedBy, one.volume));
    const offsetting = own
      .filter((one) => one.closedBy === request.dealId)
      .map((one) => dealOf(one.openedBy, one.volume));
    return { name: "ProtoOADealOffsetListRes", body: { ...idOf(account), offsetBy, offsetting } };
  },
  ProtoOAGetPositionUnrealizedPnLReq(floor, account) {
    const open = [...account.positions.values()].filter(isOpen);
    const positionUnrealizedPnL = open.map((position) => {
      const { gross, net } = unrealised(floor, account, position);
      return { positionId: position.positionId, grossUnrealizedPnL: gross, netUnrealizedPnL: net };
    });
    return {
      name: "ProtoOAGetPositionUnrealizedPnLRes",
      body: { ...idOf(account), positionUnrealizedPnL, moneyDigits: MONEY_DIGITS },
    };
  },
  ProtoOAGetDynamicLeverageByIDReq(_floor, account, request) {
    const leverage = LEVERAGES.find((one) => one.leverageId === request.leverageId);
    if (leverage === undefined) {
      return badRequest(`Dynamic leverage not found with id ${request.leverageId}`, "ENTITY_NOT_FOUND");
    }
    return { name: "ProtoOAGetDynamicLeverageByIDRes", body: { ...idOf(account), leverage } };
  },
  ProtoOAMarginCallListReq: (_floor, account) => ({
    name: "ProtoOAMarginCallListRes",
    body: { marginCall: account.marginCalls },
  }),
};

function idOf(account: AccountState): { readonly ctidTraderAccountId: number } {
  return { ctidTraderAccountId: account.terms.ctidTraderAccountId };
}

function page<T>(rows: readonly T[], window: Window, timeOf: (row: T) => number, maxRows?: number) {
  const { fromTimestamp: from = 0, toTimestamp: to = LATEST } = window;
  const inside = rows.filter((row) => timeOf(row) >= from && timeOf(row) <= to);
  // Newest first; rows of one moment in the reverse order of their making.
  const newest = inside.toReversed().sort((a, b) => timeOf(b) - timeOf(a));
  const count = maxRows === undefined || maxRows <= 0 ? PAGE_ROWS : Math.min(maxRows, PAGE_ROWS);
  return { rows: newest.slice(0, count), hasMore: newest.length > count };
}

function dealPage(
  deals: readonly DealRecord[],
  window: Window,
  maxRows?: number,
): { readonly deal: ProtoOADeal[]; readonly hasMore: boolean } {
  const { rows, hasMore } = page(deals, window, (deal) => deal.executedAt, maxRows);
  return { deal: rows.map((deal) => dressDeal(deal, true)), hasMore };
}

function orderPage(
  orders: readonly OrderRecord[],
  window: Window,
): { readonly order: ProtoOAOrder[]; readonly hasMore: boolean } {
  const { rows, hasMore } = page(orders, window, (order) => order.updatedAt);
  return { order: rows.map(dressOrder), hasMore };
}
