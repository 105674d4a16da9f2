/**
 * Turns an owner's login into the day's token.
 *
 * `begin` asks the broker for a request token; `complete` exchanges it and the PIN; `recover` finishes what a
 * killed process left. Invariants:
 *
 * 1. The PIN is in the vault before the broker sees it, and the token is in the vault before anything says
 *    that it exists: a process that dies leaves enough behind for another to go on.
 * 2. A token found in the vault is recorded, never fetched a second time.
 * 3. An exchange whose answer was lost is `AUTHORIZATION_OUTCOME_UNKNOWN`, and `recover` settles it.
 */
import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import type { Audit } from "../audit/audit-log.ts";
import type { BrokerCallFailure, TokenIssuer } from "../brokers/token-issuer.ts";
import type { Connection } from "../config/connection.ts";
import type { Bus } from "../platform/bus.ts";
import { toIso } from "../platform/instant.ts";
import type { Log } from "../platform/log.ts";
import type { Random } from "../platform/random.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { SecretVault } from "../platform/vault.ts";
import {
  attemptsLeft,
  claimLogin,
  closeLogin,
  completingLogins,
  countWrongPin,
  type PinClaimFailure,
  pinRefusal,
  recordToken,
  releaseLogin,
  takeOverLogin,
} from "./login-completion.ts";
import {
  findLogin,
  findLoginByRequest,
  type LedgerDeps,
  type LoginKey,
  markNotOpened,
  markOpened,
  startOpening,
} from "./login-opening.ts";
import { type Actor, type AuthorizationRecord, type TokenRecord, tokenRefreshed, tokens } from "./records.ts";
import type { TokenEvent } from "./token-events.ts";
import { loginSecretName, packToken, readTokenPayload, tokenSecretName } from "./token-payload.ts";
import { clearLoginSecrets, retireTokenVersions } from "./vault-cleanup.ts";

/** Versions that an interrupted process can have left behind the recorded one. */
const VERSIONS_SEARCHED = 5;

