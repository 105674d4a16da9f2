import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { z } from "zod";
import { type Bus, type Delivery, topic } from "../bus.ts";
import { instantSchema } from "../instant.ts";
import { declareCases, type Gaps } from "./gaps.ts";

/** One bus as several processes see it. */
export interface BusSetup {
  /** A client of its own, as another process would have it. The contract closes it. */
  connect(): Promise<Bus>;
  /** The events that all clients logged as warnings or errors. */
  complaints(): readonly string[];
  /** Makes rejected messages due (moves the injected clock); absent where they come again by themselves. */
  hasten?(): Promise<void>;
  close?(): Promise<void>;
}

/** An adapter of the bus as its contract sees it; `make` gives an empty bus with these subscriptions. */
export interface BusUnderTest {
  readonly name: string;
  make(subscriptions: readonly { readonly topic: string; readonly subscriber: string }[]): Promise<BusSetup>;
  readonly gaps?: Gaps;
}

const changes = topic("contract-changes", z.strictObject({ text: z.string(), at: instantSchema }));
/** The same messages as `changes`, with nothing checked. */
const unchecked = topic("contract-changes", z.unknown());
const others = topic("contract-others", z.strictObject({ n: z.int() }));

const subscriptions = [
  { topic: changes.name, subscriber: "worker" },
  { topic: changes.name, subscriber: "page" },
  { topic: others.name, subscriber: "worker" },
];

const at = Temporal.Instant.from("2026-03-09T12:00:00.123Z");
const aChange = (text: string): { text: string; at: Temporal.Instant } => ({ text, at });

interface Received {
  readonly text: string;
  readonly delivery: Delivery;
}

