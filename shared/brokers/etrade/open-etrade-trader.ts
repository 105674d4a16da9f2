/** An E*TRADE account as the product trades through it: asked again and again, because the broker tells nothing by itself. */
import type { Temporal } from "temporal-polyfill";
import type { ConnectionId } from "../../config/connection.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import { fail, type Result, succeed } from "../../platform/result.ts";
import type { Secret } from "../../platform/secret.ts";
import type { Store } from "../../platform/store.ts";
import type { Timers } from "../../platform/timers.ts";
import type { BrokerCallFailure } from "../token-issuer.ts";
import type { AccountMoney, OpenPosition, TradingBroker } from "../trading-broker.ts";
import type { EtradeAccount } from "./accounts.ts";
import type { EtradeClient } from "./client.ts";
import { moneyOf, positionsOf } from "./orders/account-view.ts";
import { createOrderBook, type OrderBook } from "./orders/order-book.ts";
import type { OrderAccess } from "./orders/order-calls.ts";
import { createOrderDesk, type OrderDesk } from "./orders/order-desk.ts";
import { createOrderMemory } from "./orders/order-memory.ts";
import { endsWithDay, priceStepAt } from "./orders/order-request.ts";
import { createOrderRounds, type OrderRounds } from "./orders/order-rounds.ts";
import type { OrderMessage } from "./orders/order-schemas.ts";
import { unpackTokenPair } from "./token.ts";

/** Which account, and by which token. */
export interface EtradeSeat {
  readonly token: Secret;
  readonly account: EtradeAccount;
}

export interface EtradeTraderDeps {
  readonly client: EtradeClient;
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  isReady(): boolean;
  /** Undefined while there is no token, or no account to trade on. */
  seat(): EtradeSeat | undefined;
  /** Something is under way: look again soon. */
  hurry(): void;
}

export interface EtradeTraderOptions {
  readonly connection: ConnectionId;
  /** From when on fills may not have been heard of. */
  readonly fillsSince: Temporal.Instant;
  /** Whether a sale that closes nothing may open a short position. Default: no. */
  readonly isShortAllowed?: boolean;
  /** Told what the broker warns of when it takes an order, e.g. 1027: the market is closed. */
  readonly warned?: (clientOrderId: string, messages: readonly OrderMessage[]) => void;
}

export interface EtradeTrader {
  readonly broker: TradingBroker;
  /** Compares orders, holdings and money with the broker's. `isWhole`: however old the orders are that work. */
  compare(how: { readonly isWhole: boolean }): Promise<Result<void, BrokerCallFailure>>;
  /** Looks at the orders, and at holdings and money where something was filled or `isDue` says so. */
  look(how: { readonly isDue: boolean }): Promise<Result<void, BrokerCallFailure>>;
  /** `busy`: something is under way whose end should be seen soon; `working`: orders rest at the broker. */
  pace(): "busy" | "working" | "quiet";
  /** Forgets what was told of another account. */
  clear(): void;
  /** Resolves when every order that is on its way has its answer, and no later than `ms` from now. */
  settled(ms: number): Promise<void>;
  /** Tells nothing more. */
  close(): void;
}

interface Holdings {
  readonly positions: readonly OpenPosition[];
  readonly money: AccountMoney | undefined;
}

export function openEtradeTrader(deps: EtradeTraderDeps, options: EtradeTraderOptions): EtradeTrader {
  return new Trader(deps, options);
}

class Trader implements EtradeTrader {
  readonly broker: TradingBroker;
  readonly #deps: EtradeTraderDeps;
  readonly #book: OrderBook;
  readonly #rounds: OrderRounds;
  readonly #desk: OrderDesk;
  readonly #changed = new Set<() => void>();
  #holdings: Holdings = { positions: [], money: undefined };
  /** Counts the fills; `#heldAt` is how many there were when the holdings were asked for. */
  #fills = 0;
  #heldAt = -1;
  #isClosed = false as boolean;
  /** Of the account that was traded last: its orders keep their names while there is no token. */
  #lastFour = "";

