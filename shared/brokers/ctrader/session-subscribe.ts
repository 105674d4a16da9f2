import type { Failure } from "../../platform/result.ts";
import type { CtraderCallFailure } from "./channel.ts";
import type { BarWish } from "./open-bars.ts";
import type { Connection } from "./session-connection.ts";
import type { SessionCore } from "./session-core.ts";
import { type SessionTrouble, troubleOf } from "./session-trouble.ts";

const AGAIN_MS = 30_000;
const LEFT_OUT_MS = 300_000;
/** An older spelling of `ALREADY_SUBSCRIBED`. */
const ALREADY = /already subscribed/i;

/** `over`: the account's session was lost before the answer came, and with it what the answer says. */
type Outcome =
  | { readonly kind: "done" | "refused" | "later" | "over" }
  | { readonly kind: "trouble"; readonly trouble: SessionTrouble };

/**
 * Subscribes what is wanted and not yet subscribed on this connection. A symbol that the broker refuses is left
 * out, and one that it cannot give now is asked for again later: neither keeps the session from being ready.
 */
export async function subscribe(
  core: SessionCore,
  connection: Connection,
): Promise<SessionTrouble | undefined> {
  connection.wantsSubscribe = false;
  const spots = await subscribeSpots(core, connection);
  if (spots.kind === "trouble") return spots.trouble;
  if (spots.kind === "over") return undefined;
  const bars = await subscribeBars(core, connection);
  if (bars.kind === "trouble") return bars.trouble;
  if (bars.kind === "over") return undefined;
  if (spots.kind === "later" || bars.kind === "later") subscribeLater(core, connection);
  connection.hasSubscribed = true;
  return undefined;
}

/** Asks for what is still missing in half a minute, on this connection if it lives so long; once for all who ask meanwhile. */
export function subscribeLater({ deps: { timers }, bell }: SessionCore, connection: Connection): void {
  if (connection.subscribesLater) return;
  connection.subscribesLater = true;
  timers.after(AGAIN_MS, () => {
    connection.subscribesLater = false;
    connection.wantsSubscribe = true;
    bell.ring();
  });
}

async function subscribeSpots(core: SessionCore, connection: Connection): Promise<Outcome> {
  const missing = [...core.quotes.wanted()].filter(
    (id) => !connection.spots.has(id) && connection.unsubscribable.get(`${id}`) !== "left-out",
  );
  if (missing.length === 0) return { kind: "done" };
  const all = await askForSpots(connection, missing);
  // One symbol that is unknown, or subscribed already, fails the whole request.
  if (all.kind !== "refused" && all.kind !== "later") return all;
  let worst: Outcome = { kind: "done" };
  for (const symbolId of missing) {
    const one = await askForSpots(connection, [symbolId]);
    if (one.kind === "trouble" || one.kind === "over") return one;
    if (one.kind === "later") worst = one;
    if (one.kind === "refused") leaveOut(core, connection, `${symbolId}`);
  }
  return worst;
}

async function askForSpots(connection: Connection, symbolId: readonly number[]): Promise<Outcome> {
  const account = connection.authorised?.account.ctidTraderAccountId;
  if (account === undefined) return { kind: "over" };
  const { losses } = connection;
  const answer = await connection.ask("ProtoOASubscribeSpotsReq", {
    ctidTraderAccountId: account,
    symbolId,
    subscribeToSpotTimestamp: true,
  });
  if (connection.losses !== losses) return { kind: "over" };
  const outcome: Outcome = answer.ok ? { kind: "done" } : outcomeOf(answer);
  const isDone = outcome.kind === "done" && (answer.ok || symbolId.length === 1);
  if (isDone) for (const id of symbolId) connection.spots.add(id);
  return outcome.kind === "done" && !isDone ? { kind: "refused" } : outcome;
}

async function subscribeBars(core: SessionCore, connection: Connection): Promise<Outcome> {
  let worst: Outcome = { kind: "done" };
  for (const wish of core.bars.wanted()) {
    const key = `${wish.symbolId} ${wish.period}`;
    if (connection.liveBars.has(key) || connection.unsubscribable.get(key) === "left-out") continue;
    if (!connection.spots.has(wish.symbolId)) continue;
    const one = await askForBars(connection, wish);
    if (one.kind === "trouble" || one.kind === "over") return one;
    if (one.kind === "later") worst = one;
    if (one.kind === "done") connection.liveBars.add(key);
    if (one.kind === "refused") leaveOut(core, connection, key);
  }
  core.bars.resumed();
  return worst;
}

async function askForBars(connection: Connection, { symbolId, period }: BarWish): Promise<Outcome> {
  const account = connection.authorised?.account.ctidTraderAccountId;
  if (account === undefined) return { kind: "over" };
  const { losses } = connection;
  const body = { ctidTraderAccountId: account, symbolId, period };
  const answer = await connection.ask("ProtoOASubscribeLiveTrendbarReq", body);
  if (connection.losses !== losses) return { kind: "over" };
  return answer.ok ? { kind: "done" } : outcomeOf(answer);
}

function outcomeOf(failure: Failure<CtraderCallFailure>): Outcome {
  const trouble = troubleOf(failure);
  if (trouble.action === "already-done" || ALREADY.test(String(failure.detail.description))) {
    return { kind: "done" };
  }
  switch (trouble.action) {
    case "session-lost":
    case "token":
    case "application":
    case "ended":
    case "fatal":
      return { kind: "trouble", trouble };
    case "caller":
    case "business":
    case "gone":
      return { kind: "refused" };
    default:
      return { kind: "later" };
  }
}

/** Told once on a connection, and asked for again from time to time: the broker may have erred, or the symbol have come back. */
function leaveOut({ deps: { log, timers }, bell }: SessionCore, connection: Connection, what: string): void {
  const { unsubscribable } = connection;
  if (!unsubscribable.has(what)) log.warn("session-subscription-refused", { what });
  unsubscribable.set(what, "left-out");
  timers.after(LEFT_OUT_MS, () => {
    unsubscribable.set(what, "to-try");
    connection.wantsSubscribe = true;
    bell.ring();
  });
}
