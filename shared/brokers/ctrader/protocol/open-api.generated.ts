/** Made from open-api.proto by `npm run generate:ctrader`; not to be edited. */

export type ProtoPayloadType = "PROTO_MESSAGE" | "ERROR_RES" | "HEARTBEAT_EVENT";

export type ProtoErrorCode = "UNKNOWN_ERROR" | "UNSUPPORTED_MESSAGE" | "INVALID_REQUEST" | "TIMEOUT_ERROR" | "ENTITY_NOT_FOUND" | "CANT_ROUTE_REQUEST" | "FRAME_TOO_LONG" | "MARKET_CLOSED" | "CONCURRENT_MODIFICATION" | "BLOCKED_PAYLOAD_TYPE";

export type ProtoOAPayloadType = "PROTO_OA_APPLICATION_AUTH_REQ" | "PROTO_OA_APPLICATION_AUTH_RES" | "PROTO_OA_ACCOUNT_AUTH_REQ" | "PROTO_OA_ACCOUNT_AUTH_RES" | "PROTO_OA_VERSION_REQ" | "PROTO_OA_VERSION_RES" | "PROTO_OA_NEW_ORDER_REQ" | "PROTO_OA_TRAILING_SL_CHANGED_EVENT" | "PROTO_OA_CANCEL_ORDER_REQ" | "PROTO_OA_AMEND_ORDER_REQ" | "PROTO_OA_AMEND_POSITION_SLTP_REQ" | "PROTO_OA_CLOSE_POSITION_REQ" | "PROTO_OA_ASSET_LIST_REQ" | "PROTO_OA_ASSET_LIST_RES" | "PROTO_OA_SYMBOLS_LIST_REQ" | "PROTO_OA_SYMBOLS_LIST_RES" | "PROTO_OA_SYMBOL_BY_ID_REQ" | "PROTO_OA_SYMBOL_BY_ID_RES" | "PROTO_OA_SYMBOLS_FOR_CONVERSION_REQ" | "PROTO_OA_SYMBOLS_FOR_CONVERSION_RES" | "PROTO_OA_SYMBOL_CHANGED_EVENT" | "PROTO_OA_TRADER_REQ" | "PROTO_OA_TRADER_RES" | "PROTO_OA_TRADER_UPDATE_EVENT" | "PROTO_OA_RECONCILE_REQ" | "PROTO_OA_RECONCILE_RES" | "PROTO_OA_EXECUTION_EVENT" | "PROTO_OA_SUBSCRIBE_SPOTS_REQ" | "PROTO_OA_SUBSCRIBE_SPOTS_RES" | "PROTO_OA_UNSUBSCRIBE_SPOTS_REQ" | "PROTO_OA_UNSUBSCRIBE_SPOTS_RES" | "PROTO_OA_SPOT_EVENT" | "PROTO_OA_ORDER_ERROR_EVENT" | "PROTO_OA_DEAL_LIST_REQ" | "PROTO_OA_DEAL_LIST_RES" | "PROTO_OA_SUBSCRIBE_LIVE_TRENDBAR_REQ" | "PROTO_OA_UNSUBSCRIBE_LIVE_TRENDBAR_REQ" | "PROTO_OA_GET_TRENDBARS_REQ" | "PROTO_OA_GET_TRENDBARS_RES" | "PROTO_OA_EXPECTED_MARGIN_REQ" | "PROTO_OA_EXPECTED_MARGIN_RES" | "PROTO_OA_MARGIN_CHANGED_EVENT" | "PROTO_OA_ERROR_RES" | "PROTO_OA_CASH_FLOW_HISTORY_LIST_REQ" | "PROTO_OA_CASH_FLOW_HISTORY_LIST_RES" | "PROTO_OA_GET_TICKDATA_REQ" | "PROTO_OA_GET_TICKDATA_RES" | "PROTO_OA_ACCOUNTS_TOKEN_INVALIDATED_EVENT" | "PROTO_OA_CLIENT_DISCONNECT_EVENT" | "PROTO_OA_GET_ACCOUNTS_BY_ACCESS_TOKEN_REQ" | "PROTO_OA_GET_ACCOUNTS_BY_ACCESS_TOKEN_RES" | "PROTO_OA_GET_CTID_PROFILE_BY_TOKEN_REQ" | "PROTO_OA_GET_CTID_PROFILE_BY_TOKEN_RES" | "PROTO_OA_ASSET_CLASS_LIST_REQ" | "PROTO_OA_ASSET_CLASS_LIST_RES" | "PROTO_OA_DEPTH_EVENT" | "PROTO_OA_SUBSCRIBE_DEPTH_QUOTES_REQ" | "PROTO_OA_SUBSCRIBE_DEPTH_QUOTES_RES" | "PROTO_OA_UNSUBSCRIBE_DEPTH_QUOTES_REQ" | "PROTO_OA_UNSUBSCRIBE_DEPTH_QUOTES_RES" | "PROTO_OA_SYMBOL_CATEGORY_REQ" | "PROTO_OA_SYMBOL_CATEGORY_RES" | "PROTO_OA_ACCOUNT_LOGOUT_REQ" | "PROTO_OA_ACCOUNT_LOGOUT_RES" | "PROTO_OA_ACCOUNT_DISCONNECT_EVENT" | "PROTO_OA_SUBSCRIBE_LIVE_TRENDBAR_RES" | "PROTO_OA_UNSUBSCRIBE_LIVE_TRENDBAR_RES" | "PROTO_OA_MARGIN_CALL_LIST_REQ" | "PROTO_OA_MARGIN_CALL_LIST_RES" | "PROTO_OA_MARGIN_CALL_UPDATE_REQ" | "PROTO_OA_MARGIN_CALL_UPDATE_RES" | "PROTO_OA_MARGIN_CALL_UPDATE_EVENT" | "PROTO_OA_MARGIN_CALL_TRIGGER_EVENT" | "PROTO_OA_REFRESH_TOKEN_REQ" | "PROTO_OA_REFRESH_TOKEN_RES" | "PROTO_OA_ORDER_LIST_REQ" | "PROTO_OA_ORDER_LIST_RES" | "PROTO_OA_GET_DYNAMIC_LEVERAGE_REQ" | "PROTO_OA_GET_DYNAMIC_LEVERAGE_RES" | "PROTO_OA_DEAL_LIST_BY_POSITION_ID_REQ" | "PROTO_OA_DEAL_LIST_BY_POSITION_ID_RES" | "PROTO_OA_ORDER_DETAILS_REQ" | "PROTO_OA_ORDER_DETAILS_RES" | "PROTO_OA_ORDER_LIST_BY_POSITION_ID_REQ" | "PROTO_OA_ORDER_LIST_BY_POSITION_ID_RES" | "PROTO_OA_DEAL_OFFSET_LIST_REQ" | "PROTO_OA_DEAL_OFFSET_LIST_RES" | "PROTO_OA_GET_POSITION_UNREALIZED_PNL_REQ" | "PROTO_OA_GET_POSITION_UNREALIZED_PNL_RES" | "PROTO_OA_V1_PNL_CHANGE_EVENT" | "PROTO_OA_V1_PNL_CHANGE_SUBSCRIBE_REQ" | "PROTO_OA_V1_PNL_CHANGE_SUBSCRIBE_RES" | "PROTO_OA_V1_PNL_CHANGE_UN_SUBSCRIBE_REQ" | "PROTO_OA_V1_PNL_CHANGE_UN_SUBSCRIBE_RES";

export type ProtoOADayOfWeek = "NONE" | "MONDAY" | "TUESDAY" | "WEDNESDAY" | "THURSDAY" | "FRIDAY" | "SATURDAY" | "SUNDAY";

export type ProtoOACommissionType = "USD_PER_MILLION_USD" | "USD_PER_LOT" | "PERCENTAGE_OF_VALUE" | "QUOTE_CCY_PER_LOT";

export type ProtoOASymbolDistanceType = "SYMBOL_DISTANCE_IN_POINTS" | "SYMBOL_DISTANCE_IN_PERCENTAGE";

export type ProtoOAMinCommissionType = "CURRENCY" | "QUOTE_CURRENCY";

export type ProtoOATradingMode = "ENABLED" | "DISABLED_WITHOUT_PENDINGS_EXECUTION" | "DISABLED_WITH_PENDINGS_EXECUTION" | "CLOSE_ONLY_MODE";

export type ProtoOASwapCalculationType = "PIPS" | "PERCENTAGE" | "POINTS";

export type ProtoOAAccessRights = "FULL_ACCESS" | "CLOSE_ONLY" | "NO_TRADING" | "NO_LOGIN";

export type ProtoOATotalMarginCalculationType = "MAX" | "SUM" | "NET";

export type ProtoOAAccountType = "HEDGED" | "NETTED" | "SPREAD_BETTING";

export type ProtoOAPositionStatus = "POSITION_STATUS_OPEN" | "POSITION_STATUS_CLOSED" | "POSITION_STATUS_CREATED" | "POSITION_STATUS_ERROR";

export type ProtoOATradeSide = "BUY" | "SELL";

export type ProtoOAOrderType = "MARKET" | "LIMIT" | "STOP" | "STOP_LOSS_TAKE_PROFIT" | "MARKET_RANGE" | "STOP_LIMIT";

export type ProtoOATimeInForce = "GOOD_TILL_DATE" | "GOOD_TILL_CANCEL" | "IMMEDIATE_OR_CANCEL" | "FILL_OR_KILL" | "MARKET_ON_OPEN";

export type ProtoOAOrderStatus = "ORDER_STATUS_ACCEPTED" | "ORDER_STATUS_FILLED" | "ORDER_STATUS_REJECTED" | "ORDER_STATUS_EXPIRED" | "ORDER_STATUS_CANCELLED";

export type ProtoOAOrderTriggerMethod = "TRADE" | "OPPOSITE" | "DOUBLE_TRADE" | "DOUBLE_OPPOSITE";

export type ProtoOAExecutionType = "ORDER_ACCEPTED" | "ORDER_FILLED" | "ORDER_REPLACED" | "ORDER_CANCELLED" | "ORDER_EXPIRED" | "ORDER_REJECTED" | "ORDER_CANCEL_REJECTED" | "SWAP" | "DEPOSIT_WITHDRAW" | "ORDER_PARTIAL_FILL" | "BONUS_DEPOSIT_WITHDRAW";

export type ProtoOAChangeBonusType = "BONUS_DEPOSIT" | "BONUS_WITHDRAW";

export type ProtoOAChangeBalanceType = "BALANCE_DEPOSIT" | "BALANCE_WITHDRAW" | "BALANCE_DEPOSIT_STRATEGY_COMMISSION_INNER" | "BALANCE_WITHDRAW_STRATEGY_COMMISSION_INNER" | "BALANCE_DEPOSIT_IB_COMMISSIONS" | "BALANCE_WITHDRAW_IB_SHARED_PERCENTAGE" | "BALANCE_DEPOSIT_IB_SHARED_PERCENTAGE_FROM_SUB_IB" | "BALANCE_DEPOSIT_IB_SHARED_PERCENTAGE_FROM_BROKER" | "BALANCE_DEPOSIT_REBATE" | "BALANCE_WITHDRAW_REBATE" | "BALANCE_DEPOSIT_STRATEGY_COMMISSION_OUTER" | "BALANCE_WITHDRAW_STRATEGY_COMMISSION_OUTER" | "BALANCE_WITHDRAW_BONUS_COMPENSATION" | "BALANCE_WITHDRAW_IB_SHARED_PERCENTAGE_TO_BROKER" | "BALANCE_DEPOSIT_DIVIDENDS" | "BALANCE_WITHDRAW_DIVIDENDS" | "BALANCE_WITHDRAW_GSL_CHARGE" | "BALANCE_WITHDRAW_ROLLOVER" | "BALANCE_DEPOSIT_NONWITHDRAWABLE_BONUS" | "BALANCE_WITHDRAW_NONWITHDRAWABLE_BONUS" | "BALANCE_DEPOSIT_SWAP" | "BALANCE_WITHDRAW_SWAP" | "BALANCE_DEPOSIT_MANAGEMENT_FEE" | "BALANCE_WITHDRAW_MANAGEMENT_FEE" | "BALANCE_DEPOSIT_PERFORMANCE_FEE" | "BALANCE_WITHDRAW_FOR_SUBACCOUNT" | "BALANCE_DEPOSIT_TO_SUBACCOUNT" | "BALANCE_WITHDRAW_FROM_SUBACCOUNT" | "BALANCE_DEPOSIT_FROM_SUBACCOUNT" | "BALANCE_WITHDRAW_COPY_FEE" | "BALANCE_WITHDRAW_INACTIVITY_FEE" | "BALANCE_DEPOSIT_TRANSFER" | "BALANCE_WITHDRAW_TRANSFER" | "BALANCE_DEPOSIT_CONVERTED_BONUS" | "BALANCE_DEPOSIT_NEGATIVE_BALANCE_PROTECTION";

export type ProtoOADealStatus = "FILLED" | "PARTIALLY_FILLED" | "REJECTED" | "INTERNALLY_REJECTED" | "ERROR" | "MISSED";

export type ProtoOATrendbarPeriod = "M1" | "M2" | "M3" | "M4" | "M5" | "M10" | "M15" | "M30" | "H1" | "H4" | "H12" | "D1" | "W1" | "MN1";

export type ProtoOAQuoteType = "BID" | "ASK";

export type ProtoOAClientPermissionScope = "SCOPE_VIEW" | "SCOPE_TRADE";

export type ProtoOANotificationType = "MARGIN_LEVEL_THRESHOLD_1" | "MARGIN_LEVEL_THRESHOLD_2" | "MARGIN_LEVEL_THRESHOLD_3";

