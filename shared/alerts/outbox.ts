/**
 * Carries alerts to the owner.
 *
 * 1. An alert's id says what it is about; posting it again changes nothing.
 * 2. One process at a time sends it: the one that claimed it. A claim that was not finished within a minute
 *    is void, so an alert may arrive twice after a crash, but is not lost.
 * 3. An alert that asks for something already done is not sent any more.
 * 4. A failing messenger never fails the caller: the failure is recorded, shown on the page, and tried again
 *    with growing pauses for as long as the alert is useful.
 */
import { Temporal } from "temporal-polyfill";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { type Failure, fail, type Result } from "../platform/result.ts";
import type { Store } from "../platform/store.ts";
import type { Messenger, MessengerFailure, OutgoingMessage } from "./messenger.ts";
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
  /** Whether what the alert asks for is still to be done; asked before each attempt. */
  isStillTrue(content: AlertContent): Promise<boolean>;
}

export interface NewAlert {
  readonly content: AlertContent;
  readonly usefulUntil: Temporal.Instant;
}

export type PostOutcome = "sent" | "not-sent-yet" | "known";

/** Posts an alert unless one of this id exists, and tries to send it at once. Throws for the store's faults only. */
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
  const outcome = await trySending(deps, id, claimed.content);
  if (outcome === "no-longer-true") {
    await end(deps, id, claimed.attempts);
    return false;
  }
  if (outcome.ok) {
    await noteSent(deps, id);
    deps.log.info("alert-sent", { alert: id, kind: claimed.content.kind });
    return true;
  }
  const { code } = outcome;
  deps.log.warn("alert-not-sent", { alert: id, kind: claimed.content.kind, code });
  await noteFailure(deps, { id, attempt: claimed.attempts }, outcome);
  return false;
}

/** Whatever is thrown on the way counts as a failure: no alert may stop its caller, or the alerts behind it. */
async function trySending(
  deps: OutboxDeps,
  id: string,
  content: AlertContent,
): Promise<Result<unknown, MessengerFailure | "INTERNAL"> | "no-longer-true"> {
  try {
    if (!(await deps.isStillTrue(content))) return "no-longer-true";
    return await deps.messenger.send(await deps.compose(content));
  } catch (error) {
    deps.log.error("alert-broken", { alert: id, kind: content.kind, error });
    return fail("INTERNAL");
  }
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

/** Ends an alert unsent, unless another process has claimed it meanwhile. */
function end(deps: OutboxDeps, id: string, attempt: number): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(alerts, id);
    if (record?.state !== "sending" || record.attempts !== attempt) return;
    transaction.set(alerts, id, { ...record, state: "too-late" });
  });
}

/** A message that is out is out, whoever has claimed the alert meanwhile. */
function noteSent(deps: OutboxDeps, id: string): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(alerts, id);
    if (record === undefined || record.state === "sent") return;
    transaction.set(alerts, id, { ...record, state: "sent", sentAt: deps.clock.now() });
  });
}

/** Says nothing when another process has claimed the alert meanwhile: what becomes of it is its word. */
function noteFailure(
  deps: OutboxDeps,
  claimed: { readonly id: string; readonly attempt: number },
  { code, detail }: Failure,
): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(alerts, claimed.id);
    if (record?.state !== "sending" || record.attempts !== claimed.attempt) return;
    const notBefore = deps.clock.now().add(pauseAfter(claimed.attempt, detail.retryAfterSeconds));
    const state = code === "MESSENGER_REFUSED" ? "refused" : "waiting";
    transaction.set(alerts, claimed.id, { ...record, state, failure: code, notBefore });
  });
}

/** 20, 40, 80 … seconds, at most ten minutes; longer where the messenger asks for it. */
function pauseAfter(attempts: number, askedSeconds: string | number | undefined): Temporal.Duration {
  const own = Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** Math.max(0, attempts - 1));
  const asked = typeof askedSeconds === "number" ? askedSeconds : 0;
  return Temporal.Duration.from({ seconds: Math.max(own, Math.ceil(asked)) });
}
