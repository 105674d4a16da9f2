/** Names of secrets whose payload a person or a deployment puts into the vault, and where their version is noted. */
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { instantSchema } from "../platform/instant.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";
import { collection, type Store } from "../platform/store.ts";
import type { SecretVault } from "../platform/vault.ts";
import type { ConnectionId } from "./connection.ts";

const pointerSchema = z.strictObject({ version: z.int().positive(), changedAt: instantSchema });

/** Which version of a credential is in force. */
const credentials = collection("credentials", pointerSchema);

export type CredentialName =
  | "telegram-bot"
  | "telegram-webhook"
  | "session-key"
  | "perplexity"
  | `broker-${string}`;

export type CredentialFailure = "CREDENTIAL_MISSING" | "VAULT_VERSION_MISSING" | "VAULT_CORRUPT";

interface Deps {
  readonly store: Store;
  readonly vault: SecretVault;
}

/** The broker's key and secret of a connection, as one payload. */
export const brokerKeySchema = z.strictObject({ key: z.string().min(1), secret: z.string().min(1) });

export function brokerCredentialName(connection: ConnectionId): CredentialName {
  return `broker-${connection}`;
}

/** The credential in force. */
export async function readCredential(
  deps: Deps,
  name: CredentialName,
): Promise<Result<Secret, CredentialFailure>> {
  const pointer = await deps.store.get(credentials, name);
  if (pointer === undefined) return fail("CREDENTIAL_MISSING", { name });
  const read = await deps.vault.read(name, pointer.version);
  if (read.ok) return read;
  // It may have been replaced between the two reads.
  const newer = await deps.store.get(credentials, name);
  const isReplaced = newer !== undefined && newer.version !== pointer.version;
  return isReplaced ? deps.vault.read(name, newer.version) : read;
}

/** Puts a credential in force and destroys the one before it. */
export async function replaceCredential(
  deps: Deps & { readonly clock: Clock },
  name: CredentialName,
  value: Secret,
): Promise<void> {
  const version = await deps.vault.add(name, value);
  await deps.store.transact(async (transaction) => {
    const current = await transaction.get(credentials, name);
    // Of two that replace it at once the later version stays: the earlier one is destroyed below.
    if ((current?.version ?? 0) >= version) return;
    transaction.set(credentials, name, { version, changedAt: deps.clock.now() });
  });
  for (const older of await deps.vault.versions(name)) {
    if (older < version) await deps.vault.destroy(name, older);
  }
}

/** Takes a credential out of force and destroys it; one that there is not is no error. */
export async function removeCredential(deps: Deps, name: CredentialName): Promise<void> {
  await deps.store.transact(async (transaction) => transaction.delete(credentials, name));
  for (const version of await deps.vault.versions(name)) await deps.vault.destroy(name, version);
}

/** A connection's consumer key and secret. */
export async function readBrokerKey(
  deps: Deps,
  connection: ConnectionId,
): Promise<Result<{ readonly key: string; readonly secret: Secret }, CredentialFailure>> {
  const found = await readCredential(deps, brokerCredentialName(connection));
  if (!found.ok) return found;
  const parsed = brokerKeySchema.safeParse(parseJson(found.value.reveal()));
  if (!parsed.success) return fail("VAULT_CORRUPT", { name: brokerCredentialName(connection) });
  return succeed({ key: parsed.data.key, secret: Secret.of(parsed.data.secret) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
