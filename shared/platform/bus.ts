import type { z } from "zod";

/** A named stream of messages of one shape. */
export interface Topic<M> {
  readonly name: string;
  readonly schema: z.ZodType<M>;
}

export function topic<M>(name: string, schema: z.ZodType<M>): Topic<M> {
  return { name, schema };
}

export interface Delivery {
  /** The same for every delivery of one published message. */
  readonly id: string;
  /** Counts from 1; may be 1 again after a redelivery where the bus does not count. */
  readonly attempt: number;
}

export interface Subscription {
  /** Takes no new message, waits for the handlers at work, and returns. */
  close(): Promise<void>;
}

/**
 * Carries wake-ups between processes, at least once and in no order: a message may come twice, late, or not
 * at all. So a message says "look again", and what to do is read from the store.
 */
export interface Bus {
  /** Returns once the bus has taken the message. */
  publish<M>(topic: Topic<M>, message: M): Promise<void>;

  /**
   * Hands every message of `topic` to `handler`. `subscriber` names the subscription: processes of one name
   * share its messages, processes of different names get each their own copy, also of what was published
   * while they were away. A handler that resolves has dealt with the message; one that rejects gets it again
   * later. A message that does not fit the schema is logged and dropped.
   */
  subscribe<M>(
    topic: Topic<M>,
    subscriber: string,
    handler: (message: M, delivery: Delivery) => Promise<void>,
  ): Promise<Subscription>;

  close(): Promise<void>;
}
