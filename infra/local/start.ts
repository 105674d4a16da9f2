/** `npm start`: the whole of Openbell on this machine, with simulated brokers, until Ctrl-C. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pino } from "pino";
import { loadConfigWithStrategies } from "../../shared/app-strategies.ts";
import { ConfigurationInvalid } from "../../shared/config/configuration-invalid.ts";
import { ERRORS } from "../../shared/errors.ts";
import { createPinoLog } from "../../shared/platform/local/pino-log.ts";
import { VaultKeyLost } from "../../shared/platform/local/vault-key-lost.ts";
import { readBuild } from "./build.ts";
import { type Home, HomeUnusable, openHome } from "./home.ts";
import { openHomeKey } from "./home-key.ts";
import { HomeInUse, lockHome } from "./home-lock.ts";
import { openLocalPlatform } from "./local-platform.ts";
import { createNarrator, easternDateTime, type Narrator } from "./narrator.ts";
import { phoneRemark } from "./phone-remark.ts";
import { type Stack, startStack } from "./stack.ts";
import { readStackEnvironment } from "./stack-environment.ts";
import { tradingSentences } from "./trading-sentences.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NODE_ADDRESS_IN_USE = "EADDRINUSE";
const LONGEST_CLOSING_MS = 5_000;

async function start(narrator: Narrator): Promise<Stack> {
  const { values } = parseArgs({ options: { fresh: { type: "boolean", default: false } } });
  const settings = readStackEnvironment(process.env);
  const config = await loadConfigWithStrategies(settings.configFile);
  // Before anything is emptied; the end of the process lets go of it.
  process.once("exit", await lockHome(settings.home));
  const home = await openHome(settings.home, { isFresh: values.fresh });
  const masterKey = await openHomeKey(home, process.env);
  const log = narrator.listen(
    createPinoLog({ level: "info", destination: openLogFile(home.path("openbell.log")) }),
  );
  const stack = await startStack({
    home,
    masterKey: masterKey.key,
    config,
    configFolder: dirname(settings.configFile),
    build: await readBuild(ROOT),
    port: settings.port,
    root: ROOT,
    log,
    isFlowing: true,
    isAlone: true,
    openPlatform: async (parts) => openLocalPlatform({ ...parts, home, masterKey: masterKey.key }),
  });
  const phone = phoneRemark(await stack.app.services.status(), stack.clock.now(), config);
  welcome(narrator, stack, { home, keySource: masterKey.source, phone });
  return stack;
}

/** Written at once, so that the last lines before a crash are there. */
function openLogFile(path: string) {
  return pino.destination({ dest: path, sync: true, append: true, mode: 0o600 });
}

function welcome(
  narrator: Narrator,
  stack: Stack,
  facts: { readonly home: Home; readonly keySource: string; readonly phone: string },
) {
  const { addresses, clock } = stack;
  const lines = [
    "",
    "Openbell is up, with simulated brokers: no account and no money behind it.",
    "",
    `  The page      ${addresses.console}`,
    `  Your phone    ${addresses.phone}${facts.phone}`,
    `  The sandbox   ${addresses.sandbox}   clock, jobs and faults`,
    "",
    `  Clock         ${easternDateTime(clock.now())} (virtual; move it in the sandbox)`,
    `  State         ${facts.home.folder} (npm start -- --fresh begins anew)`,
    `  Vault key     ${facts.keySource === "keychain" ? "in this system's keychain" : "in a key file in the state folder"}`,
    "",
    "Ctrl-C ends it.",
    "",
  ];
  for (const line of lines) narrator.say(line);
  narrator.follow(clock);
}

/** Their messages are written for the person who starts it. */
const EXPLAINED = [ConfigurationInvalid, HomeInUse, HomeUnusable];

function explainFailure(error: unknown): string {
  const { code = "", port, syscall } = error as NodeJS.ErrnoException & { port?: number };
  if (syscall === "listen") {
    const why = code === NODE_ADDRESS_IN_USE ? "is taken by another program" : `cannot be opened (${code})`;
    return `Port ${port ?? ""} ${why}. Choose another one: PORT=9090 npm start`;
  }
  if (code.startsWith("ERR_PARSE_ARGS_")) return `${(error as Error).message}\nThere is one option: --fresh`;
  if (error instanceof VaultKeyLost) return `${error.message} ${ERRORS[error.code].next}`;
  if (error instanceof Error && EXPLAINED.some((kind) => error instanceof kind)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

async function main(): Promise<void> {
  const narrator = createNarrator((line) => process.stdout.write(`${line}\n`), tradingSentences());
  try {
    const stack = await start(narrator);
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        narrator.say("Closing; the state is kept.");
        // Whatever still hangs loses nothing by this: the state is safe against a kill at any moment.
        setTimeout(() => process.exit(0), LONGEST_CLOSING_MS).unref();
        stack.close().then(
          () => process.exit(0),
          () => process.exit(1),
        );
      });
    }
  } catch (error) {
    process.stderr.write(`${explainFailure(error)}\n`);
    process.exitCode = 1;
  }
}

await main();
