/** The trading state as far as this process knows it, for a moment in which nothing may wait. */
import type { Store } from "../platform/store.ts";
import type { Timers } from "../platform/timers.ts";
import type { TradedAccount } from "./traded-account.ts";
import { type AskingOrder, readTradingStanding, refusalIn, type TradingStanding } from "./trading-state.ts";

/** The trading state is also read at each claim, and when it is said to have changed. */
const STATE_EVERY_MS = 30_000;

const NO_BOT = "";

/** When a question was asked whose answer brings the state. */
export interface Asked {
  readonly edition: number;
  readonly at: number;
}

export class KnownTradingState {
  readonly #deps: { readonly store: Store; readonly timers: Timers; readonly account: TradedAccount };
  /** By bot; orders of no bot are under the empty name. */
  readonly #known = new Map<string, { readonly is: TradingStanding; readonly at: number }>();
  #edition = 0;

  constructor(deps: { readonly store: Store; readonly timers: Timers; readonly account: TradedAccount }) {
    this.#deps = deps;
  }

  /** It may have changed: no answer to a question from before this is believed. */
  forget(): void {
    this.#known.clear();
    this.#edition += 1;
  }

  /** To be taken before the question, and handed to {@link KnownTradingState.believe} with its answer. */
  ask(): Asked {
    return { edition: this.#edition, at: this.#deps.timers.now() };
  }

  believe({ edition, at }: Asked, is: TradingStanding, bot = NO_BOT): void {
    if (edition === this.#edition) this.#known.set(bot, { is, at });
  }

  /** Reads it unless it is known from half a minute ago or less. Rejects where the store does. */
  async read(bot = NO_BOT): Promise<void> {
    const { store, account, timers } = this.#deps;
    for (;;) {
      const known = this.#known.get(bot);
      if (known !== undefined && timers.now() - known.at < STATE_EVERY_MS) return;
      const asked = this.ask();
      this.believe(asked, await readTradingStanding(store, account, bot === NO_BOT ? undefined : bot), bot);
    }
  }

  /** A state that is being read anew is not known, and allows nothing. */
  allows(order: AskingOrder & { readonly bot?: string | undefined }): boolean {
    const known = this.#known.get(order.bot ?? NO_BOT);
    return known !== undefined && refusalIn(known.is, order) === undefined;
  }
}
