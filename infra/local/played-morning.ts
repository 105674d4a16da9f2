/** One morning, played by a scripted owner over real HTTP, with a line for each step. */
import { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../../shared/config/connection.ts";
import { createScriptedOwner, type ScriptedOwner } from "../sandbox/owner/scripted-owner.ts";
import type { Narrator } from "./narrator.ts";
import type { Stack } from "./stack.ts";

export interface PlayedMorning {
  /** Half a minute before the morning alert. */
  readonly stack: Stack;
  readonly narrator: Narrator;
  /** Who does it; signed in afterwards. */
  readonly owner?: ScriptedOwner;
  /** How long the owner waits for the phone and for green, in real time. */
  readonly patienceMs: number;
}

/**
 * Plays it to the end and sums it up. True only when everything that is needed each morning is acknowledged;
 * rejects when a step fails.
 */
export async function playMorning(morning: PlayedMorning): Promise<boolean> {
  await play(morning);
  return summarize(morning);
}

async function play({ stack, narrator, patienceMs, owner: given }: PlayedMorning): Promise<void> {
  const owner = given ?? createScriptedOwner(stack.addresses.sandbox);
  const needed = stack.app.options.config.connections.filter((one) => one.needed === "every-morning");
  narrator.say("The clock jumps to the morning alert.");
  await stack.clock.advanceBy(Temporal.Duration.from({ seconds: 30 }));
  const alert = await owner.waitForMessage((one) => one.buttons.length > 0, patienceMs);
  for (const line of alert.text.split("\n")) narrator.say(`   │ ${line}`);

  const words = await owner.openLink(alert);
  const isProven = alert.text.includes(words.join(" "));
  narrator.say(
    `📱 The owner taps. The page shows: ${words.join(" ")} (${isProven ? "as in the message" : "WRONG"}).`,
  );
  if (!isProven) throw new Error("The page and the message show different words.");
  for (const { id } of needed) {
    const generation = await renew(owner, id, narrator);
    await owner.waitForGreen(id, generation, patienceMs);
  }
}

async function renew(owner: ScriptedOwner, connection: ConnectionId, narrator: Narrator): Promise<number> {
  const authorization = await owner.begin(connection);
  narrator.say(`📱 Renew ${connection}: the broker's page opens.`);
  const pin = await owner.logIn(authorization);
  narrator.say("📱 Logged in at the broker, accepted, and copied the PIN.");
  return owner.enterPin(connection, authorization.id, pin);
}

async function summarize({ stack, narrator }: PlayedMorning): Promise<boolean> {
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
