import { type Result, succeed } from "../../platform/result.ts";
import type { CtraderCallFailure } from "./channel.ts";
import type { FoundOrder } from "./order-desk.ts";
import { type LookParts, noChannel, searchOrders } from "./order-looks.ts";
import { type OrderSubject, submitted } from "./order-subject.ts";

type Answer = Result<FoundOrder, CtraderCallFailure>;

interface Question {
  readonly subject: OrderSubject;
  readonly sinceMs: number;
  answer(found: Answer): void;
  fault(error: unknown): void;
}

/** One look at the broker for an order, by the id that we gave it; `sinceMs`: not after it was sent. */
export type FindOnce = (clientOrderId: string, sinceMs: number) => Promise<Answer>;

/**
 * Looks for orders that are asked for one by one, with one search for all that wait: the broker gives its lists
 * out few times a second, and a process that takes over from a killed one asks for all that was under way.
 * `looks`: undefined while there is no channel.
 */
export function openFinds(looks: () => LookParts | undefined): FindOnce {
  const waiting: Question[] = [];
  let isSearching = false;

  async function searchWhileWanted(): Promise<void> {
    isSearching = true;
    // Those that ask in the same turn come into the first search too.
    await Promise.resolve();
    while (waiting.length > 0) await answerAll(looks(), waiting.splice(0));
    isSearching = false;
  }

  return (clientOrderId, sinceMs) =>
    new Promise((answer, fault) => {
      waiting.push({ subject: submitted(clientOrderId), sinceMs, answer, fault });
      if (!isSearching) void searchWhileWanted();
    });
}

async function answerAll(looks: LookParts | undefined, questions: readonly Question[]): Promise<void> {
  try {
    const subjects = questions.map(({ subject }) => subject);
    const since = Math.min(...questions.map(({ sinceMs }) => sinceMs));
    const { found, isComplete } =
      looks === undefined
        ? { found: new Map<OrderSubject, FoundOrder>(), isComplete: false }
        : await searchOrders(looks, subjects, since);
    for (const { subject, answer } of questions) {
      const order = found.get(subject);
      if (order !== undefined) answer(succeed(order));
      else answer(isComplete ? succeed({ kind: "absent" }) : noChannel());
    }
  } catch (error) {
    for (const { fault } of questions) fault(error);
  }
}
