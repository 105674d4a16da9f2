import type { TestLine } from "../../shared/brokers/connection-test.ts";
import type { CtraderConnection } from "../../shared/config/connection.ts";
import { type OutputOptions, withApp } from "./app-commands.ts";
import { formatTestLine } from "./format-test.ts";
import type { ExitCode } from "./terminal.ts";
import type { World } from "./world.ts";

export interface TestOptions extends OutputOptions {
  readonly environment: CtraderConnection["environment"];
}

/** Tries cTrader's connections of one environment and prints a line a step as it goes; 0 where all are well. */
export function runTest(world: World, { environment, json = false }: TestOptions): Promise<ExitCode> {
  const { terminal, interruption: signal } = world;
  return withApp(world, { isStackNeeded: true }, async ({ app, clock }) => {
    const lines: TestLine[] = [];
    const ownerTimeZone = app.options.config.owner.timeZone;
    const hear = (line: TestLine) => {
      if (json) lines.push(line);
      else terminal.print(formatTestLine(line, { now: clock.now(), ownerTimeZone }));
    };
    const ok = await app.testBroker({ environment, hear, signal });
    if (signal.aborted) {
      terminal.complain("Left before the test was done; it changes nothing.");
      return 130;
    }
    if (json) terminal.print(JSON.stringify({ broker: "ctrader", environment, ok, lines }, undefined, 2));
    return ok ? 0 : 1;
  });
}
