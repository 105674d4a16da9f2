/** What a worker follows of a connection's market: what its owner named, and what its bots trade. Pure. */
import type { BotConfig } from "./bot.ts";
import type { Connection, CtraderConnection } from "./connection.ts";

export type Watched = CtraderConnection["watch"][number];

/** Every symbol once, each with all the bars that are wanted of it; those named first come first. */
export function watchedOf(connection: Connection, bots: readonly BotConfig[]): readonly Watched[] {
  const named = connection.broker === "ctrader" ? connection.watch : [];
  const traded = bots
    .filter((bot) => bot.connection === connection.id)
    .flatMap((bot) => bot.instruments.map((symbol): Watched => ({ symbol, bars: [bot.bars] })));
  const all = new Map<string, Set<Watched["bars"][number]>>();
  for (const { symbol, bars } of [...named, ...traded]) {
    all.set(symbol, new Set([...(all.get(symbol) ?? []), ...bars]));
  }
  return [...all].map(([symbol, bars]) => ({ symbol, bars: [...bars] }));
}
