/** The commands that work on the state: the same services as the page. */
import { Temporal } from "temporal-polyfill";
import { createSystemClock } from "../../shared/platform/local/system-clock.ts";
import {
  formatHealth,
  formatHealthWithoutStack,
  formatKeepAlive,
  formatStatus,
  healthWithoutStack,
  withoutStack,
} from "./format-status.ts";
import { type OpenAppOptions, type OpenedApp, openApp } from "./open-app.ts";
import { renew } from "./renew.ts";
import { tellFailure } from "./tell-failure.ts";
import type { ExitCode } from "./terminal.ts";
import type { World } from "./world.ts";

const PAUSE = Temporal.Duration.from({ milliseconds: 100 });

export interface OutputOptions {
  readonly json?: boolean;
}

export function runStatus(world: World, options: OutputOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async ({ app, isRunning }) => {
    const left = await app.services.status();
    const report = isRunning ? left : withoutStack(left);
    print(world, options, report, () => formatStatus(report, world.terminal.style));
    return 0;
  });
}

/** 1 when something is not as it should be. */
export function runHealth(world: World, options: OutputOptions): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async ({ app, isRunning }) => {
    const left = { ...(await app.services.health()), build: app.options.build };
    const health = isRunning ? left : healthWithoutStack(left);
    print(world, options, health, () =>
      isRunning ? formatHealth(health) : formatHealthWithoutStack(health),
    );
    return health.status === "ok" ? 0 : 1;
  });
}

/** With `force` every live token is used now; 1 when that failed for one. */
export function runKeepAlive(
  world: World,
  options: OutputOptions & { readonly force?: boolean },
): Promise<ExitCode> {
  const isForced = options.force === true;
  return withApp(world, { isStackNeeded: isForced }, async ({ app: { services } }) => {
    if (isForced) {
      const forced = await services.forceKeepAlive({});
      if (!forced.ok) return tellFailure(world.terminal, forced);
    }
    const list = await services.keepAlive();
    print(world, options, list, () => formatKeepAlive(list.connections));
    return isForced && list.connections.some((one) => one.failuresInRow > 0) ? 1 : 0;
  });
}

export function runRenew(world: World, connection: string): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: true }, ({ app, clock, followClock }) =>
    renew(
      {
        services: app.services,
        terminal: world.terminal,
        clock,
        ownerTimeZone: app.options.config.owner.timeZone,
        async pause() {
          await createSystemClock().sleep(PAUSE);
          await followClock();
        },
        interruption: world.interruption,
      },
      connection,
    ),
  );
}

/** Opens the app for one command, and closes it again. */
export async function withApp(
  { environment, root, terminal }: World,
  needs: Pick<OpenAppOptions, "isStackNeeded" | "doWithout">,
  work: (opened: OpenedApp) => Promise<ExitCode>,
): Promise<ExitCode> {
  const opened = await openApp({ environment, root, ...needs });
  if (!opened.ok) return tellFailure(terminal, opened);
  try {
    return await work(opened.value);
  } finally {
    await opened.value.close();
  }
}

function print({ terminal }: World, { json }: OutputOptions, value: unknown, forPeople: () => string): void {
  terminal.print(json === true ? JSON.stringify(value, undefined, 2) : forPeople());
}
