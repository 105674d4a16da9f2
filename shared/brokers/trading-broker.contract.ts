/**
 * What every trading broker promises, whatever is behind it. An adapter joins by a driver: a broker with a
 * market that the suite moves, and clients of one account that it opens, cuts off and kills.
 */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { declareCases, type Gaps } from "../platform/contracts/gaps.ts";
import type { Result } from "../platform/result.ts";
import type { Fill, OrderStanding, OrderTicket, Side, TradingBroker } from "./trading-broker.ts";

/** An adapter of `TradingBroker` with a broker behind it. */
export interface TradingBrokerUnderTest {
  readonly name: string;
  /** A fresh account without orders or positions, on a market that is open and stands still. */
  make(): Promise<TradingBrokerDriver>;
  /** Cases that the broker cannot show, by title, each with the reason. */
  readonly gaps?: Gaps;
}

export interface TradingBrokerDriver {
  /** It is traded all the time, and may be sold. */
  readonly instrument: string;
  /** May be ordered, as may half of it and its double. */
  readonly quantity: Decimal;
  /**
   * By so much the suite moves the price: several times of what spread and slippage make up together, a
   * multiple of the price's step, and small against the price.
   */
  readonly stride: Decimal;
  /** What the broker does with orders from now on; both are off at first. Called before `open`. */
  setMood(mood: { readonly isPartial?: boolean; readonly isRejecting?: boolean }): Promise<void>;
  /**
   * A client of the account as a process has it that starts: any client before was killed where it stood, and
   * hears nothing more. `attach` is called before the client is told anything. Resolves when it is ready.
   */
  open(attach: (broker: TradingBroker) => void): Promise<TradingBroker>;
  /** Ends the connection, or whatever a client needs to be ready; resolves when the client knows. */
  cut(): Promise<void>;
  /** Undoes `cut`; resolves when the client is ready again. */
  mend(): Promise<void>;
  /** Ends the client in good order. */
  shut(): Promise<void>;
  quote(): { readonly bid: Decimal; readonly ask: Decimal };
  /** Puts the bid there, the ask as far above it as before, and lets everything happen that follows. */
  moveTo(bid: Decimal): Promise<void>;
  /** Lets time pass for broker and client, and everything happen that is due. */
  pass(ms: number): Promise<void>;
  /** The broker's time. */
  now(): Temporal.Instant;
  close(): Promise<void>;
}

/** What the broker has told of one order. */
interface Placed {
  readonly ticket: OrderTicket;
  readonly standings: OrderStanding[];
  /** How often it was asked whether the order may leave. */
  asked: number;
}

/** So long an order at the market takes at most, in milliseconds. */
const A_WHILE = 3_000;

