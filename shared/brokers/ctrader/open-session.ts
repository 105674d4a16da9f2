/**
 * One account's session at cTrader. It owns the book, the order desk, the directory of symbols, the prices and
 * the bars; `session-life.ts` brings up one connection after the other under them.
 */
import { fail, type Result } from "../../platform/result.ts";
import { createBell } from "../bell.ts";
import type { CtraderCallFailure, RequestOptions } from "./channel.ts";
import { openBars } from "./open-bars.ts";
import { openBook } from "./open-book.ts";
import { openOrderDesk } from "./open-order-desk.ts";
import { openQuotes } from "./open-quotes.ts";
import { openSymbols } from "./open-symbols.ts";
import type { AnswerOf, RequestName } from "./protocol/names.ts";
import type { Messages } from "./protocol/open-api.generated.ts";
import type { CtraderSession, SessionPhase, SessionState } from "./session.ts";
import type { Connection } from "./session-connection.ts";
import {
  authorisedConnection,
  type SessionCore,
  type SessionDeps,
  type SessionOptions,
} from "./session-core.ts";
import { forgetLive, guarded } from "./session-events.ts";
import { live, type Term } from "./session-life.ts";
import { prove } from "./session-prove.ts";
import { refresh } from "./session-reconcile.ts";
import { SESSION_TIMINGS } from "./session-step.ts";
import { type SessionTrouble, troubleOf } from "./session-trouble.ts";

export type { SessionDeps, SessionOptions } from "./session-core.ts";

/** How often a session that stops looks whether all orders are answered. */
const SETTLING_MS = 50;

/** What comes in doubt is not compared oftener. */
const COMPARED_AGAIN_MS = 1_000;

/** A session that has not been started. */
export function openSession(deps: SessionDeps, options: SessionOptions): CtraderSession {
  const listeners = new Set<(state: SessionState) => void>();
  const core = assemble(deps, options, listeners);
  let term: Term | undefined;
  let life: Promise<void> = Promise.resolve();

  function drop(): void {
    if (term !== undefined) term.isWanted = false;
    term = undefined;
    const { connection } = core;
    if (connection !== undefined) {
      connection.isWanted = false;
      connection.channel.close();
    }
    forgetLive(core);
    core.show("stopped");
    core.bell.ring();
  }

  return {
    start() {
      if (term !== undefined) return;
      const own: Term = { isWanted: true };
      term = own;
      core.isStopping = false;
      // The connection of the term before has to be over first: there is never more than one.
      life = life.then(() => live(core, own));
    },
    async stop({ settleMs = 0 } = {}) {
      core.isStopping = true;
      await settle(core, settleMs);
      drop();
      await life;
    },
    drop,
    state: core.state,
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    wake() {
      core.wakes += 1;
      core.bell.ring();
    },
    async prove(held) {
      return term === undefined ? fail("BROKER_UNREACHABLE") : prove(core, held);
    },
    request: (name, body, requestOptions) => request(core, name, body, requestOptions),
    lastFrameAt: () =>
      core.connection?.isLiving() === true ? core.connection.channel.lastFrameAt() : undefined,
    refresh: () => refresh(core),
    depositAsset: () =>
      core.depositAssetId === undefined ? undefined : core.symbols.assetName(core.depositAssetId),
    streamedAt(symbolId) {
      const connection = authorisedConnection(core);
      return connection?.spots.has(symbolId) === true ? connection.channel.lastFrameAt() : undefined;
    },
    orders: core.desk,
    book: core.book,
    quotes: core.quotes,
    bars: core.bars,
    symbols: core.symbols,
  };
}

function assemble(
  deps: SessionDeps,
  options: SessionOptions,
  listeners: ReadonlySet<(state: SessionState) => void>,
): SessionCore {
  const { timers, clock, log } = deps;
  const bell = createBell(timers);
  const accountId = () => core.account?.ctidTraderAccountId;
  const ask: CtraderSession["request"] = (name, body, how) => request(core, name, body, how);
  const subscribed = () => want(core, "wantsSubscribe");
  const book = openBook({ accountId, log, doubted: () => doubt(core) });
  const quotes = openQuotes({ timers, subscribed });
  const shown = openState(deps, listeners, () => core);
  const core: SessionCore = {
    deps,
    options,
    timings: { ...SESSION_TIMINGS, ...options.timings },
    bell,
    book,
    desk: openOrderDesk({
      channel: () => authorisedConnection(core)?.channel,
      isReady: () => core.connection?.isReady() === true && !core.isStopping,
      accountId,
      book,
      clock,
      timers,
      log,
      reconcile: () => want(core, "wantsReconcile"),
    }),
    symbols: openSymbols({ request: ask, accountId }),
    quotes,
    bars: openBars({ timers, clock, log, quotes, request: ask, accountId, subscribed }),
    connection: undefined,
    account: undefined,
    failures: 0,
    wakes: 0,
    isStopping: false,
    comparisons: { begun: 0, done: 0, failures: 0, lastFailure: undefined },
    depositAssetId: undefined,
    dealsReadTo: undefined,
    refused: undefined,
    told: new Set(),
    ...shown,
  };
  return core;
}

