import { Temporal } from "temporal-polyfill";
import type { Connection } from "../config/connection.ts";
import type { ErrorCode } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { TokenEvent } from "../tokens/token-events.ts";
import type { NewAlert, PostOutcome } from "./outbox.ts";
import type { AlertContent } from "./records.ts";

const USEFUL_FOR = Temporal.Duration.from({ hours: 6 });

export interface OwnerAlertsDeps {
  readonly clock: Clock;
  readonly log: Log;
  post(id: string, alert: NewAlert): Promise<PostOutcome>;
  noteArmed(): Promise<void>;
  noteDisarmed(refused: { readonly connection: Connection; readonly generation: number }): Promise<void>;
}

/** Turns what happens to tokens into alerts. Never throws: news must not stop what it is about. */
export function createOwnerAlerts(deps: OwnerAlertsDeps): (event: TokenEvent) => Promise<void> {
  /** The history is worth less than the news: the alert goes out also where it cannot be written. */
  async function note(event: TokenEvent): Promise<void> {
    try {
      if (event.kind === "acknowledged") await deps.noteArmed();
      if (event.kind === "rejected") await deps.noteDisarmed(event);
    } catch (error) {
      deps.log.error("morning-not-noted", { event: event.kind, connection: event.connection.id, error });
    }
  }

  return async function announce(event) {
    try {
      await note(event);
      const usefulUntil = deps.clock.now().add(USEFUL_FOR);
      await deps.post(alertId(event), { content: contentOf(event), usefulUntil });
    } catch (error) {
      deps.log.error("announcement-failed", { event: event.kind, connection: event.connection.id, error });
    }
  };
}

/** One alert a generation, a login or a streak of failures: the id says which. */
function alertId(event: TokenEvent): string {
  const about = `${event.kind}:${event.connection.id}`;
  switch (event.kind) {
    case "acknowledged":
      return `${about}:${event.record.generation}`;
    case "login-failed":
      return `${about}:${event.login}`;
    case "rejected":
      return `${about}:${event.generation}`;
    case "keep-alive-failing":
      return `${about}:${event.generation}:${event.streak}${renewalPart(event.code)}`;
    default:
      return event satisfies never;
  }
}

/** A streak can begin with a lost answer and go on as a clear refusal: each is news. */
function renewalPart(code: ErrorCode): string {
  return code.startsWith("RENEWAL_") ? `:${code}` : "";
}

function contentOf(event: TokenEvent): AlertContent {
  const { label } = event.connection;
  switch (event.kind) {
    case "acknowledged": {
      const { generation, expiresAt } = event.record;
      return { kind: "renewed", label, generation, accounts: event.acknowledgement.accounts, expiresAt };
    }
    case "login-failed":
      return { kind: "login-failed", label, code: event.code };
    case "rejected":
      return { kind: "rejected", label, code: event.code, generation: event.generation };
    case "keep-alive-failing": {
      const { generation, failuresInRow, code, idleAt, endsAt } = event;
      const end = { ...(idleAt && { idleAt }), ...(endsAt && { endsAt }) };
      return { kind: "keep-alive-failing", label, generation, failuresInRow, code, ...end };
    }
    default:
      return event satisfies never;
  }
}
