/** The trading state as far as this process knows it, for a moment in which nothing may wait. */
import type { Connection } from "../config/connection.ts";
import type { Store } from "../platform/store.ts";
import type { Timers } from "../platform/timers.ts";
import { readTradingState, refusalIn, type TradingState } from "./trading-state.ts";

/** The trading state is also read at each claim, and when it is said to have changed. */
const STATE_EVERY_MS = 30_000;

/** When a question was asked whose answer brings the state. */
export interface Asked {
  readonly edition: number;
  readonly at: number;
}

export class KnownTradingState {
  readonly #deps: { readonly store: Store; readonly timers: Timers; readonly connection: Connection };
  #known: { readonly is: TradingState; readonly at: number } | undefined;
  #edition = 0;

  constructor(deps: { readonly store: Store; readonly timers: Timers; readonly connection: Connection }) {
    this.#deps = deps;
  }

  /** It may have changed: no answer to a question from before this is believed. */
  forget(): void {
    this.#known = undefined;
    this.#edition += 1;
  }

  /** To be taken before the question, and handed to {@link KnownTradingState.believe} with its answer. */
  ask(): Asked {
    return { edition: this.#edition, at: this.#deps.timers.now() };
  }

  believe({ edition, at }: Asked, is: TradingState): void {
    if (edition === this.#edition) this.#known = { is, at };
  }

  /** Reads it unless it is known from half a minute ago or less. Rejects where the store does. */
  async read(): Promise<void> {
    const { store, connection, timers } = this.#deps;
    while (this.#known === undefined || timers.now() - this.#known.at >= STATE_EVERY_MS) {
      const asked = this.ask();
      this.believe(asked, await readTradingState(store, connection));
    }
  }

  /** A state that is being read anew is not known, and allows nothing. */
  allows(ticket: Parameters<typeof refusalIn>[1]): boolean {
    return this.#known !== undefined && refusalIn(this.#known.is, ticket) === undefined;
  }
}
