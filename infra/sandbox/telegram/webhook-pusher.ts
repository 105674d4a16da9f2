import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../../shared/platform/clock.ts";
import type { Log } from "../../../shared/platform/log.ts";
import type { Chat } from "./chat.ts";
import type { PendingUpdate, Webhook } from "./chat-state.ts";
import type { TelegramSwitches } from "./faults.ts";

const ANSWER_TIMEOUT_MS = 30_000;
const LONGEST_DELAY_SECONDS = 60;
const LONGEST_RETRY_AFTER_SECONDS = 3600;

/** Why the newest push failed, as `getWebhookInfo` tells it. */
export interface PushError {
  readonly date: number;
  readonly message: string;
}

export interface WebhookPusher {
  lastError(): PushError | undefined;
  /** Looks at the web hook anew, at once, and forgets the last error. */
  reconfigure(): void;
  /** Resolves when no push is under way and none is about to begin. */
  settled(): Promise<void>;
  /** Ends a push under way; its update stays in the queue. */
  close(): Promise<void>;
}

type PushOutcome = { readonly ok: true } | { readonly ok: false; message: string; retryAfterSeconds: number };

/**
 * Pushes updates to the web hook one at a time, in order. An answer other than 2xx brings the update again:
 * first at once, then after 2, 4, 8 ... 60 seconds of the clock, or when `Retry-After` says, until it is a day old.
 */
export function createWebhookPusher(deps: {
  readonly clock: Clock;
  readonly log: Log;
  readonly chat: Chat;
  readonly switches: TelegramSwitches;
}): WebhookPusher {
  const { clock, chat } = deps;
  const closed = new AbortController();
  let news = new AbortController();
  let reconfigured = new AbortController();
  let lastError: PushError | undefined;
  let current: Promise<readonly PushOutcome[]> | undefined;
  const stopListening = chat.onUpdate(() => news.abort());

  async function pushNext(webhook: Webhook, update: PendingUpdate, failures: number): Promise<number> {
    const copies = deps.switches.current().deliverTwice ? [1, 2] : [1];
    current = Promise.all(copies.map(() => push(webhook, update, closed.signal)));
    const outcomes = await current;
    current = undefined;
    const failure = outcomes.find((outcome) => !outcome.ok);
    if (failure === undefined) {
      chat.dropUpdates(({ id }) => id === update.id);
      return 0;
    }
    if (closed.signal.aborted) return failures;
    lastError = { date: Math.floor(clock.now().epochMilliseconds / 1000), message: failure.message };
    deps.log.warn("update-not-taken", { update: update.id, failures: failures + 1, reason: failure.message });
    const seconds = failure.retryAfterSeconds || backOffSeconds(failures);
    const signal = AbortSignal.any([reconfigured.signal, closed.signal]);
    await clock.sleep(Temporal.Duration.from({ seconds }), signal);
    return failures + 1;
  }

  async function run(): Promise<void> {
    let failing = { update: 0, failures: 0 };
    while (!closed.signal.aborted) {
      news = new AbortController();
      reconfigured = new AbortController();
      chat.dropUpdates(() => false);
      const { webhook } = chat.state;
      const update = chat.dueUpdates()[0];
      if (webhook === undefined || update === undefined) {
        await rest(deps, AbortSignal.any([news.signal, closed.signal]));
      } else {
        const before = failing.update === update.id ? failing.failures : 0;
        failing = { update: update.id, failures: await pushNext(webhook, update, before) };
      }
    }
  }

  const running = run();
  return {
    lastError: () => lastError,
    reconfigure() {
      lastError = undefined;
      news.abort();
      reconfigured.abort();
    },
    async settled() {
      do {
        await current;
        await turn();
      } while (current !== undefined);
    },
    async close() {
      stopListening();
      closed.abort();
      await running;
    },
  };
}

/** Waits until `news` comes, or an update that is held back is due. */
async function rest(deps: { readonly clock: Clock; readonly chat: Chat }, news: AbortSignal): Promise<void> {
  const { webhook, pending } = deps.chat.state;
  const held = webhook === undefined ? undefined : pending[0];
  if (held !== undefined) await deps.clock.sleep(until(deps.clock, held.notBefore), news);
  else if (!news.aborted) await once(news, "abort");
}

/** `failures`: how often this update had failed before. */
function backOffSeconds(failures: number): number {
  return failures === 0 ? 0 : Math.min(2 ** failures, LONGEST_DELAY_SECONDS);
}

function until(clock: Clock, instant: string): Temporal.Duration {
  const left = clock.now().until(Temporal.Instant.from(instant));
  return left.sign < 0 ? new Temporal.Duration() : left;
}

async function push(webhook: Webhook, update: PendingUpdate, closed: AbortSignal): Promise<PushOutcome> {
  const secret = webhook.secretToken;
  try {
    const response = await fetch(webhook.url, {
      method: "POST",
      redirect: "manual",
      headers: {
        "content-type": "application/json",
        ...(secret !== undefined && { "x-telegram-bot-api-secret-token": secret }),
      },
      body: JSON.stringify({ update_id: update.id, ...update.body }),
      signal: AbortSignal.any([AbortSignal.timeout(ANSWER_TIMEOUT_MS), closed]),
    });
    await response.body?.cancel();
    if (response.ok) return { ok: true };
    const message = `Wrong response from the webhook: ${response.status} ${response.statusText}`;
    const asked = Number(response.headers.get("retry-after") ?? 0);
    const retryAfterSeconds = asked > 0 ? Math.min(asked, LONGEST_RETRY_AFTER_SECONDS) : 0;
    return { ok: false, message, retryAfterSeconds };
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === "TimeoutError";
    const message = isTimeout ? "Read timeout expired" : "Connection refused or closed";
    return { ok: false, message, retryAfterSeconds: 0 };
  }
}