export type ProtoOAErrorCode = "OA_AUTH_TOKEN_EXPIRED" | "ACCOUNT_NOT_AUTHORIZED" | "RET_NO_SUCH_LOGIN" | "ALREADY_LOGGED_IN" | "INCORRECT_BOUNDARIES" | "RET_ACCOUNT_DISABLED" | "CONNECTIONS_LIMIT_EXCEEDED" | "WORSE_GSL_NOT_ALLOWED" | "SYMBOL_HAS_HOLIDAY" | "CH_CLIENT_AUTH_FAILURE" | "CH_CLIENT_NOT_AUTHENTICATED" | "CH_CLIENT_ALREADY_AUTHENTICATED" | "CH_ACCESS_TOKEN_INVALID" | "CH_SERVER_NOT_REACHABLE" | "CH_CTID_TRADER_ACCOUNT_NOT_FOUND" | "CH_OA_CLIENT_NOT_FOUND" | "REQUEST_FREQUENCY_EXCEEDED" | "SERVER_IS_UNDER_MAINTENANCE" | "CHANNEL_IS_BLOCKED" | "NOT_SUBSCRIBED_TO_SPOTS" | "ALREADY_SUBSCRIBED" | "SYMBOL_NOT_FOUND" | "UNKNOWN_SYMBOL" | "NO_QUOTES" | "NOT_ENOUGH_MONEY" | "MAX_EXPOSURE_REACHED" | "POSITION_NOT_FOUND" | "ORDER_NOT_FOUND" | "POSITION_NOT_OPEN" | "POSITION_LOCKED" | "TOO_MANY_POSITIONS" | "TRADING_BAD_VOLUME" | "TRADING_BAD_STOPS" | "TRADING_BAD_PRICES" | "TRADING_BAD_STAKE" | "PROTECTION_IS_TOO_CLOSE_TO_MARKET" | "TRADING_BAD_EXPIRATION_DATE" | "PENDING_EXECUTION" | "TRADING_DISABLED" | "TRADING_NOT_ALLOWED" | "UNABLE_TO_CANCEL_ORDER" | "UNABLE_TO_AMEND_ORDER" | "SHORT_SELLING_NOT_ALLOWED" | "NOT_SUBSCRIBED_TO_PNL";

export type ProtoOALimitedRiskMarginCalculationStrategy = "ACCORDING_TO_LEVERAGE" | "ACCORDING_TO_GSL" | "ACCORDING_TO_GSL_AND_LEVERAGE";

export type ProtoOAStopOutStrategy = "MOST_MARGIN_USED_FIRST" | "MOST_LOSING_FIRST";

export interface ProtoMessage {
  readonly payloadType: number;
  readonly payload?: Uint8Array;
  readonly clientMsgId?: string;
}

export interface ProtoErrorRes {
  readonly errorCode: string;
  readonly description?: string;
  readonly maintenanceEndTimestamp?: number;
}

export interface ProtoHeartbeatEvent {
}

export interface ProtoOAAsset {
  readonly assetId: number;
  readonly name: string;
  readonly displayName?: string;
  readonly digits?: number;
}

export interface ProtoOASymbol {
  readonly symbolId: number;
  readonly digits: number;
  readonly pipPosition: number;
  readonly enableShortSelling?: boolean;
  readonly guaranteedStopLoss?: boolean;
  readonly swapRollover3Days?: ProtoOADayOfWeek;
  readonly swapLong?: number;
  readonly swapShort?: number;
  readonly maxVolume?: number;
  readonly minVolume?: number;
  readonly stepVolume?: number;
  readonly maxExposure?: number;
  readonly schedule: readonly ProtoOAInterval[];
  readonly commission?: number;
  readonly commissionType?: ProtoOACommissionType;
  readonly slDistance?: number;
  readonly tpDistance?: number;
  readonly gslDistance?: number;
  readonly gslCharge?: number;
  readonly distanceSetIn?: ProtoOASymbolDistanceType;
  readonly minCommission?: number;
  readonly minCommissionType?: ProtoOAMinCommissionType;
  readonly minCommissionAsset?: string;
  readonly rolloverCommission?: number;
  readonly skipRolloverDays?: number;
  readonly scheduleTimeZone?: string;
  readonly tradingMode?: ProtoOATradingMode;
  readonly rolloverCommission3Days?: ProtoOADayOfWeek;
  readonly swapCalculationType?: ProtoOASwapCalculationType;
  readonly lotSize?: number;
  readonly preciseTradingCommissionRate?: number;
  readonly preciseMinCommission?: number;
  readonly holiday: readonly ProtoOAHoliday[];
  readonly pnlConversionFeeRate?: number;
  readonly leverageId?: number;
  readonly swapPeriod?: number;
  readonly swapTime?: number;
  readonly skipSWAPPeriods?: number;
  readonly chargeSwapAtWeekends?: boolean;
  readonly measurementUnits?: string;
}

export interface ProtoOALightSymbol {
  readonly symbolId: number;
  readonly symbolName?: string;
  readonly enabled?: boolean;
  readonly baseAssetId?: number;
  readonly quoteAssetId?: number;
  readonly symbolCategoryId?: number;
  readonly description?: string;
  readonly sortingNumber?: number;
}

export interface ProtoOAArchivedSymbol {
  readonly symbolId: number;
  readonly name: string;
  readonly utcLastUpdateTimestamp: number;
  readonly description?: string;
}

export interface ProtoOASymbolCategory {
  readonly id: number;
  readonly assetClassId: number;
  readonly name: string;
  readonly sortingNumber?: number;
}

export interface ProtoOAInterval {
  readonly startSecond: number;
  readonly endSecond: number;
}

export interface ProtoOATrader {
  readonly ctidTraderAccountId: number;
  readonly balance: number;
  readonly balanceVersion?: number;
  readonly managerBonus?: number;
  readonly ibBonus?: number;
  readonly nonWithdrawableBonus?: number;
  readonly accessRights?: ProtoOAAccessRights;
  readonly depositAssetId: number;
  readonly swapFree?: boolean;
  readonly leverageInCents?: number;
  readonly totalMarginCalculationType?: ProtoOATotalMarginCalculationType;
  readonly maxLeverage?: number;
  readonly frenchRisk?: boolean;
  readonly traderLogin?: number;
  readonly accountType?: ProtoOAAccountType;
  readonly brokerName?: string;
  readonly registrationTimestamp?: number;
  readonly isLimitedRisk?: boolean;
  readonly limitedRiskMarginCalculationStrategy?: ProtoOALimitedRiskMarginCalculationStrategy;
  readonly moneyDigits?: number;
  readonly fairStopOut?: boolean;
  readonly stopOutStrategy?: ProtoOAStopOutStrategy;
}

export interface ProtoOAPosition {
  readonly positionId: number;
  readonly tradeData: ProtoOATradeData;
  readonly positionStatus: ProtoOAPositionStatus;
  readonly swap: number;
  readonly price?: number;
  readonly stopLoss?: number;
  readonly takeProfit?: number;
  readonly utcLastUpdateTimestamp?: number;
  readonly commission?: number;
  readonly marginRate?: number;
  readonly mirroringCommission?: number;
  readonly guaranteedStopLoss?: boolean;
  readonly usedMargin?: number;
  readonly stopLossTriggerMethod?: ProtoOAOrderTriggerMethod;
  readonly moneyDigits?: number;
  readonly trailingStopLoss?: boolean;
}

export interface ProtoOATradeData {
  readonly symbolId: number;
  readonly volume: number;
  readonly tradeSide: ProtoOATradeSide;
  readonly openTimestamp?: number;
  readonly label?: string;
  readonly guaranteedStopLoss?: boolean;
  readonly comment?: string;
  readonly measurementUnits?: string;
  readonly closeTimestamp?: number;
}

export interface ProtoOAOrder {
  readonly orderId: number;
  readonly tradeData: ProtoOATradeData;
  readonly orderType: ProtoOAOrderType;
  readonly orderStatus: ProtoOAOrderStatus;
  readonly expirationTimestamp?: number;
  readonly executionPrice?: number;
  readonly executedVolume?: number;
  readonly utcLastUpdateTimestamp?: number;
  readonly baseSlippagePrice?: number;
  readonly slippageInPoints?: number;
  readonly closingOrder?: boolean;
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly stopLoss?: number;
  readonly takeProfit?: number;
  readonly clientOrderId?: string;
  readonly timeInForce?: ProtoOATimeInForce;
  readonly positionId?: number;
  readonly relativeStopLoss?: number;
  readonly relativeTakeProfit?: number;
  readonly isStopOut?: boolean;
  readonly trailingStopLoss?: boolean;
  readonly stopTriggerMethod?: ProtoOAOrderTriggerMethod;
}

export interface ProtoOABonusDepositWithdraw {
  readonly operationType: ProtoOAChangeBonusType;
  readonly bonusHistoryId: number;
  readonly managerBonus: number;
  readonly managerDelta: number;
  readonly ibBonus: number;
  readonly ibDelta: number;
  readonly changeBonusTimestamp: number;
  readonly externalNote?: string;
  readonly introducingBrokerId?: number;
  readonly moneyDigits?: number;
}

export interface ProtoOADepositWithdraw {
  readonly operationType: ProtoOAChangeBalanceType;
  readonly balanceHistoryId: number;
  readonly balance: number;
  readonly delta: number;
  readonly changeBalanceTimestamp: number;
  readonly externalNote?: string;
  readonly balanceVersion?: number;
  readonly equity?: number;
  readonly moneyDigits?: number;
}

export interface ProtoOADeal {
  readonly dealId: number;
  readonly orderId: number;
  readonly positionId: number;
  readonly volume: number;
  readonly filledVolume: number;
  readonly symbolId: number;
  readonly createTimestamp: number;
  readonly executionTimestamp: number;
  readonly utcLastUpdateTimestamp?: number;
  readonly executionPrice?: number;
  readonly tradeSide: ProtoOATradeSide;
  readonly dealStatus: ProtoOADealStatus;
  readonly marginRate?: number;
  readonly commission?: number;
  readonly baseToUsdConversionRate?: number;
  readonly closePositionDetail?: ProtoOAClosePositionDetail;
  readonly moneyDigits?: number;
}

export interface ProtoOADealOffset {
  readonly dealId: number;
  readonly volume: number;
  readonly executionTimestamp?: number;
  readonly executionPrice?: number;
}

export interface ProtoOAClosePositionDetail {
  readonly entryPrice: number;
  readonly grossProfit: number;
  readonly swap: number;
  readonly commission: number;
  readonly balance: number;
  readonly quoteToDepositConversionRate?: number;
  readonly closedVolume?: number;
  readonly balanceVersion?: number;
  readonly moneyDigits?: number;
  readonly pnlConversionFee?: number;
}

export interface ProtoOATrendbar {
  readonly volume: number;
  readonly period?: ProtoOATrendbarPeriod;
  readonly low?: number;
  readonly deltaOpen?: number;
  readonly deltaClose?: number;
  readonly deltaHigh?: number;
  readonly utcTimestampInMinutes?: number;
}

export interface ProtoOAExpectedMargin {
  readonly volume: number;
  readonly buyMargin: number;
  readonly sellMargin: number;
}

export interface ProtoOATickData {
  readonly timestamp: number;
  readonly tick: number;
}

export interface ProtoOACtidProfile {
  readonly userId: number;
}

export interface ProtoOACtidTraderAccount {
  readonly ctidTraderAccountId: number;
  readonly isLive?: boolean;
  readonly traderLogin?: number;
  readonly lastClosingDealTimestamp?: number;
  readonly lastBalanceUpdateTimestamp?: number;
  readonly brokerTitleShort?: string;
}

export interface ProtoOAAssetClass {
  readonly id?: number;
  readonly name?: string;
  readonly sortingNumber?: number;
}

export interface ProtoOADepthQuote {
  readonly id: number;
  readonly size: number;
  readonly bid?: number;
  readonly ask?: number;
}

export interface ProtoOAMarginCall {
  readonly marginCallType: ProtoOANotificationType;
  readonly marginLevelThreshold: number;
  readonly utcLastUpdateTimestamp?: number;
}

export interface ProtoOAHoliday {
  readonly holidayId: number;
  readonly name: string;
  readonly description?: string;
  readonly scheduleTimeZone: string;
  readonly holidayDate: number;
  readonly isRecurring: boolean;
  readonly startSecond?: number;
  readonly endSecond?: number;
}

export interface ProtoOADynamicLeverage {
  readonly leverageId: number;
  readonly tiers: readonly ProtoOADynamicLeverageTier[];
}

export interface ProtoOADynamicLeverageTier {
  readonly volume: number;
  readonly leverage: number;
}

export interface ProtoOAPositionUnrealizedPnL {
  readonly positionId: number;
  readonly grossUnrealizedPnL: number;
  readonly netUnrealizedPnL: number;
}

