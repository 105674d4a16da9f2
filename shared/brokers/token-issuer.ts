import type { Temporal } from "temporal-polyfill";
import type { Result } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";

/** Why a call to a broker did not bring its answer. Only `BROKER_TIMEOUT` leaves open whether it acted. */
export type BrokerCallFailure =
  | "BROKER_UNREACHABLE"
  | "BROKER_TIMEOUT"
  | "BROKER_UNAVAILABLE"
  | "BROKER_RATE_LIMITED"
  | "BROKER_REFUSED"
  | "BROKER_REPLY_UNREADABLE"
  | "BROKER_SIGNATURE_REFUSED"
  | "BROKER_CLOCK_REFUSED"
  | "BROKER_CREDENTIALS_REJECTED"
  | "BROKER_TOKEN_EXPIRED"
  | "BROKER_TOKEN_REJECTED";

export interface BegunAuthorization {
  /** What `complete` needs again, in the broker's own form; keep it in the vault. */
  readonly request: Secret;
  /** The request token in the clear, by which a callback is matched. It is worthless without its secret. */
  readonly requestKey: string;
  /** The broker's page where the owner logs in. */
  readonly authorizeUrl: string;
  /** When the broker forgets the request. */
  readonly expiresAt: Temporal.Instant;
}

/** What one cheap authenticated call showed. */
export interface ProbeEvidence {
  /** How many accounts answered. */
  readonly accounts: number;
  readonly latencyMs: number;
}

/**
 * Gets, keeps and ends a broker's token. Tokens are opaque here: each broker packs what it needs into the
 * `Secret`. No method retries what could act twice.
 */
export interface TokenIssuer {
  begin(): Promise<Result<BegunAuthorization, BrokerCallFailure | "BROKER_CALLBACK_REFUSED">>;

  /** Exchanges the owner's PIN (or callback code) for the day's token. `BROKER_TOKEN_REJECTED`: wrong PIN, or the request is spent. */
  complete(request: Secret, verifier: Secret): Promise<Result<Secret, BrokerCallFailure>>;

  /** Revives an idle token; the token itself stays the same. */
  renew(token: Secret): Promise<Result<void, BrokerCallFailure>>;

  revoke(token: Secret): Promise<Result<void, BrokerCallFailure>>;

  /** One cheap authenticated call: proof that the token works. */
  probe(token: Secret): Promise<Result<ProbeEvidence, BrokerCallFailure>>;
}
