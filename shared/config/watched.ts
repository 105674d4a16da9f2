/** What a worker follows of a connection's market: what its owner named, what its bots trade, and what bots still hold. Pure. */
import type { BotConfig } from "./bot.ts";
import type { Connection, CtraderConnection } from "./connection.ts";

export type Watched = CtraderConnection["watch"][number];

/** A position of a bot, of one of the configuration or of a former one. */
export interface HeldByBot {
  readonly instrument: string;
  readonly bot: string;
}

/**
 * Every symbol once, each with all the bars that are wanted of it; those named first come first. What is held is
 * followed also where it has left its bot's list: without prices its loss would be seen by nobody.
 */
export function watchedOf(
  connection: Connection,
  bots: readonly BotConfig[],
  held: readonly HeldByBot[] = [],
): readonly Watched[] {
  const named = connection.broker === "ctrader" ? connection.watch : [];
  const own = bots.filter((bot) => bot.connection === connection.id);
  const left = held.map(({ instrument: symbol, bot }): Watched => {
    const owner = own.find(({ id }) => id === bot);
    return { symbol, bars: owner === undefined ? [] : [owner.bars] };
  });
  const traded = own.flatMap((bot) =>
    bot.instruments.map((symbol): Watched => ({ symbol, bars: [bot.bars] })),
  );
  const all = new Map<string, Set<Watched["bars"][number]>>();
  for (const { symbol, bars } of [...named, ...traded, ...left]) {
    all.set(symbol, new Set([...(all.get(symbol) ?? []), ...bars]));
  }
  return [...all].map(([symbol, bars]) => ({ symbol, bars: [...bars] }));
}
