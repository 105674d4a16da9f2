import type { Message, PubSub, Subscription } from "@google-cloud/pubsub";
import { Temporal } from "temporal-polyfill";
import type { Delivery } from "../bus.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { grpcCode } from "./grpc-status.ts";
import type { PubsubLibrary } from "./pubsub-client.ts";

export interface PubsubConsumerOptions {
  readonly client: PubSub;
  readonly library: PubsubLibrary;
  /** The subscription's id. */
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly mostAtWork: number;
  /** Deals with a message's body; rejecting brings the message again. */
  handle(body: unknown, delivery: Delivery): Promise<"done" | "misfit">;
}

export interface PubsubConsumer {
  /**
   * Takes no new message, waits for the handlers at work and for their acknowledgements, and gives back what
   * came meanwhile. A message still under way comes again after its ack deadline (10 s).
   */
  close(): Promise<void>;
}

/** Acknowledgements are gathered for so long; until then a message counts as at work. */
const ACK_DELAY_MS = 5;
/** So long closing waits for the last acknowledgements; without them the messages come again. */
const LAST_ACKS_SECONDS = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Pulls a subscription and hands its messages over, for as long as it is not closed: the client gives a
 * subscription up at the first refusal (a missing right, a subscription not made yet), and so it is opened
 * again here after 0.5 s, doubling up to 30 s.
 */
export function startPubsubConsumer(options: PubsubConsumerOptions): PubsubConsumer {
  return new Consumer(options);
}

class Consumer implements PubsubConsumer {
  readonly #options: PubsubConsumerOptions;
  readonly #atWork = new Set<Promise<void>>();
  readonly #end = new AbortController();
  #pull: Subscription;
  #failures = 0;
  #closing: Promise<void> | undefined;

  constructor(options: PubsubConsumerOptions) {
    this.#options = options;
    this.#pull = this.#open();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#atWork);
    // Gives back what came in the meantime, and sends the acknowledgements that wait.
    await this.#pull.close();
  }

  #open(): Subscription {
    const { client, library, id, mostAtWork } = this.#options;
    const pull = client.subscription(id, {
      flowControl: { maxMessages: mostAtWork, allowExcessMessages: false },
      batching: { maxMilliseconds: ACK_DELAY_MS },
      streamingOptions: { maxStreams: 1 },
      closeOptions: { timeout: library.Duration.from({ seconds: LAST_ACKS_SECONDS }) },
    });
    let isLost = false;
    pull.on("error", (error: unknown) => {
      // One failure may be told several times.
      if (isLost || this.#end.signal.aborted) return;
      isLost = true;
      void this.#reopen(pull, error);
    });
    pull.on("message", (message: Message) => this.#take(message));
    return pull;
  }

  async #reopen(lost: Subscription, error: unknown): Promise<void> {
    const { clock, log, id } = this.#options;
    log.error("subscription-lost", { subscription: id, code: grpcCode(error) ?? "none", error });
    const milliseconds = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    await lost.close();
    await clock.sleep(Temporal.Duration.from({ milliseconds }), this.#end.signal);
    if (!this.#end.signal.aborted) this.#pull = this.#open();
  }

  #take(message: Message): void {
    // Left alone: closing gives it back.
    if (this.#end.signal.aborted) return;
    this.#failures = 0;
    const work = this.#handOver(message).finally(() => this.#atWork.delete(work));
    this.#atWork.add(work);
  }

  /** Never rejects: whatever happens, the message is dealt with or given back. */
  async #handOver(message: Message): Promise<void> {
    const { log, id, handle } = this.#options;
    const delivery = { id: message.id, attempt: Math.max(1, message.deliveryAttempt) };
    const facts = { subscription: id, delivery: delivery.id, attempt: delivery.attempt };
    try {
      const body = parseJson(message.data);
      const outcome = body.isJson ? await handle(body.value, delivery) : "misfit";
      if (outcome === "misfit") log.error("message-misfit", facts);
      message.ack();
    } catch (error) {
      log.warn("message-rejected", { ...facts, error });
      message.nack();
    }
  }
}

function parseJson(data: Buffer): { isJson: true; value: unknown } | { isJson: false } {
  try {
    return { isJson: true, value: JSON.parse(data.toString("utf8")) };
  } catch {
    return { isJson: false };
  }
}
