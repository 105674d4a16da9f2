/** The morning: rings the owner rung by rung until everything that is needed is armed. */
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE, type Session, sessionOn } from "../calendar/sessions.ts";
import type { Config } from "../config/config.ts";
import type { Connection } from "../config/connection.ts";
import { ERRORS } from "../errors.ts";
import type { Store } from "../platform/store.ts";
import { acknowledgementId, isAcknowledged } from "../tokens/acknowledger.ts";
import { policyOf } from "../tokens/policy.ts";
import { acknowledgements, tokens } from "../tokens/records.ts";
import { isLive, tokenState } from "../tokens/token-state.ts";
import { decideMorning, type MorningConnection } from "./decide-morning.ts";
import { type OutboxDeps, postAlert } from "./outbox.ts";
import { type AlertContent, type MorningRecord, mornings } from "./records.ts";

export interface MorningDeps extends OutboxDeps {
  readonly connections: readonly Connection[];
  readonly ladder: Config["alerts"];
  /** Whose acknowledgement arms a connection, e.g. `worker`. */
  readonly subscriber: string;
}

export type MorningOutcome =
  | { readonly did: "nothing"; readonly reason: string }
  | { readonly did: "rang"; readonly rung: number; readonly delivery: "sent" | "not-sent-yet" | "known" };

/** Rings the rung that is due now, if any; safe to call at any time and any number of times. */
export async function ringMorning(deps: MorningDeps): Promise<MorningOutcome> {
  const now = deps.clock.now();
  const session = todaysSession(now);
  const connections = await morningConnections(deps);
  const { minutesBeforeOpen } = deps.ladder;
  const decision = decideMorning({ now, session, minutesBeforeOpen, connections });
  if (decision.act === "nothing" || session === undefined) {
    return { did: "nothing", reason: decision.act === "nothing" ? decision.reason : "closed-day" };
  }
  const { rung, waiting, unacknowledged, isLastRung } = decision;
  const { date, open } = session;
  const delivery = await postAlert(deps, `morning:${date}:${rung}`, {
    content: {
      kind: "morning",
      date,
      open,
      waiting: [...waiting],
      unacknowledged: [...unacknowledged],
      isHalfDay: session.kind === "half",
      isLastRung,
    },
    usefulUntil: open,
  });
  await changeMorning(deps.store, session, (before) => ({ alertedAt: now, ...before }));
  return { did: "rang", rung, delivery };
}

/**
 * Whether an alert still says how things stand: a morning has something to ask for, a token that is called
 * active is, and trouble is that of the newest token. Alerts of other kinds tell what happened, and stay true.
 */
export async function isStillTrue(
  deps: Parameters<typeof morningConnections>[0],
  content: AlertContent,
): Promise<boolean> {
  switch (content.kind) {
    case "morning": {
      const connections = await morningConnections(deps);
      return connections.some((one) => one.isNeeded && one.state !== "armed");
    }
    case "renewed":
      return isInForce(deps, content);
    case "keep-alive-failing":
    case "rejected":
      return isNewest(deps, content);
    case "link":
    case "login-failed":
    case "notice":
    case "answer":
      return true;
    default:
      return content satisfies never;
  }
}

/** False once a login has brought a later generation than the one that the trouble is about. */
async function isNewest(
  { connections, store }: Parameters<typeof morningConnections>[0],
  { label, generation }: Extract<AlertContent, { kind: "keep-alive-failing" | "rejected" }>,
): Promise<boolean> {
  const namesakes = connections.filter((connection) => connection.label === label);
  if (generation === undefined || namesakes.length === 0) return true;
  const records = await Promise.all(namesakes.map((connection) => store.get(tokens, connection.id)));
  return records.some((record) => record === undefined || record.generation <= generation);
}

/** False once the generation has ended, was refused, or has a successor. */
async function isInForce(
  { connections, store, clock }: Parameters<typeof morningConnections>[0],
  { label, generation }: Extract<AlertContent, { kind: "renewed" }>,
): Promise<boolean> {
  const namesakes = connections.filter((connection) => connection.label === label);
  const records = await Promise.all(namesakes.map((connection) => store.get(tokens, connection.id)));
  return records.some((record, index) => {
    const connection = namesakes[index];
    if (connection === undefined || record?.generation !== generation) return false;
    return isLive(
      tokenState({ record, authorization: undefined, policy: policyOf(connection) }, clock.now()),
    );
  });
}

/** Writes down when the last needed connection was armed on a trading morning; the first time counts. */
export async function noteArmed(
  deps: Omit<MorningDeps, keyof OutboxDeps> & Pick<OutboxDeps, "store" | "clock">,
) {
  const now = deps.clock.now();
  const session = todaysSession(now);
  if (session === undefined || Temporal.Instant.compare(now, session.close) >= 0) return;
  const connections = await morningConnections(deps);
  if (connections.some((one) => one.isNeeded && one.state !== "armed")) return;
  await changeMorning(deps.store, session, (before) => ({ armedAt: now, ...before }));
}

/**
 * Takes a morning's arming back when the broker refuses the newest token of a needed connection before the
 * open; what is armed again later counts from then. Called before the refusal itself is written down.
 */
export async function noteDisarmed(
  deps: Pick<OutboxDeps, "store" | "clock">,
  { connection, generation }: { readonly connection: Connection; readonly generation: number },
): Promise<void> {
  const session = todaysSession(deps.clock.now());
  if (connection.needed !== "every-morning" || session === undefined) return;
  if (Temporal.Instant.compare(deps.clock.now(), session.open) >= 0) return;
  await deps.store.transact(async (transaction) => {
    const id = session.date.toString();
    const record = await transaction.get(tokens, connection.id);
    const before = await transaction.get(mornings, id);
    if (before === undefined || record?.generation !== generation) return;
    const { armedAt: _, ...rest } = before;
    transaction.set(mornings, id, rest);
  });
}

/** Each connection's standing: armed only with a live token that the subscriber has acknowledged. */
export async function morningConnections(
  deps: Pick<MorningDeps, "connections" | "store" | "clock" | "subscriber">,
): Promise<readonly MorningConnection[]> {
  const now = deps.clock.now();
  return Promise.all(
    deps.connections.map(async (connection) => {
      const record = await deps.store.get(tokens, connection.id);
      const facts = { record, authorization: undefined, policy: policyOf(connection) };
      const id = acknowledgementId(connection.id, deps.subscriber);
      const acknowledgement = await deps.store.get(acknowledgements, id);
      const hasToken = isLive(tokenState(facts, now));
      const known = isAcknowledged(record, acknowledgement) ? "armed" : "unacknowledged";
      const state = hasToken ? known : "waiting";
      return { label: connection.label, isNeeded: connection.needed === "every-morning", state } as const;
    }),
  );
}

/** Today's session on the exchange's date. Throws outside the years of the calendar: silence would look like a holiday. */
export function todaysSession(now: Temporal.Instant): Session | undefined {
  const found = sessionOn(now.toZonedDateTimeISO(EXCHANGE_TIME_ZONE).toPlainDate());
  if (!found.ok) throw new RangeError(`${found.code}: ${ERRORS[found.code].next}`);
  return found.value;
}

function changeMorning(
  store: Store,
  session: Session,
  change: (before: MorningRecord) => MorningRecord,
): Promise<void> {
  return store.transact(async (transaction) => {
    const id = session.date.toString();
    const before = (await transaction.get(mornings, id)) ?? { date: session.date, open: session.open };
    transaction.set(mornings, id, change(before));
  });
}
