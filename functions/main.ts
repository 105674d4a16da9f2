/** The container of every function: `FUNCTION_TARGET` says which one it is. */
import { loadConfigWithStrategies } from "../shared/app-strategies.ts";
import { loadConfig } from "../shared/config/load-config.ts";
import { createPinoLog } from "../shared/platform/local/pino-log.ts";
import { openCloudApp } from "./cloud-app.ts";
import { readCloudEnvironment } from "./cloud-environment.ts";
import { type ReadyFunction, startContainer } from "./container.ts";
import { type FunctionName, HANDLERS } from "./handlers.ts";
import { startOrExplain } from "./start-or-explain.ts";

/** A strategy that cannot be used keeps these from starting, and no other: one can always stop trading. */
const RUN_BOTS: ReadonlySet<string> = new Set(["strategy-tick", "bot-tick"]);

const log = createPinoLog({ level: "info" });

async function build(name: FunctionName): Promise<ReadyFunction> {
  const environment = readCloudEnvironment(process.env);
  const load = RUN_BOTS.has(name) ? loadConfigWithStrategies : loadConfig;
  const { app, close } = await openCloudApp(environment, log, load);
  const handler = await HANDLERS[name](app, {
    trustedProxyHops: environment.OPENBELL_TRUSTED_PROXY_HOPS,
    botUsername: environment.OPENBELL_BOT_USERNAME,
  });
  return { handler, close };
}

await startOrExplain({ log, process }, () =>
  startContainer({
    environment: process.env,
    functions: {
      "morning-alert": () => build("morning-alert"),
      "keep-alive": () => build("keep-alive"),
      console: () => build("console"),
      telegram: () => build("telegram"),
      "strategy-tick": () => build("strategy-tick"),
      "bot-tick": () => build("bot-tick"),
    },
    log,
    process,
  }),
);
