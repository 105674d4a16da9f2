import type { Decimal } from "decimal.js";
import fc from "fast-check";
import type { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import {
  ACCOUNT,
  aLot,
  anOrder,
  aQuestion,
  BOT_LEDGER,
  d,
  goldWith,
  LEDGER,
  NOW,
  RECORD,
  RULES,
  someFacts,
} from "../../../tests/support/risk-facts.ts";
import type { BotConfig } from "../../config/bot.ts";
import type { Lot } from "../ledger/records.ts";
import { newYorkDate } from "../new-york-day.ts";
import { isDone } from "../order-progress.ts";
import type { OrderRecord, StoredTicket } from "../records.ts";
import { checkOrder, type RiskFacts } from "./check-order.ts";
import { type AccountRisk, type BotRisk, emptyAccountRisk, emptyBotRisk } from "./records.ts";

/** Limits so tight that most runs come to them. */
const TIGHT = {
  addsToPosition: true,
  positionQuantity: d(6),
  openPositions: 3,
  workingOrders: 3,
  dailyNotional: d(30_000),
  tradesPerDay: 5,
  ordersPerMinute: 3,
  duplicateWithin: 0,
  repeats: 1_000,
  riskPerTradePercent: d(50),
};
const BOTS: readonly BotConfig[] = [goldWith(TIGHT), goldWith(TIGHT, { id: "second" })];
const ACCOUNT_TIGHT = {
  grossExposurePercent: d(180),
  openPositions: 4,
  workingOrders: 4,
  ordersPerMinute: 5,
  dailyNotional: d(50_000),
};
const EQUITY = d(10_000);
const ASK = d("2000.1");

type Step =
  | {
      readonly do: "open";
      readonly bot: number;
      readonly side: "buy" | "sell";
      readonly type: "market" | "limit";
      readonly quantity: number;
    }
  | { readonly do: "replace"; readonly order: number; readonly quantity: number }
  | { readonly do: "close"; readonly lot: number; readonly quantity: number }
  | { readonly do: "fill"; readonly order: number; readonly quantity: number }
  | { readonly do: "call-filled" | "cancel" | "reject"; readonly order: number }
  | { readonly do: "wait"; readonly seconds: number };

const index = fc.nat(30);
const units = fc.integer({ min: 1, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("open" as const),
      bot: fc.nat(1),
      side: fc.constantFrom("buy" as const, "sell" as const),
      type: fc.constantFrom("market" as const, "limit" as const),
      quantity: units,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("replace" as const), order: index, quantity: units }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("close" as const), lot: index, quantity: units }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("fill" as const), order: index, quantity: units }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("call-filled" as const, "cancel" as const, "reject" as const),
      order: index,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      seconds: fc.constantFrom(1, 20, 59, 61, 3_600, 40_000),
    }),
  },
);

/** An account as its books and its broker would have it: it takes what passes, and fills it as it likes. */
class Market {
  now = NOW;
  readonly orders: OrderRecord[] = [];
  readonly given: {
    readonly bot: string;
    readonly at: Temporal.Instant;
    readonly value: Decimal;
    readonly isTrade: boolean;
  }[] = [];
  lots: Lot[] = [];
  risk: AccountRisk = emptyAccountRisk(ACCOUNT);
  readonly botRisks = new Map<string, BotRisk>(BOTS.map(({ id }) => [id, emptyBotRisk(ACCOUNT, id)]));
  passed = 0;
  denied = 0;

  facts(bot: string): RiskFacts {
    const base = someFacts();
    const config = base.config as NonNullable<RiskFacts["config"]>;
    return {
      ...base,
      config: { ...config, limits: { ...config.limits, ...ACCOUNT_TIGHT } },
      record: { ...RECORD, equity: EQUITY },
      rules: RULES,
      quote: { bid: d(2_000), ask: ASK, at: this.now },
      ledger: { ...LEDGER, lots: this.lots },
      botLedger: { ...BOT_LEDGER, bot },
      token: "not-needed",
      risk: this.risk,
      botRisk: this.botRisks.get(bot) as BotRisk,
      reserved: new Map(this.orders.map((order) => [order.clientOrderId, order])),
    };
  }

