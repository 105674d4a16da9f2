/**
 * From a claimed PIN to a recorded token. The order is what makes a crash harmless: the broker, the vault, the
 * record, the wake-up, the clean-up; each step may be the last before a crash.
 */
import type { Temporal } from "temporal-polyfill";
import type { BrokerCallFailure, TokenIssuer } from "../brokers/token-issuer.ts";
import type { Connection } from "../config/connection.ts";
import type { Bus } from "../platform/bus.ts";
import { toIso } from "../platform/instant.ts";
import type { Log } from "../platform/log.ts";
import type { Result } from "../platform/result.ts";
import type { Secret } from "../platform/secret.ts";
import type { SecretVault } from "../platform/vault.ts";
import { recordToken } from "./login-completion.ts";
import type { LedgerDeps, LoginKey } from "./login-opening.ts";
import { policyOf } from "./policy.ts";
import { type AuthorizationRecord, type TokenRecord, tokens } from "./records.ts";
import {
  addTwice,
  loginSecretName,
  packToken,
  readTokenPayload,
  timesOf,
  tokenSecretName,
} from "./token-payload.ts";
import { clearLoginSecrets, retireTokenVersions } from "./vault-cleanup.ts";
import { wakeReaders } from "./wake-readers.ts";

/** Versions that an interrupted process can have left behind the recorded one. */
const VERSIONS_SEARCHED = 5;

export interface ExchangeDeps extends LedgerDeps {
  readonly vault: SecretVault;
  readonly bus: Bus;
  readonly log: Log;
  issuerOf(connection: Connection): Promise<TokenIssuer>;
}

/** The right to exchange one login's PIN, as one process holds it. */
export interface HeldClaim {
  readonly connection: Connection;
  readonly key: LoginKey;
  readonly holder: string;
  readonly record: AuthorizationRecord;
}

/** A token that lies in the vault. */
export interface StoredToken {
  readonly version: number;
  readonly issuedAt: Temporal.Instant;
  /** What the broker said of its life, where it did. */
  readonly life?: Temporal.Duration | undefined;
}

export type ExchangeFailure = BrokerCallFailure | "VAULT_VERSION_MISSING" | "VAULT_CORRUPT";

/** Sends the login's request token and PIN to the broker. */
export async function exchangePin(
  deps: ExchangeDeps,
  { connection, record }: HeldClaim,
): Promise<Result<Secret, ExchangeFailure>> {
  const name = loginSecretName(connection.id);
  const request = await deps.vault.read(name, record.requestVersion ?? 0);
  if (!request.ok) return request;
  const verifier = await deps.vault.read(name, record.claim?.verifierVersion ?? 0);
  if (!verifier.ok) return verifier;
  const issuer = await deps.issuerOf(connection);
  return issuer.complete(request.value, verifier.value);
}

/** Puts a token that the broker has just given where it cannot be lost, and records it. */
export async function storeToken(deps: ExchangeDeps, claim: HeldClaim, token: Secret): Promise<TokenRecord> {
  const issuedAt = deps.clock.now();
  const life = (await deps.issuerOf(claim.connection)).lifeOf?.(token);
  const payload = packToken({
    authorization: claim.key.id,
    issuedAt: toIso(issuedAt),
    lifeSeconds: life?.total("seconds"),
    token,
  });
  const version = await addTwice(deps, tokenSecretName(claim.connection.id), payload);
  return recordStored(deps, claim, { version, issuedAt, life });
}

/** Records a token of this login that lies in the vault, wakes its readers and clears what is spent. */
export async function recordStored(
  deps: ExchangeDeps,
  claim: HeldClaim,
  token: StoredToken,
): Promise<TokenRecord> {
  const { connection } = claim;
  const record = await recordToken(deps, connection, { authorization: claim.key.id, ...token });
  const { generation, version } = record;
  const { login } = policyOf(connection);
  deps.log.info("token-stored", { connection: connection.id, generation, version, login });
  await wakeReaders(deps, record);
  await clearLogin(deps, claim);
  await retireTokens(deps, connection, version);
  return record;
}

/** The token of this login, if a process stored it and died before it could record it. */
export async function findStored(deps: ExchangeDeps, claim: HeldClaim): Promise<StoredToken | undefined> {
  const { connection, key } = claim;
  const recorded = (await deps.store.get(tokens, connection.id))?.version ?? 0;
  for (let version = recorded + 1; version <= recorded + VERSIONS_SEARCHED; version += 1) {
    const payload = await readTokenPayload(deps.vault, connection.id, version);
    if (!payload.ok || payload.value.authorization !== key.id) continue;
    return { version, ...timesOf(payload.value) };
  }
  return undefined;
}

/** Destroys a login's request token and PINs; what cannot be destroyed now goes with the next login. */
export async function clearLogin(deps: ExchangeDeps, { connection, record }: HeldClaim): Promise<void> {
  try {
    await clearLoginSecrets(deps, connection.id, record);
  } catch (error) {
    deps.log.warn("vault-cleanup-failed", { connection: connection.id, error });
  }
}

async function retireTokens(deps: ExchangeDeps, connection: Connection, version: number): Promise<void> {
  try {
    await retireTokenVersions(deps.vault, connection.id, version);
  } catch (error) {
    deps.log.warn("vault-cleanup-failed", { connection: connection.id, error });
  }
}

/** What the broker says of a wrong PIN and of a spent or forgotten request token. */
export function isPinRefusal(code: ExchangeFailure): boolean {
  return code === "BROKER_TOKEN_REJECTED" || code === "BROKER_TOKEN_EXPIRED";
}

/** Failures that prove that the broker has not looked at the PIN: it was never reached, or refused the caller. */
const NOT_ACTED: readonly ExchangeFailure[] = [
  "BROKER_UNREACHABLE",
  "BROKER_RATE_LIMITED",
  "BROKER_SIGNATURE_REFUSED",
  "BROKER_CLOCK_REFUSED",
  "BROKER_CREDENTIALS_REJECTED",
];

/** Whether a PIN that met this failure is as good as before. Any other may have been spent, outages included. */
export function isUnspent(code: ExchangeFailure): boolean {
  return NOT_ACTED.includes(code);
}
