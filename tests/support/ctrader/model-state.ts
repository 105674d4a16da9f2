import type {
  ProtoOADeal,
  ProtoOAOrder,
  ProtoOAPosition,
} from "../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VirtualTimers } from "../../../shared/platform/local/virtual-timers.ts";

/** When the model's time begins, in milliseconds since 1970. */
export const EPOCH_MS = 1_790_000_000_000;

/** What the model broker keeps. */
export function createModelState(timers: VirtualTimers) {
  const orders = new Map<number, ProtoOAOrder>();
  const positions = new Map<number, ProtoOAPosition>();
  const deals: ProtoOADeal[] = [];
  let lastId = 100;
  let balance = { amount: 1_000_000, version: 1 };
  let lastStamp = 0;
  const nextId = () => ++lastId;
  const now = () => EPOCH_MS + timers.now();
  /** Each change has its own time. */
  const stamp = () => {
    lastStamp = Math.max(now(), lastStamp + 1);
    return lastStamp;
  };

  function put(order: ProtoOAOrder, over: Partial<ProtoOAOrder>): ProtoOAOrder {
    const next = { ...order, ...over, utcLastUpdateTimestamp: stamp() };
    orders.set(next.orderId, next);
    return next;
  }

  function putPosition(position: ProtoOAPosition, over: Partial<ProtoOAPosition>): ProtoOAPosition {
    const next = { ...position, ...over, utcLastUpdateTimestamp: stamp() };
    positions.set(next.positionId, next);
    return next;
  }

  function deal(order: ProtoOAOrder, volume: number): ProtoOADeal {
    const at = stamp();
    const one: ProtoOADeal = {
      dealId: nextId(),
      orderId: order.orderId,
      positionId: order.positionId ?? 0,
      volume,
      filledVolume: volume,
      symbolId: order.tradeData.symbolId,
      createTimestamp: at,
      executionTimestamp: at,
      executionPrice: 1.1,
      tradeSide: order.tradeData.tradeSide,
      dealStatus: "FILLED",
      commission: -3,
      moneyDigits: 2,
    };
    if (order.closingOrder !== true) {
      deals.push(one);
      return one;
    }
    balance = { amount: balance.amount - 10, version: balance.version + 1 };
    const closing: ProtoOADeal = {
      ...one,
      closePositionDetail: {
        entryPrice: 1.1,
        grossProfit: -4,
        swap: 0,
        commission: -6,
        balance: balance.amount,
        balanceVersion: balance.version,
        closedVolume: volume,
        moneyDigits: 2,
      },
    };
    deals.push(closing);
    return closing;
  }

  return { orders, positions, deals, now, nextId, put, putPosition, deal, balance: () => balance };
}
