import type { Messenger, MessengerFailure, OutgoingMessage } from "../../shared/alerts/messenger.ts";
import { type FailureDetail, fail, succeed } from "../../shared/platform/result.ts";

export interface NotedMessenger extends Messenger {
  /** What was delivered, in order. */
  readonly delivered: OutgoingMessage[];
  /** The next attempts end so, first come first served; an `Error` is thrown. */
  readonly troubles: (Error | { readonly code: MessengerFailure; readonly detail?: FailureDetail })[];
  attempts(): number;
}

/** A phone in memory. */
export function createNotedMessenger(): NotedMessenger {
  const delivered: OutgoingMessage[] = [];
  const troubles: NotedMessenger["troubles"] = [];
  let attempts = 0;
  return {
    delivered,
    troubles,
    attempts: () => attempts,
    async send(message) {
      attempts += 1;
      const trouble = troubles.shift();
      if (trouble instanceof Error) throw trouble;
      if (trouble !== undefined) return fail(trouble.code, trouble.detail);
      delivered.push(message);
      return succeed({ messageId: String(delivered.length) });
    },
  };
}
