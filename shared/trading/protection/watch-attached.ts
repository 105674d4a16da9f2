/**
 * Sees to it that the stops are there which a broker attaches to positions by itself: it may refuse one after it has
 * taken the order, lose it, or have it taken away by hand. A lot without its stop is told, and its price is watched.
 */
import type { OpenPosition, TradingBroker } from "../../brokers/trading-broker.ts";
import type { Lease } from "../../platform/lease.ts";
import type { Timers } from "../../platform/timers.ts";
import { unfinishedOrders } from "../control/sweep-orders.ts";
import { accountLedgers } from "../ledger/records.ts";
import type { Attend } from "../order-executor.ts";
import { type LotName, protectionId, protections } from "./records.ts";
import { type ProtectionDeps, tendLot } from "./tend-lots.ts";

export interface AttachedDeps extends Omit<ProtectionDeps, "broker"> {
  readonly timers: Timers;
  readonly broker: Pick<TradingBroker, "positions" | "workingOrders" | "isReady">;
}

/** Between a fill and the news of its stop, and while a stop is replaced, a position is rightly bare for a moment. */
const BARE_FOR_MS = 15_000;

/** What is done at each look of an account's worker, with the attached stops looked after before. */
export function withAttachedStops(deps: AttachedDeps, attend: Attend): Attend {
  const watch = new AttachedStops(deps);
  return async (term) => {
    const isBusy = await watch.look(term).catch((error: unknown) => {
      deps.log.error("stops-not-looked-at", { account: deps.account.id, error });
      return false;
    });
    return (await attend(term)) || isBusy;
  };
}

class AttachedStops {
  readonly #deps: AttachedDeps;
  /** Since when a lot is bare, by the machine's passing time. */
  #bareSince = new Map<string, number>();
  /** Lots that are known to be called watched no more. */
  #calm = new Set<string>();

  constructor(deps: AttachedDeps) {
    this.#deps = deps;
  }

  async look(term: Lease): Promise<boolean> {
    const { store, account, broker, timers } = this.#deps;
    if (!broker.isReady()) return false;
    const ledger = await store.get(accountLedgers, account.id);
    const names = new Map<string, LotName>();
    for (const { positionId, bot, stopLoss } of ledger?.lots ?? []) {
      if (bot === undefined || stopLoss === undefined) continue;
      names.set(protectionId(account.id, { positionId, bot }), { positionId, bot });
    }
    const positions = new Map(broker.positions().map((one) => [one.id, one]));
    const bare = new Map<string, number>();
    let isBusy = false;
    for (const [id, name] of names) {
      const position = positions.get(name.positionId);
      // One that is not there is a difference of the books, and told as such.
      if (position === undefined) continue;
      if (this.#isGuarded(position)) {
        await this.#calmDown(term, id, name);
        continue;
      }
      const since = this.#bareSince.get(id) ?? timers.now();
      bare.set(id, since);
      if (timers.now() - since < BARE_FOR_MS) continue;
      this.#calm.delete(id);
      isBusy = (await this.#tend(term, name, false)) || isBusy;
    }
    this.#bareSince = bare;
    this.#calm = new Set([...this.#calm].filter((id) => names.has(id)));
    return isBusy;
  }

  #isGuarded({ id, stopLoss }: OpenPosition): boolean {
    const isStop = (one: ReturnType<TradingBroker["workingOrders"]>[number]) =>
      one.protects === id && one.stopPrice !== undefined;
    return stopLoss !== undefined || this.#deps.broker.workingOrders().some(isStop);
  }

  /** What was watched rests again, perhaps since a process before this one. */
  async #calmDown(term: Lease, id: string, name: LotName): Promise<void> {
    if (this.#calm.has(id)) return;
    const held = await this.#deps.store.get(protections, id);
    if (held?.state === "watched") await this.#tend(term, name, true);
    this.#calm.add(id);
  }

  async #tend(term: Lease, name: LotName, isAttached: boolean): Promise<boolean> {
    const { store, account } = this.#deps;
    const all = await unfinishedOrders(store, account);
    const unfinished = all.filter((one) => one.ticket.closes !== undefined);
    return tendLot(this.#deps, { term, name, unfinished, isAttached });
  }
}
