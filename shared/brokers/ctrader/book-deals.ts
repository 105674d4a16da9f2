import type { ProtoOADeal } from "./protocol/open-api.generated.ts";

/** How many deals are kept. */
const KEPT = 10_000;

/** A deal that moved volume; the others tell of an attempt. */
export function isFill(deal: ProtoOADeal): boolean {
  return deal.dealStatus === "FILLED" || deal.dealStatus === "PARTIALLY_FILLED";
}

/** The deals seen, each once. Of those no longer kept the highest id is remembered: the broker counts upwards. */
export function openDealLog(kept = KEPT) {
  const deals = new Map<number, ProtoOADeal>();
  let forgottenUpTo = 0;
  let newestAt: number | undefined;

  return {
    all: (): ReadonlyMap<number, ProtoOADeal> => deals,
    newestAt: (): number | undefined => newestAt,
    /** True for a fill that was not known. */
    add(deal: ProtoOADeal): boolean {
      if (!isFill(deal) || deals.has(deal.dealId) || deal.dealId <= forgottenUpTo) return false;
      deals.set(deal.dealId, deal);
      newestAt = Math.max(newestAt ?? 0, deal.executionTimestamp);
      if (deals.size > kept) {
        for (const oldest of deals.keys()) {
          deals.delete(oldest);
          forgottenUpTo = Math.max(forgottenUpTo, oldest);
          break;
        }
      }
      return true;
    },
  };
}
