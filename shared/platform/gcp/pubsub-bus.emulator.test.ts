import { PubSub } from "@google-cloud/pubsub";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { aProjectId, describeEmulated } from "../../../tests/support/emulators/describe-emulated.ts";
import { type Bus, topic } from "../bus.ts";
import { busContract } from "../contracts/bus.contract.ts";
import { createRecordedLog, type LogLine } from "../local/recorded-log.ts";
import { createSystemClock } from "../local/system-clock.ts";
import { createPubsubBus } from "./pubsub-bus.ts";
import { ensurePubsub } from "./pubsub-ensure.ts";

const numbers = topic("numbers", z.strictObject({ n: z.int() }));
const worker = { topic: numbers.name, subscriber: "worker" };
const quickly = { firstMs: 100, longestMs: 100 };

describeEmulated("Pub/Sub bus", (hosts) => {
  busContract({
    name: "Pub/Sub",
    async make(subscriptions) {
      const place = { projectId: aProjectId(), emulatorHost: hosts.pubsub };
      const { log, lines } = createRecordedLog();
      await ensurePubsub(place, { subscriptions, retry: quickly });
      return {
        connect: async () => createPubsubBus({ ...place, log, clock: createSystemClock() }),
        complaints: () => lines.filter(({ level }) => level !== "info").map(({ event }) => event),
      };
    },
  });

  describe("beyond the contract", { timeout: 60_000 }, () => {
    let place: { projectId: string; emulatorHost: string };
    let lines: readonly LogLine[];
    let bus: Bus;
    /** The client library by itself, to see and send what the bus does not. */
    let client: PubSub;

    beforeEach(() => {
      place = { projectId: aProjectId(), emulatorHost: hosts.pubsub };
      const recorded = createRecordedLog();
      lines = recorded.lines;
      bus = createPubsubBus({ ...place, log: recorded.log, clock: createSystemClock(), mostAtWork: 3 });
      client = new PubSub({
        projectId: place.projectId,
        apiEndpoint: hosts.pubsub,
        clientOptions: { universeDomain: "googleapis.com" },
      });
    });

    afterEach(async () => {
      await bus.close();
      await client.close();
    });

    const ensure = (): Promise<void> => ensurePubsub(place, { subscriptions: [worker], retry: quickly });
    /** Waits longer than the 10 s after which a message that was under way to a closed stream comes again. */
    const eventually = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 30_000 });

    test("a message is JSON with its topic as the schema", async () => {
      await ensure();
      const pull = client.subscription("numbers.worker");
      const seen: unknown[] = [];
      pull.on("message", (message) => {
        seen.push({ text: message.data.toString(), attributes: message.attributes });
        message.ack();
      });

      await bus.publish(numbers, { n: 7 });

      await eventually(() => expect(seen).toEqual([{ text: '{"n":7}', attributes: { schema: "numbers" } }]));
      await pull.close();
    });

    test("publishing to a topic that is not there throws", async () => {
      await expect(bus.publish(numbers, { n: 1 })).rejects.toMatchObject({ code: 5 });
    });

    test("a message that is not even JSON is logged and dropped", async () => {
      await ensure();
      const seen: number[] = [];
      await bus.subscribe(numbers, "worker", async ({ n }) => {
        seen.push(n);
      });

      await client.topic("numbers").publishMessage({ data: Buffer.from("{") });
      await eventually(() => expect(lines.map(({ event }) => event)).toEqual(["message-misfit"]));
      await bus.publish(numbers, { n: 1 });

      await eventually(() => expect(seen).toEqual([1]));
      expect(lines.length).toBe(1);
    });

    test("a subscription that is made late is picked up", async () => {
      const seen: number[] = [];
      await bus.subscribe(numbers, "worker", async ({ n }) => {
        seen.push(n);
      });
      await eventually(() => expect(lines.length).toBeGreaterThanOrEqual(1));
      expect(lines[0]).toMatchObject({
        level: "error",
        event: "subscription-lost",
        fields: { subscription: "numbers.worker", code: 5 },
      });

      await ensure();
      await bus.publish(numbers, { n: 1 });

      await eventually(() => expect(seen).toEqual([1]));
    });

    test("no more handlers are at work than allowed, and closing gives the rest back", async () => {
      await ensure();
      const { promise: work, resolve: finish } = Promise.withResolvers<void>();
      const begun: number[] = [];
      const subscription = await bus.subscribe(numbers, "worker", async ({ n }) => {
        begun.push(n);
        await work;
      });
      const all = Array.from({ length: 8 }, (_, n) => n);
      await Promise.all(all.map((n) => bus.publish(numbers, { n })));
      await eventually(() => expect(begun.length).toBe(3));

      const closing = subscription.close();
      finish();
      await closing;

      expect(begun.length).toBe(3);
      const late: number[] = [];
      await bus.subscribe(numbers, "worker", async ({ n }) => {
        late.push(n);
      });
      await eventually(() => expect(new Set([...begun, ...late])).toEqual(new Set(all)));
      expect(late.filter((n) => begun.includes(n))).toEqual([]);
    });

    test("what is there already stays as it is", async () => {
      await Promise.all([ensure(), ensure()]);
      await bus.publish(numbers, { n: 1 });

      await ensurePubsub(place, { subscriptions: [worker, { topic: numbers.name, subscriber: "page" }] });

      const seen: number[] = [];
      await bus.subscribe(numbers, "worker", async ({ n }) => {
        seen.push(n);
      });
      await eventually(() => expect(seen).toEqual([1]));
      const [names] = await client.getSubscriptions();
      expect(new Set(names.map(({ name }) => name.split("/").at(-1)))).toEqual(
        new Set(["numbers.worker", "numbers.page"]),
      );
    });

    test("a subscription that is being closed takes no new message, though it has hands free", async () => {
      const page = { topic: numbers.name, subscriber: "page" };
      await ensurePubsub(place, { subscriptions: [worker, page], retry: quickly });
      const { promise: work, resolve: finish } = Promise.withResolvers<void>();
      const [begun, seen]: [number[], number[]] = [[], []];
      const subscription = await bus.subscribe(numbers, "worker", async ({ n }) => {
        begun.push(n);
        await work;
      });
      await bus.subscribe(numbers, "page", async ({ n }) => {
        seen.push(n);
      });
      await bus.publish(numbers, { n: 1 });
      await eventually(() => expect(begun).toEqual([1]));

      const closing = subscription.close();
      for (const n of [2, 3, 4, 5]) {
        await bus.publish(numbers, { n });
        await eventually(() => expect(seen).toContain(n));
      }
      finish();
      await closing;

      expect(begun).toEqual([1]);
    });

    test("closing the bus waits for what is being published", async () => {
      await ensure();
      await bus.publish(numbers, { n: 1 });

      const sent = [2, 3, 4].map((n) => bus.publish(numbers, { n }));
      await bus.close();

      expect((await Promise.allSettled(sent)).map(({ status }) => status)).toEqual([
        ...["fulfilled", "fulfilled", "fulfilled"],
      ]);
    });

    test("a bus that was never used closes without loading its client", async () => {
      const { log } = createRecordedLog();
      const unused = createPubsubBus({ projectId: "demo-unused", log, clock: createSystemClock() });

      await expect(unused.close()).resolves.toBeUndefined();
    });
  });
});
