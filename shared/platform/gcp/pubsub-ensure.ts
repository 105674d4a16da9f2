import { GRPC, grpcCode } from "./grpc-status.ts";
import { openPubsub, type PubsubPlace, subscriptionId } from "./pubsub-client.ts";

export interface PubsubPlan {
  readonly subscriptions: readonly {
    readonly topic: string;
    readonly subscriber: string;
    /** The address to which messages are posted; without it they are pulled. */
    readonly pushTo?: string;
  }[];
  /** Pause before a rejected message comes again, doubling between the two; default 1 s to 60 s. */
  readonly retry?: { readonly firstMs: number; readonly longestMs: number };
}

/**
 * Creates what is missing of the topics and subscriptions of `plan`, and leaves what is there as it is.
 * Subscriptions never expire, keep messages for 7 days, and are pulled unless they say where to push.
 */
export async function ensurePubsub(place: PubsubPlace, plan: PubsubPlan): Promise<void> {
  const { firstMs, longestMs } = plan.retry ?? { firstMs: 1_000, longestMs: 60_000 };
  const { client } = await openPubsub(place);
  try {
    const topics = new Set(plan.subscriptions.map(({ topic }) => topic));
    await Promise.all([...topics].map((topic) => client.createTopic(topic).catch(ignoreExisting)));
    await Promise.all(
      plan.subscriptions.map(({ topic, subscriber, pushTo }) =>
        client
          .createSubscription(topic, subscriptionId(topic, subscriber), {
            retryPolicy: { minimumBackoff: toDuration(firstMs), maximumBackoff: toDuration(longestMs) },
            // An empty policy means never; without one it is 31 days without a subscriber.
            expirationPolicy: {},
            ...(pushTo !== undefined && { pushEndpoint: pushTo }),
            messageRetentionDuration: { seconds: 7 * 24 * 60 * 60 },
          })
          .catch(ignoreExisting),
      ),
    );
  } finally {
    await client.close();
  }
}

function toDuration(milliseconds: number): { seconds: number; nanos: number } {
  return { seconds: Math.floor(milliseconds / 1_000), nanos: (milliseconds % 1_000) * 1_000_000 };
}

function ignoreExisting(error: unknown): void {
  if (grpcCode(error) !== GRPC.alreadyExists) throw error;
}
