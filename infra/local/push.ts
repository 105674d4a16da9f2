/**
 * Pub/Sub's push subscriptions on this machine: takes each message from the bus and posts it to its service in
 * the same envelope. What the service does not answer with 2xx comes again, as the bus repeats a rejected message.
 */
import { z } from "zod";
import type { Bus, Subscription, Topic } from "../../shared/platform/bus.ts";
import { botTick } from "../../shared/trading/ticks/records.ts";
import { type SubscriptionSpec, TOPOLOGY } from "../topology.ts";

export interface PushDeps {
  readonly bus: Pick<Bus, "subscribe">;
  /** The service's address without a slash at the end. */
  urlOf(service: string): string;
}

/** The topics that are pushed. */
const TOPICS: ReadonlyMap<string, Topic<unknown>> = new Map(
  [botTick].map((topic) => [topic.name, topic as Topic<unknown>]),
);

/** Every subscription of the topology that is pushed; `close` waits for the posts under way. */
export async function startPushes(
  deps: PushDeps,
  specs: readonly SubscriptionSpec[] = TOPOLOGY.subscriptions,
): Promise<Subscription> {
  const started: Subscription[] = [];
  const close = async () => {
    await Promise.all(started.map((one) => one.close()));
  };
  try {
    for (const spec of specs) if (spec.push !== undefined) started.push(await start(deps, spec, spec.push));
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}

function start(
  { bus, urlOf }: PushDeps,
  { topic: name, subscriber }: SubscriptionSpec,
  { service, ackDeadlineSeconds }: NonNullable<SubscriptionSpec["push"]>,
): Promise<Subscription> {
  const topic = TOPICS.get(name);
  if (topic === undefined) throw new RangeError(`The topic ${name} is not one that is pushed.`);
  return bus.subscribe(topic, subscriber, async (message, { id }) => {
    const answer = await fetch(`${urlOf(service)}/`, {
      method: "POST",
      signal: AbortSignal.timeout(ackDeadlineSeconds * 1_000),
      headers: { "content-type": "application/json", "user-agent": "APIs-Google" },
      body: pushBody({
        data: JSON.stringify(z.encode(topic.schema, message)),
        messageId: id,
        topic: name,
        subscription: `${name}.${subscriber}`,
      }),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${service} answered ${answer.status} to a message of ${name}.`);
  });
}

/** The body of a push as Pub/Sub makes it. */
export function pushBody(push: {
  readonly data: string;
  readonly messageId: string;
  readonly topic: string;
  readonly subscription: string;
}): string {
  const { data, messageId, topic, subscription } = push;
  return JSON.stringify({
    message: { data: Buffer.from(data).toString("base64"), messageId, attributes: { schema: topic } },
    subscription,
  });
}
