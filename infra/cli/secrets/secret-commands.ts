/** What the owner keeps in the vault by hand: asked for without being shown, and never taken from the command line. */
import { removeCredential, replaceCredential } from "../../../shared/config/credentials.ts";
import { createSystemClock } from "../../../shared/platform/local/system-clock.ts";
import { fail, type Result, succeed } from "../../../shared/platform/result.ts";
import { Secret } from "../../../shared/platform/secret.ts";
import { openHome } from "../../local/home.ts";
import { openHomeKey } from "../../local/home-key.ts";
import { HomeInUse, lockHome } from "../../local/home-lock.ts";
import { openLocalPlatform, type RunningPlatform } from "../../local/local-platform.ts";
import { readStackEnvironment } from "../../local/stack-environment.ts";
import { openLog } from "../open-app.ts";
import { tellFailure } from "../tell-failure.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";

/** Brokers and phone are simulated on this machine and have keys of their own. */
export const SECRETS = ["perplexity"] as const;
export type SecretName = (typeof SECRETS)[number];

const QUESTIONS = { perplexity: "Perplexity's key" } as const satisfies Record<SecretName, string>;
const PERPLEXITY_KEY = /^pplx-[A-Za-z0-9_-]{20,200}$/;

/** 130 where the owner leaves the question. */
export function runSecretSet(world: World, name: SecretName): Promise<ExitCode> {
  const { terminal, interruption } = world;
  return withPlatform(world, async ({ platform }) => {
    const answer = await terminal.askSecret(QUESTIONS[name], interruption);
    if (answer.kind === "ended") {
      terminal.complain("The input ended before there was a key. Nothing has changed.");
      return 1;
    }
    if (answer.kind !== "pin") {
      terminal.complain("Left without a key. Nothing has changed.");
      return 130;
    }
    const key = readKey(answer.pin);
    if (!key.ok) return tellFailure(terminal, key);
    await replaceCredential(platform, name, key.value);
    terminal.print(
      "The key is in the vault. From the next npm start on Perplexity itself is asked, for at most `sentiment.dailyCost` a day of Openbell's clock.",
    );
    return 0;
  });
}

export function runSecretRemove(world: World, name: SecretName): Promise<ExitCode> {
  return withPlatform(world, async ({ platform }) => {
    await removeCredential(platform, name);
    world.terminal.print(
      "No key of yours is in the vault. From the next npm start on the simulator answers.",
    );
    return 0;
  });
}

function readKey(entered: Secret): Result<Secret, "SECRET_MALFORMED"> {
  const text = entered.reveal().trim();
  return PERPLEXITY_KEY.test(text) ? succeed(Secret.of(text)) : fail("SECRET_MALFORMED");
}

/** Takes the home for itself meanwhile: a stack that runs would send the owner's key to its simulator. */
async function withPlatform(
  { environment, terminal }: World,
  work: (running: RunningPlatform) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { home: folder } = readStackEnvironment(environment);
  let release = () => {};
  try {
    const home = await openHome(folder, { isFresh: false });
    release = await lockHome(folder);
    const { key: masterKey } = await openHomeKey(home, environment);
    const running = openLocalPlatform({ home, masterKey, clock: createSystemClock(), log: openLog(home) });
    try {
      return await work(running);
    } finally {
      await running.close();
    }
  } catch (error) {
    if (!(error instanceof HomeInUse)) throw error;
    terminal.complain(error.message);
    return 1;
  } finally {
    release();
  }
}
