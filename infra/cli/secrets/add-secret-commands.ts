import type { Command } from "commander";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";
import { runSecretRemove, runSecretSet, SECRETS, type SecretName } from "./secret-commands.ts";

/** Adds the commands that put keys into the vault, and take them out. */
export function addSecretCommands(program: Command, world: World, end: (code: ExitCode) => void): void {
  const secret = program.command("secret").description("keys of yours in the vault");
  const add = (
    verb: string,
    description: string,
    work: (world: World, name: SecretName) => Promise<ExitCode>,
  ) =>
    secret
      .command(verb)
      .description(description)
      .argument("<name>", `whose key: ${SECRETS.join(", ")}`)
      // What is not expected here may be a key: it is refused by words of ours, which do not repeat it.
      .allowExcessArguments()
      .action(async (name: string, _: unknown, command: Command) => {
        if (command.args.length > 1)
          command.error("error: a key is not taken from the command line; it is asked for");
        const known = SECRETS.find((one) => one === name);
        if (known === undefined)
          return command.error(`error: there is only the key of ${SECRETS.join(", ")}`);
        end(await work(world, known));
      });
  add(
    "set",
    "enter a key, while Openbell does not run; it is asked for and not shown",
    runSecretSet,
  ).addHelpText("after", "\nThe key can also come by a pipe. It is never taken from the command line.");
  add("remove", "destroy a key, while Openbell does not run; the simulator answers again", runSecretRemove);
}
