import type { ConnectionId } from "../config/connection.ts";
import type { SecretVault } from "../platform/vault.ts";
import type { AuthorizationRecord } from "./records.ts";
import { loginSecretName, tokenSecretName } from "./token-payload.ts";

/** Tokens kept in the vault: the recorded one and the one before it. */
const VERSIONS_KEPT = 2;

/** Destroys all versions of a connection's token but the last two up to `current`; newer ones stay. */
export async function retireTokenVersions(
  vault: SecretVault,
  connection: ConnectionId,
  current: number,
): Promise<void> {
  const name = tokenSecretName(connection);
  const upToCurrent = (await vault.versions(name)).filter((version) => version <= current);
  for (const version of upToCurrent.slice(0, -VERSIONS_KEPT)) await vault.destroy(name, version);
}

/** Destroys a login's request token and PIN, and whatever older logins have left. */
export async function clearLoginSecrets(
  deps: { readonly vault: SecretVault },
  connection: ConnectionId,
  login: AuthorizationRecord,
): Promise<void> {
  const name = loginSecretName(connection);
  const last = Math.max(login.requestVersion ?? 0, login.claim?.verifierVersion ?? 0);
  const spent = (await deps.vault.versions(name)).filter((version) => version <= last);
  for (const version of spent) await deps.vault.destroy(name, version);
}
