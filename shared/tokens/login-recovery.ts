/**
 * Finishes the logins whose process died between a PIN and its token.
 *
 * 1. A token found in the vault is recorded; only where none is, the PIN goes to the broker again.
 * 2. A broker that gives no verdict is asked again at the next look, until it has forgotten the request token.
 * 3. A login whose token is lost is closed, and the owner is told before that, so that no crash swallows it.
 */
import { Temporal } from "temporal-polyfill";
import type { Connection } from "../config/connection.ts";
import { closeLogin, completingLogins, holdsLogin, takeOverLogin, yieldLogin } from "./login-completion.ts";
import {
  clearLogin,
  type ExchangeDeps,
  exchangePin,
  findStored,
  type HeldClaim,
  isPinRefusal,
  recordStored,
  storeToken,
} from "./login-exchange.ts";
import type { Login } from "./login-opening.ts";
import { tokens } from "./records.ts";
import type { TokenEvent } from "./token-events.ts";

export interface RecoveryDeps extends ExchangeDeps {
  readonly connections: readonly Connection[];
  newHolder(): string;
  announce(event: TokenEvent): Promise<void>;
}

/**
 * Safe to run at any time and by many: only an expired claim is taken over. Returns how many logins it
 * settled; one that makes trouble does not keep the others waiting.
 */
export async function recoverLogins(deps: RecoveryDeps): Promise<number> {
  let settled = 0;
  for (const login of await completingLogins(deps.store)) {
    try {
      if (await recoverLogin(deps, login)) settled += 1;
    } catch (error) {
      deps.log.error("login-recovery-failed", { connection: login.record.connection, error });
    }
  }
  return settled;
}

async function recoverLogin(deps: RecoveryDeps, login: Login): Promise<boolean> {
  const connection = deps.connections.find((one) => one.id === login.record.connection);
  if (connection === undefined) return false;
  const holder = deps.newHolder();
  const key = { connection: connection.id, id: login.id };
  const record = await takeOverLogin(deps, key, holder);
  if (record === undefined) return false;
  deps.log.warn("login-taken-over", { connection: connection.id });
  return finish(deps, { connection, key, holder, record });
}

async function finish(deps: RecoveryDeps, claim: HeldClaim): Promise<boolean> {
  const found = await findStored(deps, claim);
  if (found !== undefined) {
    await recordStored(deps, claim, found);
    return true;
  }
  const exchanged = await exchangePin(deps, claim);
  if (exchanged.ok) {
    await storeToken(deps, claim, exchanged.value);
    return true;
  }
  const { code } = exchanged;
  const isForgotten = Temporal.Instant.compare(deps.clock.now(), claim.record.expiresAt) >= 0;
  const isFinal = isPinRefusal(code) || code === "VAULT_VERSION_MISSING" || code === "VAULT_CORRUPT";
  if (!isFinal && !isForgotten) {
    deps.log.warn("login-still-unknown", { connection: claim.connection.id, code });
    await yieldLogin(deps, claim.key, claim.holder);
    return false;
  }
  return giveUp(deps, claim);
}

/** The first exchange may have spent the request token: only a new login can tell. */
async function giveUp(deps: RecoveryDeps, claim: HeldClaim): Promise<boolean> {
  const { connection, key, holder, record } = claim;
  if (!(await holdsLogin(deps.store, key, holder))) return false;
  const token = await deps.store.get(tokens, connection.id);
  const isOvertaken = token !== undefined && Temporal.Instant.compare(token.issuedAt, record.openedAt) >= 0;
  if (!isOvertaken) {
    const code = "AUTHORIZATION_LOST";
    await deps.announce({ kind: "login-failed", connection, login: key.id, code });
  }
  await closeLogin(deps, { ...key, holder }, isOvertaken ? "replaced" : "outcome-unknown");
  await clearLogin(deps, claim);
  return true;
}
