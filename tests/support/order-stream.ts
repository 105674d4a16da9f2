/** A program that orders and cancels without a break, as its seed says. */
import { setTimeout as wait } from "node:timers/promises";
import { Decimal } from "decimal.js";
import type { CtraderConnection } from "../../shared/config/connection.ts";
import { createSeededRandom } from "../../shared/platform/local/seeded-random.ts";
import { orders, positions } from "../../shared/trading/records.ts";
import {
  type OrderRequest,
  requestCancel,
  type SubmitDeps,
  submitOrder,
} from "../../shared/trading/submit-order.ts";

/** While so many wait for a worker, no more is submitted. */
const MOST_WAITING = 25;

type Ticket = OrderRequest["ticket"];

export interface OrderStream {
  /** How many orders were submitted so far. */
  submitted(): number;
  /** Submits no more, asks for every resting order to be cancelled, and returns. */
  stop(): Promise<void>;
}

/** Begins at once; `everyMs`: the pause between two orders. */
export function openOrderStream(
  deps: SubmitDeps,
  { id: connection }: Pick<CtraderConnection, "id">,
  {
    seed,
    everyMs,
    prefix = "o",
  }: { readonly seed: string; readonly everyMs: number; readonly prefix?: string },
): OrderStream {
  const random = createSeededRandom(`orders ${seed}`);
  const draw = () => (random.bytes(1)[0] ?? 0) / 256;
  const stopping = new AbortController();
  const resting: string[] = [];
  const closed = new Set<string>();
  let count = 0;

  /** An open position that nothing of this stream has closed. */
  async function findOpen(): Promise<Ticket | undefined> {
    const open = (await deps.store.query(positions, { where: { connection } })).map(({ value }) => value);
    const one = open.find((each) => !closed.has(each.positionId));
    if (one === undefined) return undefined;
    closed.add(one.positionId);
    const { instrument, quantity, positionId: closes } = one;
    const side = one.side === "buy" ? "sell" : "buy";
    return { instrument, side, type: "market", quantity, timeInForce: "ioc", closes };
  }

  async function nextTicket(): Promise<Ticket> {
    const kind = draw();
    const basic = { instrument: "EURUSD", quantity: new Decimal(1_000) } as const;
    const market = {
      ...basic,
      ...({ type: "market", side: draw() < 0.5 ? "buy" : "sell", timeInForce: "ioc" } as const),
    };
    if (kind < 0.15) {
      return { ...basic, type: "limit", side: "buy", limitPrice: new Decimal("0.9"), timeInForce: "gtc" };
    }
    return (kind < 0.4 ? await findOpen() : undefined) ?? market;
  }

  async function submitNext(): Promise<void> {
    const ticket = await nextTicket();
    count += 1;
    const clientOrderId = `${prefix}${count}`;
    const submitted = await submitOrder(deps, { connection, clientOrderId, source: "stream", ticket });
    if (!submitted.ok) throw new Error(`${clientOrderId}: ${submitted.code}`);
    if (ticket.type === "limit") resting.push(clientOrderId);
    else if (draw() < 0.15) await cancelOldest();
  }

  async function cancelOldest(): Promise<void> {
    const clientOrderId = resting.shift();
    if (clientOrderId !== undefined) await requestCancel(deps, { connection, clientOrderId });
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waiting = await deps.store.query(orders, { where: { connection, state: "created" } });
      if (waiting.length < MOST_WAITING) await submitNext();
      await wait(everyMs);
    }
    while (resting.length > 0) await cancelOldest();
  }

  const running = run();
  // Told by `stop`.
  running.catch(() => undefined);
  return {
    submitted: () => count,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
