/** How trading stands, from the same report as the page's and the phone's. */
import type { ApiTrading } from "../../../shared/console/trading-api.ts";
import { ordersText, pnlText, positionsText, tradesText } from "../../../shared/console/trading-text.ts";
import { type OutputOptions, withApp } from "../app-commands.ts";
import type { ExitCode } from "../terminal.ts";
import type { World } from "../world.ts";

export function runPositions(world: World, options: OutputOptions): Promise<ExitCode> {
  return tell(world, options, ({ positions }) => positions, positionsText);
}

export function runOrders(world: World, options: OutputOptions): Promise<ExitCode> {
  return tell(world, options, ({ orders }) => orders, ordersText);
}

export function runTrades(world: World, options: OutputOptions): Promise<ExitCode> {
  return tell(world, options, ({ trades }) => trades, tradesText);
}

export function runPnl(world: World, options: OutputOptions): Promise<ExitCode> {
  return tell(world, options, ({ accounts, bots, totals }) => ({ accounts, bots, totals }), pnlText);
}

function tell(
  world: World,
  { json }: OutputOptions,
  part: (report: ApiTrading) => unknown,
  text: (report: ApiTrading) => string,
): Promise<ExitCode> {
  return withApp(world, { isStackNeeded: false }, async ({ app }) => {
    const report = await app.services.trading();
    world.terminal.print(json === true ? JSON.stringify(part(report), undefined, 2) : text(report));
    return 0;
  });
}
