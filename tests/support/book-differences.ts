import { Decimal } from "decimal.js";
import type { VenueTruth } from "../../infra/sandbox/ctrader/venue.ts";
import type { Store } from "../../shared/platform/store.ts";
import { fills, orders, positions } from "../../shared/trading/records.ts";

/** What the store says, where the broker says otherwise; empty when the two agree. */
export async function bookDifferences(store: Store, truth: VenueTruth): Promise<readonly string[]> {
  const told = (await store.query(orders)).map(({ value }) => value);
  const written = (await store.query(fills)).map(({ value }) => value);
  const mirrored = (await store.query(positions)).map(({ value }) => value.positionId).sort();
  const wrong: string[] = [];
  for (const [id, times] of Object.entries(truth.received))
    if (times > 1) wrong.push(`${id} sent ${times} times`);
  for (const { clientOrderId, state, filledQuantity } of told) {
    const dealt = truth.deals.filter((deal) => {
      const order = truth.orders.find((one) => one.orderId === deal.orderId);
      return order?.clientOrderId === clientOrderId;
    });
    const real = new Decimal(dealt.reduce((sum, deal) => sum + deal.filledVolume, 0)).div(100);
    if (!real.equals(filledQuantity))
      wrong.push(`${clientOrderId} ${state} has ${filledQuantity}, truly ${real}`);
    const wasReceived = (truth.received[clientOrderId] ?? 0) > 0;
    if (wasReceived && ["absent", "not-sent", "created", "sending"].includes(state)) {
      wrong.push(`${clientOrderId} is ${state}, but the broker has it`);
    }
    if (!wasReceived && !["absent", "not-sent", "refused", "created"].includes(state)) {
      wrong.push(`${clientOrderId} is ${state}, but the broker never had it`);
    }
  }
  const deals = truth.deals.map((deal) => String(deal.dealId)).sort();
  const ours = written.map((one) => one.brokerFillId).sort();
  if (JSON.stringify(deals) !== JSON.stringify(ours)) wrong.push(`deals ${deals} written as ${ours}`);
  const open = truth.positions.map((one) => String(one.positionId)).sort();
  if (JSON.stringify(open) !== JSON.stringify(mirrored))
    wrong.push(`positions ${open} mirrored as ${mirrored}`);
  return wrong;
}