export interface AuthorizerDeps extends LedgerDeps {
  readonly vault: SecretVault;
  readonly bus: Bus;
  readonly random: Random;
  readonly log: Log;
  readonly audit: Audit;
  readonly connections: readonly Connection[];
  issuerOf(connection: Connection): Promise<TokenIssuer>;
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
    const { random, vault, audit } = this.#deps;
    const connection = this.#find(connectionId);
    if (connection === undefined) return fail("CONNECTION_UNKNOWN");
    const key = { connection: connection.id, id: Buffer.from(random.bytes(16)).toString("base64url") };
    const started = await startOpening(this.#deps, connection, { id: key.id, actor });
    if (!started.ok) return started;

    const issuer = await this.#deps.issuerOf(connection);
    const begun = await issuer.begin();
    await audit({
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
    await this.#deps.audit({
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

  /**
   * Finishes the logins whose process died between a PIN and its token. Safe to run at any time and by many:
   * only an expired claim is taken over. Returns how many logins it settled.
   */
  async recover(): Promise<number> {
    let settled = 0;
    for (const login of await completingLogins(this.#deps.store)) {
      const connection = this.#find(login.record.connection);
      if (connection === undefined) continue;
      const holder = this.#newHolder();
      const key = { connection: connection.id, id: login.id };
      const claimed = await takeOverLogin(this.#deps, key, holder);
      if (claimed === undefined) continue;
      this.#deps.log.warn("login-taken-over", { connection: connection.id });
      await this.#finishInterrupted(connection, { key, holder, record: claimed });
      settled += 1;
    }
    return settled;
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
      await this.#deps.vault.destroy(loginSecretName(connection.id), verifierVersion);
      return claimed;
    }
    return this.#exchange(connection, { key, holder, record: claimed.value });
  }

  async #exchange(connection: Connection, claim: HeldClaim): Promise<Result<TokenRecord, CompleteFailure>> {
    const secrets = await this.#loginSecrets(connection, claim.record);
    if (!secrets.ok) {
      await closeLogin(this.#deps, claim.key, "refused");
      return secrets;
    }
    const issuer = await this.#deps.issuerOf(connection);
    const issued = await issuer.complete(secrets.value.request, secrets.value.verifier);
    return issued.ok
      ? succeed(await this.#store(connection, claim, issued.value))
      : this.#settleRefusal(connection, claim, issued.code);
  }

  async #settleRefusal(
    connection: Connection,
    claim: HeldClaim,
    code: BrokerCallFailure,
  ): Promise<Result<never, CompleteFailure>> {
    if (code === "BROKER_TIMEOUT" || code === "BROKER_REPLY_UNREADABLE") {
      return fail("AUTHORIZATION_OUTCOME_UNKNOWN");
    }
    if (code !== "BROKER_TOKEN_REJECTED" && code !== "BROKER_TOKEN_EXPIRED") {
      await releaseLogin(this.#deps, claim.key, claim.holder);
      return fail(code);
    }
    const { attemptsLeft: left } = await countWrongPin(this.#deps, claim.key, claim.holder);
    if (left > 0) return fail("PIN_REFUSED", { attemptsLeft: left });
    await clearLoginSecrets(this.#deps, connection.id, claim.record);
    await this.#deps.announce({
      kind: "login-failed",
      connection,
      login: claim.key.id,
      code: "PIN_WRONG_TOO_OFTEN",
    });
    return fail("PIN_WRONG_TOO_OFTEN");
  }

  /** The order matters: vault, record, wake-up, clean-up. Each step may be the last before a crash. */
  async #store(connection: Connection, claim: HeldClaim, token: Secret): Promise<TokenRecord> {
    const issuedAt = this.#deps.clock.now();
    const payload = packToken({ authorization: claim.key.id, issuedAt: toIso(issuedAt), token });
    const version = await this.#deps.vault.add(tokenSecretName(connection.id), payload);
    return this.#record(connection, claim, { version, issuedAt });
  }

  async #record(
    connection: Connection,
    claim: HeldClaim,
    token: { readonly version: number; readonly issuedAt: Temporal.Instant },
  ): Promise<TokenRecord> {
    const record = await recordToken(this.#deps, connection, { authorization: claim.key.id, ...token });
    const { generation, version } = record;
    this.#deps.log.info("token-stored", { connection: connection.id, generation, version });
    await this.#wake(connection, record);
    await this.#cleanUp(connection, claim.record, record);
    return record;
  }

  /** A lost wake-up only costs time: the worker also looks by itself. */
  async #wake(connection: Connection, { generation, version }: TokenRecord): Promise<void> {
    try {
      await this.#deps.bus.publish(tokenRefreshed, { connection: connection.id, generation, version });
    } catch (error) {
      this.#deps.log.warn("wake-up-lost", { connection: connection.id, generation, error });
    }
  }

  async #cleanUp(connection: Connection, login: AuthorizationRecord, record: TokenRecord): Promise<void> {
    try {
      await clearLoginSecrets(this.#deps, connection.id, login);
      await retireTokenVersions(this.#deps.vault, connection.id, record.version);
    } catch (error) {
      this.#deps.log.warn("vault-cleanup-failed", { connection: connection.id, error });
    }
  }

  async #finishInterrupted(connection: Connection, claim: HeldClaim): Promise<void> {
    const found = await this.#tokenInVault(connection, claim.key.id);
    if (found !== undefined) {
      await this.#record(connection, claim, found);
      return;
    }
    const outcome = await this.#exchange(connection, claim);
    if (outcome.ok || outcome.code === "AUTHORIZATION_OUTCOME_UNKNOWN") return;
    if (outcome.code !== "PIN_REFUSED") return;
    // The first exchange may have spent the request token: only a new login can tell.
    await closeLogin(this.#deps, claim.key, "outcome-unknown");
    await clearLoginSecrets(this.#deps, connection.id, claim.record);
    await this.#deps.announce({
      kind: "login-failed",
      connection,
      login: claim.key.id,
      code: "AUTHORIZATION_OUTCOME_UNKNOWN",
    });
  }

  /** The token of this login, if a process stored it and died before it could record it. */
  async #tokenInVault(
    connection: Connection,
    authorization: string,
  ): Promise<{ version: number; issuedAt: Temporal.Instant } | undefined> {
    const recorded = (await this.#deps.store.get(tokens, connection.id))?.version ?? 0;
    for (let version = recorded + 1; version <= recorded + VERSIONS_SEARCHED; version += 1) {
      const payload = await readTokenPayload(this.#deps.vault, connection.id, version);
      if (!payload.ok || payload.value.authorization !== authorization) continue;
      return { version, issuedAt: Temporal.Instant.from(payload.value.issuedAt) };
    }
    return undefined;
  }

  async #loginSecrets(
    connection: Connection,
    record: AuthorizationRecord,
  ): Promise<Result<{ request: Secret; verifier: Secret }, "VAULT_VERSION_MISSING" | "VAULT_CORRUPT">> {
    const name = loginSecretName(connection.id);
    const request = await this.#deps.vault.read(name, record.requestVersion ?? 0);
    if (!request.ok) return request;
    const verifier = await this.#deps.vault.read(name, record.claim?.verifierVersion ?? 0);
    return verifier.ok ? succeed({ request: request.value, verifier: verifier.value }) : verifier;
  }

  #find(id: string): Connection | undefined {
    return this.#deps.connections.find((one) => one.id === id);
  }

  #newHolder(): string {
    return Buffer.from(this.#deps.random.bytes(12)).toString("base64url");
  }
}

interface HeldClaim {
  readonly key: LoginKey;
  readonly holder: string;
  readonly record: AuthorizationRecord;
}

function actorName(actor: Actor): string {
  return actor.session === undefined ? actor.kind : `${actor.kind}:${actor.session}`;
}

function requestHash(requestToken: string): string {
  return createHash("sha256").update(requestToken).digest("hex");
}
