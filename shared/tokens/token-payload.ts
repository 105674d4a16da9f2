import { z } from "zod";
import type { ConnectionId } from "../config/connection.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";
import type { SecretName, SecretVault } from "../platform/vault.ts";

const payloadSchema = z.strictObject({
  /** The login that brought the token: how a version stored just before a crash is recognised. */
  authorization: z.string(),
  issuedAt: z.string(),
  /** The broker's own form of the token, with everything in one place. */
  token: z.string().min(1),
});

export interface TokenPayload {
  readonly authorization: string;
  /** ISO instant. */
  readonly issuedAt: string;
  readonly token: Secret;
}

/** The vault's name for a connection's tokens: one version holds one whole token. */
export function tokenSecretName(connection: ConnectionId): SecretName {
  return `token-${connection}`;
}

/** The vault's name for the short-lived parts of a login: request tokens and PINs being exchanged. */
export function loginSecretName(connection: ConnectionId): SecretName {
  return `login-${connection}`;
}

export function packToken(payload: TokenPayload): Secret {
  return Secret.of(JSON.stringify({ ...payload, token: payload.token.reveal() }));
}

export async function readTokenPayload(
  vault: SecretVault,
  connection: ConnectionId,
  version: number,
): Promise<Result<TokenPayload, "VAULT_VERSION_MISSING" | "VAULT_CORRUPT">> {
  const read = await vault.read(tokenSecretName(connection), version);
  if (!read.ok) return read;
  const parsed = payloadSchema.safeParse(parseJson(read.value.reveal()));
  if (!parsed.success) return fail("VAULT_CORRUPT", { connection, version });
  return succeed({ ...parsed.data, token: Secret.of(parsed.data.token) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
