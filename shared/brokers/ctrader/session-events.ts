/** What the channel of a session tells, handed to each part in wire order, and what of it concerns the session. */
import type { Log } from "../../platform/log.ts";
import type { ChannelEnd, ChannelEvent, ChannelEvents } from "./channel.ts";
import type { MessageName } from "./protocol/names.ts";
import { PAYLOAD_TYPES } from "./protocol/open-api.generated.ts";
import { readRefusal } from "./read-refusal.ts";
import type { Connection } from "./session-connection.ts";
import type { SessionCore } from "./session-core.ts";
import { endTrouble, refusalTrouble, type SessionTrouble } from "./session-trouble.ts";

const TOKEN_INVALIDATED: SessionTrouble = { code: "BROKER_TOKEN_REJECTED", action: "token" };
const ACCOUNT_DISCONNECTED: SessionTrouble = { code: "BROKER_UNAVAILABLE", action: "session-lost" };

/** The session's ear on one channel. `core` and `connection` are there before the first event. */
export function sessionEvents(core: SessionCore, connection: Connection): ChannelEvents {
  return {
    opened(peer) {
      connection.peer = peer;
      core.show("application", { connections: core.state().connections + 1 });
      core.bell.ring();
    },
    event(event) {
      const { log } = core.deps;
      // What one part, or a listener of its, makes of it must not keep the others from hearing of it.
      guarded(log, "book", () => core.book.apply(event));
      guarded(log, "symbols", () => core.symbols.apply(event));
      guarded(log, "orders", () => core.desk.applied(event));
      guarded(log, "bars", () => core.bars.apply(event));
      hearOfAccount(core, connection, event);
      if (core.isStopping) core.bell.ring();
    },
    spot: core.quotes.take,
    unreadable(payloadType) {
      // A price is followed by the next one; anything else may have told of an order.
      if (payloadType === PAYLOAD_TYPES.ProtoOASpotEvent) return;
      connection.wantsReconcile = true;
      core.bell.ring();
    },
    ended: (end) => hearEnd(core, connection, end),
  };
}

/** Runs what others have written; a mistake in it stays theirs. */
export function guarded(log: Log, part: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    log.error("session-listener-failed", { part, error });
  }
}

function hearEnd(core: SessionCore, connection: Connection, end: ChannelEnd): void {
  const isWanted = connection.isWanted;
  connection.ended(end);
  forgetLive(core);
  core.symbols.forget();
  core.desk.channelEnded();
  if (isWanted) {
    core.note(connection, endTrouble(end));
    core.show("waiting", { waitingFor: "backoff" });
  }
  core.deps.log.info("session-connection-ended", { end });
  core.bell.ring();
}

/** What was told on a connection that is over is no longer true. */
export function forgetLive({ quotes, bars }: Pick<SessionCore, "quotes" | "bars">): void {
  quotes.forget();
  bars.interrupted();
}

const SHAPES_OF_ERRORS: ReadonlySet<MessageName> = new Set<MessageName>([
  "ProtoErrorRes",
  "ProtoOAErrorRes",
  "ProtoOAOrderErrorEvent",
  "ProtoOAExecutionEvent",
]);

function hearOfAccount(core: SessionCore, connection: Connection, event: ChannelEvent): void {
  const account = core.account?.ctidTraderAccountId;
  if (event.name === "ProtoOAAccountsTokenInvalidatedEvent") {
    if (account !== undefined && event.body.ctidTraderAccountIds.includes(account)) {
      question(core, connection, TOKEN_INVALIDATED);
    }
  } else if (event.name === "ProtoOAAccountDisconnectEvent") {
    if (event.body.ctidTraderAccountId === account) question(core, connection, ACCOUNT_DISCONNECTED);
  } else if (SHAPES_OF_ERRORS.has(event.name)) {
    const refusal = readRefusal(event, "order");
    const trouble = refusal === undefined ? undefined : refusalTrouble(refusal);
    if (trouble?.action === "application") core.note(connection, trouble);
    if (trouble?.action === "session-lost" || trouble?.action === "token") {
      question(core, connection, trouble);
    }
  }
}

/** News of a loss that comes right after a login may be late news of the one before: then one read tells. */
function question(core: SessionCore, connection: Connection, trouble: SessionTrouble): void {
  const { authorised } = connection;
  if (authorised === undefined) return;
  if (core.deps.timers.now() - authorised.at < core.timings.lateNewsMs) {
    connection.isInQuestion = true;
    core.bell.ring();
  } else {
    core.note(connection, trouble);
  }
}