/** What every trading broker promises. */
export function tradingBrokerContract(adapter: TradingBrokerUnderTest): void {
  describe(`trading broker contract: ${adapter.name}`, () => {
    let driver: TradingBrokerDriver;
    let broker: TradingBroker;
    let fills: Fill[];
    let changes: number;
    let orderCount: number;

    beforeEach(async () => {
      driver = await adapter.make();
      orderCount = 0;
    });

    afterEach(async () => {
      await driver.close();
    });

    /** A process that starts, with the fills that it is told. */
    async function open(): Promise<void> {
      const own: Fill[] = [];
      fills = own;
      changes = 0;
      broker = await driver.open((one) => {
        one.onFill((fill) => own.push(fill));
        one.onChange(() => {
          changes += 1;
        });
      });
    }

    function aTicket(over: Partial<OrderTicket> = {}): OrderTicket {
      orderCount += 1;
      const { instrument, quantity } = driver;
      const ticket = { instrument, side: "buy", type: "market", quantity, timeInForce: "ioc" } as const;
      return { clientOrderId: `order${orderCount}`, ...ticket, ...over };
    }

    /** Places an order and gives the broker time. */
    async function place(over: Partial<OrderTicket> = {}, mayLeave = () => true): Promise<Placed> {
      const placed: Placed = { ticket: aTicket(over), standings: [], asked: 0 };
      broker.place(
        placed.ticket,
        () => {
          placed.asked += 1;
          return mayLeave();
        },
        (standing) => placed.standings.push(standing),
      );
      await driver.pass(A_WHILE);
      return placed;
    }

    /** A resting limit order, as many strides away from the market as said. */
    function resting(side: Side, strides: number): Partial<OrderTicket> {
      const { bid } = driver.quote();
      const away = driver.stride.times(side === "buy" ? -strides : strides);
      return { type: "limit", side, limitPrice: bid.plus(away), timeInForce: "gtc" };
    }

    const move = (strides: number) => driver.moveTo(driver.quote().bid.plus(driver.stride.times(strides)));

    /** Asks for an order; time goes on meanwhile. */
    async function find({ ticket }: Pick<Placed, "ticket">, brokerOrderId?: string): Promise<OrderStanding> {
      const closing =
        ticket.closes === undefined
          ? undefined
          : { positionId: ticket.closes, quantity: ticket.quantity, isOthers: async () => false };
      const since = driver.now().subtract({ minutes: 5 });
      return expectValue(
        await during(() => broker.find(ticket.clientOrderId, since, closing, brokerOrderId)),
      );
    }

    /** Awaits an answer of the broker's while its time goes on. */
    async function during<R>(ask: () => Promise<R>, ms = 20_000): Promise<R> {
      const answer = ask();
      let isThere = false;
      const settled = answer.finally(() => {
        isThere = true;
      });
      settled.catch(() => undefined);
      for (let passed = 0; passed < ms && !isThere; passed += 500) await driver.pass(500);
      return answer;
    }

    const cancel = (brokerOrderId: string, mayLeave = () => true) =>
      during(() => broker.cancel(brokerOrderId, mayLeave));

    /** The closing order of the one open position, or of a part of it. */
    function closing(quantity?: Decimal): Partial<OrderTicket> {
      const position = onlyOne(broker.positions());
      const side = position.side === "buy" ? "sell" : "buy";
      return { closes: position.id, side, quantity: quantity ?? position.quantity };
    }

    declareCases(adapter.gaps ?? {}, (test) => {
      test("a market order is accepted, then filled, and told in this order", async () => {
        await open();

        const placed = await place();

        expect(kinds(placed)).toEqual(["accepted", "filled"]);
        const last = finalOf(placed);
        expect(fills).toHaveLength(1);
        expect(last).toMatchObject({ kind: "filled", fills });
        expect(fills[0]).toMatchObject({
          ...{ clientOrderId: placed.ticket.clientOrderId, instrument: driver.instrument, side: "buy" },
          ...{ quantity: driver.quantity, brokerOrderId: brokerOrderIdOf(placed) },
        });
      });

      test("a buyer at the market pays the ask or more, and a seller gets the bid or less", async () => {
        await open();
        const { bid, ask } = driver.quote();

        await place({ side: "buy" });
        await place({ side: "sell" });

        const [bought, sold] = fills.map(({ price }) => price);
        expect(bought?.gte(ask)).toBe(true);
        expect(sold?.lte(bid)).toBe(true);
      });

      test("nothing is told of an order after its end", async () => {
        await open();
        const placed = await place();
        const told = placed.standings.length;

        await move(2);
        await move(-4);
        await driver.pass(30_000);

        expect(placed.standings).toHaveLength(told);
        expect(placed.standings.filter(isFinal)).toHaveLength(1);
        expect(fills).toHaveLength(1);
      });

      test("an order that is filled in parts is told with each of them, and every part once", async () => {
        await driver.setMood({ isPartial: true });
        await open();

        const placed = await place();

        const last = finalOf(placed);
        const parts = "fills" in last ? last.fills : [];
        expect(kinds(placed).slice(-2)).toEqual(["accepted", "filled"]);
        expect(parts.length).toBeGreaterThan(1);
        expect(sumOf(parts)).toEqual(driver.quantity);
        expect(fills.map(({ id }) => id)).toEqual(parts.map(({ id }) => id));
        expect(new Set(parts.map(({ id }) => id)).size).toBe(parts.length);
      });

      test("an order that may not leave is not sent, and the broker never has it", async () => {
        await open();

        const placed = await place({}, () => false);

        expect(kinds(placed)).toEqual(["not-sent"]);
        expect(await find(placed)).toEqual({ kind: "absent" });
        expect(fills).toEqual([]);
      });

      test("without its connection an order is not sent, and not sent later", async () => {
        await open();
        await driver.cut();

        const placed = await place();

        expect(broker.isReady()).toBe(false);
        expect(kinds(placed)).toEqual(["not-sent"]);
        await driver.mend();
        await driver.pass(A_WHILE);
        expect(await find(placed)).toEqual({ kind: "absent" });
        expect(broker.positions()).toEqual([]);
      });

      test("an order is found after its end, with its fills", async () => {
        await open();
        const placed = await place();

        const found = await find(placed);

        expect(found).toMatchObject({ kind: "filled", brokerOrderId: brokerOrderIdOf(placed) });
        expect("fills" in found && found.fills.map(({ id }) => id)).toEqual(fills.map(({ id }) => id));
      });

      test("a process that comes after finds what became of an order", async () => {
        await open();
        const filled = await place();
        const working = await place(resting("buy", 5));
        const closed = await place(closing());

        await open();

        expect(await find(filled)).toMatchObject({ kind: "filled" });
        expect(await find(working)).toMatchObject({ kind: "accepted", fills: [] });
        expect(await find(working, brokerOrderIdOf(working))).toMatchObject({ kind: "accepted" });
        expect(await find(closed)).toMatchObject({ kind: "filled" });
      });

      test("a process that comes after sees the same positions and working orders", async () => {
        await open();
        await place();
        await place(resting("buy", 5));
        const before = [broker.positions(), broker.workingOrders()];

        await open();

        expect([broker.positions(), broker.workingOrders()]).toEqual(before);
        expect(broker.positions()).toHaveLength(1);
        expect(broker.workingOrders()).toHaveLength(1);
      });

      test("a process that comes after is told the fills that nobody heard of, once", async () => {
        await open();
        const placed = await place(resting("buy", 3));
        await driver.shut();
        await move(-5);

        await open();
        await driver.pass(A_WHILE);

        const own = fills.filter(({ brokerOrderId }) => brokerOrderId === brokerOrderIdOf(placed));
        expect(sumOf(own)).toEqual(driver.quantity);
        expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
        expect(await find(placed)).toMatchObject({ kind: "filled" });
      });

      test("a connection that breaks and comes back leaves the picture whole, and no fill told twice", async () => {
        await open();
        await place();
        const before = broker.positions();
        const told = [...fills];

        await driver.cut();
        await driver.mend();
        await driver.pass(A_WHILE);

        expect(broker.isReady()).toBe(true);
        expect(broker.positions()).toEqual(before);
        expect(fills).toEqual(told);
      });

      test("an order that never was is absent, which is said ten seconds after the question at the earliest", async () => {
        await open();
        let said: OrderStanding | undefined;

        const asked = broker.find("neverwas", driver.now().subtract({ minutes: 5 }));
        void asked.then((answer) => {
          if (answer.ok) said = answer.value;
        });
        await driver.pass(9_000);
        const early = said;
        await driver.pass(9_000);

        expect(early).toBeUndefined();
        expect(said).toEqual({ kind: "absent" });
      });

      test("a resting order is among the working ones until it is cancelled", async () => {
        await open();
        const placed = await place(resting("buy", 5));
        const { clientOrderId, limitPrice } = placed.ticket;
        const working = [...broker.workingOrders()];

        const answer = await cancel(brokerOrderIdOf(placed));

        await driver.pass(A_WHILE);
        expect(working).toMatchObject([
          {
            ...{ clientOrderId, limitPrice, brokerOrderId: brokerOrderIdOf(placed) },
            ...{ instrument: driver.instrument, side: "buy", quantity: driver.quantity },
          },
        ]);
        expect(outcomeOf(answer)).toBe("ok");
        expect(kinds(placed)).toEqual(["accepted", "cancelled"]);
        expect(broker.workingOrders()).toEqual([]);
        expect(await find(placed)).toMatchObject({ kind: "cancelled", fills: [] });
      });

      test("a cancelled order is not filled any more", async () => {
        await open();
        const placed = await place(resting("buy", 2));
        await cancel(brokerOrderIdOf(placed));

        await move(-4);

        expect(fills).toEqual([]);
        expect(broker.positions()).toEqual([]);
      });

      test("the cancel of an order that is filled, or that never was, is refused", async () => {
        await open();
        const placed = await place();

        const answers = [await cancel(brokerOrderIdOf(placed)), await cancel("987654321")];

        expect(answers.map(outcomeOf)).toEqual(["BROKER_REFUSED", "BROKER_REFUSED"]);
        expect(kinds(placed)).toEqual(["accepted", "filled"]);
      });

      test("a cancel that may not leave does not, and the order goes on working", async () => {
        await open();
        const placed = await place(resting("buy", 5));

        const answer = await cancel(brokerOrderIdOf(placed), () => false);

        expect(outcomeOf(answer)).toBe("BROKER_UNREACHABLE");
        expect(broker.workingOrders()).toHaveLength(1);
        expect(kinds(placed)).toEqual(["accepted"]);
      });

      test("a limit order waits for its price, and is filled at its limit or better", async () => {
        await open();
        const [buy, sell] = [await place(resting("buy", 2)), await place(resting("sell", 2))];
        const waiting = fills.length;

        await move(-4);
        await move(8);

        expect(waiting).toBe(0);
        expect([finalOf(buy).kind, finalOf(sell).kind]).toEqual(["filled", "filled"]);
        const priceOf = (placed: Placed) => fills.find((fill) => isOf(fill, placed))?.price;
        expect(priceOf(buy)?.lte(limitOf(buy))).toBe(true);
        expect(priceOf(sell)?.gte(limitOf(sell))).toBe(true);
      });

      test("a limit order that the market is at already is filled at once, no worse than its limit", async () => {
        await open();

        const placed = await place(resting("buy", -3));

        expect(finalOf(placed).kind).toBe("filled");
        expect(fills[0]?.price.lte(limitOf(placed))).toBe(true);
      });

      test("a stop order waits for its price, and is filled there or beyond", async () => {
        await open();
        const stopPrice = driver.quote().bid.plus(driver.stride.times(2));
        const placed = await place({ type: "stop", stopPrice, timeInForce: "gtc" });
        const working = broker.workingOrders().map((order) => order.stopPrice);

        await move(4);

        expect(working).toEqual([stopPrice]);
        expect(finalOf(placed).kind).toBe("filled");
        expect(fills[0]?.price.gte(stopPrice)).toBe(true);
      });

      test("an ioc order that the market is not at is over without a fill", async () => {
        await open();

        const placed = await place({ ...resting("buy", 5), timeInForce: "ioc" });

        expect(["cancelled", "expired"]).toContain(finalOf(placed).kind);
        expect(broker.workingOrders()).toEqual([]);
        expect(fills).toEqual([]);
      });

      test("a gtd order is over when its time has come", async () => {
        await open();
        const expiresAt = driver.now().add({ minutes: 2 });
        const placed = await place({ ...resting("buy", 5), timeInForce: "gtd", expiresAt });
        const before = kinds(placed);

        await driver.pass(180_000);

        expect(before).toEqual(["accepted"]);
        expect(["expired", "cancelled"]).toContain(finalOf(placed).kind);
        expect(broker.workingOrders()).toEqual([]);
        await move(-8);
        expect(fills).toEqual([]);
      });

      test("a position is what its order bought", async () => {
        await open();

        const placed = await place();

        const position = onlyOne(broker.positions());
        const fill = onlyOne(fills);
        expect(position).toMatchObject({
          ...{ id: fill.positionId, instrument: driver.instrument, side: "buy", price: fill.price },
          ...{ quantity: driver.quantity, clientOrderId: placed.ticket.clientOrderId },
        });
      });

      test("an order that closes a part leaves the rest, and one that closes the rest ends the position", async () => {
        await open();
        const half = driver.quantity.div(2);
        await place();

        const part = await place(closing(half));
        const left = onlyOne(broker.positions()).quantity;
        const rest = await place(closing());

        expect([finalOf(part).kind, finalOf(rest).kind]).toEqual(["filled", "filled"]);
        expect(left).toEqual(half);
        expect(broker.positions()).toEqual([]);
        expect(fills.map(({ closed }) => closed !== undefined)).toEqual([false, true, true]);
        expect(new Set(fills.map(({ positionId }) => positionId)).size).toBe(1);
      });

      test("a closing fill says what it brought, by the sign of the price's way", async () => {
        await open();
        await place();
        await move(10);
        await place(closing());
        await place();
        await move(-10);
        await place(closing());

        const profits = fills.flatMap(({ closed }) => (closed === undefined ? [] : [closed.grossProfit]));
        expect(profits.map((profit) => profit.gt(0))).toEqual([true, false]);
      });

      test("the balance after a close is the one before with its profit and costs, and nothing else", async () => {
        await open();
        await place();
        await place(closing());
        await place();
        await move(10);

        await place(closing());

        const [first, second] = fills.flatMap(({ closed }) => (closed === undefined ? [] : [closed]));
        if (first === undefined || second === undefined) throw new Error("two positions were closed");
        const brought = second.grossProfit.plus(second.swap).plus(second.commission);
        expect(second.balanceAfter).toEqual(first.balanceAfter.plus(brought));
      });

      test("the money that is told moves by profit and costs alone", async () => {
        await open();
        const before = broker.money()?.balance;
        await place();
        await move(10);
        await place(closing());
        expectValue(await during(() => broker.refresh()));

        const after = broker.money();

        const { closed } = fills.at(-1) ?? {};
        if (before === undefined || closed === undefined) throw new Error("money and a close are told");
        const brought = closed.grossProfit.plus(closed.swap).plus(closed.commission);
        expect(after?.balance).toEqual(before.plus(brought));
        expect(after?.balance).toEqual(closed.balanceAfter);
      });

      test("a stop loss rests at the broker, and ends the position when it is reached", async () => {
        await open();
        const distance = driver.stride.times(4);
        const placed = await place({ stopLoss: { distance }, takeProfit: { distance: distance.times(2) } });
        const position = onlyOne(broker.positions());
        const levels = broker.workingOrders();

        await move(-8);

        expect(position.stopLoss).toEqual(position.price.minus(distance));
        expect(position.takeProfit).toEqual(position.price.plus(distance.times(2)));
        expect(new Set(levels.map(({ protects }) => protects))).toEqual(new Set([position.id]));
        expect(broker.positions()).toEqual([]);
        expect(broker.workingOrders()).toEqual([]);
        expect(fills.at(-1)).toMatchObject({
          ...{ positionId: position.id, side: "sell", quantity: driver.quantity },
        });
        expect(fills.at(-1)?.price.lte(position.stopLoss ?? 0)).toBe(true);
        expect(fills.at(-1)?.closed?.grossProfit.lt(0)).toBe(true);
        expect(fills.at(-1)?.clientOrderId).toBeUndefined();
        expect(kinds(placed)).toEqual(["accepted", "filled"]);
      });

      test("a take profit that is reached ends the position, and the stop loss with it", async () => {
        await open();
        const distance = driver.stride.times(4);
        await place({ side: "sell", stopLoss: { distance }, takeProfit: { distance } });
        const { takeProfit } = onlyOne(broker.positions());

        await move(-8);

        expect(broker.positions()).toEqual([]);
        expect(broker.workingOrders()).toEqual([]);
        expect(fills.at(-1)?.price.lte(takeProfit ?? 0)).toBe(true);
        expect(fills.at(-1)?.closed?.grossProfit.gt(0)).toBe(true);
      });

      test("a position that an order closes leaves no level behind", async () => {
        await open();
        const distance = driver.stride.times(4);
        await place({ stopLoss: { distance } });

        await place(closing());
        await move(-8);

        expect(broker.workingOrders()).toEqual([]);
        expect(broker.positions()).toEqual([]);
        expect(fills).toHaveLength(2);
      });

      test("a ticket that breaks the rules is TICKET_INVALID, and nobody is asked whether it may leave", async () => {
        await open();
        const { bid } = driver.quote();
        const noPrice = aTicket({ type: "limit", timeInForce: "gtc" });
        const bad: readonly Partial<OrderTicket>[] = [
          { clientOrderId: "no-such-form" },
          { instrument: "NOSUCHTHING" },
          { quantity: new Decimal(0) },
          { quantity: new Decimal(-1) },
          { quantity: driver.quantity.plus("0.0000001") },
          { limitPrice: bid },
          noPrice,
          { ...resting("buy", 5), timeInForce: "gtd" },
          { stopLoss: { price: bid.minus(driver.stride) } },
        ];

        const answers: Placed[] = [];
        for (const one of bad) answers.push(await place(one));

        const codes = answers.map(({ standings }) => standings.map((one) => [one.kind, codeOf(one)]));
        expect(codes).toEqual(bad.map(() => [["rejected", "TICKET_INVALID"]]));
        expect(answers.map(({ asked }) => asked)).toEqual(bad.map(() => 0));
      });

      test("an order that the broker refuses is rejected with the broker's code", async () => {
        await driver.setMood({ isRejecting: true });
        await open();

        const placed = await place();

        expect(kinds(placed)).toEqual(["rejected"]);
        expect(codeOf(finalOf(placed))).toMatch(/^[A-Z_]+$/);
        expect(broker.positions()).toEqual([]);
        expect(fills).toEqual([]);
      });

      test("who hears of a change sees it", async () => {
        await open();
        const seen: string[] = [];
        broker.onChange(() => {
          seen.push(`${broker.workingOrders().length} ${broker.positions().length}`);
        });

        await place(resting("buy", 2));
        await move(-4);

        expect(seen).toContain("1 0");
        expect(seen.at(-1)).toBe("0 1");
      });

      test("who listens no more hears nothing", async () => {
        await open();
        const heard: unknown[] = [];
        const ends = [broker.onFill((fill) => heard.push(fill)), broker.onChange(() => heard.push("change"))];

        for (const end of ends) end();
        await place();

        expect(heard).toEqual([]);
        expect(fills).toHaveLength(1);
      });

      test("a refresh brings the picture up to date, and says where it cannot", async () => {
        await open();
        await place();

        const answer = await during(() => broker.refresh());
        await driver.cut();
        const away = await during(() => broker.refresh());

        expect(outcomeOf(answer)).toBe("ok");
        expect(broker.positions()).toHaveLength(1);
        expect(away.ok).toBe(false);
      });

      test("without its connection nothing is found and nothing cancelled, and it says so", async () => {
        await open();
        const placed = await place(resting("buy", 5));
        await driver.cut();

        const found = await during(() => broker.find(placed.ticket.clientOrderId, driver.now()));
        const cancelled = await cancel(brokerOrderIdOf(placed));

        expect([found.ok, cancelled.ok]).toEqual([false, false]);
        await driver.mend();
        expect(broker.workingOrders()).toHaveLength(1);
      });

      test("after its end a client tells nothing", async () => {
        await open();
        const placed = await place(resting("buy", 2));
        const told = placed.standings.length;
        await driver.shut();
        const heard = [fills.length, changes];

        await move(-4);
        const late = await place();

        expect(placed.standings).toHaveLength(told);
        expect([fills.length, changes]).toEqual(heard);
        expect(late.standings.filter(({ kind }) => kind !== "not-sent")).toEqual([]);
      });
    });
  });
}