  /** What the engine says; what passes is written down. */
  ask(bot: string, ticket: Partial<StoredTicket>, amends?: OrderRecord): boolean {
    const clientOrderId = `c${this.orders.length}`;
    const config = BOTS.find(({ id }) => id === bot) as BotConfig;
    const question = aQuestion(
      { now: this.now, bot: config, clientOrderId, ...(amends && { amends: amends.clientOrderId }) },
      ticket,
    );
    const verdict = checkOrder(question, this.facts(bot));
    this.botRisks.set(bot, verdict.botRisk);
    if (verdict.kind === "denied") {
      this.denied += 1;
      return false;
    }
    this.passed += 1;
    this.risk = verdict.risk;
    const isOpening = question.ticket.closes === undefined;
    if (isOpening) {
      const value = ASK.times(question.ticket.quantity.minus(amends === undefined ? 0 : leftOf(amends)));
      this.given.push({ bot, at: this.now, value, isTrade: amends === undefined });
    }
    if (amends !== undefined) this.set(amends, { state: "cancelled" });
    this.orders.push(
      anOrder({
        clientOrderId,
        bot,
        ticket: question.ticket,
        state: "accepted",
        createdAt: this.now,
        changedAt: this.now,
      }),
    );
    return true;
  }

  set(order: OrderRecord, change: Partial<OrderRecord>): OrderRecord {
    const at = this.orders.findIndex((one) => one.clientOrderId === order.clientOrderId);
    const changed = { ...(this.orders[at] as OrderRecord), changedAt: this.now, ...change };
    this.orders[at] = changed;
    return changed;
  }

  fill(order: OrderRecord, wanted: Decimal): void {
    const left = leftOf(order);
    const quantity = wanted.lt(left) ? wanted : left;
    if (quantity.isZero()) return;
    const filledQuantity = order.filledQuantity.plus(quantity);
    const isWhole = filledQuantity.eq(order.ticket.quantity);
    const state = isWhole ? "filled" : order.state === "filled" ? "filled" : "partially-filled";
    this.set(order, {
      filledQuantity,
      state,
      changedAt: order.state === "filled" ? order.changedAt : this.now,
    });
    const { closes } = order.ticket;
    const positionId = closes ?? `p-${order.clientOrderId}`;
    const lot = this.lots.find((one) => one.positionId === positionId);
    if (closes !== undefined) {
      // More than there is cannot be closed: it would be a position the other way.
      if (lot === undefined || lot.quantity.lt(quantity)) throw new Error(`${closes} was closed twice`);
      this.lots = this.lots
        .map((one) => (one === lot ? { ...one, quantity: one.quantity.minus(quantity) } : one))
        .filter((one) => one.quantity.gt(0));
      return;
    }
    const opened = aLot({
      positionId,
      quantity: quantity.plus(lot?.quantity ?? 0),
      side: order.ticket.side,
      price: ASK,
      bot: order.bot as string,
      clientOrderId: order.clientOrderId,
    });
    this.lots = [...this.lots.filter((one) => one !== lot), opened];
  }

  live(): OrderRecord[] {
    return this.orders.filter((order) => leftOf(order).gt(0));
  }

