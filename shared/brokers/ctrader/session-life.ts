/** The life of a session: connection after connection, and on each one step after the other. */

import type { SessionPhase } from "./session.ts";
import { Connection, type SessionStep } from "./session-connection.ts";
import type { SessionCore } from "./session-core.ts";
import { sessionEvents } from "./session-events.ts";
import { loginAccount, loginApplication } from "./session-login.ts";
import { reconcile } from "./session-reconcile.ts";
import { decideRest, type Rest } from "./session-step.ts";
import { subscribe, subscribeLater } from "./session-subscribe.ts";
import { endTrouble, type SessionTrouble, troubleOf } from "./session-trouble.ts";

/** Until it is over, a term is the time between `start` and `drop` or `stop`. */
export interface Term {
  isWanted: boolean;
}

/** Even if it is woken all the time, a session dials no more often than this. */
const LEAST_GAP_MS = 1_000;
/** So many losses of the account's session in a minute, and a fresh connection is tried. */
const MOST_STRIKES = 6;
const FAILED_AGAIN_MS = 30_000;

/** A fault of our own, kept from ending the session. */
const BUG: SessionTrouble = { code: "BROKER_REPLY_UNREADABLE", action: "transient" };

/** Lives until the term is over and its last connection has ended; never rejects. */
export async function live(core: SessionCore, term: Term): Promise<void> {
  const { bell, deps, timings } = core;
  while (term.isWanted) {
    core.show("connecting");
    const dialledAt = deps.timers.now();
    const connection = connect(core);
    const rest = await serveSafely(core, connection);
    connection.isWanted = false;
    connection.channel.close();
    await connection.over;
    core.failures = hasLasted(core, connection) ? 1 : core.failures + 1;
    if (!term.isWanted || rest === undefined) continue;
    core.show("waiting", { waitingFor: rest.waitingFor });
    const { wakes } = core;
    await bell.until(() => (!term.isWanted || core.wakes !== wakes ? true : undefined), rest.ms);
    const tooEarlyMs = Math.min(rest.ms, LEAST_GAP_MS) - (deps.timers.now() - dialledAt);
    if (tooEarlyMs > 0) await bell.until(() => (term.isWanted ? undefined : true), tooEarlyMs);
  }

  function connect(of: SessionCore): Connection {
    const connection: Connection = new Connection(() => channel);
    of.connection = connection;
    const channel = of.deps.openChannel(sessionEvents(of, connection));
    return connection;
  }

  function hasLasted(of: SessionCore, { firstReadyAt }: Connection): boolean {
    return firstReadyAt !== undefined && of.deps.timers.now() - firstReadyAt >= timings.lastingMs;
  }
}

async function serveSafely(core: SessionCore, connection: Connection): Promise<Rest | undefined> {
  try {
    return await serve(core, connection);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    core.deps.log.error("session-failed", { message });
    core.note(connection, BUG);
    return rest(core, connection, endTrouble("closed-by-us"));
  }
}

/** Takes the connection from step to step; gives back how to rest once it has to be left. Undefined: the term is over. */
async function serve(core: SessionCore, connection: Connection): Promise<Rest | undefined> {
  await core.bell.until(() => (connection.peer !== undefined || isOver(connection) ? true : undefined));
  for (;;) {
    if (!connection.isWanted) return undefined;
    if (connection.end !== undefined) return rest(core, connection, endTrouble(connection.end));
    const step = connection.nextStep();
    if (step === undefined) {
      await beReady(core, connection);
      continue;
    }
    const trouble = await take(core, connection, step);
    if (trouble === undefined || isOver(connection)) continue;
    const { losses } = connection;
    core.note(connection, trouble);
    // A loss has been counted, and there may be no token for days.
    if (connection.losses === losses && trouble.action !== "token") connection.strike(core.deps.timers.now());
    const next = rest(core, connection, trouble);
    if (next.kind === "leave") return next;
    await stay(core, connection, { step, next });
  }
}

function isOver(connection: Connection): boolean {
  return !connection.isWanted || connection.end !== undefined;
}

function rest(core: SessionCore, connection: Connection, trouble: SessionTrouble): Rest {
  const { deps, timings } = core;
  const now = deps.timers.now();
  const { firstReadyAt } = connection;
  const hasLasted = firstReadyAt !== undefined && now - firstReadyAt >= timings.lastingMs;
  const facts = {
    failures: hasLasted ? 0 : core.failures,
    strikes: connection.strikes(now),
    now: deps.clock.now().epochMilliseconds,
  };
  return decideRest(trouble, facts, timings, deps.random);
}

