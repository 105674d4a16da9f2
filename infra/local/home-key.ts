import { existsSync } from "node:fs";
import { ConfigurationInvalid } from "../../shared/config/configuration-invalid.ts";
import type { Keychain } from "../../shared/platform/local/keychain.ts";
import { type MasterKey, openMasterKey } from "../../shared/platform/local/master-key.ts";
import { chooseKeychain } from "../../shared/platform/local/os-keychain.ts";
import { createSystemRandom } from "../../shared/platform/local/system-random.ts";
import type { Home } from "./home.ts";

/**
 * The key of a home's vault: from the system's keychain, or from a key file in the home. Throws
 * {@link ConfigurationInvalid} for a setting that is none, and what `openMasterKey` throws.
 */
export async function openHomeKey(
  home: Home,
  environment: NodeJS.ProcessEnv,
  /** Default: while there is no vault that an old key would open. */
  mayCreate: boolean = !existsSync(home.path("vault.db")),
): Promise<MasterKey> {
  return openMasterKey({
    keychain: keychainOf(environment),
    account: home.path("vault.db"),
    keyFile: home.path("master.key"),
    mayCreate,
    random: createSystemRandom(),
  });
}

function keychainOf({ OPENBELL_KEYCHAIN }: NodeJS.ProcessEnv): Keychain {
  try {
    return chooseKeychain(OPENBELL_KEYCHAIN);
  } catch (error) {
    throw error instanceof RangeError ? new ConfigurationInvalid(error.message, { cause: error }) : error;
  }
}