function kinds({ standings }: Placed): readonly string[] {
  return standings.map(({ kind }) => kind);
}

function isFinal({ kind }: OrderStanding): boolean {
  return kind !== "accepted" && kind !== "unknown";
}

function finalOf({ standings, ticket }: Placed): OrderStanding {
  const last = standings.at(-1);
  if (last === undefined || !isFinal(last)) {
    throw new Error(`${ticket.clientOrderId} is not over: ${JSON.stringify(standings)}`);
  }
  return last;
}

function brokerOrderIdOf({ standings, ticket }: Placed): string {
  const found = standings.find((one) => "brokerOrderId" in one);
  if (found === undefined || !("brokerOrderId" in found)) {
    throw new Error(`${ticket.clientOrderId} was not accepted: ${JSON.stringify(standings)}`);
  }
  return found.brokerOrderId;
}

function codeOf(standing: OrderStanding): string {
  return standing.kind === "rejected" ? standing.brokerCode : "";
}

function limitOf({ ticket }: Placed): Decimal {
  return ticket.limitPrice ?? new Decimal(Number.NaN);
}

function isOf({ clientOrderId }: Fill, { ticket }: Placed): boolean {
  return clientOrderId === ticket.clientOrderId;
}

function sumOf(parts: readonly Fill[]): Decimal {
  return parts.reduce((sum, { quantity }) => sum.plus(quantity), new Decimal(0));
}

function onlyOne<T>(all: readonly T[]): T {
  const [one, ...more] = all;
  if (one === undefined || more.length > 0) throw new Error(`expected one, there are ${all.length}`);
  return one;
}

function expectValue<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`expected success, got ${result.code} ${JSON.stringify(result.detail)}`);
  return result.value;
}

function outcomeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : result.code;
}
