import type { Entry } from "./call.ts";

/** So many answered orders are still heard; events of older ones reach only those who hear all events. */
export const ORDERS_REMEMBERED = 10_000;

/** Finds the call that a message belongs to. Only ids given here are answers, whatever else the broker sends. */
export class Correlation {
  readonly #open = new Map<string, Entry>();
  readonly #answered = new Map<string, Entry>();

  add(entry: Entry): void {
    this.#open.set(entry.clientMsgId, entry);
  }

  find(clientMsgId: string | undefined): Entry | undefined {
    if (clientMsgId === undefined) return undefined;
    return this.#open.get(clientMsgId) ?? this.#answered.get(clientMsgId);
  }

  /** The call goes on under another id. */
  rename(entry: Entry, clientMsgId: string): void {
    this.#open.delete(entry.clientMsgId);
    entry.clientMsgId = clientMsgId;
    this.#open.set(clientMsgId, entry);
  }

  /** To be told after anything that may have settled it. */
  note(entry: Entry): void {
    if (!entry.call.isSettled()) return;
    const { clientMsgId } = entry;
    this.#open.delete(clientMsgId);
    if (entry.call.hearsMore()) this.#remember(clientMsgId, entry);
  }

  /** Every call that is not settled, in the order in which they were given. */
  unsettled(): readonly Entry[] {
    return [...this.#open.values()];
  }

  #remember(clientMsgId: string, entry: Entry): void {
    this.#answered.set(clientMsgId, entry);
    if (this.#answered.size <= ORDERS_REMEMBERED) return;
    for (const oldest of this.#answered.keys()) {
      this.#answered.delete(oldest);
      return;
    }
  }
}