  constructor(deps: EtradeTraderDeps, options: EtradeTraderOptions) {
    this.#deps = deps;
    const { clock, log, timers, client, store } = deps;
    const memory = createOrderMemory({ store, clock }, options.connection);
    const lastFour = () => deps.seat()?.account.lastFour ?? this.#lastFour;
    const access = () => this.#access();
    const calls = client.orders;
    this.#book = createOrderBook({ memory, clock, log, lastFour });
    const { fillsSince: since } = options;
    this.#rounds = createOrderRounds({ calls, book: this.#book, clock, log, access, since });
    this.#desk = createOrderDesk({
      ...{ calls, memory, clock, timers, log, access, lastFour },
      ...{ book: this.#book, rounds: this.#rounds, isReady: deps.isReady, hurry: deps.hurry },
      warned: options.warned ?? (() => {}),
      isShortAllowed: options.isShortAllowed ?? false,
    });
    this.#book.onFill(() => {
      this.#fills += 1;
    });
    this.#book.onOrder(() => this.#tell());
    this.broker = this.#openBroker();
  }

  async compare({ isWhole }: { readonly isWhole: boolean }): Promise<Result<void, BrokerCallFailure>> {
    const looked = await this.#rounds.look({ isWhole });
    if (!looked.ok) return looked;
    return this.#readHoldings();
  }

  async look({ isDue }: { readonly isDue: boolean }): Promise<Result<void, BrokerCallFailure>> {
    const looked = await this.#rounds.look();
    if (!looked.ok) return looked;
    return isDue || this.#heldAt !== this.#fills ? this.#readHoldings() : succeed(undefined);
  }

  pace(): "busy" | "working" | "quiet" {
    if (this.#desk.isBusy()) return "busy";
    return this.#book.working().length > 0 ? "working" : "quiet";
  }

  clear(): void {
    this.#book.clear();
    this.#holdings = { positions: [], money: undefined };
    this.#heldAt = -1;
  }

  settled(ms: number): Promise<void> {
    return this.#desk.settled(ms);
  }

  close(): void {
    this.#isClosed = true;
    this.#desk.close();
  }

  #openBroker(): TradingBroker {
    const desk = this.#desk;
    const book = this.#book;
    return {
      attachesLevels: false,
      priceStepAt,
      endsByItself: endsWithDay,
      money: () => this.#holdings.money,
      isReady: () => this.#deps.isReady(),
      place: (ticket, mayLeave, standing) => desk.place(ticket, mayLeave, standing),
      find: (clientOrderId, since, closing, brokerOrderId) =>
        desk.find(clientOrderId, since, closing, brokerOrderId),
      cancel: (brokerOrderId, mayLeave) => desk.cancel(brokerOrderId, mayLeave),
      refresh: () => this.compare({ isWhole: false }),
      onFill: (listener) =>
        book.onFill((fill) => {
          if (!this.#isClosed) listener(fill);
        }),
      onChange: (listener) => {
        this.#changed.add(listener);
        return () => this.#changed.delete(listener);
      },
      positions: () => this.#holdings.positions,
      workingOrders: () => book.workingOrders(),
    };
  }

  #access(): OrderAccess | undefined {
    const seat = this.#deps.seat();
    if (seat === undefined) return undefined;
    this.#lastFour = seat.account.lastFour;
    return { token: unpackTokenPair(seat.token), accountIdKey: seat.account.accountIdKey };
  }

  async #readHoldings(): Promise<Result<void, BrokerCallFailure>> {
    const { client } = this.#deps;
    const seat = this.#deps.seat();
    if (seat === undefined) return fail("BROKER_UNREACHABLE");
    const { token, account } = seat;
    const fills = this.#fills;
    const [holdings, balance] = await Promise.all([
      client.portfolio(token, account.accountIdKey),
      client.balance(token, account.accountIdKey, account.institutionType),
    ]);
    if (!holdings.ok) return holdings;
    if (!balance.ok) return balance;
    this.#holdings = {
      positions: positionsOf(holdings.value),
      money: moneyOf(balance.value, holdings.value),
    };
    this.#heldAt = fills;
    this.#tell();
    return succeed(undefined);
  }

  #tell(): void {
    if (this.#isClosed) return;
    for (const listener of [...this.#changed]) listener();
  }
}
