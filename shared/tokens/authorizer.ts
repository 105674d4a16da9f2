/**
 * Turns an owner's login into the day's token.
 *
 * `begin` asks the broker for a request token; `complete` exchanges it and the PIN; `recover` finishes what a
 * killed process left. Invariants:
 *
 * 1. The PIN is in the vault before the broker sees it, and the token is in the vault before anything says
 *    that it exists: a process that dies leaves enough behind for another to go on.
 * 2. A token found in the vault is recorded, never fetched a second time.
 * 3. An exchange that the broker may have acted on without saying so, because its answer was lost or told of an
 *    outage, is `AUTHORIZATION_OUTCOME_UNKNOWN`, and `recover` settles it.
 */
import { createHash } from "node:crypto";
import type { Temporal } from "temporal-polyfill";
import type { Audit, AuditFact } from "../audit/audit-log.ts";
import type { BrokerCallFailure } from "../brokers/token-issuer.ts";
import type { Connection } from "../config/connection.ts";
import type { Random } from "../platform/random.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import { denyReturned, loginReturnedTo, tokenBroughtBy } from "./awaited-redirect.ts";
import {
  attemptsLeft,
  claimLogin,
  closeLogin,
  countWrongPin,
  holdsLogin,
  type PinClaimFailure,
  pinRefusal,
  releaseLogin,
  yieldLogin,
} from "./login-completion.ts";
import {
  clearLogin,
  type ExchangeDeps,
  type ExchangeFailure,
  exchangePin,
  type HeldClaim,
  isPinRefusal,
  isUnspent,
  storeToken,
} from "./login-exchange.ts";
import { findLogin, findLoginByRequest, markNotOpened, markOpened, startOpening } from "./login-opening.ts";
import { recoverLogins } from "./login-recovery.ts";
import { type Actor, type TokenRecord, tokens } from "./records.ts";
import type { TokenEvent } from "./token-events.ts";
import { loginSecretName } from "./token-payload.ts";

export interface AuthorizerDeps extends ExchangeDeps {
  readonly random: Random;
  readonly audit: Audit;
  readonly connections: readonly Connection[];
  /** Tells the owner; never throws. */
  announce(event: TokenEvent): Promise<void>;
}

export interface OpenedLogin {
  readonly id: string;
  readonly authorizeUrl: string;
  readonly expiresAt: Temporal.Instant;
  readonly attemptsLeft: number;
}

export type BeginFailure =
  | BrokerCallFailure
  | "BROKER_CALLBACK_REFUSED"
  | "CONNECTION_UNKNOWN"
  | "LOGIN_BUDGET_SPENT"
  | "AUTHORIZATION_CLOSED";

export type CompleteFailure =
  | BrokerCallFailure
  | PinClaimFailure
  | "AUTHORIZATION_OUTCOME_UNKNOWN"
  | "CONNECTION_UNKNOWN"
  | "PIN_MALFORMED"
  | "PIN_REFUSED"
  | "REDIRECT_UNEXPECTED"
  | "VAULT_VERSION_MISSING"
  | "VAULT_CORRUPT";

export interface PinEntry {
  readonly connection: string;
  readonly authorization: string;
  /** As the owner gave it. */
  readonly pin: Secret;
  readonly actor: Actor;
}

export class Authorizer {
  readonly #deps: AuthorizerDeps;

  constructor(deps: AuthorizerDeps) {
    this.#deps = deps;
  }

