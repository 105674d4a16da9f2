import fc from "fast-check";
import { expect, test } from "vitest";
import { ACCOUNT, createModelBroker } from "../../../tests/support/ctrader/model-broker.ts";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { BookNews, WritableBook } from "./book.ts";
import { openDealLog } from "./book-deals.ts";
import type { ChannelEvent } from "./channel.ts";
import { openBook } from "./open-book.ts";
import type { ProtoOAOrder, ProtoOAPosition } from "./protocol/open-api.generated.ts";
import {
  AN_ACCOUNT,
  aClosingDeal,
  aDeal,
  anEvent,
  anOrder,
  aPosition,
  aProtection,
  aTrade,
} from "./testing/messages.ts";

function aBook(events: readonly ChannelEvent[] = []): WritableBook {
  const book = openBook({ accountId: () => AN_ACCOUNT });
  for (const event of events) book.apply(event);
  return book;
}

const created = aPosition({
  positionStatus: "POSITION_STATUS_CREATED",
  tradeData: aTrade({ volume: 0 }),
  price: 0,
  utcLastUpdateTimestamp: 1_000,
});
const filled = anOrder({
  orderStatus: "ORDER_STATUS_FILLED",
  executedVolume: 1_000,
  utcLastUpdateTimestamp: 1_140,
});
const protectedPosition = aPosition({ stopLoss: 1, takeProfit: 2, utcLastUpdateTimestamp: 1_150 });
const closed = aPosition({
  positionStatus: "POSITION_STATUS_CLOSED",
  tradeData: aTrade({ volume: 0 }),
  price: 0,
  utcLastUpdateTimestamp: 2_140,
});
/** Sequence A. */
const opening: readonly ChannelEvent[] = [
  anEvent("ORDER_ACCEPTED", { order: anOrder(), position: created }, "m1"),
  anEvent("ORDER_FILLED", { order: filled, position: aPosition(), deal: aDeal() }, "m1"),
  anEvent("ORDER_ACCEPTED", { order: aProtection(), position: protectedPosition, isServerEvent: true }, "m1"),
];
const closingOrder = anOrder({
  orderId: 13,
  closingOrder: true,
  tradeData: aTrade({ tradeSide: "SELL", volume: 400 }),
  utcLastUpdateTimestamp: 2_000,
});
const partial = aPosition({
  tradeData: aTrade({ volume: 600 }),
  stopLoss: 1,
  takeProfit: 2,
  commission: -2,
  utcLastUpdateTimestamp: 2_140,
});
const reconciled = (position: readonly ProtoOAPosition[], order: readonly ProtoOAOrder[]) => ({
  ctidTraderAccountId: AN_ACCOUNT,
  position,
  order,
});

test("a market order with levels (A) leaves an open position, its protective order and one deal", () => {
  const book = aBook(opening);

  expect([...book.positions().values()]).toEqual([protectedPosition]);
  expect([...book.orders().values()]).toEqual([aProtection()]);
  expect([...book.deals().keys()]).toEqual([21]);
});

test("a position that is only created is not open, and a market order on its way is not at rest", () => {
  const book = aBook(opening.slice(0, 1));

  expect(book.positions().size).toBe(0);
  expect(book.orders().size).toBe(0);
});

test("a position left out of the acceptance changes nothing", () => {
  const book = aBook([anEvent("ORDER_ACCEPTED", { order: anOrder() }), ...opening.slice(1)]);

  expect([...book.positions().values()]).toEqual([protectedPosition]);
});

test("a change of levels (B) replaces the protective order and the position's levels", () => {
  const order = aProtection({ stopPrice: 1.05, utcLastUpdateTimestamp: 1_500 });
  const position = aPosition({ stopLoss: 1.05, takeProfit: 2, utcLastUpdateTimestamp: 1_500 });

  const book = aBook([...opening, anEvent("ORDER_REPLACED", { order, position })]);

  expect(book.orders().get(12)).toEqual(order);
  expect(book.positions().get(5)).toEqual(position);
});

test("levels removed one after the other leave a bare position", () => {
  const order = aProtection({ orderStatus: "ORDER_STATUS_CANCELLED", utcLastUpdateTimestamp: 1_500 });
  const position = aPosition({ utcLastUpdateTimestamp: 1_500 });

  const book = aBook([...opening, anEvent("ORDER_CANCELLED", { order, position })]);

  expect(book.orders().size).toBe(0);
  expect(book.positions().get(5)?.stopLoss).toBeUndefined();
});

