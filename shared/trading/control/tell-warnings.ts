/** Tells of the limits that fill up: what one look finds is one loss more often than not, and is one message. */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Store, Transaction } from "../../platform/store.ts";
import type { TradedAccount } from "../traded-account.ts";
import { warningId } from "../warning-id.ts";
import type { Nearing } from "./breakers.ts";
import { type Announce, nearingNotice } from "./notices.ts";
import { riskEvents } from "./records.ts";

export interface WarningDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly account: Pick<TradedAccount, "id">;
  readonly announce: Announce;
}

interface Marked {
  readonly id: string;
  readonly warning: Nearing;
}

const EVENTS_KEPT = Temporal.Duration.from({ hours: 24 * 400 });

/**
 * Each mark is told once a New York day or week, together with what the ticks of that bot have warned of; what is
 * new at one look comes in one message. `told` spares the caller the second look.
 */
export async function tellWarnings(
  deps: WarningDeps,
  warnings: readonly Nearing[],
  told: Set<string>,
): Promise<void> {
  const { store, clock, account, log, announce } = deps;
  const now = clock.now();
  const fresh = warnings
    .map((warning) => ({ id: idOf(account.id, warning, now), warning }))
    .filter(({ id }) => !told.has(id));
  if (fresh.length === 0) return;
  const messages = await store.transact((transaction) => noteAll(transaction, account.id, fresh, now));
  for (const { id } of fresh) told.add(id);
  for (const [message, marked] of messages) {
    const notice = nearingNotice(marked.map(({ warning }) => warning));
    // Nothing waits for a messenger.
    void announce(`limit:${message}`, notice).catch((error: unknown) =>
      log.error("limit-not-announced", { account: account.id, error }),
    );
  }
}

function idOf(account: string, { bot, code, reached }: Nearing, now: Temporal.Instant): string {
  return warningId({ subject: bot ?? account, code, reached }, now);
}

/** The messages by their marks: what a look before has put into one, another process finds in that one again. */
async function noteAll(
  transaction: Transaction,
  account: TradedAccount["id"],
  fresh: readonly Marked[],
  now: Temporal.Instant,
): Promise<ReadonlyMap<string, readonly Marked[]>> {
  const found = await Promise.all(fresh.map(async ({ id }) => transaction.get(riskEvents, id)));
  const messages = new Map<string, Marked[]>();
  const first = fresh.find((_, index) => found[index]?.toldIn === undefined)?.id ?? "";
  for (const [index, marked] of fresh.entries()) {
    const event = found[index];
    const message = event?.toldIn ?? first;
    messages.set(message, [...(messages.get(message) ?? []), marked]);
    if (event?.toldIn !== undefined) continue;
    const { bot, code, text } = marked.warning;
    const written = event ?? {
      ...{ at: now, account, kind: "warned" as const, code, text, keptUntil: now.add(EVENTS_KEPT) },
      ...(bot !== undefined && { bot }),
    };
    transaction.set(riskEvents, marked.id, { ...written, toldIn: message });
  }
  return messages;
}
