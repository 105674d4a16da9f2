/** Hand-written readers of deals and of money that moved; they read up to the cursor's end. */
import { complete, type Draft, double, int64, namesOf, nested, putName, string, uint32 } from "./fields.ts";
import {
  DESCRIPTOR,
  type ProtoOABonusDepositWithdraw,
  type ProtoOAClosePositionDetail,
  type ProtoOADeal,
  type ProtoOADepositWithdraw,
} from "./open-api.generated.ts";
import type { WireCursor } from "./wire.ts";

const TRADE_SIDES = namesOf(DESCRIPTOR.ProtoOATradeSide.values);
const DEAL_STATUSES = namesOf(DESCRIPTOR.ProtoOADealStatus.values);
const BONUS_CHANGES = namesOf(DESCRIPTOR.ProtoOAChangeBonusType.values);
const BALANCE_CHANGES = namesOf(DESCRIPTOR.ProtoOAChangeBalanceType.values);

const DEAL_REQUIRED = [
  "dealId",
  "orderId",
  "positionId",
  "volume",
  "filledVolume",
  "symbolId",
  "createTimestamp",
  "executionTimestamp",
  "tradeSide",
  "dealStatus",
] as const;

const BONUS_REQUIRED = [
  "operationType",
  "bonusHistoryId",
  "managerBonus",
  "managerDelta",
  "ibBonus",
  "ibDelta",
  "changeBonusTimestamp",
] as const;

/** A deal: one fill of an order. */
export function readDeal(cursor: WireCursor): ProtoOADeal {
  const deal: Draft<ProtoOADeal> = {};
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (field === 1) deal.dealId = int64(cursor, tag);
    else if (field === 2) deal.orderId = int64(cursor, tag);
    else if (field === 3) deal.positionId = int64(cursor, tag);
    else if (field === 4) deal.volume = int64(cursor, tag);
    else if (field === 5) deal.filledVolume = int64(cursor, tag);
    else if (field === 6) deal.symbolId = int64(cursor, tag);
    else if (field === 7) deal.createTimestamp = int64(cursor, tag);
    else if (field === 8) deal.executionTimestamp = int64(cursor, tag);
    else if (field === 9) deal.utcLastUpdateTimestamp = int64(cursor, tag);
    else if (field === 10) deal.executionPrice = double(cursor, tag);
    else if (field === 11) putName(deal, "tradeSide", cursor, tag, TRADE_SIDES);
    else if (field === 12) putName(deal, "dealStatus", cursor, tag, DEAL_STATUSES);
    else if (field === 13) deal.marginRate = double(cursor, tag);
    else if (field === 14) deal.commission = int64(cursor, tag);
    else if (field === 15) deal.baseToUsdConversionRate = double(cursor, tag);
    else if (field === 16) deal.closePositionDetail = nested(cursor, tag, readClosePositionDetail);
    else if (field === 17) deal.moneyDigits = uint32(cursor, tag);
    else cursor.skip(tag);
  }
  return complete(cursor, deal, DEAL_REQUIRED);
}

/** What a deal that closed something brought. */
export function readClosePositionDetail(cursor: WireCursor): ProtoOAClosePositionDetail {
  const detail: Draft<ProtoOAClosePositionDetail> = {};
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (field === 1) detail.entryPrice = double(cursor, tag);
    else if (field === 2) detail.grossProfit = int64(cursor, tag);
    else if (field === 3) detail.swap = int64(cursor, tag);
    else if (field === 4) detail.commission = int64(cursor, tag);
    else if (field === 5) detail.balance = int64(cursor, tag);
    else if (field === 6) detail.quoteToDepositConversionRate = double(cursor, tag);
    else if (field === 7) detail.closedVolume = int64(cursor, tag);
    else if (field === 8) detail.balanceVersion = int64(cursor, tag);
    else if (field === 9) detail.moneyDigits = uint32(cursor, tag);
    else if (field === 10) detail.pnlConversionFee = int64(cursor, tag);
    else cursor.skip(tag);
  }
  return complete(cursor, detail, ["entryPrice", "grossProfit", "swap", "commission", "balance"]);
}

/** A bonus that was given or taken. */
export function readBonusDepositWithdraw(cursor: WireCursor): ProtoOABonusDepositWithdraw {
  const change: Draft<ProtoOABonusDepositWithdraw> = {};
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (field === 1) putName(change, "operationType", cursor, tag, BONUS_CHANGES);
    else if (field === 2) change.bonusHistoryId = int64(cursor, tag);
    else if (field === 3) change.managerBonus = int64(cursor, tag);
    else if (field === 4) change.managerDelta = int64(cursor, tag);
    else if (field === 5) change.ibBonus = int64(cursor, tag);
    else if (field === 6) change.ibDelta = int64(cursor, tag);
    else if (field === 7) change.changeBonusTimestamp = int64(cursor, tag);
    else if (field === 8) change.externalNote = string(cursor, tag);
    else if (field === 9) change.introducingBrokerId = int64(cursor, tag);
    else if (field === 10) change.moneyDigits = uint32(cursor, tag);
    else cursor.skip(tag);
  }
  return complete(cursor, change, BONUS_REQUIRED);
}

/** Money that came or went. */
export function readDepositWithdraw(cursor: WireCursor): ProtoOADepositWithdraw {
  const change: Draft<ProtoOADepositWithdraw> = {};
  while (cursor.at < cursor.end) {
    const tag = cursor.tag();
    const field = tag >>> 3;
    if (field === 1) putName(change, "operationType", cursor, tag, BALANCE_CHANGES);
    else if (field === 2) change.balanceHistoryId = int64(cursor, tag);
    else if (field === 3) change.balance = int64(cursor, tag);
    else if (field === 4) change.delta = int64(cursor, tag);
    else if (field === 5) change.changeBalanceTimestamp = int64(cursor, tag);
    else if (field === 6) change.externalNote = string(cursor, tag);
    else if (field === 7) change.balanceVersion = int64(cursor, tag);
    else if (field === 8) change.equity = int64(cursor, tag);
    else if (field === 9) change.moneyDigits = uint32(cursor, tag);
    else cursor.skip(tag);
  }
  return complete(cursor, change, [
    "operationType",
    "balanceHistoryId",
    "balance",
    "delta",
    "changeBalanceTimestamp",
  ]);
}
