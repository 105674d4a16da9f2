/** What keeps a session from being ready. Pure. */
import type { Failure } from "../../platform/result.ts";
import type { HeldSocketState, HeldToken } from "../held-socket.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";

export interface SessionTrouble {
  readonly code: BrokerCallFailure | "ACCOUNT_MISSING";
  readonly brokerCode?: string;
  /** Of the token that was refused. */
  readonly generation?: number;
}

/** The broker refused the token. */
export const TOKEN_TROUBLE: ReadonlySet<string> = new Set<BrokerCallFailure>([
  "BROKER_TOKEN_EXPIRED",
  "BROKER_TOKEN_REJECTED",
]);
/** Waiting mends none of these. */
export const FOR_A_PERSON: ReadonlySet<string> = new Set([
  "ACCOUNT_MISSING",
  "BROKER_CREDENTIALS_REJECTED",
  "BROKER_KEY_MISSING",
  "BROKER_SIGNATURE_REFUSED",
]);

/** A trouble as the session's state tells it. */
export function troubleFields({
  code,
  brokerCode,
}: SessionTrouble): Pick<HeldSocketState, "lastTrouble" | "brokerCode"> {
  return { lastTrouble: code, ...(brokerCode !== undefined && { brokerCode }) };
}

/** What a failure of a call means for the session. */
export function troubleOf(
  { code, detail }: Failure<BrokerCallFailure>,
  { generation }: HeldToken,
): SessionTrouble {
  const word = ["brokerCode", "problem"].map((name) => detail[name]).find((one) => one !== undefined);
  return {
    code,
    ...(word !== undefined && { brokerCode: String(word) }),
    ...(TOKEN_TROUBLE.has(code) && { generation }),
  };
}