  /** Opens a login at the broker. A login of this connection that still waited for its PIN is closed. */
  async begin(connectionId: string, actor: Actor): Promise<Result<OpenedLogin, BeginFailure>> {
    const { random, vault } = this.#deps;
    const connection = this.#find(connectionId);
    if (connection === undefined) return fail("CONNECTION_UNKNOWN");
    const key = { connection: connection.id, id: Buffer.from(random.bytes(16)).toString("base64url") };
    // First of all: a broker that is not set up must not cost a login of the day's budget.
    const issuer = await this.#deps.issuerOf(connection);
    const started = await startOpening(this.#deps, connection, { id: key.id, actor });
    if (!started.ok) return started;

    const begun = await issuer.begin();
    await this.#audit({
      actor: actorName(actor),
      action: "login-begun",
      subject: connection.id,
      outcome: begun.ok ? "ok" : begun.code,
    });
    if (!begun.ok) {
      await markNotOpened(this.#deps, connection, key.id);
      return begun;
    }

    const { authorizeUrl, expiresAt, request, requestKey } = begun.value;
    const requestVersion = await vault.add(loginSecretName(connection.id), request);
    const opened = await markOpened(this.#deps, key, {
      authorizeUrl,
      expiresAt,
      requestVersion,
      requestHash: requestHash(requestKey),
    });
    if (!opened.ok) return opened;
    return succeed({
      id: key.id,
      authorizeUrl,
      expiresAt,
      attemptsLeft: attemptsLeft(this.#deps, opened.value),
    });
  }

