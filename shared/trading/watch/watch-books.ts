/**
 * What a person has to look at because nobody here can settle it: an account on which books and broker disagree, and
 * an order of which the broker does not say what became of it.
 */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../../platform/clock.ts";
import { toIso } from "../../platform/instant.ts";
import type { Store } from "../../platform/store.ts";
import { type AccountRecord, accounts } from "../account-record.ts";
import type { Announce, Notice } from "../control/notices.ts";
import { type OrderRecord, orderId, orders } from "../records.ts";

export interface WatchBooksDeps {
  readonly store: Pick<Store, "query">;
  readonly clock: Clock;
  readonly announce: Announce;
}

/** What is slow for a moment, on the way or at the broker, settles itself within that. */
const SETTLES_WITHIN = Temporal.Duration.from({ minutes: 2 });

/** What a lost connection leaves of many orders is one message: the phone shows what is told beside it. */
const TOLD_SINGLY = 3;

/**
 * Tells of each break once an hour at most, however often it comes and goes, and of each order once; of many orders
 * of one account once an hour, and of each once few are left.
 */
export async function watchBooks({ store, clock, announce }: WatchBooksDeps): Promise<void> {
  const before = clock.now().subtract(SETTLES_WITHIN);
  for (const { value } of await store.query(accounts)) {
    const { account, break: broken } = value;
    if (broken === undefined || Temporal.Instant.compare(broken.since, before) > 0) continue;
    await announce(`break:${account}:${broken.code}:${hourOf(broken.since)}`, breakNotice(account, broken));
  }
  const unsettled: OrderRecord[] = [];
  for (const state of ["sending", "unknown"] as const) {
    const found = (await store.query(orders, { where: { state } })).map(({ value }) => value);
    unsettled.push(
      ...found.filter((one) => Temporal.Instant.compare(one.sentAt ?? one.changedAt, before) <= 0),
    );
  }
  for (const [account, found] of Map.groupBy(unsettled, ({ connection }) => connection)) {
    if (found.length > TOLD_SINGLY) {
      await announce(`unknown-many:${account}:${hourOf(clock.now())}`, manyUnknownNotice(account, found));
      continue;
    }
    for (const one of found)
      await announce(`unknown:${orderId(account, one.clientOrderId)}`, unknownNotice(one));
  }
}

function hourOf(at: Temporal.Instant): string {
  return toIso(at).slice(0, "2026-11-23T16".length);
}

function breakNotice(account: string, { code, text }: NonNullable<AccountRecord["break"]>): Notice {
  return {
    sign: "warning",
    title: `Books and broker disagree on ${account}: nothing opens there`,
    lines: [`${code}: ${text}`, "Compare with the broker's own page. It goes on by itself once they agree."],
  };
}

function unknownNotice({ connection, clientOrderId, bot, source, ticket }: OrderRecord): Notice {
  const { side, quantity, instrument, closes } = ticket;
  return {
    sign: "warning",
    title: `Nobody knows what became of an order on ${connection}`,
    lines: [
      `${side} ${quantity.toFixed()} ${instrument}${closes === undefined ? "" : " to close"} · ${bot ?? source} · ${clientOrderId}`,
      "It has left, or may have. It is not sent again, and is asked for as long as this lasts.",
      "Look for it on the broker's own page.",
    ],
  };
}

function manyUnknownNotice(account: string, found: readonly OrderRecord[]): Notice {
  return {
    sign: "warning",
    title: `Nobody knows what became of ${found.length} orders on ${account}`,
    lines: [
      "They have left, or may have. They are not sent again, and are asked for as long as this lasts.",
      "Look for them on the broker's own page; /positions and the page say what is known here.",
    ],
  };
}