test("a partial close (C) leaves the rest of the position and a smaller protective order", () => {
  const done = { ...closingOrder, orderStatus: "ORDER_STATUS_FILLED" as const, executedVolume: 400 };
  const smaller = aProtection({
    tradeData: aTrade({ tradeSide: "SELL", volume: 600 }),
    utcLastUpdateTimestamp: 2_146,
  });

  const book = aBook([
    ...opening,
    anEvent("ORDER_ACCEPTED", { order: closingOrder, position: protectedPosition }, "m2"),
    anEvent("ORDER_FILLED", { order: done, position: partial, deal: aClosingDeal() }, "m2"),
    anEvent("ORDER_REPLACED", { order: smaller, isServerEvent: true }, "m2"),
  ]);

  expect(book.positions().get(5)).toEqual(partial);
  expect(book.orders().get(12)).toEqual(smaller);
  expect(book.balance()).toEqual({ amount: 5_122_386_119, moneyDigits: 2, version: 8 });
});

test.each([[true], [false]])(
  "a full close (D) leaves nothing, whether the end of the protective order is told (%s) or not",
  (isTold) => {
    const done = { ...closingOrder, orderStatus: "ORDER_STATUS_FILLED" as const };
    const cancelled = aProtection({ orderStatus: "ORDER_STATUS_CANCELLED", utcLastUpdateTimestamp: 2_150 });

    const book = aBook([
      ...opening,
      anEvent("ORDER_FILLED", { order: done, position: closed, deal: aClosingDeal() }, "m2"),
      ...(isTold ? [anEvent("ORDER_CANCELLED", { order: cancelled })] : []),
    ]);

    expect(book.positions().size).toBe(0);
    expect(book.orders().size).toBe(0);
  },
);

test("a level that is hit (E) closes the position by its protective order", () => {
  const hit = aProtection({ orderStatus: "ORDER_STATUS_FILLED", utcLastUpdateTimestamp: 2_140 });

  const book = aBook([
    ...opening,
    anEvent("ORDER_FILLED", {
      order: hit,
      position: closed,
      deal: aClosingDeal({ orderId: 12 }),
      isServerEvent: true,
    }),
  ]);

  expect(book.positions().size).toBe(0);
  expect(book.orders().size).toBe(0);
  expect(book.balance()?.version).toBe(8);
});

test.each(["ORDER_CANCELLED", "ORDER_EXPIRED"] as const)("a pending order (F) rests until %s", (how) => {
  const pending = anOrder({ orderType: "LIMIT", limitPrice: 1, timeInForce: "GOOD_TILL_CANCEL" });
  const book = aBook([anEvent("ORDER_ACCEPTED", { order: pending, position: created })]);
  expect([...book.orders().keys()]).toEqual([11]);
  expect(book.positions().size).toBe(0);

  const orderStatus = how === "ORDER_CANCELLED" ? "ORDER_STATUS_CANCELLED" : "ORDER_STATUS_EXPIRED";
  book.apply(anEvent(how, { order: { ...pending, orderStatus, utcLastUpdateTimestamp: 1_500 } }));

  expect(book.orders().size).toBe(0);
});

test("a trailing stop moves (G) by its own event, and no older snapshot of the same age takes it back", () => {
  const trailing = { ...protectedPosition, trailingStopLoss: true };
  const book = aBook([
    ...opening.slice(0, 2),
    anEvent("ORDER_ACCEPTED", { order: aProtection(), position: trailing }),
  ]);
  const moved = (stopPrice: number, utcLastUpdateTimestamp: number): ChannelEvent => ({
    name: "ProtoOATrailingSLChangedEvent",
    body: { ctidTraderAccountId: AN_ACCOUNT, positionId: 5, orderId: 12, stopPrice, utcLastUpdateTimestamp },
    clientMsgId: undefined,
  });

  book.apply(moved(1.02, 1_200));
  book.apply(moved(1.03, 1_300));
  book.apply(moved(1.02, 1_200));
  book.apply(anEvent("ORDER_ACCEPTED", { order: aProtection(), position: trailing }));

  expect(book.positions().get(5)?.stopLoss).toBe(1.03);
  expect(book.orders().get(12)?.stopPrice).toBe(1.03);

  book.reconcile(reconciled([{ ...trailing, stopLoss: 1.04 }], [aProtection({ stopPrice: 1.04 })]), []);

  expect(book.positions().get(5)?.stopLoss).toBe(1.04);
  expect(book.orders().get(12)?.stopPrice).toBe(1.04);

  const loosened = { ...trailing, stopLoss: 0.9, utcLastUpdateTimestamp: 1_500 };
  book.apply(anEvent("ORDER_REPLACED", { position: loosened }));

  expect(book.positions().get(5)?.stopLoss).toBe(0.9);
});