/** Waits on this connection; for a token until one is proved here or somebody says that one may have come. */
async function stay(
  core: SessionCore,
  connection: Connection,
  { step, next }: { readonly step: SessionStep; readonly next: Rest },
): Promise<void> {
  const { wakes } = core;
  core.show("waiting", { waitingFor: next.waitingFor });
  if (connection.authorised === undefined) core.quotes.forget();
  await core.bell.until(() => {
    const isWoken = next.waitingFor === "token" && core.wakes !== wakes;
    return isOver(connection) || isWoken || connection.nextStep() !== step ? true : undefined;
  }, next.ms);
}

async function beReady(core: SessionCore, connection: Connection): Promise<void> {
  const { deps, timings, bell } = core;
  const now = deps.timers.now();
  connection.firstReadyAt ??= now;
  core.show("ready");
  const untilNext = Math.max(0, connection.reconciledAt + timings.reconcileMs - now);
  const news = await bell.until(
    () => (isOver(connection) || connection.nextStep() !== undefined ? true : undefined),
    untilNext,
  );
  if (news === undefined) connection.wantsReconcile = true;
}

const PHASES: Partial<Record<SessionStep, SessionPhase>> = {
  application: "application",
  account: "account",
  reconciling: "reconciling",
  subscribing: "subscribing",
};

/** Takes one step; gives back what was in its way. */
async function take(
  core: SessionCore,
  connection: Connection,
  step: SessionStep,
): Promise<SessionTrouble | undefined> {
  const phase = PHASES[step];
  if (phase !== undefined) core.show(phase);
  switch (step) {
    case "application":
      return loginApplication(core, connection);
    case "account":
      return isHopeless(core, connection) ? FLAPPING : loginAccount(core, connection);
    case "reconciling":
      return reconcile(core, connection);
    case "subscribing":
      return subscribe(core, connection);
    case "verify":
      return verify(core, connection);
    case "reconcile-again":
      return reconcileAgain(core, connection);
    case "subscribe-again":
      return subscribeAgain(core, connection);
    default:
      return step satisfies never;
  }
}

/** The account's session is lost as often as it is opened. */
const FLAPPING: SessionTrouble = { code: "BROKER_UNAVAILABLE", action: "ended" };

function isHopeless({ deps: { timers } }: SessionCore, connection: Connection): boolean {
  return connection.strikes(timers.now()) > MOST_STRIKES;
}

/** One read tells whether the account's session is really over. */
async function verify(core: SessionCore, connection: Connection): Promise<SessionTrouble | undefined> {
  const account = connection.authorised?.account.ctidTraderAccountId;
  connection.isInQuestion = false;
  if (account === undefined) return undefined;
  const { losses } = connection;
  const read = await connection.ask("ProtoOATraderReq", { ctidTraderAccountId: account });
  if (isOver(connection) || connection.losses !== losses) return undefined;
  if (!read.ok) core.note(connection, troubleOf(read));
  if (connection.losses !== losses) return undefined;
  // The news may have been true, and a proof may have opened a new session meanwhile.
  if (connection.wasAuthorisedAgain) connection.beginAnew();
  else if (!read.ok) connection.wantsReconcile = true;
  return undefined;
}

/** While the session is ready, a comparison that fails for now is made again later. */
async function reconcileAgain(
  core: SessionCore,
  connection: Connection,
): Promise<SessionTrouble | undefined> {
  const trouble = await reconcile(core, connection);
  if (trouble === undefined || isOver(connection)) return undefined;
  core.note(connection, trouble);
  connection.wantsReconcile = false;
  connection.reconciledAt = core.deps.timers.now() - core.timings.reconcileMs + FAILED_AGAIN_MS;
  return undefined;
}

/** While the session is ready, a subscription that fails, for whatever reason, does not end it and is asked for again later. */
async function subscribeAgain(
  core: SessionCore,
  connection: Connection,
): Promise<SessionTrouble | undefined> {
  const trouble = await subscribe(core, connection);
  if (trouble === undefined || isOver(connection)) return undefined;
  core.note(connection, trouble);
  subscribeLater(core, connection);
  return undefined;
}
