import type { Command } from "commander";
import type { OutputOptions } from "../app-commands.ts";
import { readDate } from "../read-date.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";
import { runBots, runWhy, type WhyOptions } from "./bot-commands.ts";

/** Adds the commands that tell what bots do, and why they do nothing. */
export function addBotCommands(program: Command, world: World, end: (code: ExitCode) => void): void {
  program
    .command("bots")
    .description("every bot: where it trades, whether it may, its positions, its last tick and its next")
    .option("--json", "print JSON, for programs")
    .action(async (options: OutputOptions) => end(await runBots(world, options)));
  program
    .command("why")
    .description("with which reasons the ticks of a day ended, and the last of them in words")
    .option("--bot <bot>", "one bot; default: all of them")
    .option("--day <date>", "a day in New York, YYYY-MM-DD; default: today", readDate)
    .option("--json", "print JSON, for programs")
    .addHelpText("after", "\nEvery reason is explained in docs/reasons.md.")
    .action(async (options: WhyOptions) => end(await runWhy(world, options)));
}