  run(taken: Step): void {
    const live = this.live();
    const order = "order" in taken ? live[taken.order % Math.max(1, live.length)] : undefined;
    const cancellable = order !== undefined && !isDone(order.state) ? order : undefined;
    switch (taken.do) {
      case "open": {
        const limit = { limitPrice: ASK, timeInForce: "gtc" } as const;
        const { side, type, quantity, bot } = taken;
        const ticket = { side, type, quantity: d(quantity), ...(type === "limit" && limit) };
        this.ask((BOTS[bot] as BotConfig).id, ticket);
        return;
      }
      case "replace":
        if (cancellable === undefined || cancellable.ticket.closes !== undefined) return;
        this.ask(
          cancellable.bot as string,
          { ...cancellable.ticket, quantity: d(taken.quantity) },
          cancellable,
        );
        return;
      case "close": {
        const lot = this.lots[taken.lot % Math.max(1, this.lots.length)];
        if (lot === undefined) return;
        const side = lot.side === "buy" ? "sell" : "buy";
        this.ask(lot.bot as string, { side, quantity: d(taken.quantity), closes: lot.positionId });
        return;
      }
      case "fill":
        if (order !== undefined) this.fill(order, d(taken.quantity));
        return;
      case "call-filled":
        if (cancellable !== undefined) this.set(cancellable, { state: "filled" });
        return;
      case "cancel":
      case "reject":
        if (cancellable !== undefined)
          this.set(cancellable, { state: taken.do === "cancel" ? "cancelled" : "rejected" });
        return;
      case "wait":
        // The fills of what is called filled come within the minute.
        for (const one of this.live()) if (one.state === "filled") this.fill(one, one.ticket.quantity);
        this.now = this.now.add({ seconds: taken.seconds });
        return;
      default:
        taken satisfies never;
    }
  }

  /** Nothing that is, or that may still be, is over a limit. */
  check(): void {
    const live = this.live();
    const opening = live.filter(({ ticket }) => ticket.closes === undefined);
    const sum = (all: readonly { quantity: Decimal }[]) =>
      all.reduce((total, { quantity }) => total.plus(quantity), d(0));
    const held = [
      ...this.lots.map(({ bot, side, quantity }) => ({ bot, side, quantity })),
      ...opening.map((order) => ({ bot: order.bot, side: order.ticket.side, quantity: leftOf(order) })),
    ];
    const isNew = (order: OrderRecord) =>
      !this.lots.some(({ clientOrderId }) => clientOrderId === order.clientOrderId);
    const today = newYorkDate(this.now);
    const ofToday = this.given.filter(({ at }) => newYorkDate(at) === today);
    const value = (all: typeof ofToday) => all.reduce((total, one) => total.plus(one.value), d(0));
    const lately = this.given.filter(({ at }) => this.now.since(at).total("seconds") < 60);
    for (const { id, limits } of BOTS) {
      for (const side of ["buy", "sell"]) {
        expect(
          sum(held.filter((one) => one.bot === id && one.side === side)).lte(limits.positionQuantity),
        ).toBe(true);
      }
      const positions =
        this.lots.filter(({ bot }) => bot === id).length +
        opening.filter((one) => one.bot === id && isNew(one)).length;
      expect(positions).toBeLessThanOrEqual(limits.openPositions);
      expect(opening.filter((one) => one.bot === id).length).toBeLessThanOrEqual(limits.workingOrders);
      expect(ofToday.filter(({ bot, isTrade }) => bot === id && isTrade).length).toBeLessThanOrEqual(
        limits.tradesPerDay,
      );
      expect(lately.filter(({ bot }) => bot === id).length).toBeLessThanOrEqual(limits.ordersPerMinute);
      expect(value(ofToday.filter(({ bot }) => bot === id)).lte(limits.dailyNotional)).toBe(true);
    }
    expect(sum(held).times(ASK).times(100).lte(EQUITY.times(ACCOUNT_TIGHT.grossExposurePercent))).toBe(true);
    expect(this.lots.length + opening.filter(isNew).length).toBeLessThanOrEqual(ACCOUNT_TIGHT.openPositions);
    expect(opening.length).toBeLessThanOrEqual(ACCOUNT_TIGHT.workingOrders);
    expect(lately.length).toBeLessThanOrEqual(ACCOUNT_TIGHT.ordersPerMinute);
    expect(value(ofToday).lte(ACCOUNT_TIGHT.dailyNotional)).toBe(true);
  }
}

function leftOf({ state, ticket, filledQuantity }: OrderRecord): Decimal {
  return isDone(state) && state !== "filled" ? d(0) : ticket.quantity.minus(filledQuantity);
}

test("no run of orders that pass, filled in any order, is ever over a limit", () => {
  let passed = 0;
  let denied = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const market = new Market();
      for (const taken of steps) {
        market.run(taken);
        market.check();
      }
      passed += market.passed;
      denied += market.denied;
    }),
    { numRuns: 300 },
  );
  // Limits that are never met, or that let nothing through, would prove nothing.
  expect(passed).toBeGreaterThan(500);
  expect(denied).toBeGreaterThan(500);
});

