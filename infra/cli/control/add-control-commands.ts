import type { Command } from "commander";
import type { OutputOptions } from "../app-commands.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";
import {
  type CloseOptions,
  type KillOptions,
  type ResumeOptions,
  runClose,
  runKill,
  runReduce,
  runResume,
} from "./control-commands.ts";
import { type PaperOptions, runLive, runPaper } from "./mode-commands.ts";
import { runOrders, runPnl, runPositions, runTrades } from "./trading-commands.ts";

const SCOPE = ["[scope]", "all, an account or a bot", "all"] as const;
const JSON_OPTION = ["--json", "print JSON, for programs"] as const;
const REASON = ["--reason <text>", "why; it is kept"] as const;

/** Adds the commands that stop trading and let it go on, and those that tell how it stands. */
export function addControlCommands(program: Command, world: World, end: (code: ExitCode) => void): void {
  program
    .command("kill")
    .description("halts at once, cancels what works, and waits for the brokers' word; ends with 1 without it")
    .argument(...SCOPE)
    .option(...REASON)
    .option(...JSON_OPTION)
    .addHelpText("after", "\nAsks for nothing. It closes no position, and leaves their stops resting.")
    .action(async (scope: string, options: KillOptions) => end(await runKill(world, scope, options)));
  program
    .command("reduce")
    .description("lets only orders go that close")
    .argument(...SCOPE)
    .option(...REASON)
    .option(...JSON_OPTION)
    .action(async (scope: string, options: KillOptions) => end(await runReduce(world, scope, options)));
  program
    .command("resume")
    .description("lets it go on: asks for the phrase and for a reason")
    .argument(...SCOPE)
    .option("--phrase <text>", "the phrase, where nobody can be asked")
    .option(...REASON)
    .option(...JSON_OPTION)
    .action(async (scope: string, options: ResumeOptions) => end(await runResume(world, scope, options)));
  program
    .command("close")
    .description("closes every position that is ours at the market, and opens nothing any more")
    .argument(...SCOPE)
    .option("--including-others", "also what was opened by hand or by another program")
    .option("--yes", "do not ask")
    .option(...REASON)
    .option(...JSON_OPTION)
    .action(async (scope: string, options: CloseOptions) => end(await runClose(world, scope, options)));
  addModes(program, world, end);
  addReports(program, world, end);
}

function addModes(program: Command, world: World, end: (code: ExitCode) => void): void {
  program
    .command("paper")
    .description("has what trades live trade on paper from now on; positions at the broker stay")
    .argument(...SCOPE)
    .option("--yes", "do not ask")
    .option(...REASON)
    .option(...JSON_OPTION)
    .action(async (scope: string, options: PaperOptions) => end(await runPaper(world, scope, options)));
  program
    .command("live")
    .description("brings back to live what was switched to paper: asks for the phrase and for a reason")
    .argument(...SCOPE)
    .option("--phrase <text>", "the phrase, where nobody can be asked")
    .option(...REASON)
    .option(...JSON_OPTION)
    .action(async (scope: string, options: ResumeOptions) => end(await runLive(world, scope, options)));
}

function addReports(program: Command, world: World, end: (code: ExitCode) => void): void {
  const report = (
    name: string,
    about: string,
    run: (world: World, options: OutputOptions) => Promise<ExitCode>,
  ) =>
    program
      .command(name)
      .description(about)
      .option(...JSON_OPTION)
      .action(async (options: OutputOptions) => end(await run(world, options)));
  report("positions", "what is open, and where its stop rests", runPositions);
  report("orders", "what works at the brokers, and what is lately over", runOrders);
  report("trades", "what was closed today, at which price, with what result, and by what", runTrades);
  report("pnl", "what the day has brought, against what it may cost", runPnl);
}
