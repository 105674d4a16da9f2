/** Finds what became of an order whose answer was lost, among all that the broker lists. */
import type { Log } from "../../../platform/log.ts";
import { type Result, succeed } from "../../../platform/result.ts";
import type { BrokerCallFailure } from "../../token-issuer.ts";
import type { OrderStanding } from "../../trading-broker.ts";
import type { OrderBook } from "./order-book.ts";
import { CLOCK_MARGIN, candidatesFor } from "./order-match.ts";
import type { OrderMemory, SentOrder } from "./order-memory.ts";
import type { OrderRounds } from "./order-rounds.ts";
import type { EtradeOrder } from "./order-schemas.ts";

export interface SearchParts {
  readonly rounds: OrderRounds;
  readonly book: Pick<OrderBook, "take" | "own" | "standing">;
  readonly memory: Pick<OrderMemory, "own" | "ownerOf">;
  readonly log: Log;
  brokerIdOf(orderId: string): string;
  pause(ms: number): Promise<void>;
}

/** Whether an order of the broker's is known to be another one's. */
export type IsOthers = (brokerOrderId: string) => Promise<boolean>;

/** What has left may still be on its way: so long lies between two looks of which none finds it. */
export const SECOND_LOOK_MS = 10_000;

/**
 * One order like it that is nobody else's is it. None in two complete looks: `absent`. Several: it stays
 * `unknown`, because to guess is to count somebody else's order for ours.
 */
export async function searchOrder(
  parts: SearchParts,
  sent: SentOrder,
  isOthers: IsOthers | undefined,
): Promise<Result<OrderStanding, BrokerCallFailure>> {
  const first = await lookFor(parts, sent, isOthers);
  if (!first.ok || first.value.kind !== "absent") return first;
  await parts.pause(SECOND_LOOK_MS);
  return lookFor(parts, sent, isOthers);
}

async function lookFor(
  parts: SearchParts,
  sent: SentOrder,
  isOthers: IsOthers | undefined,
): Promise<Result<OrderStanding, BrokerCallFailure>> {
  const { rounds, book, memory, log } = parts;
  const looked = await rounds.look({ since: sent.sentAt.subtract(CLOCK_MARGIN) });
  if (!looked.ok) return looked;
  const free: EtradeOrder[] = [];
  for (const order of candidatesFor(sent, looked.value.values())) {
    if (!(await isTaken(parts, order, sent, isOthers))) free.push(order);
  }
  const [only, ...others] = free;
  if (only === undefined) return succeed({ kind: "absent" });
  if (others.length > 0) {
    const among = free.map(({ orderId }) => orderId).join(",");
    log.error("order-ambiguous", { order: sent.clientOrderId, among });
    return succeed({ kind: "unknown" });
  }
  if (!(await memory.own(parts.brokerIdOf(only.orderId), sent.clientOrderId))) {
    return succeed({ kind: "unknown" });
  }
  await book.take([only]);
  book.own(only.orderId, sent.clientOrderId);
  return succeed(book.standing(only.orderId) ?? { kind: "unknown" });
}

async function isTaken(
  { memory, brokerIdOf }: SearchParts,
  { orderId }: EtradeOrder,
  { clientOrderId }: SentOrder,
  isOthers: IsOthers | undefined,
): Promise<boolean> {
  const brokerOrderId = brokerIdOf(orderId);
  const owner = await memory.ownerOf(brokerOrderId);
  if (owner !== undefined) return owner !== clientOrderId;
  return (await isOthers?.(brokerOrderId)) ?? false;
}
