import { Temporal } from "temporal-polyfill";
import { z } from "zod";
import type { ConnectionId } from "../config/connection.ts";
import type { Log } from "../platform/log.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import { Secret } from "../platform/secret.ts";
import type { SecretName, SecretVault, SecretVersion } from "../platform/vault.ts";

const payloadSchema = z.strictObject({
  /** The login that brought the token: how a version stored just before a crash is recognised. */
  authorization: z.string(),
  issuedAt: z.string(),
  /** What the broker said of its life, where it did. */
  lifeSeconds: z.int().positive().optional(),
  /** The broker's own form of the token, with everything in one place. */
  token: z.string().min(1),
});

export interface TokenPayload {
  readonly authorization: string;
  /** ISO instant. */
  readonly issuedAt: string;
  /** What the broker said of its life, where it did. */
  readonly lifeSeconds?: number | undefined;
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

/** When the token was issued and how long it lives, where the broker said so. */
export function timesOf({ issuedAt, lifeSeconds }: TokenPayload): {
  readonly issuedAt: Temporal.Instant;
  readonly life: Temporal.Duration | undefined;
} {
  return {
    issuedAt: Temporal.Instant.from(issuedAt),
    life: lifeSeconds === undefined ? undefined : Temporal.Duration.from({ seconds: lifeSeconds }),
  };
}

/** The broker gives a token once: a vault that fails is asked again before the token is given up. */
export async function addTwice(
  deps: { readonly vault: SecretVault; readonly log: Log },
  name: SecretName,
  payload: Secret,
): Promise<SecretVersion> {
  try {
    return await deps.vault.add(name, payload);
  } catch (error) {
    deps.log.warn("vault-add-failed", { name, error });
    return deps.vault.add(name, payload);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