test("partial fills (H) are counted once by their deals, and the rest may be cancelled", () => {
  const part = (dealId: number, executed: number) =>
    anEvent("ORDER_PARTIAL_FILL", {
      order: anOrder({ executedVolume: executed, utcLastUpdateTimestamp: 1_100 + executed }),
      deal: aDeal({ dealId, filledVolume: 300, dealStatus: "PARTIALLY_FILLED" }),
      position: aPosition({
        tradeData: aTrade({ volume: executed }),
        utcLastUpdateTimestamp: 1_100 + executed,
      }),
    });
  const news: BookNews[] = [];
  const book = openBook({ accountId: () => AN_ACCOUNT });
  book.listen((one) => news.push(one));

  for (const event of [part(21, 300), part(22, 600), part(21, 300), part(22, 600)]) book.apply(event);

  expect([...book.deals().keys()]).toEqual([21, 22]);
  expect(book.positions().get(5)?.tradeData.volume).toBe(600);
  expect(news.map((one) => one.kind === "event" && one.isNewDeal)).toEqual([true, true, false, false]);
});

test("an attempt that moved no volume is no deal", () => {
  const book = aBook([
    anEvent("ORDER_REJECTED", {
      order: anOrder({ orderStatus: "ORDER_STATUS_REJECTED" }),
      deal: aDeal({ dealStatus: "REJECTED", filledVolume: 0 }),
      errorCode: "NOT_ENOUGH_MONEY",
    }),
  ]);

  expect(book.deals().size).toBe(0);
  expect(book.orders().size).toBe(0);
});

test("an error of an order (J) with its explicit zeros changes nothing, and is told", () => {
  const news: BookNews[] = [];
  const book = aBook(opening);
  book.listen((one) => news.push(one));

  book.apply({
    name: "ProtoOAOrderErrorEvent",
    body: { ctidTraderAccountId: AN_ACCOUNT, errorCode: "TRADING_BAD_STOPS", orderId: 0, positionId: 0 },
    clientMsgId: undefined,
  });

  expect(news).toHaveLength(1);
  expect(book.positions().size).toBe(1);
  expect(book.orders().size).toBe(1);
});

test("a refused cancel keeps the order that works, and drops the one that was filled", () => {
  const pending = anOrder({ orderType: "LIMIT", timeInForce: "GOOD_TILL_CANCEL" });
  const book = aBook([anEvent("ORDER_ACCEPTED", { order: pending })]);

  book.apply(anEvent("ORDER_CANCEL_REJECTED", { order: pending }));
  expect(book.orders().size).toBe(1);
  book.apply(anEvent("ORDER_CANCEL_REJECTED", { order: { ...pending, orderStatus: "ORDER_STATUS_FILLED" } }));

  expect(book.orders().size).toBe(0);
});

test("the balance follows deposits and closes by its version, and never goes back (K)", () => {
  const book = aBook();
  book.setBalance(1_000, 2, 5);
  const deposit = (balance: number, balanceVersion: number) =>
    anEvent("DEPOSIT_WITHDRAW", {
      depositWithdraw: {
        operationType: "BALANCE_DEPOSIT",
        balanceHistoryId: 1,
        balance,
        delta: 1,
        changeBalanceTimestamp: 1,
        balanceVersion,
        moneyDigits: 2,
      },
    });

  book.apply(deposit(1_500, 6));
  book.apply(anEvent("ORDER_FILLED", { deal: aClosingDeal({}, { balance: 1_400, balanceVersion: 7 }) }));
  book.apply(deposit(1_500, 6));
  book.setBalance(1_000, 2, 5);
  book.reconcile(reconciled([], []), [aClosingDeal({ dealId: 1 }, { balance: 900, balanceVersion: 3 })]);

  expect(book.balance()).toEqual({ amount: 1_400, moneyDigits: 2, version: 7 });
});

