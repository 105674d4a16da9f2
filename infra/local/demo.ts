/**
 * `npm run demo`: one trading day, played in two minutes against the simulated brokers and phone: the morning by
 * a scripted owner over real HTTP, then every minute's ticks until midnight. Ends with exit code 0 only when the
 * worker has acknowledged the day's token and the day was whole.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Temporal } from "temporal-polyfill";
import { configSchema } from "../../shared/config/config.ts";
import { createSystemRandom } from "../../shared/platform/local/system-random.ts";
import { createScriptedOwner } from "../sandbox/owner/scripted-owner.ts";
import { readBuild } from "./build.ts";
import { openHome } from "./home.ts";
import { openLocalPlatform } from "./local-platform.ts";
import { createNarrator, easternDateTime, type Narrator } from "./narrator.ts";
import { playDay } from "./played-day.ts";
import { playMorning } from "./played-morning.ts";
import { quietLog } from "./quiet-log.ts";
import { type Stack, startStack } from "./stack.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PATIENCE_MS = 20_000;
/** Half a minute before the first alert of a full trading day: the same day each time, with the same market. */
const MORNING = Temporal.Instant.from("2026-11-23T13:29:30Z");

async function openDemoStack(folder: string, narrator: Narrator): Promise<Stack> {
  const home = await openHome(folder, { isFresh: false });
  const masterKey = createSystemRandom().bytes(32);
  return startStack({
    home,
    masterKey,
    config: configSchema.parse({}),
    build: await readBuild(ROOT),
    port: 0,
    root: ROOT,
    log: narrator.listen(quietLog),
    isFlowing: true,
    isHurried: true,
    marketSeed: "monday",
    startAt: MORNING,
    openPlatform: async (parts) => openLocalPlatform({ ...parts, home, masterKey }),
  });
}

async function main(): Promise<number> {
  const narrator = createNarrator((line) => process.stdout.write(`${line}\n`));
  let folder: string | undefined;
  let stack: Stack | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), "openbell-demo-"));
    stack = await openDemoStack(folder, narrator);
    narrator.say(`Openbell is up on simulated brokers; it is ${easternDateTime(stack.clock.now())}.`);
    narrator.follow(stack.clock);
    const owner = createScriptedOwner(stack.addresses.sandbox);
    const played = { stack, narrator, owner, patienceMs: PATIENCE_MS };
    const isArmed = await playMorning(played);
    return isArmed && (await playDay(played)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`The day failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await stack?.close();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