/** Gives what does not wait for anything the time to show it. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What every bus promises, whatever it is made of. */
export function busContract(adapter: BusUnderTest): void {
  describe(`bus contract: ${adapter.name}`, () => {
    let setup: BusSetup;
    let clients: Bus[];

    beforeEach(async () => {
      clients = [];
      setup = await adapter.make(subscriptions);
    });

    afterEach(async () => {
      await Promise.all(clients.map((client) => client.close()));
      await setup.close?.();
    });

    const connect = async (): Promise<Bus> => {
      const client = await setup.connect();
      clients.push(client);
      return client;
    };

    /** Polls until `check` stops throwing, bringing redeliveries forward meanwhile. */
    const eventually = (check: () => void): Promise<void> =>
      vi.waitFor(
        async () => {
          await setup.hasten?.();
          check();
        },
        { timeout: 15_000, interval: 20 },
      );

    /** Subscribes and keeps what comes. */
    const collect = async (bus: Bus, subscriber: string): Promise<Received[]> => {
      const received: Received[] = [];
      await bus.subscribe(changes, subscriber, async (message, delivery) => {
        received.push({ text: message.text, delivery });
      });
      return received;
    };
    const texts = (received: readonly Received[]): string[] =>
      [...new Set(received.map((one) => one.text))].sort();

    declareCases(adapter.gaps ?? {}, (test) => {
      test("a message arrives as it was published", async () => {
        const [sender, receiver] = [await connect(), await connect()];
        const received: { text: string; at: Temporal.Instant }[] = [];
        await receiver.subscribe(changes, "worker", async (message) => {
          received.push(message);
        });

        await sender.publish(changes, aChange('Grüße 🚀 "x"\n'));

        await eventually(() => expect(received.length).toBeGreaterThanOrEqual(1));
        expect(received[0]?.text).toBe('Grüße 🚀 "x"\n');
        expect(received[0]?.at.equals(at)).toBe(true);
      });

      test("a client receives what it publishes itself", async () => {
        const bus = await connect();
        const received = await collect(bus, "worker");

        await bus.publish(changes, aChange("own"));

        await eventually(() => expect(texts(received)).toEqual(["own"]));
      });

      test("each subscriber gets its own copy, under the same delivery id", async () => {
        const bus = await connect();
        const worker = await collect(await connect(), "worker");
        const page = await collect(await connect(), "page");

        await bus.publish(changes, aChange("a"));
        await bus.publish(changes, aChange("b"));

        await eventually(() => {
          expect(texts(worker)).toEqual(["a", "b"]);
          expect(texts(page)).toEqual(["a", "b"]);
        });
        const idOf = (received: readonly Received[], text: string): string | undefined =>
          received.find((one) => one.text === text)?.delivery.id;
        expect(idOf(worker, "a")).toBe(idOf(page, "a"));
        expect(idOf(worker, "b")).toBe(idOf(page, "b"));
        expect(idOf(worker, "a")).not.toBe(idOf(worker, "b"));
      });

      test("processes of one subscriber name share its messages", async () => {
        const bus = await connect();
        const first = await collect(await connect(), "worker");
        const second = await collect(await connect(), "worker");
        const all = Array.from({ length: 20 }, (_, n) => `m${String(n).padStart(2, "0")}`);

        for (const text of all) await bus.publish(changes, aChange(text));

        await eventually(() => expect(texts([...first, ...second])).toEqual(all));
        expect(first.length + second.length).toBeLessThan(2 * all.length);
      });

      test("topics do not mix", async () => {
        const bus = await connect();
        const numbers: number[] = [];
        await bus.subscribe(others, "worker", async ({ n }) => {
          numbers.push(n);
        });
        const received = await collect(bus, "worker");

        await bus.publish(others, { n: 7 });
        await bus.publish(changes, aChange("a"));

        await eventually(() => {
          expect(new Set(numbers)).toEqual(new Set([7]));
          expect(texts(received)).toEqual(["a"]);
        });
        expect(setup.complaints()).toEqual([]);
      });

      test("what was published while a subscriber was away comes when it is back", async () => {
        const bus = await connect();
        await bus.publish(changes, aChange("before the first"));
        const away = await connect();
        const early = await collect(away, "worker");
        await eventually(() => expect(texts(early)).toEqual(["before the first"]));
        await away.close();

        await bus.publish(changes, aChange("while away"));
        const late = await collect(await connect(), "worker");

        await eventually(() => expect(texts(late)).toEqual(["while away"]));
      });

      test("a message that was dealt with does not come to the next process", async () => {
        const bus = await connect();
        const first = await connect();
        const early = await collect(first, "worker");
        await bus.publish(changes, aChange("done"));
        await eventually(() => expect(texts(early)).toEqual(["done"]));
        await first.close();

        const late = await collect(await connect(), "worker");
        await bus.publish(changes, aChange("marker"));

        await eventually(() => expect(texts(late)).toContain("marker"));
        expect(texts(late)).toEqual(["marker"]);
      });

      test("a rejected message comes again under the same delivery id until it is dealt with", async () => {
        const bus = await connect();
        const deliveries: Delivery[] = [];
        let isDone = false;
        await bus.subscribe(changes, "worker", async (_message, delivery) => {
          deliveries.push(delivery);
          if (deliveries.length < 3) throw new Error("not yet");
          isDone = true;
        });

        await bus.publish(changes, aChange("stubborn"));

        await eventually(() => expect(isDone).toBe(true));
        expect(new Set(deliveries.map((one) => one.id)).size).toBe(1);
        expect(deliveries[0]?.attempt).toBe(1);
        for (const { attempt } of deliveries) expect(attempt).toBeGreaterThanOrEqual(1);
      });

      test("a rejected message does not hold up the others, nor another subscriber's copy", async () => {
        const bus = await connect();
        const dealtWith: string[] = [];
        let rejections = 0;
        await bus.subscribe(changes, "worker", async ({ text }) => {
          if (text === "poison") {
            rejections += 1;
            throw new Error("never");
          }
          dealtWith.push(text);
        });
        const page = await collect(bus, "page");

        await bus.publish(changes, aChange("poison"));
        await bus.publish(changes, aChange("good"));

        await eventually(() => {
          expect(rejections).toBeGreaterThanOrEqual(2);
          expect(new Set(dealtWith)).toEqual(new Set(["good"]));
          expect(texts(page)).toEqual(["good", "poison"]);
        });
      });

      test("a slow handler does not hold up the next message", async () => {
        const bus = await connect();
        const { promise: slow, resolve: finish } = Promise.withResolvers<void>();
        const begun: string[] = [];
        await bus.subscribe(changes, "worker", async ({ text }) => {
          begun.push(text);
          if (text === "slow") await slow;
        });

        await bus.publish(changes, aChange("slow"));
        await eventually(() => expect(begun).toContain("slow"));
        await bus.publish(changes, aChange("quick"));

        await eventually(() => expect(begun).toContain("quick"));
        finish();
      });

      test("closing a subscription waits for the handler at work, whose message is then dealt with", async () => {
        const bus = await connect();
        const { promise: work, resolve: finish } = Promise.withResolvers<void>();
        const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
        const order: string[] = [];
        const subscription = await bus.subscribe(changes, "worker", async () => {
          begin();
          await work;
          order.push("handled");
        });
        await bus.publish(changes, aChange("at work"));
        await begun;

        const closing = subscription.close().then(() => order.push("closed"));
        await someTurns();
        order.push("finished");
        finish();
        await closing;

        expect(order).toEqual(["finished", "handled", "closed"]);
        const late = await collect(await connect(), "worker");
        await bus.publish(changes, aChange("marker"));
        await eventually(() => expect(texts(late)).toContain("marker"));
        expect(texts(late)).toEqual(["marker"]);
      });

      test("closing the bus waits for the handlers at work", async () => {
        const bus = await connect();
        const receiver = await setup.connect();
        const { promise: work, resolve: finish } = Promise.withResolvers<void>();
        const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
        const order: string[] = [];
        await receiver.subscribe(changes, "worker", async () => {
          begin();
          await work;
          order.push("handled");
        });
        await bus.publish(changes, aChange("at work"));
        await begun;

        const closing = receiver.close().then(() => order.push("closed"));
        await someTurns();
        order.push("finished");
        finish();
        await closing;

        expect(order).toEqual(["finished", "handled", "closed"]);
      });

      test("a closed subscription takes no new message", async () => {
        const bus = await connect();
        const closed: string[] = [];
        const subscription = await bus.subscribe(changes, "worker", async ({ text }) => {
          closed.push(text);
        });
        await subscription.close();

        await bus.publish(changes, aChange("late"));
        const received = await collect(await connect(), "worker");

        await eventually(() => expect(texts(received)).toEqual(["late"]));
        expect(closed).toEqual([]);
      });

      test("a message that does not fit is logged and dropped, and the next ones come", async () => {
        const bus = await connect();
        const received = await collect(bus, "worker");

        await bus.publish(unchecked, { text: 5 });
        await eventually(() => expect(setup.complaints().length).toBeGreaterThanOrEqual(1));
        await bus.publish(changes, aChange("fits"));

        await eventually(() => expect(texts(received)).toEqual(["fits"]));
        const complaints = setup.complaints().length;
        await bus.publish(changes, aChange("marker"));
        await eventually(() => expect(texts(received)).toEqual(["fits", "marker"]));
        expect(setup.complaints().length).toBe(complaints);
      });

      test("publishing a message that does not fit throws and sends nothing", async () => {
        const bus = await connect();
        const received = await collect(bus, "worker");

        await expect(bus.publish(others, { n: 1.5 })).rejects.toThrow();
        await expect(bus.publish(changes, { text: "no time" } as never)).rejects.toThrow();
        await bus.publish(changes, aChange("marker"));

        await eventually(() => expect(texts(received)).toEqual(["marker"]));
        expect(setup.complaints()).toEqual([]);
      });
    });
  });
}