test("a closed netted position opens again by something newer, and not by an old event", () => {
  const book = aBook([...opening, anEvent("ORDER_FILLED", { position: closed })]);

  book.apply(anEvent("ORDER_FILLED", { position: aPosition() }));
  expect(book.positions().size).toBe(0);

  const flipped = aPosition({
    tradeData: aTrade({ tradeSide: "SELL", volume: 500 }),
    utcLastUpdateTimestamp: 3_000,
  });
  book.apply(anEvent("ORDER_FILLED", { position: flipped }));
  expect(book.positions().get(5)).toEqual(flipped);
});

test("events of another account on the same connection are not ours", () => {
  const book = aBook();

  book.apply({ ...opening[1], body: { ...opening[1]?.body, ctidTraderAccountId: 2 } } as ChannelEvent);

  expect(book.deals().size).toBe(0);
});

test("a reconciliation brings what was missed, names what vanished, and tells each deal once", () => {
  const news: BookNews[] = [];
  const book = aBook(opening);
  book.listen((one) => news.push(one));
  const other = aPosition({ positionId: 6 });

  book.reconcile(reconciled([other], []), [aDeal(), aClosingDeal()]);
  book.reconcile(reconciled([other], []), [aClosingDeal()]);

  expect([...book.positions().keys()]).toEqual([6]);
  expect(news).toEqual([
    { kind: "recovered-deal", deal: aClosingDeal() },
    { kind: "reconciled", vanishedOrders: [12], vanishedPositions: [5] },
    { kind: "reconciled", vanishedOrders: [], vanishedPositions: [] },
  ]);
  expect(book.newestDealAt()).toBe(2_140);
});

test("a deal that is recovered first is no new one when its event comes", () => {
  const book = aBook();
  book.recover([aDeal()]);
  const news: BookNews[] = [];
  book.listen((one) => news.push(one));

  for (const event of opening) book.apply(event);

  expect(news.some((one) => one.kind === "event" && one.isNewDeal)).toBe(false);
  expect(book.positions().size).toBe(1);
});

test("deals beyond those kept are not counted again", () => {
  const deals = openDealLog(3);
  for (const dealId of [1, 2, 3, 4, 5]) deals.add(aDeal({ dealId }));

  expect([...deals.all().keys()]).toEqual([3, 4, 5]);
  expect(deals.add(aDeal({ dealId: 2 }))).toBe(false);
  expect(deals.add(aDeal({ dealId: 6 }))).toBe(true);
});

type Play =
  | { readonly kind: "event"; readonly event: ChannelEvent }
  | { readonly kind: "answer"; readonly index: number };

/** What a model broker does with some orders, and what it would have answered after each event. */
async function aHistory(seed: readonly number[]) {
  const timers = createVirtualTimers();
  const broker = createModelBroker(timers);
  const events: ChannelEvent[] = [];
  const answer = () => ({
    ctidTraderAccountId: ACCOUNT,
    position: broker.open(),
    order: broker.working(),
    deals: [...broker.deals],
  });
  const answers = [answer()];
  broker.hear((body) => {
    events.push({ name: "ProtoOAExecutionEvent", body, clientMsgId: undefined });
    answers.push(answer());
  });
  for (const [index, choice] of seed.entries()) {
    const position = broker.open()[choice % 7];
    const order = broker.working()[choice % 5];
    if (choice % 4 === 0 && position !== undefined) {
      const body = { ctidTraderAccountId: ACCOUNT, positionId: position.positionId, volume: 100 };
      broker.process("ProtoOAClosePositionReq", body, "m");
    } else if (choice % 4 === 1 && order !== undefined) {
      if (order.closingOrder === true) broker.stopOut(order.positionId ?? 0);
      else broker.trigger(order.orderId);
    } else {
      const body = {
        ctidTraderAccountId: ACCOUNT,
        symbolId: 1,
        orderType: choice % 4 === 2 ? ("MARKET" as const) : ("LIMIT" as const),
        tradeSide: "BUY" as const,
        volume: 200,
        relativeStopLoss: 10,
        clientOrderId: `o${index}`,
      };
      broker.process("ProtoOANewOrderReq", body, "m");
    }
    await timers.advance(choice * 10);
  }
  await timers.advance(1_000);
  return { events, answers };
}

