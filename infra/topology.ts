/**
 * What runs, when, and with which rights. The local stack and the cloud deployment are both made from this
 * page; what the outside sees stands in `firebase.json`.
 */

/** A service behind HTTP on functions-framework, or a process that only listens to the bus. */
export interface Service {
  readonly name: string;
  readonly kind: "function" | "worker";
  /**
   * `public`: reached through Hosting by anybody. `scheduler`, `bus`: only by Cloud Scheduler's or Pub/Sub's
   * identity.
   */
  readonly invoker: "public" | "scheduler" | "bus" | "none";
  readonly maxInstances: number;
  readonly memoryMiB: number;
  /** Secret names, or prefixes ending in `*`, that the service may read and add. */
  readonly secrets: readonly string[];
}

/** A cron job that posts to a service. */
export interface Job {
  readonly name: string;
  readonly service: string;
  /** Five-field cron, read in `timeZone`. */
  readonly schedule: string;
  readonly timeZone: string;
  readonly attemptDeadlineSeconds: number;
  readonly retries: number;
}

export interface SubscriptionSpec {
  readonly topic: string;
  readonly subscriber: string;
  /** Missing: the subscriber pulls. */
  readonly push?: PushSpec;
}

/** Messages are posted to a service; what it does not answer with 2xx comes again. */
export interface PushSpec {
  readonly service: string;
  /** So long it may take to answer. */
  readonly ackDeadlineSeconds: number;
}

export interface Topology {
  readonly region: string;
  readonly services: readonly Service[];
  readonly jobs: readonly Job[];
  readonly topics: readonly string[];
  readonly subscriptions: readonly SubscriptionSpec[];
}

const NEW_YORK = "America/New_York";

export const TOPOLOGY = {
  region: "us-east1",
  services: [
    {
      name: "morning-alert",
      kind: "function",
      invoker: "scheduler",
      maxInstances: 1,
      memoryMiB: 512,
      secrets: ["telegram-bot"],
    },
    {
      name: "keep-alive",
      kind: "function",
      invoker: "scheduler",
      maxInstances: 1,
      memoryMiB: 512,
      secrets: ["token-*", "login-*", "broker-*", "telegram-bot"],
    },
    {
      name: "console",
      kind: "function",
      invoker: "public",
      // The general rate limit counts in memory: one instance sees every request.
      maxInstances: 1,
      memoryMiB: 512,
      secrets: ["token-*", "login-*", "broker-*", "telegram-bot", "session-key"],
    },
    {
      name: "telegram",
      kind: "function",
      invoker: "public",
      maxInstances: 1,
      memoryMiB: 512,
      secrets: ["telegram-bot", "telegram-webhook"],
    },
    {
      name: "strategy-tick",
      kind: "function",
      invoker: "scheduler",
      maxInstances: 1,
      memoryMiB: 512,
      secrets: ["token-*", "broker-*", "telegram-bot"],
    },
    {
      name: "bot-tick",
      kind: "function",
      invoker: "bus",
      // Each keeps the bots' indicators warm in its own memory.
      maxInstances: 2,
      memoryMiB: 512,
      secrets: ["perplexity"],
    },
    {
      name: "worker",
      kind: "worker",
      invoker: "none",
      maxInstances: 1,
      memoryMiB: 512,
      secrets: ["token-*", "login-*", "broker-*", "telegram-bot"],
    },
  ],
  jobs: [
    {
      name: "morning-alert",
      service: "morning-alert",
      schedule: "*/10 7-9 * * 1-5",
      timeZone: NEW_YORK,
      attemptDeadlineSeconds: 60,
      retries: 2,
    },
    {
      name: "keep-alive",
      service: "keep-alive",
      schedule: "*/5 * * * *",
      timeZone: NEW_YORK,
      attemptDeadlineSeconds: 120,
      retries: 0,
    },
    {
      name: "strategy-tick",
      service: "strategy-tick",
      schedule: "* * * * *",
      timeZone: NEW_YORK,
      attemptDeadlineSeconds: 60,
      retries: 2,
    },
  ],
  topics: ["token-refreshed", "order-created", "control", "bot-tick"],
  subscriptions: [
    { topic: "token-refreshed", subscriber: "worker" },
    { topic: "order-created", subscriber: "worker" },
    { topic: "control", subscriber: "worker" },
    {
      topic: "bot-tick",
      subscriber: "bot-tick",
      push: { service: "bot-tick", ackDeadlineSeconds: 60 },
    },
  ],
} as const satisfies Topology;