/** Asks something of the connection in use; without one it is done on the next anyway. */
function want(core: SessionCore, what: "wantsSubscribe" | "wantsReconcile"): void {
  const connection = authorisedConnection(core);
  if (connection === undefined) return;
  connection[what] = true;
  core.bell.ring();
}

/**
 * Compares soon: at once, or a second after the comparison before. Where the broker's times are coarse, all that a
 * busy account does comes in doubt, and comparisons without a pause would keep everything else from being asked.
 */
function doubt(core: SessionCore): void {
  const connection = authorisedConnection(core);
  if (connection === undefined || connection.isInDoubt) return;
  const { timers } = core.deps;
  const waitMs = connection.comparedAt + COMPARED_AGAIN_MS - timers.now();
  if (waitMs <= 0) {
    want(core, "wantsReconcile");
    return;
  }
  connection.isInDoubt = true;
  timers.after(waitMs, () => {
    connection.isInDoubt = false;
    if (core.connection === connection) want(core, "wantsReconcile");
  });
}

/** How the session stands, for whoever looks. */
function openState(
  { timers, log }: SessionDeps,
  listeners: ReadonlySet<(state: SessionState) => void>,
  core: () => SessionCore,
): Pick<SessionCore, "state" | "show" | "note"> {
  let phase: SessionPhase = "stopped";
  let waitingFor: SessionState["waitingFor"];
  let since = timers.now();
  let connections = 0;
  let trouble: SessionTrouble | undefined;

  function state(): SessionState {
    const { connection, account } = core();
    const authorised = connection?.isLiving() === true ? connection.authorised : undefined;
    return {
      phase,
      since,
      connections,
      ...(phase === "waiting" && waitingFor !== undefined && { waitingFor }),
      ...(trouble !== undefined && { lastTrouble: trouble.code }),
      ...(trouble?.brokerCode !== undefined && { brokerCode: trouble.brokerCode }),
      ...(trouble?.isOnOtherHost === true && { isOnOtherHost: true }),
      ...(connection?.peer !== undefined && connection.isLiving() && { peer: connection.peer }),
      ...(account !== undefined && { account }),
      ...(authorised !== undefined && { generation: authorised.generation }),
    };
  }

  function show(next: SessionPhase, change: Partial<SessionState> = {}): void {
    connections = change.connections ?? connections;
    if (next === phase && change.waitingFor === waitingFor) return;
    phase = next;
    waitingFor = change.waitingFor;
    since = timers.now();
    const now = state();
    for (const listener of [...listeners]) guarded(log, "state", () => listener(now));
  }

  function note(connection: Connection, met: SessionTrouble): void {
    trouble = met;
    if (connection.authorised === undefined) {
      if (met.action === "application") connection.isApplication = false;
      return;
    }
    const isLost = met.action === "session-lost" || met.action === "token" || met.action === "application";
    if (!isLost) return;
    const { generation } = connection.authorised;
    const at = timers.now();
    if (met.action === "token") core().refused = { generation, at, trouble: met };
    if (met.action === "application") connection.isApplication = false;
    connection.strike(at);
    connection.loseAccount();
    core().bars.interrupted();
    show("account");
    core().bell.ring();
  }

  return { state, show, note };
}

async function request<N extends RequestName>(
  core: SessionCore,
  name: N,
  body: Messages[N],
  options?: RequestOptions,
): Promise<Result<AnswerOf<N>, CtraderCallFailure>> {
  const connection = authorisedConnection(core);
  if (connection === undefined) return fail("BROKER_UNREACHABLE");
  const { losses } = connection;
  const first = await connection.channel.request(name, body, options);
  if (first.ok) return first;
  const trouble = troubleOf(first);
  const isLost =
    trouble.action === "session-lost" || trouble.action === "application" || trouble.action === "token";
  if (!isLost) return first;
  // Others may have met the same, and the account may be authorised again already.
  if (connection.losses === losses) core.note(connection, trouble);
  const next = await core.bell.until(() => authorisedConnection(core), core.timings.patienceMs);
  return next === undefined ? first : next.channel.request(name, body, options);
}

async function settle({ desk, bell }: SessionCore, settleMs: number): Promise<void> {
  for (let left = settleMs; left > 0 && desk.unanswered() > 0; left -= SETTLING_MS) {
    await bell.until(() => (desk.unanswered() === 0 ? true : undefined), Math.min(left, SETTLING_MS));
  }
}
