import type { Temporal } from "temporal-polyfill";
import type { Result } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";

/**
 * Why a call to a broker did not bring its answer. That it did not act is certain only where it was not reached
 * or turned the call away at its door; `shared/tokens/login-exchange.ts` says what follows from each.
 */
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
  | "BROKER_KEY_MISSING"
  | "BROKER_TOKEN_EXPIRED"
  | "BROKER_TOKEN_REJECTED";

/** A login that the owner has yet to do at the broker. */
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
  /** How many open accounts answered. */
  readonly accounts: number;
  readonly latencyMs: number;
  /** The last four characters of the open accounts that can trade, in the broker's order. */
  readonly tradable: readonly string[];
}

/**
 * Gets, keeps and ends a broker's token. Tokens are opaque here: each broker packs what it needs into the
 * `Secret`. No method retries what could act twice.
 */
export interface TokenIssuer {
  /** Opens a login. It is sent again only where nothing had reached the broker. */
  begin(): Promise<Result<BegunAuthorization, BrokerCallFailure | "BROKER_CALLBACK_REFUSED">>;

  /** A PIN or code as the owner gave it, in the form that `complete` takes; nothing is asked of the broker. */
  readVerifier(text: Secret): Result<Secret, "PIN_MALFORMED">;

  /**
   * Exchanges the owner's PIN (or callback code) for a token. `BROKER_TOKEN_REJECTED`: wrong PIN, or the
   * request is spent; `BROKER_TOKEN_EXPIRED`: the request is too old.
   */
  complete(request: Secret, verifier: Secret): Promise<Result<Secret, BrokerCallFailure>>;

  /**
   * Lengthens a token's life, and revives it where it had gone idle. The value is the token that takes its
   * place from now on, to be stored before it is used; `undefined` where the token itself stays the same.
   * Calls for one token at one time are made once.
   */
  renew(token: Secret): Promise<Result<Secret | undefined, BrokerCallFailure>>;

  /** Ends a token at the broker, before its time. `BROKER_REFUSED` where the broker offers no way to. */
  revoke(token: Secret): Promise<Result<void, BrokerCallFailure>>;

  /** One cheap authenticated call: proof that the token works. */
  probe(token: Secret): Promise<Result<ProbeEvidence, BrokerCallFailure>>;

  /** How long the broker said that the token lives, from its issue; absent or undefined where it said nothing. */
  lifeOf?(token: Secret): Temporal.Duration | undefined;
}
