/** The real secrets of a morning, caught where they enter the vault or leave for the owner. */
import type { RunningPlatform } from "../../infra/local/local-platform.ts";
import type { Secret } from "../../shared/platform/secret.ts";
import type { SecretVault } from "../../shared/platform/vault.ts";
import type { TestStack } from "./stack.ts";

/** Secrets by names that a person understands. */
export type Canaries = Map<string, string>;

/** The platform with a vault that notes what is put into it; `noted` grows with every secret. */
export function notingPlatform(running: RunningPlatform, noted: Canaries): RunningPlatform {
  const { vault } = running.platform;
  const noting: SecretVault = {
    read: (name, version) => vault.read(name, version),
    destroy: (name, version) => vault.destroy(name, version),
    versions: (name) => vault.versions(name),
    async add(name, value) {
      const version = await vault.add(name, value);
      note(noted, `${name} ${version}`, value);
      return version;
    },
  };
  return { ...running, platform: { ...running.platform, vault: noting } };
}

/** A payload's own secrets: of JSON each text that only its holder may know, else the whole of it. */
function note(noted: Canaries, name: string, value: Secret): void {
  const text = value.reveal();
  const parts = secretParts(text);
  for (const [part, secret] of parts) noted.set(part === "" ? name : `${name} ${part}`, secret);
}

const NO_SECRETS = new Set([
  // Names a login; the page shows it.
  "authorization",
  "issuedAt",
  // The consumer key, or the application's id, is a name; the broker's address shows it to whoever logs in.
  "key",
  "lifeSeconds",
]);

function secretParts(text: string): readonly (readonly [string, string])[] {
  if (!text.startsWith("{")) return [["", text]];
  return Object.entries(JSON.parse(text) as Record<string, string>)
    .filter(([part]) => !NO_SECRETS.has(part))
    .flatMap(([part, inner]) =>
      secretParts(inner).map(([deeper, secret]) => [`${part} ${deeper}`.trim(), secret] as const),
    );
}

/** Leaves out the request tokens: they stand in the address of the broker's page, which the owner opens. */
export function withoutRequestTokens(noted: Canaries): Canaries {
  return new Map([...noted].filter(([name]) => !/^login-\S+ \d+ token$/.test(name)));
}

/** What the simulators would give away: all applications' secrets, the bot's token, the user's password. */
export function simulatorSecrets(stack: TestStack): Canaries {
  const { etradeAddresses, ctrader, botToken } = stack.simulators;
  const { demo, live } = ctrader.addresses.applications;
  return new Map([
    ["consumer secret", etradeAddresses.consumerSecret],
    ["sandbox consumer secret", etradeAddresses.sandboxConsumerSecret],
    ["demo client secret", demo.clientSecret],
    ["live client secret", live.clientSecret],
    ["bot token", botToken],
  ]);
}
