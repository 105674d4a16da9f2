/** Which message answers which, as types: `request("ProtoOATraderReq", …)` gives a `ProtoOATraderRes`. */
import { type Messages, PAYLOAD_TYPES } from "./open-api.generated.ts";

/** A message that travels on its own, with a number in the envelope. */
export type MessageName = keyof typeof PAYLOAD_TYPES;

/** Requests with exactly one answer. */
export const ANSWERS = {
  ProtoOAApplicationAuthReq: "ProtoOAApplicationAuthRes",
  ProtoOAAccountAuthReq: "ProtoOAAccountAuthRes",
  ProtoOAVersionReq: "ProtoOAVersionRes",
  ProtoOAAssetListReq: "ProtoOAAssetListRes",
  ProtoOASymbolsListReq: "ProtoOASymbolsListRes",
  ProtoOASymbolByIdReq: "ProtoOASymbolByIdRes",
  ProtoOASymbolsForConversionReq: "ProtoOASymbolsForConversionRes",
  ProtoOATraderReq: "ProtoOATraderRes",
  ProtoOAReconcileReq: "ProtoOAReconcileRes",
  ProtoOASubscribeSpotsReq: "ProtoOASubscribeSpotsRes",
  ProtoOAUnsubscribeSpotsReq: "ProtoOAUnsubscribeSpotsRes",
  ProtoOADealListReq: "ProtoOADealListRes",
  ProtoOASubscribeLiveTrendbarReq: "ProtoOASubscribeLiveTrendbarRes",
  ProtoOAUnsubscribeLiveTrendbarReq: "ProtoOAUnsubscribeLiveTrendbarRes",
  ProtoOAGetTrendbarsReq: "ProtoOAGetTrendbarsRes",
  ProtoOAExpectedMarginReq: "ProtoOAExpectedMarginRes",
  ProtoOACashFlowHistoryListReq: "ProtoOACashFlowHistoryListRes",
  ProtoOAGetTickDataReq: "ProtoOAGetTickDataRes",
  ProtoOAGetAccountListByAccessTokenReq: "ProtoOAGetAccountListByAccessTokenRes",
  ProtoOAGetCtidProfileByTokenReq: "ProtoOAGetCtidProfileByTokenRes",
  ProtoOAAssetClassListReq: "ProtoOAAssetClassListRes",
  ProtoOASubscribeDepthQuotesReq: "ProtoOASubscribeDepthQuotesRes",
  ProtoOAUnsubscribeDepthQuotesReq: "ProtoOAUnsubscribeDepthQuotesRes",
  ProtoOASymbolCategoryListReq: "ProtoOASymbolCategoryListRes",
  ProtoOAAccountLogoutReq: "ProtoOAAccountLogoutRes",
  ProtoOAMarginCallListReq: "ProtoOAMarginCallListRes",
  ProtoOAMarginCallUpdateReq: "ProtoOAMarginCallUpdateRes",
  ProtoOARefreshTokenReq: "ProtoOARefreshTokenRes",
  ProtoOAOrderListReq: "ProtoOAOrderListRes",
  ProtoOAGetDynamicLeverageByIDReq: "ProtoOAGetDynamicLeverageByIDRes",
  ProtoOADealListByPositionIdReq: "ProtoOADealListByPositionIdRes",
  ProtoOAOrderDetailsReq: "ProtoOAOrderDetailsRes",
  ProtoOAOrderListByPositionIdReq: "ProtoOAOrderListByPositionIdRes",
  ProtoOADealOffsetListReq: "ProtoOADealOffsetListRes",
  ProtoOAGetPositionUnrealizedPnLReq: "ProtoOAGetPositionUnrealizedPnLRes",
  ProtoOAv1PnLChangeSubscribeReq: "ProtoOAv1PnLChangeSubscribeRes",
  ProtoOAv1PnLChangeUnSubscribeReq: "ProtoOAv1PnLChangeUnSubscribeRes",
} as const satisfies Partial<Record<MessageName, MessageName>>;

export type RequestName = keyof typeof ANSWERS;
export type AnswerName<N extends RequestName> = (typeof ANSWERS)[N];
export type AnswerOf<N extends RequestName> = Messages[AnswerName<N>];

/** Requests that change orders or positions: answered by any number of events, or by an error of any shape. */
export const ORDER_REQUESTS = [
  "ProtoOANewOrderReq",
  "ProtoOACancelOrderReq",
  "ProtoOAAmendOrderReq",
  "ProtoOAAmendPositionSLTPReq",
  "ProtoOAClosePositionReq",
] as const satisfies readonly MessageName[];

export type OrderRequestName = (typeof ORDER_REQUESTS)[number];

/** Requests that the broker counts as history: five a second, where the others may be fifty. */
export const HISTORY_REQUESTS: ReadonlySet<MessageName> = new Set<MessageName>([
  "ProtoOADealListReq",
  "ProtoOAGetTrendbarsReq",
  "ProtoOACashFlowHistoryListReq",
  "ProtoOAGetTickDataReq",
  "ProtoOAOrderListReq",
  "ProtoOADealListByPositionIdReq",
  "ProtoOAOrderListByPositionIdReq",
]);

const NAMES_BY_PAYLOAD_TYPE: ReadonlyMap<number, MessageName> = new Map(
  (Object.keys(PAYLOAD_TYPES) as MessageName[]).map((name) => [PAYLOAD_TYPES[name], name]),
);

/** The message behind an envelope's number; undefined for a number that this build does not know. */
export function messageNameOf(payloadType: number): MessageName | undefined {
  return NAMES_BY_PAYLOAD_TYPE.get(payloadType);
}
