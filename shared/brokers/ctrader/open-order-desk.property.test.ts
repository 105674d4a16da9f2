import fc from "fast-check";
import { expect, test } from "vitest";
import { createModelSession, type Fate } from "../../../tests/support/ctrader/model-session.ts";
import type { ChangeAnswer, OrderAnswer, OrderCall, OrderEnd, ProtectionAnswer } from "./order-desk.ts";

const aFate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "answered" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "lost" } as const) },
  { weight: 1, arbitrary: fc.constant({ kind: "silent" } as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(14_990, 17_000, 24_000).map((ms) => ({ kind: "late", ms }) as const),
  },
  { weight: 1, arbitrary: fc.boolean().map((isDone) => ({ kind: "inconclusive", isDone }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .record({ isDone: fc.boolean(), afterMessages: fc.nat(3) })
      .map((how) => ({ kind: "dies", ...how }) as const),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "not-sent" } as const) },
);

const which = fc.nat(5);

const aStep = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("market" as const), hasLevels: fc.boolean(), fate: aFate }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("limit" as const), hasLevels: fc.boolean(), fate: aFate }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("close" as const), which, isWhole: fc.boolean(), fate: aFate }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), which, fate: aFate }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("trigger" as const),
      which,
      volume: fc.constantFrom(100, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stop-out" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconcile" as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 9, 60, 130, 700, 1_500, 16_000),
    }),
  },
);

const ascending = (one: number, other: number) => one - other;

interface Followed {
  readonly id: string | undefined;
  readonly call: OrderCall;
  accepted?: OrderAnswer;
  done?: OrderEnd;
  protection?: ProtectionAnswer;
}

test("whatever becomes of requests and connections, every call settles as the broker has it, nothing leaves twice, and the book is the broker's", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(aStep, { minLength: 4, maxLength: 30, size: "max" }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 7 }),
      async (steps, delays) => {
        let reads = 0;
        const session = createModelSession({ answerMs: () => delays[reads++ % delays.length]! });
        const { timers, broker, desk, book } = session;
        const calls: Followed[] = [];
        const changes: (ChangeAnswer | undefined)[] = [];
        const recovered = new Map<number, number>();
        book.listen((news) => {
          const deal =
            news.kind === "recovered-deal"
              ? news.deal
              : news.kind === "event" && news.isNewDeal && news.event.name === "ProtoOAExecutionEvent"
                ? news.event.body.deal
                : undefined;
          if (deal !== undefined) recovered.set(deal.dealId, (recovered.get(deal.dealId) ?? 0) + 1);
        });
        const follow = (id: string | undefined, call: OrderCall) => {
          const one: Followed = { id, call };
          calls.push(one);
          void call.accepted.then((value) => Object.assign(one, { accepted: value }));
          void call.done.then((value) => Object.assign(one, { done: value }));
          void call.protection.then((value) => Object.assign(one, { protection: value }));
        };
        const pick = <T>(all: readonly T[], which: number): T | undefined => all[which % all.length];
        void session.connect();
        await timers.advance(1_000);

        for (const [index, step] of steps.entries()) {
          switch (step.do) {
            case "market":
            case "limit": {
              const id = `o${index}`;
              session.fates.splice(0, session.fates.length, step.fate);
              const order = {
                clientOrderId: id,
                symbolId: 1,
                orderType: step.do === "market" ? ("MARKET" as const) : ("LIMIT" as const),
                tradeSide: "BUY" as const,
                volume: 300,
                ...(step.hasLevels ? { relativeStopLoss: 100 } : {}),
              };
              follow(id, desk.submit(order));
              break;
            }
            case "close": {
              const position = pick([...book.positions().values()], step.which);
              if (position === undefined) break;
              const { positionId, tradeData } = position;
              session.fates.splice(0, session.fates.length, step.fate);
              const volume = step.isWhole ? tradeData.volume : Math.min(100, tradeData.volume);
              follow(undefined, desk.close({ positionId, volume }));
              break;
            }
            case "cancel": {
              const order = pick([...book.orders().values()], step.which);
              if (order === undefined) break;
              session.fates.splice(0, session.fates.length, step.fate);
              const at = changes.push(undefined) - 1;
              void desk.cancel({ orderId: order.orderId }).then((value) => {
                changes[at] = value;
              });
              break;
            }
            case "trigger": {
              const order = pick(
                broker.working().filter((one) => one.closingOrder !== true),
                step.which,
              );
              if (order !== undefined) broker.trigger(order.orderId, step.volume);
              break;
            }
            case "stop-out": {
              const position = pick(broker.open(), step.which);
              if (position !== undefined) broker.stopOut(position.positionId);
              break;
            }
            case "drop":
              session.drop();
              break;
            case "reconcile":
              void session.reconcile();
              break;
            case "wait":
              await timers.advance(step.ms);
              break;
            default:
              step satisfies never;
          }
        }
        await timers.advance(120_000);

        expect(new Set(session.sent.filter((one) => one.includes("clientOrderId"))).size).toBe(
          session.sent.filter((one) => one.includes("clientOrderId")).length,
        );
        expect(changes).not.toContain(undefined);
        const orders = [...broker.orders.values()];
        for (const { id, accepted, done, protection } of calls) {
          expect(accepted).toBeDefined();
          const entry = orders.find((one) => one.clientOrderId === id && one.closingOrder === false);
          if (id !== undefined && entry?.orderStatus === "ORDER_STATUS_ACCEPTED") {
            expect(done).toBeUndefined();
            expect(desk.pending()).toContain(id);
            continue;
          }
          expect(done).toBeDefined();
          expect(protection).toBeDefined();
          if (done === undefined || done.kind === "rejected" || done.kind === "not-sent") {
            if (id !== undefined) expect(entry).toBeUndefined();
            continue;
          }
          if (done.kind === "absent") {
            if (id !== undefined) expect(entry).toBeUndefined();
            continue;
          }
          const real = broker.orders.get(done.order.orderId);
          if (id !== undefined) expect(real?.orderId).toBe(entry?.orderId);
          expect(done.kind).toBe(real?.orderStatus === "ORDER_STATUS_FILLED" ? "filled" : "cancelled");
          expect(done.deals.map((deal) => deal.dealId)).toEqual(
            broker.deals.filter((deal) => deal.orderId === real?.orderId).map((deal) => deal.dealId),
          );
        }
        // Every close that the broker has is some call's, and no two calls share one.
        const closed = calls.flatMap(({ id, done }) =>
          id === undefined && done !== undefined && "order" in done ? [done.order.orderId] : [],
        );
        const closes = orders.filter((one) => one.closingOrder === true && one.orderType === "MARKET");
        expect(closed.toSorted(ascending)).toEqual(closes.map((one) => one.orderId).toSorted(ascending));

        expect(book.orders()).toEqual(new Map(broker.working().map((one) => [one.orderId, one] as const)));
        expect(book.positions()).toEqual(new Map(broker.open().map((one) => [one.positionId, one] as const)));
        expect([...recovered.keys()].toSorted(ascending)).toEqual(
          broker.deals.map((deal) => deal.dealId).toSorted(ascending),
        );
        expect([...recovered.values()].every((times) => times === 1)).toBe(true);
        if (broker.balance().version > 1) expect(book.balance()?.amount).toBe(broker.balance().amount);
        expect(desk.unanswered()).toBe(0);
      },
    ),
    { numRuns: 2_000 },
  );
});