  /** Exchanges the owner's PIN for the day's token and stores it; the acknowledgement comes later. */
  async complete(entry: PinEntry): Promise<Result<TokenRecord, CompleteFailure>> {
    const connection = this.#find(entry.connection);
    if (connection === undefined) return fail("CONNECTION_UNKNOWN");
    const issuer = await this.#deps.issuerOf(connection);
    const pin = issuer.readVerifier(entry.pin);
    if (!pin.ok) return pin;

    const completed = await this.#claimAndExchange(connection, entry.authorization, pin.value);
    await this.#audit({
      actor: actorName(entry.actor),
      action: "pin-entered",
      subject: connection.id,
      outcome: completed.ok ? "ok" : completed.code,
    });
    return completed;
  }

  /** The same, for a broker that sends the owner back with the request token and the code. */
  async completeByCallback(entry: {
    readonly requestToken: string;
    readonly verifier: Secret;
    readonly actor: Actor;
  }): Promise<Result<TokenRecord, CompleteFailure>> {
    const login = await findLoginByRequest(this.#deps.store, requestHash(entry.requestToken));
    if (login === undefined) return fail("AUTHORIZATION_UNKNOWN");
    return this.complete({
      connection: login.record.connection,
      authorization: login.id,
      pin: entry.verifier,
      actor: entry.actor,
    });
  }

  /** The same, for a broker whose redirect names no login; see `awaited-redirect.ts`. */
  async completeByRedirect(entry: {
    readonly code: Secret;
    readonly actor: Actor;
  }): Promise<Result<TokenRecord, CompleteFailure>> {
    const login = await loginReturnedTo(this.#deps, entry.actor);
    if (login === undefined) return fail("REDIRECT_UNEXPECTED");
    const { connection, state } = login.record;
    if (state === "completed") return tokenBroughtBy(this.#deps, login);
    return this.complete({ connection, authorization: login.id, pin: entry.code, actor: entry.actor });
  }

  /** The broker sent the owner back without a code. Returns the connection whose login ended by it, if any. */
  async denyByRedirect(actor: Actor): Promise<string | undefined> {
    const subject = await denyReturned(this.#deps, actor);
    if (subject === undefined) return undefined;
    await this.#audit({ actor: actorName(actor), action: "login-denied", subject, outcome: "ok" });
    return subject;
  }

  /** Finishes what killed processes left; see {@link recoverLogins}. Returns how many logins it settled. */
  recover(): Promise<number> {
    return recoverLogins({ ...this.#deps, newHolder: () => this.#newHolder() });
  }

  async #claimAndExchange(
    connection: Connection,
    authorization: string,
    pin: Secret,
  ): Promise<Result<TokenRecord, CompleteFailure>> {
    const key = { connection: connection.id, id: authorization };
    const login = await findLogin(this.#deps.store, key);
    if (login === undefined) return fail("AUTHORIZATION_UNKNOWN");
    const refusal = pinRefusal(login.record, this.#deps.clock.now());
    if (refusal !== undefined) return fail(refusal);

    const holder = this.#newHolder();
    const verifierVersion = await this.#deps.vault.add(loginSecretName(connection.id), pin);
    const claimed = await claimLogin(this.#deps, key, { holder, verifierVersion });
    if (!claimed.ok) {
      await this.#dropPin(connection, verifierVersion);
      return claimed;
    }
    const claim = { connection, key, holder, record: claimed.value };
    const exchanged = await exchangePin(this.#deps, claim);
    if (exchanged.ok) return succeed(await storeToken(this.#deps, claim, exchanged.value));
    return this.#settleFailure(claim, exchanged.code);
  }

  async #settleFailure(
    claim: HeldClaim,
    code: ExchangeFailure,
  ): Promise<Result<TokenRecord, CompleteFailure>> {
    if (code === "VAULT_VERSION_MISSING" || code === "VAULT_CORRUPT") {
      // Whoever took this login over clears its secrets when it is done.
      const isHeld = await holdsLogin(this.#deps.store, claim.key, claim.holder);
      if (!isHeld) return this.#outcomeOfOthers(claim);
      await closeLogin(this.#deps, { ...claim.key, holder: claim.holder }, "refused");
      return fail(code);
    }
    if (isUnspent(code)) {
      await releaseLogin(this.#deps, claim.key, claim.holder);
      return fail(code);
    }
    if (!isPinRefusal(code)) {
      await yieldLogin(this.#deps, claim.key, claim.holder);
      return fail("AUTHORIZATION_OUTCOME_UNKNOWN");
    }
    const verdict = await countWrongPin(this.#deps, claim.key, claim.holder);
    switch (verdict.is) {
      case "open":
        return fail("PIN_REFUSED", { attemptsLeft: verdict.attemptsLeft });
      case "replaced":
        return fail("AUTHORIZATION_CLOSED");
      case "lost":
        return this.#outcomeOfOthers(claim);
      case "spent":
        await clearLogin(this.#deps, claim);
        return this.#tellTooManyWrongPins(claim);
      default:
        return verdict satisfies never;
    }
  }

  /** This process was so slow that another took over: the refusal says nothing, the other's work does. */
  async #outcomeOfOthers(claim: HeldClaim): Promise<Result<TokenRecord, "AUTHORIZATION_OUTCOME_UNKNOWN">> {
    const record = await this.#deps.store.get(tokens, claim.connection.id);
    return record?.authorization === claim.key.id ? succeed(record) : fail("AUTHORIZATION_OUTCOME_UNKNOWN");
  }

  async #tellTooManyWrongPins({ connection, key }: HeldClaim): Promise<Result<never, "PIN_WRONG_TOO_OFTEN">> {
    const code = "PIN_WRONG_TOO_OFTEN";
    await this.#deps.announce({ kind: "login-failed", connection, login: key.id, code });
    return fail(code);
  }

  /** A PIN that is not taken is not kept; one that cannot be destroyed now goes with the next login. */
  async #dropPin(connection: Connection, version: number): Promise<void> {
    try {
      await this.#deps.vault.destroy(loginSecretName(connection.id), version);
    } catch (error) {
      this.#deps.log.warn("vault-cleanup-failed", { connection: connection.id, error });
    }
  }

  /** The owner must learn what became of a PIN also where it cannot be written down. */
  async #audit(fact: AuditFact): Promise<void> {
    try {
      await this.#deps.audit(fact);
    } catch (error) {
      this.#deps.log.error("audit-failed", { ...fact, error });
    }
  }

  #find(id: string): Connection | undefined {
    return this.#deps.connections.find((one) => one.id === id);
  }

  #newHolder(): string {
    return Buffer.from(this.#deps.random.bytes(12)).toString("base64url");
  }
}

function actorName(actor: Actor): string {
  return actor.session === undefined ? actor.kind : `${actor.kind}:${actor.session}`;
}

function requestHash(requestToken: string): string {
  return createHash("sha256").update(requestToken).digest("hex");
}
