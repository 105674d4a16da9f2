/** `npm run openbell -- <command>`: the terminal's way to Openbell, for when the phone's fails. */
import { fileURLToPath } from "node:url";
import { runGuarded } from "./run-guarded.ts";
import { createTerminal } from "./terminal.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const interruption = new AbortController();
process.once("SIGINT", () => interruption.abort());
// A reader that has seen enough, such as `head`, is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

// The product's timers keep no process alive: a command that waits by them alone, such as a kill for the brokers' word,
// would end here without its answer.
const whileItRuns = setInterval(() => undefined, 60_000);

process.exitCode = await runGuarded(process.argv.slice(2), {
  terminal: createTerminal(process),
  environment: process.env,
  root: ROOT,
  interruption: interruption.signal,
});

clearInterval(whileItRuns);
