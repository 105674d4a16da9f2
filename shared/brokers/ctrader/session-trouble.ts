/** Why a connection ended or a step of it failed, in one form. Pure. */
import type { Failure } from "../../platform/result.ts";
import type { ChannelEnd, CtraderCallFailure } from "./channel.ts";
import { type BrokerAction, explain } from "./error-table.ts";
import type { CtraderRefusal } from "./refusal.ts";

export interface SessionTrouble {
  /** As `SessionState.lastTrouble` says it. */
  readonly code: ChannelEnd | CtraderCallFailure | "ACCOUNT_MISSING";
  readonly brokerCode?: string;
  /** `ended`: the connection is over. */
  readonly action: BrokerAction | "ended";
  /** How long the broker asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** In milliseconds since 1970. */
  readonly maintenanceEndsAt?: number;
  /** The account is there, in the other one of demo and live. */
  readonly isOnOtherHost?: boolean;
}

/** The connection's end as trouble. */
export function endTrouble(end: ChannelEnd): SessionTrouble {
  return { code: end, action: end === "certificate-refused" ? "fatal" : "ended" };
}

/** There is no token to authorise the account with. */
export const NO_TOKEN: SessionTrouble = { code: "BROKER_TOKEN_REJECTED", action: "token" };

/** What a failed request asks of the session. */
export function troubleOf(failure: Failure<CtraderCallFailure>): SessionTrouble {
  const { brokerCode, description, retryAfterMs, maintenanceEndsAt } = failure.detail;
  const action =
    typeof brokerCode === "string"
      ? explain(brokerCode, typeof description === "string" ? description : "", "read").action
      : actionOf(failure.code);
  return {
    code: failure.code,
    action,
    ...(typeof brokerCode === "string" && { brokerCode }),
    ...(typeof retryAfterMs === "number" && { retryAfterMs }),
    ...(typeof maintenanceEndsAt === "number" && { maintenanceEndsAt }),
  };
}

/** What an error that nobody asked for, or that answered an order, asks of the session. */
export function refusalTrouble({ brokerCode, description, action }: CtraderRefusal): SessionTrouble {
  return { code: explain(brokerCode, description, "read").failure, brokerCode, action };
}

/** Of a failure that came without the broker's own word. */
function actionOf(code: CtraderCallFailure): BrokerAction | "ended" {
  switch (code) {
    case "BROKER_UNREACHABLE":
      return "ended";
    case "BROKER_TOKEN_EXPIRED":
    case "BROKER_TOKEN_REJECTED":
      return "token";
    case "BROKER_RATE_LIMITED":
      return "rate";
    case "BROKER_TIMEOUT":
    case "BROKER_UNAVAILABLE":
    case "BROKER_REPLY_UNREADABLE":
      return "transient";
    case "BROKER_REFUSED":
    case "BROKER_CREDENTIALS_REJECTED":
    case "BROKER_CLOCK_REFUSED":
    case "BROKER_KEY_MISSING":
    case "BROKER_SIGNATURE_REFUSED":
      return "fatal";
    default:
      return code satisfies never;
  }
}
