/**
 * Carries alerts to the owner.
 *
 * 1. An alert's id says what it is about; posting it again changes nothing.
 * 2. One process at a time sends it: the one that claimed it. A claim that was not finished within a minute
 *    is void, so an alert may arrive twice after a crash, but is not lost.
 * 3. A failing messenger never fails the caller: the failure is recorded, shown on the page, and tried again
 *    with growing pauses for as long as the alert is useful.
 */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../platform/store.ts";
import type { Messenger, OutgoingMessage } from "./messenger.ts";
import { type AlertContent, type AlertRecord, alerts } from "./records.ts";

const CLAIM_LIFE = Temporal.Duration.from({ seconds: 60 });
const FIRST_PAUSE_SECONDS = 20;
const LONGEST_PAUSE_SECONDS = 600;
const UNFINISHED = ["waiting", "sending"] as const;

export interface OutboxDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly messenger: Messenger;
  readonly log: Log;
  /** Puts an alert into words; called once an attempt, because a link in it is fresh each time. */
  compose(content: AlertContent): Promise<OutgoingMessage>;
}

export interface NewAlert {
  readonly content: AlertContent;
  readonly usefulUntil: Temporal.Instant;
}

export type PostOutcome = "sent" | "not-sent-yet" | "known";

/** Posts an alert unless one of this id exists, and tries to send it at once. Never throws for a messenger's fault. */
export async function postAlert(deps: OutboxDeps, id: string, alert: NewAlert): Promise<PostOutcome> {
  const isNew = await deps.store.transact(async (transaction) => {
    if ((await transaction.get(alerts, id)) !== undefined) return false;
    const now = deps.clock.now();
    const record: AlertRecord = { ...alert, createdAt: now, state: "waiting", attempts: 0, notBefore: now };
    transaction.set(alerts, id, record);
    return true;
  });
  if (!isNew) return "known";
  return (await sendAlert(deps, id)) ? "sent" : "not-sent-yet";
}

/** Sends what is still to be sent and due; returns how many went out. */
export async function sweepAlerts(deps: OutboxDeps): Promise<number> {
  let sent = 0;
  for (const state of UNFINISHED) {
    for (const { id } of await deps.store.query(alerts, { where: { state } })) {
      if (await sendAlert(deps, id)) sent += 1;
    }
  }
  return sent;
}

async function sendAlert(deps: OutboxDeps, id: string): Promise<boolean> {
  const claimed = await claim(deps, id);
  if (claimed === undefined) return false;
  const message = await deps.compose(claimed.content);
  const outcome = await deps.messenger.send(message);
  if (outcome.ok) {
    await settle(deps, id, (record) => ({ ...record, state: "sent", sentAt: deps.clock.now() }));
    deps.log.info("alert-sent", { alert: id, kind: claimed.content.kind });
    return true;
  }
  const { code } = outcome;
  deps.log.warn("alert-not-sent", { alert: id, kind: claimed.content.kind, code });
  const notBefore = deps.clock.now().add(pauseAfter(claimed.attempts));
  const state = code === "MESSENGER_REFUSED" ? "refused" : "waiting";
  await settle(deps, id, (record) => ({ ...record, state, failure: code, notBefore }));
  return false;
}

/** Makes the alert this process's to send, or ends one that came too late. */
function claim(deps: OutboxDeps, id: string): Promise<AlertRecord | undefined> {
  return deps.store.transact(async (transaction) => {
    const now = deps.clock.now();
    const record = await transaction.get(alerts, id);
    if (record === undefined || (record.state !== "waiting" && record.state !== "sending")) return undefined;
    if (Temporal.Instant.compare(now, record.notBefore) < 0) return undefined;
    if (Temporal.Instant.compare(now, record.usefulUntil) >= 0) {
      transaction.set(alerts, id, { ...record, state: "too-late" });
      return undefined;
    }
    const claimed: AlertRecord = {
      ...record,
      state: "sending",
      attempts: record.attempts + 1,
      notBefore: now.add(CLAIM_LIFE),
    };
    transaction.set(alerts, id, claimed);
    return claimed;
  });
}

function settle(deps: OutboxDeps, id: string, change: (record: AlertRecord) => AlertRecord): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(alerts, id);
    if (record?.state === "sending") transaction.set(alerts, id, change(record));
  });
}

/** 20, 40, 80 … seconds, at most ten minutes. */
function pauseAfter(attempts: number): Temporal.Duration {
  const seconds = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** Math.max(0, attempts - 1));
  return Temporal.Duration.from({ seconds });
}
