import type { PubSub, Topic as PubsubTopic } from "@google-cloud/pubsub";
import { z } from "zod";
import type { Bus, Topic } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { GRPC } from "./grpc-status.ts";
import { openPubsub, type PubsubPlace, subscriptionId } from "./pubsub-client.ts";
import { type PubsubConsumer, startPubsubConsumer } from "./pubsub-consumer.ts";

export interface PubsubBusOptions extends PubsubPlace {
  readonly log: Log;
  /** Times the pauses before a lost subscription is opened again. */
  readonly clock: Clock;
  /** So many handlers of one subscription may be at work at once; default 10. */
  readonly mostAtWork?: number;
}

/** Within these times a message is taken or `publish` throws. The client's own settings end after 10 min. */
const PUBLISHING = {
  retry: {
    retryCodes: [
      ...[GRPC.aborted, GRPC.cancelled, GRPC.deadlineExceeded, GRPC.internal],
      ...[GRPC.resourceExhausted, GRPC.unavailable, GRPC.unknown],
    ],
    backoffSettings: {
      initialRetryDelayMillis: 100,
      retryDelayMultiplier: 2,
      maxRetryDelayMillis: 2_000,
      initialRpcTimeoutMillis: 5_000,
      rpcTimeoutMultiplier: 1,
      maxRpcTimeoutMillis: 5_000,
      totalTimeoutMillis: 20_000,
    },
  },
};

/**
 * The bus on Google Pub/Sub. Messages are JSON, each sent at once, with the topic's name as the attribute
 * `schema`. Topics and their subscriptions (`<topic>.<subscriber>`, pulled) must exist: `ensurePubsub` or
 * the deployment makes them. How long a rejected message waits is the subscription's own retry policy. The
 * client library is loaded at the first call.
 */
export function createPubsubBus(options: PubsubBusOptions): Bus {
  const log = options.log.for("bus");
  const consumers = new Set<PubsubConsumer>();
  const publishing = new Set<Promise<unknown>>();
  const topics = new Map<string, PubsubTopic>();
  let opening: ReturnType<typeof openPubsub> | undefined;
  const open = () => {
    opening ??= openPubsub(options);
    return opening;
  };
  const send = async (name: string, data: Buffer): Promise<void> => {
    const { client } = await open();
    await publisherOf(client, topics, name).publishMessage({ data, attributes: { schema: name } });
  };

  return {
    async publish(topic, message) {
      const sent = send(topic.name, encodeMessage(topic, message));
      publishing.add(sent);
      await sent.finally(() => publishing.delete(sent));
    },

    async subscribe(topic, subscriber, handler) {
      const { client, library } = await open();
      const consumer = startPubsubConsumer({
        client,
        library,
        id: subscriptionId(topic.name, subscriber),
        clock: options.clock,
        log,
        mostAtWork: options.mostAtWork ?? 10,
        async handle(body, delivery) {
          const message = topic.schema.safeParse(body);
          if (!message.success) return "misfit";
          await handler(message.data, delivery);
          return "done";
        },
      });
      consumers.add(consumer);
      return {
        async close() {
          await consumer.close();
          consumers.delete(consumer);
        },
      };
    },

    async close() {
      await Promise.all([...consumers].map((consumer) => consumer.close()));
      await Promise.allSettled(publishing);
      await (await opening)?.client.close();
    },
  };
}

function publisherOf(client: PubSub, topics: Map<string, PubsubTopic>, name: string): PubsubTopic {
  const known = topics.get(name);
  if (known) return known;
  const made = client.topic(name, { batching: { maxMessages: 1 }, gaxOpts: PUBLISHING });
  topics.set(name, made);
  return made;
}

/** The message as it is sent; a TypeError, without any value in it, when it does not fit the topic's schema. */
function encodeMessage<M>(topic: Topic<M>, message: M): Buffer {
  const encoded = z.safeEncode(topic.schema, message);
  if (!encoded.success) throw new TypeError(`A message does not fit the schema of ${topic.name}.`);
  return Buffer.from(JSON.stringify(encoded.data));
}