test("a position can be closed, all of it or a part, whatever limits are exhausted and whatever is not known", () => {
  const maybe = <T>(value: T) => fc.constantFrom(value, undefined);
  const exhausted = fc.record({
    config: maybe(someFacts().config),
    record: fc.constantFrom(
      undefined,
      { ...RECORD, isReconciled: false },
      { ...RECORD, equity: d(-5), balance: d(0) },
    ),
    rules: maybe({ ...RULES, isTradable: false, canSell: false, minimumQuantity: d(50) }),
    quote: maybe({ bid: d(1), ask: d(9_000), at: NOW.subtract({ hours: 9 }) }),
    conversion: maybe(d(0)),
    botLedger: maybe({ ...BOT_LEDGER, day: { ...BOT_LEDGER.day, realised: d(-9_999) } }),
    risk: fc.constant({
      ...emptyAccountRisk(ACCOUNT),
      counts: {
        day: "2026-03-04",
        notional: d(1e9),
        trades: 999,
        recent: Array<Temporal.Instant>(99).fill(NOW),
      },
    }),
    botRisk: fc.constant({
      ...emptyBotRisk(ACCOUNT, "gold"),
      counts: {
        day: "2026-03-04",
        notional: d(1e9),
        trades: 999,
        recent: Array<Temporal.Instant>(99).fill(NOW),
      },
      repeats: 999,
      alike: "XAUUSD sell 2 market close",
      last: { likeness: "XAUUSD sell 2 market close", at: NOW },
    }),
    rejectionsInRow: fc.constant(999),
    tradingState: fc.constantFrom("active" as const, "reducing" as const),
    closedBecause: maybe("The exchange is closed."),
    token: fc.constantFrom(undefined, { isAcknowledged: false, expiresAt: NOW }),
    clockDriftMs: fc.constantFrom(undefined, 9_999, Number.NaN),
    builds: fc.constant({ here: "b1", worker: undefined }),
    mayTradeLive: fc.boolean(),
  });
  const limits = fc.constantFrom(
    goldWith({}),
    goldWith({}, { instruments: ["EURUSD"] }),
    goldWith({ orderTypes: ["limit"], orderQuantity: d("0.5") }),
  );

  fc.assert(
    fc.property(exhausted, limits, fc.constantFrom(1, 2), (facts, bot, quantity) => {
      const question = aQuestion({ bot }, {
        side: "sell",
        quantity: d(quantity),
        closes: "p1",
        stopLoss: undefined,
        takeProfit: undefined,
      } as Partial<StoredTicket>);
      const verdict = checkOrder(question, {
        ...someFacts(facts as Partial<RiskFacts>),
        ledger: { ...LEDGER, lots: [aLot()] },
      });

      expect(verdict.kind === "denied" ? verdict.denials : verdict.kind).toBe("passed");
    }),
    { numRuns: 1_000 },
  );
});

test("whatever else is known, an order that opens is denied while a fact is missing", () => {
  const names = ["config", "record", "rules", "quote", "conversion", "ledger", "botLedger", "token"] as const;
  fc.assert(
    fc.property(fc.subarray([...names], { minLength: 1 }), (missing) => {
      const facts = { ...someFacts(), ...Object.fromEntries(missing.map((name) => [name, undefined])) };
      const all = checkOrder(aQuestion(), facts);
      const fewer = checkOrder(aQuestion(), {
        ...facts,
        [missing[0] as string]: someFacts()[missing[0] as "config"],
      });

      // Each that is missing is told, so knowing one more never brings a refusal that was not there.
      if (all.kind === "passed") throw new Error("it passed");
      const told = all.denials.map(({ text }) => text);
      expect(
        fewer.kind === "passed"
          ? missing.length === 1
          : fewer.denials.every(({ text }) => told.includes(text)),
      ).toBe(true);
    }),
    { numRuns: 300 },
  );
});