test("however often events are told again, and whatever old or early reconciliations come between, the book ends the same", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(30), { minLength: 1, maxLength: 10, size: "max" }),
      fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { maxLength: 12, size: "max" }),
      fc.array(fc.tuple(fc.nat(100), fc.integer({ min: -4, max: 4 })), { maxLength: 6, size: "max" }),
      async (seed, again, reconciliations) => {
        const { events, answers } = await aHistory(seed);
        const plays: Play[][] = events.map((event) => [{ kind: "event", event }]);
        const at = (index: number) => plays[index % plays.length]!;
        for (const [index, later] of again) {
          const first = index % events.length;
          at(Math.min(first + later, events.length - 1)).push({ kind: "event", event: events[first]! });
        }
        // One reconciliation ends before the next begins: none tells of an older moment than the one before.
        let told = 0;
        for (const [made, shift] of reconciliations
          .map(([index, by]) => [index % events.length, by] as const)
          .toSorted(([one], [other]) => one - other)) {
          const index = Math.max(told, Math.min(answers.length - 1, made + 1 + shift));
          at(made).push({ kind: "answer", index });
          told = Math.max(index, made + 1);
        }

        const plain = openBook({ accountId: () => ACCOUNT });
        for (const event of events) plain.apply(event);
        const book = openBook({ accountId: () => ACCOUNT });
        const marks = [book.mark()];
        let lastAnswerAt = 0;
        const seen: number[] = [];
        book.listen((one) => {
          if (one.kind === "recovered-deal") seen.push(one.deal.dealId);
          const { event } = one.kind === "event" && one.isNewDeal ? one : { event: undefined };
          if (event?.name === "ProtoOAExecutionEvent") seen.push(event.body.deal?.dealId ?? 0);
        });
        for (const [index, group] of plays.entries()) {
          for (const play of group) {
            if (play.kind === "event") book.apply(play.event);
            else {
              const { deals, ...answer } = answers[play.index]!;
              book.reconcile(answer, deals, Math.max(lastAnswerAt, marks[Math.min(play.index, index)]!));
              lastAnswerAt = book.mark();
            }
          }
          marks.push(book.mark());
        }

        expect(book.positions()).toEqual(plain.positions());
        expect(book.orders()).toEqual(plain.orders());
        expect(book.balance()).toEqual(plain.balance());
        expect(seen.toSorted((one, other) => one - other)).toEqual([...plain.deals().keys()]);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("late news of an opening that is over already asks for another reconciliation, and that one puts it right", () => {
  let doubts = 0;
  const book = openBook({ accountId: () => AN_ACCOUNT, doubted: () => (doubts += 1) });
  const late = anEvent("ORDER_FILLED", { order: filled, position: aPosition(), deal: aDeal() });

  book.reconcile(reconciled([], []), [aDeal(), aClosingDeal()]);
  expect(doubts).toBe(0);
  book.apply(late);
  expect(doubts).toBe(1);

  book.reconcile(reconciled([], []), []);
  expect([...book.positions().keys()]).toEqual([]);
});

test("what was told while an answer was on its way, and is not in it, asks for another reconciliation", () => {
  let doubts = 0;
  const book = openBook({ accountId: () => AN_ACCOUNT, doubted: () => (doubts += 1) });
  const mark = book.mark();

  book.apply(anEvent("ORDER_FILLED", { order: filled, position: aPosition(), deal: aDeal() }));
  expect(doubts).toBe(0);
  book.reconcile(reconciled([], []), [], mark);

  expect([doubts, [...book.positions().keys()]]).toEqual([1, [5]]);
});

test("news newer than all that was known at the reconciliation asks for nothing", () => {
  let doubts = 0;
  const book = openBook({ accountId: () => AN_ACCOUNT, doubted: () => (doubts += 1) });

  book.reconcile(reconciled([], []), [aDeal(), aClosingDeal()]);
  book.apply(anEvent("ORDER_FILLED", { position: aPosition({ utcLastUpdateTimestamp: 2_141 }) }));

  expect(doubts).toBe(0);
});
