/**
 * `npm run demo`: one morning, played by a scripted owner over real HTTP against the simulated broker and
 * phone. Ends with exit code 0 only when the worker has acknowledged the day's token.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Temporal } from "temporal-polyfill";
import { configSchema } from "../../shared/config/config.ts";
import type { ConnectionId } from "../../shared/config/connection.ts";
import { createSystemRandom } from "../../shared/platform/local/system-random.ts";
import { createScriptedOwner, type ScriptedOwner } from "../sandbox/owner/scripted-owner.ts";
import { readBuild } from "./build.ts";
import { openHome } from "./home.ts";
import { openLocalPlatform } from "./local-platform.ts";
import { createNarrator, easternDateTime, type Narrator } from "./narrator.ts";
import { quietLog } from "./quiet-log.ts";
import { type Stack, startStack } from "./stack.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PATIENCE_MS = 20_000;

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
    openPlatform: async (parts) => openLocalPlatform({ ...parts, home, masterKey }),
  });
}

async function play(stack: Stack, narrator: Narrator): Promise<void> {
  const owner = createScriptedOwner(stack.addresses.sandbox);
  const needed = stack.app.options.config.connections.filter((one) => one.needed === "every-morning");
  narrator.say("The clock jumps to the morning alert.");
  await stack.clock.advanceBy(Temporal.Duration.from({ seconds: 30 }));
  const alert = await owner.waitForMessage((one) => one.buttons.length > 0, PATIENCE_MS);
  for (const line of alert.text.split("\n")) narrator.say(`   │ ${line}`);

  const words = await owner.openLink(alert);
  const isProven = alert.text.includes(words.join(" "));
  narrator.say(
    `📱 The owner taps. The page shows: ${words.join(" ")} (${isProven ? "as in the message" : "WRONG"}).`,
  );
  if (!isProven) throw new Error("The page and the message show different words.");
  for (const connection of needed) await renew(owner, connection.id, narrator);
}

async function renew(owner: ScriptedOwner, connection: ConnectionId, narrator: Narrator): Promise<void> {
  const authorization = await owner.begin(connection);
  narrator.say(`📱 Renew ${connection}: the broker's page opens.`);
  const pin = await owner.logIn(authorization);
  narrator.say("📱 Logged in at the broker, accepted, and copied the PIN.");
  const generation = await owner.enterPin(connection, authorization.id, pin);
  await owner.waitForGreen(connection, generation, PATIENCE_MS);
}

async function summarize(stack: Stack, narrator: Narrator): Promise<boolean> {
  const { mornings, connections } = await stack.app.services.status();
  const [morning] = mornings;
  const isArmed = morning?.armedAt !== undefined;
  narrator.say("");
  for (const one of connections.filter((each) => each.needed === "every-morning")) {
    narrator.say(
      `   ${one.label}: token ${one.token.generation}, ${one.acknowledged ? "acknowledged" : "NOT acknowledged"}`,
    );
  }
  const seconds = morning?.secondsToArmed?.toFixed(1) ?? "?";
  narrator.say(isArmed ? `   Alert → armed in ${seconds} seconds (${morning.outcome}).` : "   NOT armed.");
  return isArmed && connections.every((one) => one.needed !== "every-morning" || one.acknowledged);
}

async function main(): Promise<number> {
  const narrator = createNarrator((line) => process.stdout.write(`${line}\n`));
  const folder = await mkdtemp(join(tmpdir(), "openbell-demo-"));
  let stack: Stack | undefined;
  try {
    stack = await openDemoStack(folder, narrator);
    narrator.say(`Openbell is up on simulated brokers; it is ${easternDateTime(stack.clock.now())}.`);
    narrator.follow(stack.clock);
    await play(stack, narrator);
    return (await summarize(stack, narrator)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`The morning failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await stack?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