export interface ProtoOAApplicationAuthReq {
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface ProtoOAApplicationAuthRes {
}

export interface ProtoOAAccountAuthReq {
  readonly ctidTraderAccountId: number;
  readonly accessToken: string;
}

export interface ProtoOAAccountAuthRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAErrorRes {
  readonly ctidTraderAccountId?: number;
  readonly errorCode: string;
  readonly description?: string;
  readonly maintenanceEndTimestamp?: number;
  readonly retryAfter?: number;
}

export interface ProtoOAClientDisconnectEvent {
  readonly reason?: string;
}

export interface ProtoOAAccountsTokenInvalidatedEvent {
  readonly ctidTraderAccountIds: readonly number[];
  readonly reason?: string;
}

export interface ProtoOAVersionReq {
}

export interface ProtoOAVersionRes {
  readonly version: string;
}

export interface ProtoOANewOrderReq {
  readonly ctidTraderAccountId: number;
  readonly symbolId: number;
  readonly orderType: ProtoOAOrderType;
  readonly tradeSide: ProtoOATradeSide;
  readonly volume: number;
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly timeInForce?: ProtoOATimeInForce;
  readonly expirationTimestamp?: number;
  readonly stopLoss?: number;
  readonly takeProfit?: number;
  readonly comment?: string;
  readonly baseSlippagePrice?: number;
  readonly slippageInPoints?: number;
  readonly label?: string;
  readonly positionId?: number;
  readonly clientOrderId?: string;
  readonly relativeStopLoss?: number;
  readonly relativeTakeProfit?: number;
  readonly guaranteedStopLoss?: boolean;
  readonly trailingStopLoss?: boolean;
  readonly stopTriggerMethod?: ProtoOAOrderTriggerMethod;
}

export interface ProtoOAExecutionEvent {
  readonly ctidTraderAccountId: number;
  readonly executionType: ProtoOAExecutionType;
  readonly position?: ProtoOAPosition;
  readonly order?: ProtoOAOrder;
  readonly deal?: ProtoOADeal;
  readonly bonusDepositWithdraw?: ProtoOABonusDepositWithdraw;
  readonly depositWithdraw?: ProtoOADepositWithdraw;
  readonly errorCode?: string;
  readonly isServerEvent?: boolean;
}

export interface ProtoOACancelOrderReq {
  readonly ctidTraderAccountId: number;
  readonly orderId: number;
}

export interface ProtoOAAmendOrderReq {
  readonly ctidTraderAccountId: number;
  readonly orderId: number;
  readonly volume?: number;
  readonly limitPrice?: number;
  readonly stopPrice?: number;
  readonly expirationTimestamp?: number;
  readonly stopLoss?: number;
  readonly takeProfit?: number;
  readonly slippageInPoints?: number;
  readonly relativeStopLoss?: number;
  readonly relativeTakeProfit?: number;
  readonly guaranteedStopLoss?: boolean;
  readonly trailingStopLoss?: boolean;
  readonly stopTriggerMethod?: ProtoOAOrderTriggerMethod;
}

export interface ProtoOAAmendPositionSLTPReq {
  readonly ctidTraderAccountId: number;
  readonly positionId: number;
  readonly stopLoss?: number;
  readonly takeProfit?: number;
  readonly guaranteedStopLoss?: boolean;
  readonly trailingStopLoss?: boolean;
  readonly stopLossTriggerMethod?: ProtoOAOrderTriggerMethod;
}

export interface ProtoOAClosePositionReq {
  readonly ctidTraderAccountId: number;
  readonly positionId: number;
  readonly volume: number;
}

export interface ProtoOATrailingSLChangedEvent {
  readonly ctidTraderAccountId: number;
  readonly positionId: number;
  readonly orderId: number;
  readonly stopPrice: number;
  readonly utcLastUpdateTimestamp: number;
}

export interface ProtoOAAssetListReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAAssetListRes {
  readonly ctidTraderAccountId: number;
  readonly asset: readonly ProtoOAAsset[];
}

export interface ProtoOASymbolsListReq {
  readonly ctidTraderAccountId: number;
  readonly includeArchivedSymbols?: boolean;
}

export interface ProtoOASymbolsListRes {
  readonly ctidTraderAccountId: number;
  readonly symbol: readonly ProtoOALightSymbol[];
  readonly archivedSymbol: readonly ProtoOAArchivedSymbol[];
}

export interface ProtoOASymbolByIdReq {
  readonly ctidTraderAccountId: number;
  readonly symbolId: readonly number[];
}

export interface ProtoOASymbolByIdRes {
  readonly ctidTraderAccountId: number;
  readonly symbol: readonly ProtoOASymbol[];
  readonly archivedSymbol: readonly ProtoOAArchivedSymbol[];
}

export interface ProtoOASymbolsForConversionReq {
  readonly ctidTraderAccountId: number;
  readonly firstAssetId: number;
  readonly lastAssetId: number;
}

export interface ProtoOASymbolsForConversionRes {
  readonly ctidTraderAccountId: number;
  readonly symbol: readonly ProtoOALightSymbol[];
}

export interface ProtoOASymbolChangedEvent {
  readonly ctidTraderAccountId: number;
  readonly symbolId: readonly number[];
}

export interface ProtoOAAssetClassListReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAAssetClassListRes {
  readonly ctidTraderAccountId: number;
  readonly assetClass: readonly ProtoOAAssetClass[];
}

export interface ProtoOATraderReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOATraderRes {
  readonly ctidTraderAccountId: number;
  readonly trader: ProtoOATrader;
}

export interface ProtoOATraderUpdatedEvent {
  readonly ctidTraderAccountId: number;
  readonly trader: ProtoOATrader;
}

export interface ProtoOAReconcileReq {
  readonly ctidTraderAccountId: number;
  readonly returnProtectionOrders?: boolean;
}

export interface ProtoOAReconcileRes {
  readonly ctidTraderAccountId: number;
  readonly position: readonly ProtoOAPosition[];
  readonly order: readonly ProtoOAOrder[];
}

export interface ProtoOAOrderErrorEvent {
  readonly ctidTraderAccountId: number;
  readonly errorCode: string;
  readonly orderId?: number;
  readonly positionId?: number;
  readonly description?: string;
}

export interface ProtoOADealListReq {
  readonly ctidTraderAccountId: number;
  readonly fromTimestamp?: number;
  readonly toTimestamp?: number;
  readonly maxRows?: number;
}

export interface ProtoOADealListRes {
  readonly ctidTraderAccountId: number;
  readonly deal: readonly ProtoOADeal[];
  readonly hasMore: boolean;
}

export interface ProtoOAOrderListReq {
  readonly ctidTraderAccountId: number;
  readonly fromTimestamp?: number;
  readonly toTimestamp?: number;
}

export interface ProtoOAOrderListRes {
  readonly ctidTraderAccountId: number;
  readonly order: readonly ProtoOAOrder[];
  readonly hasMore: boolean;
}

export interface ProtoOAExpectedMarginReq {
  readonly ctidTraderAccountId: number;
  readonly symbolId: number;
  readonly volume: readonly number[];
}

export interface ProtoOAExpectedMarginRes {
  readonly ctidTraderAccountId: number;
  readonly margin: readonly ProtoOAExpectedMargin[];
  readonly moneyDigits?: number;
}

export interface ProtoOAMarginChangedEvent {
  readonly ctidTraderAccountId: number;
  readonly positionId: number;
  readonly usedMargin: number;
  readonly moneyDigits?: number;
}

export interface ProtoOACashFlowHistoryListReq {
  readonly ctidTraderAccountId: number;
  readonly fromTimestamp: number;
  readonly toTimestamp: number;
}

export interface ProtoOACashFlowHistoryListRes {
  readonly ctidTraderAccountId: number;
  readonly depositWithdraw: readonly ProtoOADepositWithdraw[];
}

export interface ProtoOAGetAccountListByAccessTokenReq {
  readonly accessToken: string;
}

export interface ProtoOAGetAccountListByAccessTokenRes {
  readonly accessToken: string;
  readonly permissionScope?: ProtoOAClientPermissionScope;
  readonly ctidTraderAccount: readonly ProtoOACtidTraderAccount[];
}

export interface ProtoOARefreshTokenReq {
  readonly refreshToken: string;
}

export interface ProtoOARefreshTokenRes {
  readonly accessToken: string;
  readonly tokenType: string;
  readonly expiresIn: number;
  readonly refreshToken: string;
}

export interface ProtoOASubscribeSpotsReq {
  readonly ctidTraderAccountId: number;
  readonly symbolId: readonly number[];
  readonly subscribeToSpotTimestamp?: boolean;
}

export interface ProtoOASubscribeSpotsRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAUnsubscribeSpotsReq {
  readonly ctidTraderAccountId: number;
  readonly symbolId: readonly number[];
}

export interface ProtoOAUnsubscribeSpotsRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOASpotEvent {
  readonly ctidTraderAccountId: number;
  readonly symbolId: number;
  readonly bid?: number;
  readonly ask?: number;
  readonly trendbar: readonly ProtoOATrendbar[];
  readonly sessionClose?: number;
  readonly timestamp?: number;
}

export interface ProtoOASubscribeLiveTrendbarReq {
  readonly ctidTraderAccountId: number;
  readonly period: ProtoOATrendbarPeriod;
  readonly symbolId: number;
}

export interface ProtoOASubscribeLiveTrendbarRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAUnsubscribeLiveTrendbarReq {
  readonly ctidTraderAccountId: number;
  readonly period: ProtoOATrendbarPeriod;
  readonly symbolId: number;
}

export interface ProtoOAUnsubscribeLiveTrendbarRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAGetTrendbarsReq {
  readonly ctidTraderAccountId: number;
  readonly fromTimestamp?: number;
  readonly toTimestamp?: number;
  readonly period: ProtoOATrendbarPeriod;
  readonly symbolId: number;
  readonly count?: number;
}

export interface ProtoOAGetTrendbarsRes {
  readonly ctidTraderAccountId: number;
  readonly period: ProtoOATrendbarPeriod;
  readonly timestamp?: number;
  readonly trendbar: readonly ProtoOATrendbar[];
  readonly symbolId?: number;
  readonly hasMore?: boolean;
}

export interface ProtoOAGetTickDataReq {
  readonly ctidTraderAccountId: number;
  readonly symbolId: number;
  readonly type: ProtoOAQuoteType;
  readonly fromTimestamp?: number;
  readonly toTimestamp?: number;
}

export interface ProtoOAGetTickDataRes {
  readonly ctidTraderAccountId: number;
  readonly tickData: readonly ProtoOATickData[];
  readonly hasMore: boolean;
}

export interface ProtoOAGetCtidProfileByTokenReq {
  readonly accessToken: string;
}

export interface ProtoOAGetCtidProfileByTokenRes {
  readonly profile: ProtoOACtidProfile;
}

export interface ProtoOADepthEvent {
  readonly ctidTraderAccountId: number;
  readonly symbolId: number;
  readonly newQuotes: readonly ProtoOADepthQuote[];
  readonly deletedQuotes: readonly number[];
}

export interface ProtoOASubscribeDepthQuotesReq {
  readonly ctidTraderAccountId: number;
  readonly symbolId: readonly number[];
}

export interface ProtoOASubscribeDepthQuotesRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAUnsubscribeDepthQuotesReq {
  readonly ctidTraderAccountId: number;
  readonly symbolId: readonly number[];
}

export interface ProtoOAUnsubscribeDepthQuotesRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOASymbolCategoryListReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOASymbolCategoryListRes {
  readonly ctidTraderAccountId: number;
  readonly symbolCategory: readonly ProtoOASymbolCategory[];
}

export interface ProtoOAAccountLogoutReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAAccountLogoutRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAAccountDisconnectEvent {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAMarginCallListReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAMarginCallListRes {
  readonly marginCall: readonly ProtoOAMarginCall[];
}

export interface ProtoOAMarginCallUpdateReq {
  readonly ctidTraderAccountId: number;
  readonly marginCall: ProtoOAMarginCall;
}

export interface ProtoOAMarginCallUpdateRes {
}

export interface ProtoOAMarginCallUpdateEvent {
  readonly ctidTraderAccountId: number;
  readonly marginCall: ProtoOAMarginCall;
}

export interface ProtoOAMarginCallTriggerEvent {
  readonly ctidTraderAccountId: number;
  readonly marginCall: ProtoOAMarginCall;
}

export interface ProtoOAGetDynamicLeverageByIDReq {
  readonly ctidTraderAccountId: number;
  readonly leverageId: number;
}

export interface ProtoOAGetDynamicLeverageByIDRes {
  readonly ctidTraderAccountId: number;
  readonly leverage: ProtoOADynamicLeverage;
}

export interface ProtoOADealListByPositionIdReq {
  readonly ctidTraderAccountId: number;
  readonly positionId: number;
  readonly fromTimestamp?: number;
  readonly toTimestamp?: number;
}

export interface ProtoOADealListByPositionIdRes {
  readonly ctidTraderAccountId: number;
  readonly deal: readonly ProtoOADeal[];
  readonly hasMore: boolean;
}

export interface ProtoOAOrderDetailsReq {
  readonly ctidTraderAccountId: number;
  readonly orderId: number;
}

export interface ProtoOAOrderDetailsRes {
  readonly ctidTraderAccountId: number;
  readonly order: ProtoOAOrder;
  readonly deal: readonly ProtoOADeal[];
}

export interface ProtoOAOrderListByPositionIdReq {
  readonly ctidTraderAccountId: number;
  readonly positionId: number;
  readonly fromTimestamp?: number;
  readonly toTimestamp?: number;
}

export interface ProtoOAOrderListByPositionIdRes {
  readonly ctidTraderAccountId: number;
  readonly order: readonly ProtoOAOrder[];
  readonly hasMore: boolean;
}

export interface ProtoOADealOffsetListReq {
  readonly ctidTraderAccountId: number;
  readonly dealId: number;
}

export interface ProtoOADealOffsetListRes {
  readonly ctidTraderAccountId: number;
  readonly offsetBy: readonly ProtoOADealOffset[];
  readonly offsetting: readonly ProtoOADealOffset[];
}

export interface ProtoOAGetPositionUnrealizedPnLReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAGetPositionUnrealizedPnLRes {
  readonly ctidTraderAccountId: number;
  readonly positionUnrealizedPnL: readonly ProtoOAPositionUnrealizedPnL[];
  readonly moneyDigits: number;
}

export interface ProtoOAv1PnLChangeEvent {
  readonly ctidTraderAccountId: number;
  readonly grossUnrealizedPnL: number;
  readonly netUnrealizedPnL: number;
  readonly moneyDigits: number;
}

export interface ProtoOAv1PnLChangeSubscribeReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAv1PnLChangeSubscribeRes {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAv1PnLChangeUnSubscribeReq {
  readonly ctidTraderAccountId: number;
}

export interface ProtoOAv1PnLChangeUnSubscribeRes {
  readonly ctidTraderAccountId: number;
}

/** Every message by its name. */
export interface Messages {
  readonly ProtoMessage: ProtoMessage;
  readonly ProtoErrorRes: ProtoErrorRes;
  readonly ProtoHeartbeatEvent: ProtoHeartbeatEvent;
  readonly ProtoOAAsset: ProtoOAAsset;
  readonly ProtoOASymbol: ProtoOASymbol;
  readonly ProtoOALightSymbol: ProtoOALightSymbol;
  readonly ProtoOAArchivedSymbol: ProtoOAArchivedSymbol;
  readonly ProtoOASymbolCategory: ProtoOASymbolCategory;
  readonly ProtoOAInterval: ProtoOAInterval;
  readonly ProtoOATrader: ProtoOATrader;
  readonly ProtoOAPosition: ProtoOAPosition;
  readonly ProtoOATradeData: ProtoOATradeData;
  readonly ProtoOAOrder: ProtoOAOrder;
  readonly ProtoOABonusDepositWithdraw: ProtoOABonusDepositWithdraw;
  readonly ProtoOADepositWithdraw: ProtoOADepositWithdraw;
  readonly ProtoOADeal: ProtoOADeal;
  readonly ProtoOADealOffset: ProtoOADealOffset;
  readonly ProtoOAClosePositionDetail: ProtoOAClosePositionDetail;
  readonly ProtoOATrendbar: ProtoOATrendbar;
  readonly ProtoOAExpectedMargin: ProtoOAExpectedMargin;
  readonly ProtoOATickData: ProtoOATickData;
  readonly ProtoOACtidProfile: ProtoOACtidProfile;
  readonly ProtoOACtidTraderAccount: ProtoOACtidTraderAccount;
  readonly ProtoOAAssetClass: ProtoOAAssetClass;
  readonly ProtoOADepthQuote: ProtoOADepthQuote;
  readonly ProtoOAMarginCall: ProtoOAMarginCall;
  readonly ProtoOAHoliday: ProtoOAHoliday;
  readonly ProtoOADynamicLeverage: ProtoOADynamicLeverage;
  readonly ProtoOADynamicLeverageTier: ProtoOADynamicLeverageTier;
  readonly ProtoOAPositionUnrealizedPnL: ProtoOAPositionUnrealizedPnL;
  readonly ProtoOAApplicationAuthReq: ProtoOAApplicationAuthReq;
  readonly ProtoOAApplicationAuthRes: ProtoOAApplicationAuthRes;
  readonly ProtoOAAccountAuthReq: ProtoOAAccountAuthReq;
  readonly ProtoOAAccountAuthRes: ProtoOAAccountAuthRes;
  readonly ProtoOAErrorRes: ProtoOAErrorRes;
  readonly ProtoOAClientDisconnectEvent: ProtoOAClientDisconnectEvent;
  readonly ProtoOAAccountsTokenInvalidatedEvent: ProtoOAAccountsTokenInvalidatedEvent;
  readonly ProtoOAVersionReq: ProtoOAVersionReq;
  readonly ProtoOAVersionRes: ProtoOAVersionRes;
  readonly ProtoOANewOrderReq: ProtoOANewOrderReq;
  readonly ProtoOAExecutionEvent: ProtoOAExecutionEvent;
  readonly ProtoOACancelOrderReq: ProtoOACancelOrderReq;
  readonly ProtoOAAmendOrderReq: ProtoOAAmendOrderReq;
  readonly ProtoOAAmendPositionSLTPReq: ProtoOAAmendPositionSLTPReq;
  readonly ProtoOAClosePositionReq: ProtoOAClosePositionReq;
  readonly ProtoOATrailingSLChangedEvent: ProtoOATrailingSLChangedEvent;
  readonly ProtoOAAssetListReq: ProtoOAAssetListReq;
  readonly ProtoOAAssetListRes: ProtoOAAssetListRes;
  readonly ProtoOASymbolsListReq: ProtoOASymbolsListReq;
  readonly ProtoOASymbolsListRes: ProtoOASymbolsListRes;
  readonly ProtoOASymbolByIdReq: ProtoOASymbolByIdReq;
  readonly ProtoOASymbolByIdRes: ProtoOASymbolByIdRes;
  readonly ProtoOASymbolsForConversionReq: ProtoOASymbolsForConversionReq;
  readonly ProtoOASymbolsForConversionRes: ProtoOASymbolsForConversionRes;
  readonly ProtoOASymbolChangedEvent: ProtoOASymbolChangedEvent;
  readonly ProtoOAAssetClassListReq: ProtoOAAssetClassListReq;
  readonly ProtoOAAssetClassListRes: ProtoOAAssetClassListRes;
  readonly ProtoOATraderReq: ProtoOATraderReq;
  readonly ProtoOATraderRes: ProtoOATraderRes;
  readonly ProtoOATraderUpdatedEvent: ProtoOATraderUpdatedEvent;
  readonly ProtoOAReconcileReq: ProtoOAReconcileReq;
  readonly ProtoOAReconcileRes: ProtoOAReconcileRes;
  readonly ProtoOAOrderErrorEvent: ProtoOAOrderErrorEvent;
  readonly ProtoOADealListReq: ProtoOADealListReq;
  readonly ProtoOADealListRes: ProtoOADealListRes;
  readonly ProtoOAOrderListReq: ProtoOAOrderListReq;
  readonly ProtoOAOrderListRes: ProtoOAOrderListRes;
  readonly ProtoOAExpectedMarginReq: ProtoOAExpectedMarginReq;
  readonly ProtoOAExpectedMarginRes: ProtoOAExpectedMarginRes;
  readonly ProtoOAMarginChangedEvent: ProtoOAMarginChangedEvent;
  readonly ProtoOACashFlowHistoryListReq: ProtoOACashFlowHistoryListReq;
  readonly ProtoOACashFlowHistoryListRes: ProtoOACashFlowHistoryListRes;
  readonly ProtoOAGetAccountListByAccessTokenReq: ProtoOAGetAccountListByAccessTokenReq;
  readonly ProtoOAGetAccountListByAccessTokenRes: ProtoOAGetAccountListByAccessTokenRes;
  readonly ProtoOARefreshTokenReq: ProtoOARefreshTokenReq;
  readonly ProtoOARefreshTokenRes: ProtoOARefreshTokenRes;
  readonly ProtoOASubscribeSpotsReq: ProtoOASubscribeSpotsReq;
  readonly ProtoOASubscribeSpotsRes: ProtoOASubscribeSpotsRes;
  readonly ProtoOAUnsubscribeSpotsReq: ProtoOAUnsubscribeSpotsReq;
  readonly ProtoOAUnsubscribeSpotsRes: ProtoOAUnsubscribeSpotsRes;
  readonly ProtoOASpotEvent: ProtoOASpotEvent;
  readonly ProtoOASubscribeLiveTrendbarReq: ProtoOASubscribeLiveTrendbarReq;
  readonly ProtoOASubscribeLiveTrendbarRes: ProtoOASubscribeLiveTrendbarRes;
  readonly ProtoOAUnsubscribeLiveTrendbarReq: ProtoOAUnsubscribeLiveTrendbarReq;
  readonly ProtoOAUnsubscribeLiveTrendbarRes: ProtoOAUnsubscribeLiveTrendbarRes;
  readonly ProtoOAGetTrendbarsReq: ProtoOAGetTrendbarsReq;
  readonly ProtoOAGetTrendbarsRes: ProtoOAGetTrendbarsRes;
  readonly ProtoOAGetTickDataReq: ProtoOAGetTickDataReq;
  readonly ProtoOAGetTickDataRes: ProtoOAGetTickDataRes;
  readonly ProtoOAGetCtidProfileByTokenReq: ProtoOAGetCtidProfileByTokenReq;
  readonly ProtoOAGetCtidProfileByTokenRes: ProtoOAGetCtidProfileByTokenRes;
  readonly ProtoOADepthEvent: ProtoOADepthEvent;
  readonly ProtoOASubscribeDepthQuotesReq: ProtoOASubscribeDepthQuotesReq;
  readonly ProtoOASubscribeDepthQuotesRes: ProtoOASubscribeDepthQuotesRes;
  readonly ProtoOAUnsubscribeDepthQuotesReq: ProtoOAUnsubscribeDepthQuotesReq;
  readonly ProtoOAUnsubscribeDepthQuotesRes: ProtoOAUnsubscribeDepthQuotesRes;
  readonly ProtoOASymbolCategoryListReq: ProtoOASymbolCategoryListReq;
  readonly ProtoOASymbolCategoryListRes: ProtoOASymbolCategoryListRes;
  readonly ProtoOAAccountLogoutReq: ProtoOAAccountLogoutReq;
  readonly ProtoOAAccountLogoutRes: ProtoOAAccountLogoutRes;
  readonly ProtoOAAccountDisconnectEvent: ProtoOAAccountDisconnectEvent;
  readonly ProtoOAMarginCallListReq: ProtoOAMarginCallListReq;
  readonly ProtoOAMarginCallListRes: ProtoOAMarginCallListRes;
  readonly ProtoOAMarginCallUpdateReq: ProtoOAMarginCallUpdateReq;
  readonly ProtoOAMarginCallUpdateRes: ProtoOAMarginCallUpdateRes;
  readonly ProtoOAMarginCallUpdateEvent: ProtoOAMarginCallUpdateEvent;
  readonly ProtoOAMarginCallTriggerEvent: ProtoOAMarginCallTriggerEvent;
  readonly ProtoOAGetDynamicLeverageByIDReq: ProtoOAGetDynamicLeverageByIDReq;
  readonly ProtoOAGetDynamicLeverageByIDRes: ProtoOAGetDynamicLeverageByIDRes;
  readonly ProtoOADealListByPositionIdReq: ProtoOADealListByPositionIdReq;
  readonly ProtoOADealListByPositionIdRes: ProtoOADealListByPositionIdRes;
  readonly ProtoOAOrderDetailsReq: ProtoOAOrderDetailsReq;
  readonly ProtoOAOrderDetailsRes: ProtoOAOrderDetailsRes;
  readonly ProtoOAOrderListByPositionIdReq: ProtoOAOrderListByPositionIdReq;
  readonly ProtoOAOrderListByPositionIdRes: ProtoOAOrderListByPositionIdRes;
  readonly ProtoOADealOffsetListReq: ProtoOADealOffsetListReq;
  readonly ProtoOADealOffsetListRes: ProtoOADealOffsetListRes;
  readonly ProtoOAGetPositionUnrealizedPnLReq: ProtoOAGetPositionUnrealizedPnLReq;
  readonly ProtoOAGetPositionUnrealizedPnLRes: ProtoOAGetPositionUnrealizedPnLRes;
  readonly ProtoOAv1PnLChangeEvent: ProtoOAv1PnLChangeEvent;
  readonly ProtoOAv1PnLChangeSubscribeReq: ProtoOAv1PnLChangeSubscribeReq;
  readonly ProtoOAv1PnLChangeSubscribeRes: ProtoOAv1PnLChangeSubscribeRes;
  readonly ProtoOAv1PnLChangeUnSubscribeReq: ProtoOAv1PnLChangeUnSubscribeReq;
  readonly ProtoOAv1PnLChangeUnSubscribeRes: ProtoOAv1PnLChangeUnSubscribeRes;
}

/** The number that stands in the envelope of each message. */
export const PAYLOAD_TYPES = {
  ProtoErrorRes: 50,
  ProtoHeartbeatEvent: 51,
  ProtoOAApplicationAuthReq: 2100,
  ProtoOAApplicationAuthRes: 2101,
  ProtoOAAccountAuthReq: 2102,
  ProtoOAAccountAuthRes: 2103,
  ProtoOAErrorRes: 2142,
  ProtoOAClientDisconnectEvent: 2148,
  ProtoOAAccountsTokenInvalidatedEvent: 2147,
  ProtoOAVersionReq: 2104,
  ProtoOAVersionRes: 2105,
  ProtoOANewOrderReq: 2106,
  ProtoOAExecutionEvent: 2126,
  ProtoOACancelOrderReq: 2108,
  ProtoOAAmendOrderReq: 2109,
  ProtoOAAmendPositionSLTPReq: 2110,
  ProtoOAClosePositionReq: 2111,
  ProtoOATrailingSLChangedEvent: 2107,
  ProtoOAAssetListReq: 2112,
  ProtoOAAssetListRes: 2113,
  ProtoOASymbolsListReq: 2114,
  ProtoOASymbolsListRes: 2115,
  ProtoOASymbolByIdReq: 2116,
  ProtoOASymbolByIdRes: 2117,
  ProtoOASymbolsForConversionReq: 2118,
  ProtoOASymbolsForConversionRes: 2119,
  ProtoOASymbolChangedEvent: 2120,
  ProtoOAAssetClassListReq: 2153,
  ProtoOAAssetClassListRes: 2154,
  ProtoOATraderReq: 2121,
  ProtoOATraderRes: 2122,
  ProtoOATraderUpdatedEvent: 2123,
  ProtoOAReconcileReq: 2124,
  ProtoOAReconcileRes: 2125,
  ProtoOAOrderErrorEvent: 2132,
  ProtoOADealListReq: 2133,
  ProtoOADealListRes: 2134,
  ProtoOAOrderListReq: 2175,
  ProtoOAOrderListRes: 2176,
  ProtoOAExpectedMarginReq: 2139,
  ProtoOAExpectedMarginRes: 2140,
  ProtoOAMarginChangedEvent: 2141,
  ProtoOACashFlowHistoryListReq: 2143,
  ProtoOACashFlowHistoryListRes: 2144,
  ProtoOAGetAccountListByAccessTokenReq: 2149,
  ProtoOAGetAccountListByAccessTokenRes: 2150,
  ProtoOARefreshTokenReq: 2173,
  ProtoOARefreshTokenRes: 2174,
  ProtoOASubscribeSpotsReq: 2127,
  ProtoOASubscribeSpotsRes: 2128,
  ProtoOAUnsubscribeSpotsReq: 2129,
  ProtoOAUnsubscribeSpotsRes: 2130,
  ProtoOASpotEvent: 2131,
  ProtoOASubscribeLiveTrendbarReq: 2135,
  ProtoOASubscribeLiveTrendbarRes: 2165,
  ProtoOAUnsubscribeLiveTrendbarReq: 2136,
  ProtoOAUnsubscribeLiveTrendbarRes: 2166,
  ProtoOAGetTrendbarsReq: 2137,
  ProtoOAGetTrendbarsRes: 2138,
  ProtoOAGetTickDataReq: 2145,
  ProtoOAGetTickDataRes: 2146,
  ProtoOAGetCtidProfileByTokenReq: 2151,
  ProtoOAGetCtidProfileByTokenRes: 2152,
  ProtoOADepthEvent: 2155,
  ProtoOASubscribeDepthQuotesReq: 2156,
  ProtoOASubscribeDepthQuotesRes: 2157,
  ProtoOAUnsubscribeDepthQuotesReq: 2158,
  ProtoOAUnsubscribeDepthQuotesRes: 2159,
  ProtoOASymbolCategoryListReq: 2160,
  ProtoOASymbolCategoryListRes: 2161,
  ProtoOAAccountLogoutReq: 2162,
  ProtoOAAccountLogoutRes: 2163,
  ProtoOAAccountDisconnectEvent: 2164,
  ProtoOAMarginCallListReq: 2167,
  ProtoOAMarginCallListRes: 2168,
  ProtoOAMarginCallUpdateReq: 2169,
  ProtoOAMarginCallUpdateRes: 2170,
  ProtoOAMarginCallUpdateEvent: 2171,
  ProtoOAMarginCallTriggerEvent: 2172,
  ProtoOAGetDynamicLeverageByIDReq: 2177,
  ProtoOAGetDynamicLeverageByIDRes: 2178,
  ProtoOADealListByPositionIdReq: 2179,
  ProtoOADealListByPositionIdRes: 2180,
  ProtoOAOrderDetailsReq: 2181,
  ProtoOAOrderDetailsRes: 2182,
  ProtoOAOrderListByPositionIdReq: 2183,
  ProtoOAOrderListByPositionIdRes: 2184,
  ProtoOADealOffsetListReq: 2185,
  ProtoOADealOffsetListRes: 2186,
  ProtoOAGetPositionUnrealizedPnLReq: 2187,
  ProtoOAGetPositionUnrealizedPnLRes: 2188,
  ProtoOAv1PnLChangeEvent: 2189,
  ProtoOAv1PnLChangeSubscribeReq: 2190,
  ProtoOAv1PnLChangeSubscribeRes: 2191,
  ProtoOAv1PnLChangeUnSubscribeReq: 2192,
  ProtoOAv1PnLChangeUnSubscribeRes: 2193,
} as const;

/** The descriptor, as protobufjs takes it. */
export const DESCRIPTOR = {"ProtoPayloadType":{"edition":"proto2","values":{"PROTO_MESSAGE":5,"ERROR_RES":50,"HEARTBEAT_EVENT":51}},"ProtoErrorCode":{"edition":"proto2","values":{"UNKNOWN_ERROR":1,"UNSUPPORTED_MESSAGE":2,"INVALID_REQUEST":3,"TIMEOUT_ERROR":5,"ENTITY_NOT_FOUND":6,"CANT_ROUTE_REQUEST":7,"FRAME_TOO_LONG":8,"MARKET_CLOSED":9,"CONCURRENT_MODIFICATION":10,"BLOCKED_PAYLOAD_TYPE":11}},"ProtoOAPayloadType":{"edition":"proto2","values":{"PROTO_OA_APPLICATION_AUTH_REQ":2100,"PROTO_OA_APPLICATION_AUTH_RES":2101,"PROTO_OA_ACCOUNT_AUTH_REQ":2102,"PROTO_OA_ACCOUNT_AUTH_RES":2103,"PROTO_OA_VERSION_REQ":2104,"PROTO_OA_VERSION_RES":2105,"PROTO_OA_NEW_ORDER_REQ":2106,"PROTO_OA_TRAILING_SL_CHANGED_EVENT":2107,"PROTO_OA_CANCEL_ORDER_REQ":2108,"PROTO_OA_AMEND_ORDER_REQ":2109,"PROTO_OA_AMEND_POSITION_SLTP_REQ":2110,"PROTO_OA_CLOSE_POSITION_REQ":2111,"PROTO_OA_ASSET_LIST_REQ":2112,"PROTO_OA_ASSET_LIST_RES":2113,"PROTO_OA_SYMBOLS_LIST_REQ":2114,"PROTO_OA_SYMBOLS_LIST_RES":2115,"PROTO_OA_SYMBOL_BY_ID_REQ":2116,"PROTO_OA_SYMBOL_BY_ID_RES":2117,"PROTO_OA_SYMBOLS_FOR_CONVERSION_REQ":2118,"PROTO_OA_SYMBOLS_FOR_CONVERSION_RES":2119,"PROTO_OA_SYMBOL_CHANGED_EVENT":2120,"PROTO_OA_TRADER_REQ":2121,"PROTO_OA_TRADER_RES":2122,"PROTO_OA_TRADER_UPDATE_EVENT":2123,"PROTO_OA_RECONCILE_REQ":2124,"PROTO_OA_RECONCILE_RES":2125,"PROTO_OA_EXECUTION_EVENT":2126,"PROTO_OA_SUBSCRIBE_SPOTS_REQ":2127,"PROTO_OA_SUBSCRIBE_SPOTS_RES":2128,"PROTO_OA_UNSUBSCRIBE_SPOTS_REQ":2129,"PROTO_OA_UNSUBSCRIBE_SPOTS_RES":2130,"PROTO_OA_SPOT_EVENT":2131,"PROTO_OA_ORDER_ERROR_EVENT":2132,"PROTO_OA_DEAL_LIST_REQ":2133,"PROTO_OA_DEAL_LIST_RES":2134,"PROTO_OA_SUBSCRIBE_LIVE_TRENDBAR_REQ":2135,"PROTO_OA_UNSUBSCRIBE_LIVE_TRENDBAR_REQ":2136,"PROTO_OA_GET_TRENDBARS_REQ":2137,"PROTO_OA_GET_TRENDBARS_RES":2138,"PROTO_OA_EXPECTED_MARGIN_REQ":2139,"PROTO_OA_EXPECTED_MARGIN_RES":2140,"PROTO_OA_MARGIN_CHANGED_EVENT":2141,"PROTO_OA_ERROR_RES":2142,"PROTO_OA_CASH_FLOW_HISTORY_LIST_REQ":2143,"PROTO_OA_CASH_FLOW_HISTORY_LIST_RES":2144,"PROTO_OA_GET_TICKDATA_REQ":2145,"PROTO_OA_GET_TICKDATA_RES":2146,"PROTO_OA_ACCOUNTS_TOKEN_INVALIDATED_EVENT":2147,"PROTO_OA_CLIENT_DISCONNECT_EVENT":2148,"PROTO_OA_GET_ACCOUNTS_BY_ACCESS_TOKEN_REQ":2149,"PROTO_OA_GET_ACCOUNTS_BY_ACCESS_TOKEN_RES":2150,"PROTO_OA_GET_CTID_PROFILE_BY_TOKEN_REQ":2151,"PROTO_OA_GET_CTID_PROFILE_BY_TOKEN_RES":2152,"PROTO_OA_ASSET_CLASS_LIST_REQ":2153,"PROTO_OA_ASSET_CLASS_LIST_RES":2154,"PROTO_OA_DEPTH_EVENT":2155,"PROTO_OA_SUBSCRIBE_DEPTH_QUOTES_REQ":2156,"PROTO_OA_SUBSCRIBE_DEPTH_QUOTES_RES":2157,"PROTO_OA_UNSUBSCRIBE_DEPTH_QUOTES_REQ":2158,"PROTO_OA_UNSUBSCRIBE_DEPTH_QUOTES_RES":2159,"PROTO_OA_SYMBOL_CATEGORY_REQ":2160,"PROTO_OA_SYMBOL_CATEGORY_RES":2161,"PROTO_OA_ACCOUNT_LOGOUT_REQ":2162,"PROTO_OA_ACCOUNT_LOGOUT_RES":2163,"PROTO_OA_ACCOUNT_DISCONNECT_EVENT":2164,"PROTO_OA_SUBSCRIBE_LIVE_TRENDBAR_RES":2165,"PROTO_OA_UNSUBSCRIBE_LIVE_TRENDBAR_RES":2166,"PROTO_OA_MARGIN_CALL_LIST_REQ":2167,"PROTO_OA_MARGIN_CALL_LIST_RES":2168,"PROTO_OA_MARGIN_CALL_UPDATE_REQ":2169,"PROTO_OA_MARGIN_CALL_UPDATE_RES":2170,"PROTO_OA_MARGIN_CALL_UPDATE_EVENT":2171,"PROTO_OA_MARGIN_CALL_TRIGGER_EVENT":2172,"PROTO_OA_REFRESH_TOKEN_REQ":2173,"PROTO_OA_REFRESH_TOKEN_RES":2174,"PROTO_OA_ORDER_LIST_REQ":2175,"PROTO_OA_ORDER_LIST_RES":2176,"PROTO_OA_GET_DYNAMIC_LEVERAGE_REQ":2177,"PROTO_OA_GET_DYNAMIC_LEVERAGE_RES":2178,"PROTO_OA_DEAL_LIST_BY_POSITION_ID_REQ":2179,"PROTO_OA_DEAL_LIST_BY_POSITION_ID_RES":2180,"PROTO_OA_ORDER_DETAILS_REQ":2181,"PROTO_OA_ORDER_DETAILS_RES":2182,"PROTO_OA_ORDER_LIST_BY_POSITION_ID_REQ":2183,"PROTO_OA_ORDER_LIST_BY_POSITION_ID_RES":2184,"PROTO_OA_DEAL_OFFSET_LIST_REQ":2185,"PROTO_OA_DEAL_OFFSET_LIST_RES":2186,"PROTO_OA_GET_POSITION_UNREALIZED_PNL_REQ":2187,"PROTO_OA_GET_POSITION_UNREALIZED_PNL_RES":2188,"PROTO_OA_V1_PNL_CHANGE_EVENT":2189,"PROTO_OA_V1_PNL_CHANGE_SUBSCRIBE_REQ":2190,"PROTO_OA_V1_PNL_CHANGE_SUBSCRIBE_RES":2191,"PROTO_OA_V1_PNL_CHANGE_UN_SUBSCRIBE_REQ":2192,"PROTO_OA_V1_PNL_CHANGE_UN_SUBSCRIBE_RES":2193}},"ProtoOADayOfWeek":{"edition":"proto2","values":{"NONE":0,"MONDAY":1,"TUESDAY":2,"WEDNESDAY":3,"THURSDAY":4,"FRIDAY":5,"SATURDAY":6,"SUNDAY":7}},"ProtoOACommissionType":{"edition":"proto2","values":{"USD_PER_MILLION_USD":1,"USD_PER_LOT":2,"PERCENTAGE_OF_VALUE":3,"QUOTE_CCY_PER_LOT":4}},"ProtoOASymbolDistanceType":{"edition":"proto2","values":{"SYMBOL_DISTANCE_IN_POINTS":1,"SYMBOL_DISTANCE_IN_PERCENTAGE":2}},"ProtoOAMinCommissionType":{"edition":"proto2","values":{"CURRENCY":1,"QUOTE_CURRENCY":2}},"ProtoOATradingMode":{"edition":"proto2","values":{"ENABLED":0,"DISABLED_WITHOUT_PENDINGS_EXECUTION":1,"DISABLED_WITH_PENDINGS_EXECUTION":2,"CLOSE_ONLY_MODE":3}},"ProtoOASwapCalculationType":{"edition":"proto2","values":{"PIPS":0,"PERCENTAGE":1,"POINTS":2}},"ProtoOAAccessRights":{"edition":"proto2","values":{"FULL_ACCESS":0,"CLOSE_ONLY":1,"NO_TRADING":2,"NO_LOGIN":3}},"ProtoOATotalMarginCalculationType":{"edition":"proto2","values":{"MAX":0,"SUM":1,"NET":2}},"ProtoOAAccountType":{"edition":"proto2","values":{"HEDGED":0,"NETTED":1,"SPREAD_BETTING":2}},"ProtoOAPositionStatus":{"edition":"proto2","values":{"POSITION_STATUS_OPEN":1,"POSITION_STATUS_CLOSED":2,"POSITION_STATUS_CREATED":3,"POSITION_STATUS_ERROR":4}},"ProtoOATradeSide":{"edition":"proto2","values":{"BUY":1,"SELL":2}},"ProtoOAOrderType":{"edition":"proto2","values":{"MARKET":1,"LIMIT":2,"STOP":3,"STOP_LOSS_TAKE_PROFIT":4,"MARKET_RANGE":5,"STOP_LIMIT":6}},"ProtoOATimeInForce":{"edition":"proto2","values":{"GOOD_TILL_DATE":1,"GOOD_TILL_CANCEL":2,"IMMEDIATE_OR_CANCEL":3,"FILL_OR_KILL":4,"MARKET_ON_OPEN":5}},"ProtoOAOrderStatus":{"edition":"proto2","values":{"ORDER_STATUS_ACCEPTED":1,"ORDER_STATUS_FILLED":2,"ORDER_STATUS_REJECTED":3,"ORDER_STATUS_EXPIRED":4,"ORDER_STATUS_CANCELLED":5}},"ProtoOAOrderTriggerMethod":{"edition":"proto2","values":{"TRADE":1,"OPPOSITE":2,"DOUBLE_TRADE":3,"DOUBLE_OPPOSITE":4}},"ProtoOAExecutionType":{"edition":"proto2","values":{"ORDER_ACCEPTED":2,"ORDER_FILLED":3,"ORDER_REPLACED":4,"ORDER_CANCELLED":5,"ORDER_EXPIRED":6,"ORDER_REJECTED":7,"ORDER_CANCEL_REJECTED":8,"SWAP":9,"DEPOSIT_WITHDRAW":10,"ORDER_PARTIAL_FILL":11,"BONUS_DEPOSIT_WITHDRAW":12}},"ProtoOAChangeBonusType":{"edition":"proto2","values":{"BONUS_DEPOSIT":0,"BONUS_WITHDRAW":1}},"ProtoOAChangeBalanceType":{"edition":"proto2","values":{"BALANCE_DEPOSIT":0,"BALANCE_WITHDRAW":1,"BALANCE_DEPOSIT_STRATEGY_COMMISSION_INNER":3,"BALANCE_WITHDRAW_STRATEGY_COMMISSION_INNER":4,"BALANCE_DEPOSIT_IB_COMMISSIONS":5,"BALANCE_WITHDRAW_IB_SHARED_PERCENTAGE":6,"BALANCE_DEPOSIT_IB_SHARED_PERCENTAGE_FROM_SUB_IB":7,"BALANCE_DEPOSIT_IB_SHARED_PERCENTAGE_FROM_BROKER":8,"BALANCE_DEPOSIT_REBATE":9,"BALANCE_WITHDRAW_REBATE":10,"BALANCE_DEPOSIT_STRATEGY_COMMISSION_OUTER":11,"BALANCE_WITHDRAW_STRATEGY_COMMISSION_OUTER":12,"BALANCE_WITHDRAW_BONUS_COMPENSATION":13,"BALANCE_WITHDRAW_IB_SHARED_PERCENTAGE_TO_BROKER":14,"BALANCE_DEPOSIT_DIVIDENDS":15,"BALANCE_WITHDRAW_DIVIDENDS":16,"BALANCE_WITHDRAW_GSL_CHARGE":17,"BALANCE_WITHDRAW_ROLLOVER":18,"BALANCE_DEPOSIT_NONWITHDRAWABLE_BONUS":19,"BALANCE_WITHDRAW_NONWITHDRAWABLE_BONUS":20,"BALANCE_DEPOSIT_SWAP":21,"BALANCE_WITHDRAW_SWAP":22,"BALANCE_DEPOSIT_MANAGEMENT_FEE":27,"BALANCE_WITHDRAW_MANAGEMENT_FEE":28,"BALANCE_DEPOSIT_PERFORMANCE_FEE":29,"BALANCE_WITHDRAW_FOR_SUBACCOUNT":30,"BALANCE_DEPOSIT_TO_SUBACCOUNT":31,"BALANCE_WITHDRAW_FROM_SUBACCOUNT":32,"BALANCE_DEPOSIT_FROM_SUBACCOUNT":33,"BALANCE_WITHDRAW_COPY_FEE":34,"BALANCE_WITHDRAW_INACTIVITY_FEE":35,"BALANCE_DEPOSIT_TRANSFER":36,"BALANCE_WITHDRAW_TRANSFER":37,"BALANCE_DEPOSIT_CONVERTED_BONUS":38,"BALANCE_DEPOSIT_NEGATIVE_BALANCE_PROTECTION":39}},"ProtoOADealStatus":{"edition":"proto2","values":{"FILLED":2,"PARTIALLY_FILLED":3,"REJECTED":4,"INTERNALLY_REJECTED":5,"ERROR":6,"MISSED":7}},"ProtoOATrendbarPeriod":{"edition":"proto2","values":{"M1":1,"M2":2,"M3":3,"M4":4,"M5":5,"M10":6,"M15":7,"M30":8,"H1":9,"H4":10,"H12":11,"D1":12,"W1":13,"MN1":14}},"ProtoOAQuoteType":{"edition":"proto2","values":{"BID":1,"ASK":2}},"ProtoOAClientPermissionScope":{"edition":"proto2","values":{"SCOPE_VIEW":0,"SCOPE_TRADE":1}},"ProtoOANotificationType":{"edition":"proto2","values":{"MARGIN_LEVEL_THRESHOLD_1":61,"MARGIN_LEVEL_THRESHOLD_2":62,"MARGIN_LEVEL_THRESHOLD_3":63}},"ProtoOAErrorCode":{"edition":"proto2","values":{"OA_AUTH_TOKEN_EXPIRED":1,"ACCOUNT_NOT_AUTHORIZED":2,"RET_NO_SUCH_LOGIN":12,"ALREADY_LOGGED_IN":14,"INCORRECT_BOUNDARIES":35,"RET_ACCOUNT_DISABLED":64,"CONNECTIONS_LIMIT_EXCEEDED":67,"WORSE_GSL_NOT_ALLOWED":68,"SYMBOL_HAS_HOLIDAY":69,"CH_CLIENT_AUTH_FAILURE":101,"CH_CLIENT_NOT_AUTHENTICATED":102,"CH_CLIENT_ALREADY_AUTHENTICATED":103,"CH_ACCESS_TOKEN_INVALID":104,"CH_SERVER_NOT_REACHABLE":105,"CH_CTID_TRADER_ACCOUNT_NOT_FOUND":106,"CH_OA_CLIENT_NOT_FOUND":107,"REQUEST_FREQUENCY_EXCEEDED":108,"SERVER_IS_UNDER_MAINTENANCE":109,"CHANNEL_IS_BLOCKED":110,"NOT_SUBSCRIBED_TO_SPOTS":112,"ALREADY_SUBSCRIBED":113,"SYMBOL_NOT_FOUND":114,"UNKNOWN_SYMBOL":115,"NO_QUOTES":117,"NOT_ENOUGH_MONEY":118,"MAX_EXPOSURE_REACHED":119,"POSITION_NOT_FOUND":120,"ORDER_NOT_FOUND":121,"POSITION_NOT_OPEN":122,"POSITION_LOCKED":123,"TOO_MANY_POSITIONS":124,"TRADING_BAD_VOLUME":125,"TRADING_BAD_STOPS":126,"TRADING_BAD_PRICES":127,"TRADING_BAD_STAKE":128,"PROTECTION_IS_TOO_CLOSE_TO_MARKET":129,"TRADING_BAD_EXPIRATION_DATE":130,"PENDING_EXECUTION":131,"TRADING_DISABLED":132,"TRADING_NOT_ALLOWED":133,"UNABLE_TO_CANCEL_ORDER":134,"UNABLE_TO_AMEND_ORDER":135,"SHORT_SELLING_NOT_ALLOWED":136,"NOT_SUBSCRIBED_TO_PNL":137}},"ProtoOALimitedRiskMarginCalculationStrategy":{"edition":"proto2","values":{"ACCORDING_TO_LEVERAGE":0,"ACCORDING_TO_GSL":1,"ACCORDING_TO_GSL_AND_LEVERAGE":2}},"ProtoOAStopOutStrategy":{"edition":"proto2","values":{"MOST_MARGIN_USED_FIRST":0,"MOST_LOSING_FIRST":1}},"ProtoMessage":{"edition":"proto2","fields":{"payloadType":{"rule":"required","type":"uint32","id":1},"payload":{"type":"bytes","id":2},"clientMsgId":{"type":"string","id":3}}},"ProtoErrorRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoPayloadType","id":1,"options":{"default":"ERROR_RES"}},"errorCode":{"rule":"required","type":"string","id":2},"description":{"type":"string","id":3},"maintenanceEndTimestamp":{"type":"uint64","id":4}}},"ProtoHeartbeatEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoPayloadType","id":1,"options":{"default":"HEARTBEAT_EVENT"}}}},"ProtoOAAsset":{"edition":"proto2","fields":{"assetId":{"rule":"required","type":"int64","id":1},"name":{"rule":"required","type":"string","id":2},"displayName":{"type":"string","id":3},"digits":{"type":"int32","id":4}}},"ProtoOASymbol":{"edition":"proto2","fields":{"symbolId":{"rule":"required","type":"int64","id":1},"digits":{"rule":"required","type":"int32","id":2},"pipPosition":{"rule":"required","type":"int32","id":3},"enableShortSelling":{"type":"bool","id":4},"guaranteedStopLoss":{"type":"bool","id":5},"swapRollover3Days":{"type":"ProtoOADayOfWeek","id":6,"options":{"default":"MONDAY"}},"swapLong":{"type":"double","id":7},"swapShort":{"type":"double","id":8},"maxVolume":{"type":"int64","id":9},"minVolume":{"type":"int64","id":10},"stepVolume":{"type":"int64","id":11},"maxExposure":{"type":"uint64","id":12},"schedule":{"rule":"repeated","type":"ProtoOAInterval","id":13},"commission":{"type":"int64","id":14},"commissionType":{"type":"ProtoOACommissionType","id":15,"options":{"default":"USD_PER_MILLION_USD"}},"slDistance":{"type":"uint32","id":16},"tpDistance":{"type":"uint32","id":17},"gslDistance":{"type":"uint32","id":18},"gslCharge":{"type":"int64","id":19},"distanceSetIn":{"type":"ProtoOASymbolDistanceType","id":20,"options":{"default":"SYMBOL_DISTANCE_IN_POINTS"}},"minCommission":{"type":"int64","id":21},"minCommissionType":{"type":"ProtoOAMinCommissionType","id":22,"options":{"default":"CURRENCY"}},"minCommissionAsset":{"type":"string","id":23,"options":{"default":"USD"}},"rolloverCommission":{"type":"int64","id":24},"skipRolloverDays":{"type":"int32","id":25},"scheduleTimeZone":{"type":"string","id":26},"tradingMode":{"type":"ProtoOATradingMode","id":27,"options":{"default":"ENABLED"}},"rolloverCommission3Days":{"type":"ProtoOADayOfWeek","id":28,"options":{"default":"MONDAY"}},"swapCalculationType":{"type":"ProtoOASwapCalculationType","id":29,"options":{"default":"PIPS"}},"lotSize":{"type":"int64","id":30},"preciseTradingCommissionRate":{"type":"int64","id":31},"preciseMinCommission":{"type":"int64","id":32},"holiday":{"rule":"repeated","type":"ProtoOAHoliday","id":33},"pnlConversionFeeRate":{"type":"int32","id":34},"leverageId":{"type":"int64","id":35},"swapPeriod":{"type":"int32","id":36},"swapTime":{"type":"int32","id":37},"skipSWAPPeriods":{"type":"int32","id":38},"chargeSwapAtWeekends":{"type":"bool","id":39},"measurementUnits":{"type":"string","id":40}}},"ProtoOALightSymbol":{"edition":"proto2","fields":{"symbolId":{"rule":"required","type":"int64","id":1},"symbolName":{"type":"string","id":2},"enabled":{"type":"bool","id":3},"baseAssetId":{"type":"int64","id":4},"quoteAssetId":{"type":"int64","id":5},"symbolCategoryId":{"type":"int64","id":6},"description":{"type":"string","id":7},"sortingNumber":{"type":"double","id":8}}},"ProtoOAArchivedSymbol":{"edition":"proto2","fields":{"symbolId":{"rule":"required","type":"int64","id":1},"name":{"rule":"required","type":"string","id":2},"utcLastUpdateTimestamp":{"rule":"required","type":"int64","id":3},"description":{"type":"string","id":4}}},"ProtoOASymbolCategory":{"edition":"proto2","fields":{"id":{"rule":"required","type":"int64","id":1},"assetClassId":{"rule":"required","type":"int64","id":2},"name":{"rule":"required","type":"string","id":3},"sortingNumber":{"type":"double","id":4}}},"ProtoOAInterval":{"edition":"proto2","fields":{"startSecond":{"rule":"required","type":"uint32","id":3},"endSecond":{"rule":"required","type":"uint32","id":4}}},"ProtoOATrader":{"edition":"proto2","fields":{"ctidTraderAccountId":{"rule":"required","type":"int64","id":1},"balance":{"rule":"required","type":"int64","id":2},"balanceVersion":{"type":"int64","id":3},"managerBonus":{"type":"int64","id":4},"ibBonus":{"type":"int64","id":5},"nonWithdrawableBonus":{"type":"int64","id":6},"accessRights":{"type":"ProtoOAAccessRights","id":7,"options":{"default":"FULL_ACCESS"}},"depositAssetId":{"rule":"required","type":"int64","id":8},"swapFree":{"type":"bool","id":9},"leverageInCents":{"type":"uint32","id":10},"totalMarginCalculationType":{"type":"ProtoOATotalMarginCalculationType","id":11},"maxLeverage":{"type":"uint32","id":12},"frenchRisk":{"type":"bool","id":13},"traderLogin":{"type":"int64","id":14},"accountType":{"type":"ProtoOAAccountType","id":15,"options":{"default":"HEDGED"}},"brokerName":{"type":"string","id":16},"registrationTimestamp":{"type":"int64","id":17},"isLimitedRisk":{"type":"bool","id":18},"limitedRiskMarginCalculationStrategy":{"type":"ProtoOALimitedRiskMarginCalculationStrategy","id":19,"options":{"default":"ACCORDING_TO_LEVERAGE"}},"moneyDigits":{"type":"uint32","id":20},"fairStopOut":{"type":"bool","id":21},"stopOutStrategy":{"type":"ProtoOAStopOutStrategy","id":22,"options":{"default":"MOST_MARGIN_USED_FIRST"}}}},"ProtoOAPosition":{"edition":"proto2","fields":{"positionId":{"rule":"required","type":"int64","id":1},"tradeData":{"rule":"required","type":"ProtoOATradeData","id":2},"positionStatus":{"rule":"required","type":"ProtoOAPositionStatus","id":3},"swap":{"rule":"required","type":"int64","id":4},"price":{"type":"double","id":5},"stopLoss":{"type":"double","id":6},"takeProfit":{"type":"double","id":7},"utcLastUpdateTimestamp":{"type":"int64","id":8},"commission":{"type":"int64","id":9},"marginRate":{"type":"double","id":10},"mirroringCommission":{"type":"int64","id":11},"guaranteedStopLoss":{"type":"bool","id":12},"usedMargin":{"type":"uint64","id":13},"stopLossTriggerMethod":{"type":"ProtoOAOrderTriggerMethod","id":14,"options":{"default":"TRADE"}},"moneyDigits":{"type":"uint32","id":15},"trailingStopLoss":{"type":"bool","id":16}}},"ProtoOATradeData":{"edition":"proto2","fields":{"symbolId":{"rule":"required","type":"int64","id":1},"volume":{"rule":"required","type":"int64","id":2},"tradeSide":{"rule":"required","type":"ProtoOATradeSide","id":3},"openTimestamp":{"type":"int64","id":4},"label":{"type":"string","id":5},"guaranteedStopLoss":{"type":"bool","id":6},"comment":{"type":"string","id":7},"measurementUnits":{"type":"string","id":8},"closeTimestamp":{"type":"uint64","id":9}}},"ProtoOAOrder":{"edition":"proto2","fields":{"orderId":{"rule":"required","type":"int64","id":1},"tradeData":{"rule":"required","type":"ProtoOATradeData","id":2},"orderType":{"rule":"required","type":"ProtoOAOrderType","id":3},"orderStatus":{"rule":"required","type":"ProtoOAOrderStatus","id":4},"expirationTimestamp":{"type":"int64","id":6},"executionPrice":{"type":"double","id":7},"executedVolume":{"type":"int64","id":8},"utcLastUpdateTimestamp":{"type":"int64","id":9},"baseSlippagePrice":{"type":"double","id":10},"slippageInPoints":{"type":"int64","id":11},"closingOrder":{"type":"bool","id":12},"limitPrice":{"type":"double","id":13},"stopPrice":{"type":"double","id":14},"stopLoss":{"type":"double","id":15},"takeProfit":{"type":"double","id":16},"clientOrderId":{"type":"string","id":17},"timeInForce":{"type":"ProtoOATimeInForce","id":18,"options":{"default":"IMMEDIATE_OR_CANCEL"}},"positionId":{"type":"int64","id":19},"relativeStopLoss":{"type":"int64","id":20},"relativeTakeProfit":{"type":"int64","id":21},"isStopOut":{"type":"bool","id":22},"trailingStopLoss":{"type":"bool","id":23},"stopTriggerMethod":{"type":"ProtoOAOrderTriggerMethod","id":24,"options":{"default":"TRADE"}}}},"ProtoOABonusDepositWithdraw":{"edition":"proto2","fields":{"operationType":{"rule":"required","type":"ProtoOAChangeBonusType","id":1},"bonusHistoryId":{"rule":"required","type":"int64","id":2},"managerBonus":{"rule":"required","type":"int64","id":3},"managerDelta":{"rule":"required","type":"int64","id":4},"ibBonus":{"rule":"required","type":"int64","id":5},"ibDelta":{"rule":"required","type":"int64","id":6},"changeBonusTimestamp":{"rule":"required","type":"int64","id":7},"externalNote":{"type":"string","id":8},"introducingBrokerId":{"type":"int64","id":9},"moneyDigits":{"type":"uint32","id":10}}},"ProtoOADepositWithdraw":{"edition":"proto2","fields":{"operationType":{"rule":"required","type":"ProtoOAChangeBalanceType","id":1},"balanceHistoryId":{"rule":"required","type":"int64","id":2},"balance":{"rule":"required","type":"int64","id":3},"delta":{"rule":"required","type":"int64","id":4},"changeBalanceTimestamp":{"rule":"required","type":"int64","id":5},"externalNote":{"type":"string","id":6},"balanceVersion":{"type":"int64","id":7},"equity":{"type":"int64","id":8},"moneyDigits":{"type":"uint32","id":9}}},"ProtoOADeal":{"edition":"proto2","fields":{"dealId":{"rule":"required","type":"int64","id":1},"orderId":{"rule":"required","type":"int64","id":2},"positionId":{"rule":"required","type":"int64","id":3},"volume":{"rule":"required","type":"int64","id":4},"filledVolume":{"rule":"required","type":"int64","id":5},"symbolId":{"rule":"required","type":"int64","id":6},"createTimestamp":{"rule":"required","type":"int64","id":7},"executionTimestamp":{"rule":"required","type":"int64","id":8},"utcLastUpdateTimestamp":{"type":"int64","id":9},"executionPrice":{"type":"double","id":10},"tradeSide":{"rule":"required","type":"ProtoOATradeSide","id":11},"dealStatus":{"rule":"required","type":"ProtoOADealStatus","id":12},"marginRate":{"type":"double","id":13},"commission":{"type":"int64","id":14},"baseToUsdConversionRate":{"type":"double","id":15},"closePositionDetail":{"type":"ProtoOAClosePositionDetail","id":16},"moneyDigits":{"type":"uint32","id":17}}},"ProtoOADealOffset":{"edition":"proto2","fields":{"dealId":{"rule":"required","type":"int64","id":1},"volume":{"rule":"required","type":"int64","id":2},"executionTimestamp":{"type":"int64","id":3},"executionPrice":{"type":"double","id":4}}},"ProtoOAClosePositionDetail":{"edition":"proto2","fields":{"entryPrice":{"rule":"required","type":"double","id":1},"grossProfit":{"rule":"required","type":"int64","id":2},"swap":{"rule":"required","type":"int64","id":3},"commission":{"rule":"required","type":"int64","id":4},"balance":{"rule":"required","type":"int64","id":5},"quoteToDepositConversionRate":{"type":"double","id":6},"closedVolume":{"type":"int64","id":7},"balanceVersion":{"type":"int64","id":8},"moneyDigits":{"type":"uint32","id":9},"pnlConversionFee":{"type":"int64","id":10}}},"ProtoOATrendbar":{"edition":"proto2","fields":{"volume":{"rule":"required","type":"int64","id":3},"period":{"type":"ProtoOATrendbarPeriod","id":4,"options":{"default":"M1"}},"low":{"type":"int64","id":5},"deltaOpen":{"type":"uint64","id":6},"deltaClose":{"type":"uint64","id":7},"deltaHigh":{"type":"uint64","id":8},"utcTimestampInMinutes":{"type":"uint32","id":9}}},"ProtoOAExpectedMargin":{"edition":"proto2","fields":{"volume":{"rule":"required","type":"int64","id":1},"buyMargin":{"rule":"required","type":"int64","id":2},"sellMargin":{"rule":"required","type":"int64","id":3}}},"ProtoOATickData":{"edition":"proto2","fields":{"timestamp":{"rule":"required","type":"int64","id":1},"tick":{"rule":"required","type":"int64","id":2}}},"ProtoOACtidProfile":{"edition":"proto2","fields":{"userId":{"rule":"required","type":"int64","id":1}}},"ProtoOACtidTraderAccount":{"edition":"proto2","fields":{"ctidTraderAccountId":{"rule":"required","type":"uint64","id":1},"isLive":{"type":"bool","id":2},"traderLogin":{"type":"int64","id":3},"lastClosingDealTimestamp":{"type":"int64","id":4},"lastBalanceUpdateTimestamp":{"type":"int64","id":5},"brokerTitleShort":{"type":"string","id":6}}},"ProtoOAAssetClass":{"edition":"proto2","fields":{"id":{"type":"int64","id":1},"name":{"type":"string","id":2},"sortingNumber":{"type":"double","id":3}}},"ProtoOADepthQuote":{"edition":"proto2","fields":{"id":{"rule":"required","type":"uint64","id":1},"size":{"rule":"required","type":"uint64","id":3},"bid":{"type":"uint64","id":4},"ask":{"type":"uint64","id":5}}},"ProtoOAMarginCall":{"edition":"proto2","fields":{"marginCallType":{"rule":"required","type":"ProtoOANotificationType","id":1},"marginLevelThreshold":{"rule":"required","type":"double","id":2},"utcLastUpdateTimestamp":{"type":"int64","id":3}}},"ProtoOAHoliday":{"edition":"proto2","fields":{"holidayId":{"rule":"required","type":"int64","id":1},"name":{"rule":"required","type":"string","id":2},"description":{"type":"string","id":3},"scheduleTimeZone":{"rule":"required","type":"string","id":4},"holidayDate":{"rule":"required","type":"int64","id":5},"isRecurring":{"rule":"required","type":"bool","id":6},"startSecond":{"type":"int32","id":7},"endSecond":{"type":"int32","id":8}}},"ProtoOADynamicLeverage":{"edition":"proto2","fields":{"leverageId":{"rule":"required","type":"int64","id":1},"tiers":{"rule":"repeated","type":"ProtoOADynamicLeverageTier","id":2}}},"ProtoOADynamicLeverageTier":{"edition":"proto2","fields":{"volume":{"rule":"required","type":"int64","id":1},"leverage":{"rule":"required","type":"int32","id":2}}},"ProtoOAPositionUnrealizedPnL":{"edition":"proto2","fields":{"positionId":{"rule":"required","type":"int64","id":1},"grossUnrealizedPnL":{"rule":"required","type":"int64","id":2},"netUnrealizedPnL":{"rule":"required","type":"int64","id":3}}},"ProtoOAApplicationAuthReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_APPLICATION_AUTH_REQ"}},"clientId":{"rule":"required","type":"string","id":2},"clientSecret":{"rule":"required","type":"string","id":3}}},"ProtoOAApplicationAuthRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_APPLICATION_AUTH_RES"}}}},"ProtoOAAccountAuthReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ACCOUNT_AUTH_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"accessToken":{"rule":"required","type":"string","id":3}}},"ProtoOAAccountAuthRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ACCOUNT_AUTH_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAErrorRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ERROR_RES"}},"ctidTraderAccountId":{"type":"int64","id":2},"errorCode":{"rule":"required","type":"string","id":3},"description":{"type":"string","id":4},"maintenanceEndTimestamp":{"type":"int64","id":5},"retryAfter":{"type":"uint64","id":6}}},"ProtoOAClientDisconnectEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_CLIENT_DISCONNECT_EVENT"}},"reason":{"type":"string","id":2}}},"ProtoOAAccountsTokenInvalidatedEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ACCOUNTS_TOKEN_INVALIDATED_EVENT"}},"ctidTraderAccountIds":{"rule":"repeated","type":"int64","id":2},"reason":{"type":"string","id":3}}},"ProtoOAVersionReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_VERSION_REQ"}}}},"ProtoOAVersionRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_VERSION_RES"}},"version":{"rule":"required","type":"string","id":2}}},"ProtoOANewOrderReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_NEW_ORDER_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"required","type":"int64","id":3},"orderType":{"rule":"required","type":"ProtoOAOrderType","id":4},"tradeSide":{"rule":"required","type":"ProtoOATradeSide","id":5},"volume":{"rule":"required","type":"int64","id":6},"limitPrice":{"type":"double","id":7},"stopPrice":{"type":"double","id":8},"timeInForce":{"type":"ProtoOATimeInForce","id":9,"options":{"default":"GOOD_TILL_CANCEL"}},"expirationTimestamp":{"type":"int64","id":10},"stopLoss":{"type":"double","id":11},"takeProfit":{"type":"double","id":12},"comment":{"type":"string","id":13},"baseSlippagePrice":{"type":"double","id":14},"slippageInPoints":{"type":"int32","id":15},"label":{"type":"string","id":16},"positionId":{"type":"int64","id":17},"clientOrderId":{"type":"string","id":18},"relativeStopLoss":{"type":"int64","id":19},"relativeTakeProfit":{"type":"int64","id":20},"guaranteedStopLoss":{"type":"bool","id":21},"trailingStopLoss":{"type":"bool","id":22},"stopTriggerMethod":{"type":"ProtoOAOrderTriggerMethod","id":23,"options":{"default":"TRADE"}}}},"ProtoOAExecutionEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_EXECUTION_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"executionType":{"rule":"required","type":"ProtoOAExecutionType","id":3},"position":{"type":"ProtoOAPosition","id":4},"order":{"type":"ProtoOAOrder","id":5},"deal":{"type":"ProtoOADeal","id":6},"bonusDepositWithdraw":{"type":"ProtoOABonusDepositWithdraw","id":7},"depositWithdraw":{"type":"ProtoOADepositWithdraw","id":8},"errorCode":{"type":"string","id":9},"isServerEvent":{"type":"bool","id":10}}},"ProtoOACancelOrderReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_CANCEL_ORDER_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"orderId":{"rule":"required","type":"int64","id":3}}},"ProtoOAAmendOrderReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_AMEND_ORDER_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"orderId":{"rule":"required","type":"int64","id":3},"volume":{"type":"int64","id":4},"limitPrice":{"type":"double","id":5},"stopPrice":{"type":"double","id":6},"expirationTimestamp":{"type":"int64","id":7},"stopLoss":{"type":"double","id":8},"takeProfit":{"type":"double","id":9},"slippageInPoints":{"type":"int32","id":10},"relativeStopLoss":{"type":"int64","id":11},"relativeTakeProfit":{"type":"int64","id":12},"guaranteedStopLoss":{"type":"bool","id":13},"trailingStopLoss":{"type":"bool","id":14},"stopTriggerMethod":{"type":"ProtoOAOrderTriggerMethod","id":15,"options":{"default":"TRADE"}}}},"ProtoOAAmendPositionSLTPReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_AMEND_POSITION_SLTP_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"positionId":{"rule":"required","type":"int64","id":3},"stopLoss":{"type":"double","id":4},"takeProfit":{"type":"double","id":5},"guaranteedStopLoss":{"type":"bool","id":7},"trailingStopLoss":{"type":"bool","id":8},"stopLossTriggerMethod":{"type":"ProtoOAOrderTriggerMethod","id":9,"options":{"default":"TRADE"}}}},"ProtoOAClosePositionReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_CLOSE_POSITION_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"positionId":{"rule":"required","type":"int64","id":3},"volume":{"rule":"required","type":"int64","id":4}}},"ProtoOATrailingSLChangedEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_TRAILING_SL_CHANGED_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"positionId":{"rule":"required","type":"int64","id":3},"orderId":{"rule":"required","type":"int64","id":4},"stopPrice":{"rule":"required","type":"double","id":5},"utcLastUpdateTimestamp":{"rule":"required","type":"int64","id":6}}},"ProtoOAAssetListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ASSET_LIST_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAAssetListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ASSET_LIST_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"asset":{"rule":"repeated","type":"ProtoOAAsset","id":3}}},"ProtoOASymbolsListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOLS_LIST_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"includeArchivedSymbols":{"type":"bool","id":3,"options":{"default":false}}}},"ProtoOASymbolsListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOLS_LIST_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbol":{"rule":"repeated","type":"ProtoOALightSymbol","id":3},"archivedSymbol":{"rule":"repeated","type":"ProtoOAArchivedSymbol","id":4}}},"ProtoOASymbolByIdReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOL_BY_ID_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"repeated","type":"int64","id":3}}},"ProtoOASymbolByIdRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOL_BY_ID_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbol":{"rule":"repeated","type":"ProtoOASymbol","id":3},"archivedSymbol":{"rule":"repeated","type":"ProtoOAArchivedSymbol","id":4}}},"ProtoOASymbolsForConversionReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOLS_FOR_CONVERSION_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"firstAssetId":{"rule":"required","type":"int64","id":3},"lastAssetId":{"rule":"required","type":"int64","id":4}}},"ProtoOASymbolsForConversionRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOLS_FOR_CONVERSION_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbol":{"rule":"repeated","type":"ProtoOALightSymbol","id":3}}},"ProtoOASymbolChangedEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOL_CHANGED_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"repeated","type":"int64","id":3}}},"ProtoOAAssetClassListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ASSET_CLASS_LIST_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAAssetClassListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ASSET_CLASS_LIST_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"assetClass":{"rule":"repeated","type":"ProtoOAAssetClass","id":3}}},"ProtoOATraderReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_TRADER_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOATraderRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_TRADER_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"trader":{"rule":"required","type":"ProtoOATrader","id":3}}},"ProtoOATraderUpdatedEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_TRADER_UPDATE_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"trader":{"rule":"required","type":"ProtoOATrader","id":3}}},"ProtoOAReconcileReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_RECONCILE_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"returnProtectionOrders":{"type":"bool","id":3}}},"ProtoOAReconcileRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_RECONCILE_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"position":{"rule":"repeated","type":"ProtoOAPosition","id":3},"order":{"rule":"repeated","type":"ProtoOAOrder","id":4}}},"ProtoOAOrderErrorEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ORDER_ERROR_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":5},"errorCode":{"rule":"required","type":"string","id":2},"orderId":{"type":"int64","id":3},"positionId":{"type":"int64","id":6},"description":{"type":"string","id":7}}},"ProtoOADealListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_DEAL_LIST_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"fromTimestamp":{"type":"int64","id":3},"toTimestamp":{"type":"int64","id":4},"maxRows":{"type":"int32","id":5}}},"ProtoOADealListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_DEAL_LIST_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"deal":{"rule":"repeated","type":"ProtoOADeal","id":3},"hasMore":{"rule":"required","type":"bool","id":4}}},"ProtoOAOrderListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ORDER_LIST_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"fromTimestamp":{"type":"int64","id":3},"toTimestamp":{"type":"int64","id":4}}},"ProtoOAOrderListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ORDER_LIST_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"order":{"rule":"repeated","type":"ProtoOAOrder","id":3},"hasMore":{"rule":"required","type":"bool","id":4}}},"ProtoOAExpectedMarginReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_EXPECTED_MARGIN_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"required","type":"int64","id":3},"volume":{"rule":"repeated","type":"int64","id":4}}},"ProtoOAExpectedMarginRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_EXPECTED_MARGIN_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"margin":{"rule":"repeated","type":"ProtoOAExpectedMargin","id":3},"moneyDigits":{"type":"uint32","id":4}}},"ProtoOAMarginChangedEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_MARGIN_CHANGED_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"positionId":{"rule":"required","type":"uint64","id":3},"usedMargin":{"rule":"required","type":"uint64","id":4},"moneyDigits":{"type":"uint32","id":5}}},"ProtoOACashFlowHistoryListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_CASH_FLOW_HISTORY_LIST_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"fromTimestamp":{"rule":"required","type":"int64","id":3},"toTimestamp":{"rule":"required","type":"int64","id":4}}},"ProtoOACashFlowHistoryListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_CASH_FLOW_HISTORY_LIST_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"depositWithdraw":{"rule":"repeated","type":"ProtoOADepositWithdraw","id":3}}},"ProtoOAGetAccountListByAccessTokenReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_ACCOUNTS_BY_ACCESS_TOKEN_REQ"}},"accessToken":{"rule":"required","type":"string","id":2}}},"ProtoOAGetAccountListByAccessTokenRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_ACCOUNTS_BY_ACCESS_TOKEN_RES"}},"accessToken":{"rule":"required","type":"string","id":2},"permissionScope":{"type":"ProtoOAClientPermissionScope","id":3},"ctidTraderAccount":{"rule":"repeated","type":"ProtoOACtidTraderAccount","id":4}}},"ProtoOARefreshTokenReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_REFRESH_TOKEN_REQ"}},"refreshToken":{"rule":"required","type":"string","id":2}}},"ProtoOARefreshTokenRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_REFRESH_TOKEN_RES"}},"accessToken":{"rule":"required","type":"string","id":2},"tokenType":{"rule":"required","type":"string","id":3},"expiresIn":{"rule":"required","type":"int64","id":4},"refreshToken":{"rule":"required","type":"string","id":5}}},"ProtoOASubscribeSpotsReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SUBSCRIBE_SPOTS_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"repeated","type":"int64","id":3},"subscribeToSpotTimestamp":{"type":"bool","id":4}}},"ProtoOASubscribeSpotsRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SUBSCRIBE_SPOTS_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAUnsubscribeSpotsReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_UNSUBSCRIBE_SPOTS_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"repeated","type":"int64","id":3}}},"ProtoOAUnsubscribeSpotsRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_UNSUBSCRIBE_SPOTS_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOASpotEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SPOT_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"required","type":"int64","id":3},"bid":{"type":"uint64","id":4},"ask":{"type":"uint64","id":5},"trendbar":{"rule":"repeated","type":"ProtoOATrendbar","id":6},"sessionClose":{"type":"uint64","id":7},"timestamp":{"type":"int64","id":8}}},"ProtoOASubscribeLiveTrendbarReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SUBSCRIBE_LIVE_TRENDBAR_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"period":{"rule":"required","type":"ProtoOATrendbarPeriod","id":3},"symbolId":{"rule":"required","type":"int64","id":4}}},"ProtoOASubscribeLiveTrendbarRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SUBSCRIBE_LIVE_TRENDBAR_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAUnsubscribeLiveTrendbarReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_UNSUBSCRIBE_LIVE_TRENDBAR_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"period":{"rule":"required","type":"ProtoOATrendbarPeriod","id":3},"symbolId":{"rule":"required","type":"int64","id":4}}},"ProtoOAUnsubscribeLiveTrendbarRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_UNSUBSCRIBE_LIVE_TRENDBAR_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAGetTrendbarsReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_TRENDBARS_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"fromTimestamp":{"type":"int64","id":3},"toTimestamp":{"type":"int64","id":4},"period":{"rule":"required","type":"ProtoOATrendbarPeriod","id":5},"symbolId":{"rule":"required","type":"int64","id":6},"count":{"type":"uint32","id":7}}},"ProtoOAGetTrendbarsRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_TRENDBARS_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"period":{"rule":"required","type":"ProtoOATrendbarPeriod","id":3},"timestamp":{"type":"int64","id":4},"trendbar":{"rule":"repeated","type":"ProtoOATrendbar","id":5},"symbolId":{"type":"int64","id":6},"hasMore":{"type":"bool","id":7}}},"ProtoOAGetTickDataReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_TICKDATA_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"required","type":"int64","id":3},"type":{"rule":"required","type":"ProtoOAQuoteType","id":4},"fromTimestamp":{"type":"int64","id":5},"toTimestamp":{"type":"int64","id":6}}},"ProtoOAGetTickDataRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_TICKDATA_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"tickData":{"rule":"repeated","type":"ProtoOATickData","id":3},"hasMore":{"rule":"required","type":"bool","id":4}}},"ProtoOAGetCtidProfileByTokenReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_CTID_PROFILE_BY_TOKEN_REQ"}},"accessToken":{"rule":"required","type":"string","id":2}}},"ProtoOAGetCtidProfileByTokenRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_CTID_PROFILE_BY_TOKEN_RES"}},"profile":{"rule":"required","type":"ProtoOACtidProfile","id":2}}},"ProtoOADepthEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_DEPTH_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"required","type":"uint64","id":3},"newQuotes":{"rule":"repeated","type":"ProtoOADepthQuote","id":4},"deletedQuotes":{"rule":"repeated","type":"uint64","id":5,"options":{"packed":true}}}},"ProtoOASubscribeDepthQuotesReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SUBSCRIBE_DEPTH_QUOTES_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"repeated","type":"int64","id":3}}},"ProtoOASubscribeDepthQuotesRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SUBSCRIBE_DEPTH_QUOTES_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAUnsubscribeDepthQuotesReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_UNSUBSCRIBE_DEPTH_QUOTES_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolId":{"rule":"repeated","type":"int64","id":3}}},"ProtoOAUnsubscribeDepthQuotesRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_UNSUBSCRIBE_DEPTH_QUOTES_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOASymbolCategoryListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOL_CATEGORY_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOASymbolCategoryListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_SYMBOL_CATEGORY_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"symbolCategory":{"rule":"repeated","type":"ProtoOASymbolCategory","id":3}}},"ProtoOAAccountLogoutReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ACCOUNT_LOGOUT_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAAccountLogoutRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ACCOUNT_LOGOUT_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAAccountDisconnectEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ACCOUNT_DISCONNECT_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAMarginCallListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_MARGIN_CALL_LIST_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAMarginCallListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_MARGIN_CALL_LIST_RES"}},"marginCall":{"rule":"repeated","type":"ProtoOAMarginCall","id":2}}},"ProtoOAMarginCallUpdateReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_MARGIN_CALL_UPDATE_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"marginCall":{"rule":"required","type":"ProtoOAMarginCall","id":3}}},"ProtoOAMarginCallUpdateRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_MARGIN_CALL_UPDATE_RES"}}}},"ProtoOAMarginCallUpdateEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_MARGIN_CALL_UPDATE_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"marginCall":{"rule":"required","type":"ProtoOAMarginCall","id":3}}},"ProtoOAMarginCallTriggerEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_MARGIN_CALL_TRIGGER_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"marginCall":{"rule":"required","type":"ProtoOAMarginCall","id":3}}},"ProtoOAGetDynamicLeverageByIDReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_DYNAMIC_LEVERAGE_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"leverageId":{"rule":"required","type":"int64","id":3}}},"ProtoOAGetDynamicLeverageByIDRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_DYNAMIC_LEVERAGE_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"leverage":{"rule":"required","type":"ProtoOADynamicLeverage","id":3}}},"ProtoOADealListByPositionIdReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_DEAL_LIST_BY_POSITION_ID_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"positionId":{"rule":"required","type":"int64","id":3},"fromTimestamp":{"type":"int64","id":4},"toTimestamp":{"type":"int64","id":5}}},"ProtoOADealListByPositionIdRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_DEAL_LIST_BY_POSITION_ID_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"deal":{"rule":"repeated","type":"ProtoOADeal","id":3},"hasMore":{"rule":"required","type":"bool","id":4}}},"ProtoOAOrderDetailsReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ORDER_DETAILS_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"orderId":{"rule":"required","type":"int64","id":3}}},"ProtoOAOrderDetailsRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ORDER_DETAILS_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"order":{"rule":"required","type":"ProtoOAOrder","id":3},"deal":{"rule":"repeated","type":"ProtoOADeal","id":4}}},"ProtoOAOrderListByPositionIdReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ORDER_LIST_BY_POSITION_ID_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"positionId":{"rule":"required","type":"int64","id":3},"fromTimestamp":{"type":"int64","id":4},"toTimestamp":{"type":"int64","id":5}}},"ProtoOAOrderListByPositionIdRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_ORDER_LIST_BY_POSITION_ID_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"order":{"rule":"repeated","type":"ProtoOAOrder","id":3},"hasMore":{"rule":"required","type":"bool","id":4}}},"ProtoOADealOffsetListReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_DEAL_OFFSET_LIST_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"dealId":{"rule":"required","type":"int64","id":3}}},"ProtoOADealOffsetListRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_DEAL_OFFSET_LIST_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"offsetBy":{"rule":"repeated","type":"ProtoOADealOffset","id":3},"offsetting":{"rule":"repeated","type":"ProtoOADealOffset","id":4}}},"ProtoOAGetPositionUnrealizedPnLReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_POSITION_UNREALIZED_PNL_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAGetPositionUnrealizedPnLRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_GET_POSITION_UNREALIZED_PNL_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"positionUnrealizedPnL":{"rule":"repeated","type":"ProtoOAPositionUnrealizedPnL","id":3},"moneyDigits":{"rule":"required","type":"uint32","id":4}}},"ProtoOAv1PnLChangeEvent":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_V1_PNL_CHANGE_EVENT"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2},"grossUnrealizedPnL":{"rule":"required","type":"int64","id":3},"netUnrealizedPnL":{"rule":"required","type":"int64","id":4},"moneyDigits":{"rule":"required","type":"uint32","id":5}}},"ProtoOAv1PnLChangeSubscribeReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_V1_PNL_CHANGE_SUBSCRIBE_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAv1PnLChangeSubscribeRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_V1_PNL_CHANGE_SUBSCRIBE_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAv1PnLChangeUnSubscribeReq":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_V1_PNL_CHANGE_UN_SUBSCRIBE_REQ"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}},"ProtoOAv1PnLChangeUnSubscribeRes":{"edition":"proto2","fields":{"payloadType":{"type":"ProtoOAPayloadType","id":1,"options":{"default":"PROTO_OA_V1_PNL_CHANGE_UN_SUBSCRIBE_RES"}},"ctidTraderAccountId":{"rule":"required","type":"int64","id":2}}}};
