import { type Command, Option } from "commander";
import { Temporal } from "temporal-polyfill";
import { readDate } from "../read-date.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";
import { type ExportOptions, runAuditVerify, runBackup, runExport, runRestore } from "./data-commands.ts";
import { EXPORT_TABLES, EXPORTS } from "./export-tables.ts";

/** Adds the commands that take data out of a home, check it, and bring it back. */
export function addDataCommands(program: Command, world: World, end: (code: ExitCode) => void): void {
  program
    .command("export")
    .description("write records out as CSV or JSON, to the terminal or into a new file")
    .addOption(new Option("--what <records>", "which").choices(EXPORTS).makeOptionMandatory())
    .addOption(new Option("--format <format>", "how").choices(["csv", "json"]).makeOptionMandatory())
    .option("--account <account>", "of one account only, e.g. paper-ctrader-demo")
    .option("--from <date>", "the first day in New York, YYYY-MM-DD", readDate)
    .option("--to <date>", "the last day, included", readDate)
    .option("--out <file>", "a file that does not exist yet")
    .action(async (options: ExportOptions, command: Command) => {
      const { what, account, from, to } = options;
      if (account !== undefined && EXPORT_TABLES[what].account === undefined)
        command.error(`error: ${what} belong to no account`);
      if (from && to && Temporal.PlainDate.compare(from, to) > 0)
        command.error("error: --to lies before --from");
      end(await runExport(world, options));
    });
  program
    .command("audit")
    .description("the log of what people and Openbell decided")
    .command("verify")
    .description("whether every entry is linked to the one before; ends with 1 where it is not")
    .action(async () => end(await runAuditVerify(world)));
  program
    .command("backup")
    .description("write all records and the sealed secrets into a new file, also while Openbell runs")
    .argument("<file>", "a file that does not exist yet")
    .addHelpText("after", "\nThe master key is not in it: keep that apart.")
    .action(async (file: string) => end(await runBackup(world, file)));
  program
    .command("restore")
    .description("replace the state by a backup while Openbell does not run; what was there is kept")
    .argument("<file>", "what `openbell backup` has made")
    .option("--without-secrets", "keep this machine's own secrets; its brokers want a new login")
    .addHelpText("after", "\nTrading is halted afterwards: the brokers have moved on since.")
    .action(async (file: string, options: { withoutSecrets?: boolean }) =>
      end(await runRestore(world, file, options)),
    );
}
