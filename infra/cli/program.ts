/** The commands of `openbell`, and what their words mean. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../../shared/calendar/sessions.ts";
import { startOfDay } from "../../shared/calendar/zoned.ts";
import { runHealth, runKeepAlive, runRenew, runStatus } from "./app-commands.ts";
import { addBotCommands } from "./bots/add-bot-commands.ts";
import { runCalendar, runPlan } from "./calendar-commands.ts";
import { addControlCommands } from "./control/add-control-commands.ts";
import { addDataCommands } from "./data/add-data-commands.ts";
import { DATE, readDate } from "./read-date.ts";
import { addSecretCommands } from "./secrets/add-secret-commands.ts";
import type { ExitCode } from "./terminal.ts";
import { runTest, type TestOptions } from "./test-command.ts";
import type { World } from "./world.ts";

const MOST_PLAN_DAYS = 366;
const JSON_OPTION = ["--json", "print JSON, for programs"] as const;

/** Runs one command line, without the program's own name. What is not understood ends with 2. */
export async function runCommandLine(argv: readonly string[], world: World): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(world, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

function createProgram(world: World, end: (code: ExitCode) => void): Command {
  const { terminal } = world;
  const program = new Command("openbell")
    .description("Keeps broker sessions alive: the same services as the page, for the terminal.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(text.trimEnd()),
      writeErr: (text) => terminal.complain(text.trimEnd()),
    })
    .showHelpAfterError("Add --help for what there is.")
    .addHelpText("after", "\nEnds with 0 when done, 1 when it failed, 2 when not understood, 130 by Ctrl-C.");
  addAppCommands(program, world, end);
  addCalendarCommands(program, world, end);
  addBotCommands(program, world, end);
  addControlCommands(program, world, end);
  addDataCommands(program, world, end);
  addSecretCommands(program, world, end);
  return program;
}

function addAppCommands(program: Command, world: World, end: (code: ExitCode) => void): void {
  program
    .command("status")
    .description("every connection's token, and what needs you now")
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean }) => end(await runStatus(world, options)));
  program
    .command("renew")
    .description("get a token: shows the broker's address, asks for what it gives, waits for the worker")
    .argument("<connection>", "a name that `openbell status` lists")
    .addHelpText(
      "after",
      "\nThe PIN, or the address to which the broker led back, can also come by a pipe, one a line.",
    )
    .action(async (connection: string) => end(await runRenew(world, connection)));
  program
    .command("keepalive")
    .description("how the tokens are kept awake")
    .option("--force", "use every live token now; ends with 1 when that fails")
    .option(...JSON_OPTION)
    .action(async (options: { force?: boolean; json?: boolean }) => end(await runKeepAlive(world, options)));
  program
    .command("health")
    .description("whether the store and the worker are at work; ends with 1 when not")
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean }) => end(await runHealth(world, options)));
  program
    .command("test")
    .description("try a broker's connections step by step; ends with 1 when a step failed")
    .addArgument(new Argument("<broker>", "the broker").choices(["ctrader"]))
    .addOption(
      new Option("--environment <name>", "whose connections").choices(["demo", "live"]).makeOptionMandatory(),
    )
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      "\nShakes hands with both hosts; all else stays within the environment. It trades nothing.",
    )
    .action(async (_: string, options: TestOptions) => end(await runTest(world, options)));
}

function addCalendarCommands(program: Command, world: World, end: (code: ExitCode) => void): void {
  program
    .command("calendar")
    .description("the exchange's trading days with their hours on the exchange's clock")
    .requiredOption("--from <date>", "the first day, YYYY-MM-DD", readDate)
    .requiredOption("--to <date>", "the last day, included", readDate)
    .option(...JSON_OPTION)
    .action(
      (options: { from: Temporal.PlainDate; to: Temporal.PlainDate; json?: boolean }, command: Command) => {
        if (Temporal.PlainDate.compare(options.from, options.to) > 0)
          command.error("error: --to lies before --from");
        end(runCalendar(world, options));
      },
    );
  program
    .command("plan")
    .description("every alert, ping and tick to come, in Eastern time, UTC and the owner's zone")
    .option("--days <count>", `how many days, 1 to ${MOST_PLAN_DAYS}`, readDays, 30)
    .option("--from <moment>", "a day in New York (YYYY-MM-DD) or an instant; default: now", readMoment)
    .option(...JSON_OPTION)
    .action(async (options: { days: number; from?: Temporal.Instant; json?: boolean }) =>
      end(await runPlan(world, options)),
    );
}

/** A day begins at its midnight, which the plan includes. */
function readMoment(text: string): Temporal.Instant {
  if (DATE.test(text)) {
    const noon = readDate(text).toZonedDateTime({ timeZone: EXCHANGE_TIME_ZONE, plainTime: "12:00" });
    return startOfDay(noon.toInstant(), EXCHANGE_TIME_ZONE).subtract({ nanoseconds: 1 });
  }
  try {
    return Temporal.Instant.from(text);
  } catch {
    throw new InvalidArgumentError(
      "It is neither a date like 2026-11-23 nor an instant like 2026-11-23T13:30:00Z.",
    );
  }
}

function readDays(text: string): number {
  const days = Number(text);
  if (/^\d+$/.test(text) && days >= 1 && days <= MOST_PLAN_DAYS) return days;
  throw new InvalidArgumentError(`It is not a whole number from 1 to ${MOST_PLAN_DAYS}.`);
}
