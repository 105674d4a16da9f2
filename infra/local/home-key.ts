import { existsSync } from "node:fs";
import { type MasterKey, openMasterKey } from "../../shared/platform/local/master-key.ts";
import { chooseKeychain } from "../../shared/platform/local/os-keychain.ts";
import { createSystemRandom } from "../../shared/platform/local/system-random.ts";
import type { Home } from "./home.ts";

/** The key of a home's vault: from the system's keychain, or from a key file in the home. */
export function openHomeKey(home: Home, environment: NodeJS.ProcessEnv): Promise<MasterKey> {
  return openMasterKey({
    keychain: chooseKeychain(environment.OPENBELL_KEYCHAIN),
    account: home.path("vault.db"),
    keyFile: home.path("master.key"),
    mayCreate: !existsSync(home.path("vault.db")),
    random: createSystemRandom(),
  });
}
