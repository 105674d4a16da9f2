import type { Platform } from "../../shared/app.ts";
import type { ConnectionId } from "../../shared/config/connection.ts";
import {
  brokerCredentialName,
  type CredentialName,
  readCredential,
  replaceCredential,
} from "../../shared/config/credentials.ts";
import { Secret } from "../../shared/platform/secret.ts";

/** What of the platform credentials need. */
type CredentialPlaces = Pick<Platform, "store" | "vault" | "clock" | "random">;

export interface SandboxCredentials {
  readonly botToken: string;
  /** The simulator's; without any every sentiment is neutral. */
  readonly perplexityKey?: string;
  readonly brokerKeys: ReadonlyMap<ConnectionId, { readonly key: string; readonly secret: string }>;
}

export interface Seeded {
  readonly webhookSecret: Secret;
  /** The owner has entered a key of their own, which stays. */
  readonly hasOwnPerplexityKey: boolean;
}

/** Puts the sandbox's credentials into the vault, and makes the random ones where they are missing. */
export async function seedCredentials(
  platform: CredentialPlaces,
  credentials: SandboxCredentials,
): Promise<Seeded> {
  await put(platform, "telegram-bot", Secret.of(credentials.botToken));
  for (const [connection, pair] of credentials.brokerKeys) {
    await put(platform, brokerCredentialName(connection), Secret.of(JSON.stringify(pair)));
  }
  const { perplexityKey } = credentials;
  const entered = await readCredential(platform, "perplexity");
  const hasOwnPerplexityKey = entered.ok && entered.value.reveal() !== perplexityKey;
  if (perplexityKey !== undefined && !entered.ok) {
    await replaceCredential(platform, "perplexity", Secret.of(perplexityKey));
  }
  await makeIfMissing(platform, "session-key");
  return { webhookSecret: await makeIfMissing(platform, "telegram-webhook"), hasOwnPerplexityKey };
}

/** Leaves a credential alone that is in force already. */
async function put(platform: CredentialPlaces, name: CredentialName, value: Secret): Promise<void> {
  const before = await readCredential(platform, name);
  if (before.ok && before.value.reveal() === value.reveal()) return;
  await replaceCredential(platform, name, value);
}

async function makeIfMissing(platform: CredentialPlaces, name: CredentialName): Promise<Secret> {
  const before = await readCredential(platform, name);
  if (before.ok) return before.value;
  const made = Secret.of(Buffer.from(platform.random.bytes(32)).toString("base64url"));
  await replaceCredential(platform, name, made);
  return made;
}
