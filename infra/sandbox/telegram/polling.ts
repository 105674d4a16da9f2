import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { Clock } from "../../../shared/platform/clock.ts";
import { toIso } from "../../../shared/platform/instant.ts";
import { allowedUpdatesParam, setAllowedUpdates } from "./allowed-updates.ts";
import { type BotApiParams, integer } from "./bot-api-params.ts";
import type { Chat } from "./chat.ts";
import { badRequest, done, type Reply } from "./reply.ts";

const LONGEST_POLL_SECONDS = 50;

const pollParams = z.looseObject({
  offset: integer.default(0),
  limit: integer.default(100),
  timeout: integer.default(0),
  allowed_updates: allowedUpdatesParam,
});

const BESIDE_HOOK =
  "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
const TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running";

/** `getUpdates`. One poll at a time: a second one ends the first, and a web hook ends every one. */
export function createPolling(deps: { readonly clock: Clock; readonly chat: Chat }) {
  const { chat } = deps;
  let current = new AbortController();
  return {
    async getUpdates(params: BotApiParams, gone: AbortSignal): Promise<Reply> {
      const call = pollParams.safeParse(params);
      if (!call.success) return badRequest("invalid parameters of getUpdates specified");
      current.abort();
      if (chat.state.webhook !== undefined) return conflict(BESIDE_HOOK);
      const mine = new AbortController();
      current = mine;
      chat.change((state) => setAllowedUpdates(state, call.data.allowed_updates));
      forgetBefore(chat, call.data.offset);
      const signal = AbortSignal.any([mine.signal, gone]);
      await waitForUpdates({ ...deps, seconds: call.data.timeout, signal });
      if (mine.signal.aborted) return conflict(TERMINATED);
      const limit = Math.min(Math.max(call.data.limit, 1), 100);
      const updates = chat.dueUpdates().slice(0, limit);
      return done(updates.map((update) => ({ update_id: update.id, ...update.body })));
    },
    /** Ends a poll that waits. */
    stop: (): void => current.abort(),
  };
}

function conflict(description: string): Reply {
  return { kind: "refused", status: 409, description: `Conflict: ${description}` };
}

/** A negative offset counts from the end of the queue. */
function forgetBefore(chat: Chat, offset: number): void {
  const due = chat.dueUpdates();
  const from = offset < 0 ? (due.at(offset)?.id ?? due[0]?.id ?? 0) : offset;
  chat.dropUpdates(({ id }) => id < from);
}

async function waitForUpdates(options: {
  readonly clock: Clock;
  readonly chat: Chat;
  readonly seconds: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { clock, chat, signal } = options;
  const end = clock.now().add({ seconds: Math.min(Math.max(options.seconds, 0), LONGEST_POLL_SECONDS) });
  while (chat.dueUpdates().length === 0 && !signal.aborted) {
    const now = clock.now();
    const left = now.until(end);
    if (left.sign <= 0) return;
    const held = chat.state.pending.find(({ notBefore }) => notBefore > toIso(now));
    const news = new AbortController();
    const stopListening = chat.onUpdate(() => news.abort());
    await clock.sleep(
      held === undefined ? left : shorter(left, now.until(held.notBefore)),
      AbortSignal.any([news.signal, signal]),
    );
    stopListening();
  }
}

function shorter(a: Temporal.Duration, b: Temporal.Duration): Temporal.Duration {
  return Temporal.Duration.compare(a, b) < 0 ? a : b;
}
