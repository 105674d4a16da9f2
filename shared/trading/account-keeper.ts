/**
 * Keeps an account's record: what money there is, what works at the broker, and whether our books and the
 * broker's agree. Nothing opens on an account whose books disagree; what happened to a position of nobody's is
 * the broker's to say, and is taken over.
 */
import type { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import type { MarketFeed } from "../brokers/market-feed.ts";
import type { AccountMoney, OpenPosition, TradingBroker } from "../brokers/trading-broker.ts";
import type { Clock } from "../platform/clock.ts";
import type { Lease, Leases } from "../platform/lease.ts";
import type { Log } from "../platform/log.ts";
import type { Store } from "../platform/store.ts";
import type { Timers } from "../platform/timers.ts";
import { type AccountRecord, accounts } from "./account-record.ts";
import { type ConfirmDeps, confirmKills } from "./control/confirm-kills.ts";
import { LastingDifferences } from "./lasting-differences.ts";
import { plus, ZERO } from "./ledger/exact.ts";
import { createEquityWriter, rollLedgers } from "./ledger/keep-ledger.ts";
import { newAccountLedger } from "./ledger/periods.ts";
import { type AccountLedger, accountLedgers, type Lot } from "./ledger/records.ts";
import { type Prices, rollAccount, type Valuation, valueLots } from "./ledger/value-account.ts";
import { newYorkDate } from "./new-york-day.ts";
import { type Difference, differences } from "./reconcile-account.ts";
import { orderId, orders, tradingStates } from "./records.ts";
import { CLOCK_DRIFT_MS } from "./risk/check-standing.ts";
import { takeOver } from "./take-over.ts";
import { marketView } from "./ticks/market-data.ts";
import type { TradedAccount } from "./traded-account.ts";

export interface KeeperDeps extends ConfirmDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly leases: Pick<Leases, "isHeld">;
  readonly account: TradedAccount;
  readonly broker: TradingBroker;
  readonly feed: Pick<MarketFeed, "quotes" | "instruments" | "follow">;
  readonly build: string;
  /** How far this clock is ahead of the broker's, in milliseconds; missing where that is no matter. */
  readonly driftMs?: (() => number | undefined) | undefined;
  /** Looks at what an account has come to, and halts what has to be halted. */
  readonly judge?: Judge;
}

/** What an account has come to at one look. */
export interface Standing {
  readonly record: AccountRecord;
  readonly ledger: AccountLedger;
  readonly valuation: Valuation;
}

export type Judge = (standing: Standing) => Promise<void>;

/** Unless something has changed, the record is written no more often. */
const WRITE_EVERY = Temporal.Duration.from({ seconds: 30 });
const MINUTE_MS = 60_000;

/** Made once an account and process; call it at each look of the account's worker. True: look again soon. */
export function createAccountKeeper(deps: KeeperDeps): (term: Lease) => Promise<boolean> {
  const keeper = new AccountKeeper(deps);
  return (term) => keeper.attend(term);
}

class AccountKeeper {
  readonly #deps: KeeperDeps;
  readonly #lasting: LastingDifferences;
  readonly #equity: ReturnType<typeof createEquityWriter>;
  #written: { readonly text: string; readonly at: Temporal.Instant } | undefined;
  /** The product's minute in which the chores were done last. */
  #choresIn = -1;
  /** New York's date on which the ledgers were last seen to have begun. */
  #day: string | undefined;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
    this.#lasting = new LastingDifferences(deps.timers);
    this.#equity = createEquityWriter(deps.store, deps.account.id);
  }

  async attend(term: Lease): Promise<boolean> {
    const isKilling = await confirmKills(this.#deps, term);
    const { broker, store, account, clock } = this.#deps;
    const money = broker.money();
    if (money === undefined || !broker.isReady()) return isKilling;
    const open = broker.positions();
    this.#follow(money.currency);
    const ledger = (await store.get(accountLedgers, account.id)) ?? newAccountLedger(account.id, clock.now());
    const found = await this.#compare(ledger.lots, open);
    const lasting = this.#lasting.see(found);
    if (lasting.some((one) => !one.isOurs) && (await takeOver(this.#deps, term, { ledger, open }, lasting))) {
      return true;
    }
    const standing = await this.#standing(term, { money, ledger, found, lasting });
    await this.#write(term, standing.record);
    await this.#chores(standing);
    await this.#deps.judge?.(standing);
    // A difference is seen to have lasted only by looking again.
    return isKilling || found.length > lasting.length;
  }

  /** Whatever the account has to do with needs a price, or nothing may open: what is held by hand too. */
  #follow(currency: string): void {
    const { broker, feed } = this.#deps;
    if (feed.follow === undefined) return;
    const names = new Set([...broker.positions(), ...broker.workingOrders()].map((one) => one.instrument));
    const { conversionOf } = pricesOf(feed, currency);
    const pairs = feed.instruments().flatMap(({ instrument, currency: own }) => {
      const isKnown = !names.has(instrument) || conversionOf(instrument) !== undefined;
      return isKnown ? [] : [`${own}${currency}`, `${currency}${own}`];
    });
    feed.follow([...names, ...pairs]);
  }

  async #compare(lots: readonly Lot[], open: readonly OpenPosition[]): Promise<readonly Difference[]> {
    const { store, account } = this.#deps;
    const ours = new Set<string>();
    for (const { id, clientOrderId } of open) {
      if (clientOrderId === undefined || lots.some((one) => one.positionId === id)) continue;
      if ((await store.get(orders, orderId(account.id, clientOrderId))) !== undefined) ours.add(id);
    }
    return differences(lots, open, ({ id }) => ours.has(id));
  }

  async #standing(term: Lease, { money, ledger, found, lasting }: Seen): Promise<Standing> {
    const { store, clock, account, broker, build } = this.#deps;
    const driftMs = this.#deps.driftMs?.();
    const before = await store.get(accounts, account.id);
    const valuation = valueLots(ledger.lots, pricesOf(this.#deps.feed, money.currency));
    // Without the prices of ours, as after a restart, it is worth what it was: no mark moves by what nobody sees.
    const known = isOursValued(valuation) ? undefined : before?.unrealised;
    const unrealised = money.unrealised ?? known ?? valuation.unrealised;
    const equity = plus(money.balance, unrealised);
    const now = clock.now();
    const [broken] = lasting.filter((one) => one.isOurs);
    // What differs for a moment changes nothing; what has not agreed under this term is not reconciled yet.
    const hasAgreed = before?.isReconciled === true && before.epoch === term.fence;
    const isReconciled = broken === undefined && (found.length === 0 || hasAgreed);
    const isSameBreak = before?.break?.code === broken?.code && before?.break?.text === broken?.text;
    const record: AccountRecord = {
      account: account.id,
      mode: account.mode,
      environment: account.mode === "paper" ? "simulated" : account.connection.environment,
      currency: money.currency,
      balance: money.balance,
      unrealised,
      equity,
      ...rollAccount(before, now, equity),
      ...(await this.#peakAnew(before, equity)),
      working: [...broker.workingOrders()],
      isReconciled,
      ...(broken !== undefined && {
        break: {
          code: broken.code,
          text: broken.text,
          since: isSameBreak ? (before?.break?.since ?? now) : now,
        },
      }),
      ...(driftMs !== undefined && { driftMs }),
      epoch: term.fence,
      build,
      at: now,
    };
    return { record, ledger, valuation };
  }

  /** Whoever lets an account go on after a drawdown lets it begin from what it has then. */
  async #peakAnew(
    before: AccountRecord | undefined,
    equity: Decimal,
  ): Promise<Partial<Pick<AccountRecord, "peakSince" | "peakEquity">>> {
    const { store, account } = this.#deps;
    const state = await store.get(tradingStates, account.id);
    if (state?.state !== "active") return before?.peakSince ? { peakSince: before.peakSince } : {};
    const isKnown = before?.peakSince?.epochMilliseconds === state.at.epochMilliseconds;
    return { peakSince: state.at, ...(!isKnown && { peakEquity: equity }) };
  }

  /** What moves with each price is written now and then, everything else at once. */
  async #write(term: Lease, record: AccountRecord): Promise<void> {
    const { store, leases } = this.#deps;
    const { at: _at, unrealised: _unrealised, equity: _equity, peakEquity: _peak, driftMs, ...rest } = record;
    const mayOpen = driftMs === undefined ? undefined : Math.abs(driftMs) <= CLOCK_DRIFT_MS;
    const text = JSON.stringify([rest, mayOpen]);
    const isFresh =
      this.#written !== undefined &&
      Temporal.Instant.compare(record.at, this.#written.at.add(WRITE_EVERY)) < 0;
    if (isFresh && this.#written?.text === text) return;
    await store.transact(async (transaction) => {
      if (await leases.isHeld(transaction, term)) transaction.set(accounts, record.account, record);
    });
    this.#written = { text, at: record.at };
  }

  async #chores({ record, ledger, valuation }: Standing): Promise<void> {
    const { store, account, clock } = this.#deps;
    const today = newYorkDate(record.at);
    // A day begins before its losses are judged, or those of the days before would count as its own.
    const isNewDay = this.#day !== today;
    const minute = Math.floor(record.at.epochMilliseconds / MINUTE_MS);
    if (!isNewDay && minute === this.#choresIn) return;
    this.#choresIn = minute;
    const { at, balance, unrealised } = record;
    await this.#equity.write({ at, balance, unrealised });
    const prices = pricesOf(this.#deps.feed, record.currency);
    const unrealisedOf = (lots: readonly Lot[]) => {
      const value = lots === ledger.lots ? valuation : valueLots(lots, prices);
      return isOursValued(value) ? value.unrealised : undefined;
    };
    await rollLedgers(store, account.id, { now: clock.now(), unrealisedOf });
    if (isOursValued(valuation)) this.#day = today;
  }
}

function isOursValued({ unvalued }: Valuation): boolean {
  return unvalued.every(({ bot }) => bot === undefined);
}

type PricedFeed = Pick<MarketFeed, "quotes" | "instruments">;

function pricesOf(feed: PricedFeed, currency: string): Prices {
  const view = marketView(feed.quotes());
  const rules = new Map(feed.instruments().map((one) => [one.instrument, one]));
  return {
    quoteOf: view.quote,
    conversionOf(instrument) {
      const known = rules.get(instrument);
      return known && view.rate(known.currency, currency);
    },
  };
}

/** What lots stand at now by a feed's prices, in the currency of the broker's account; undefined while one of ours has no price. */
export function unrealisedBy(broker: Pick<TradingBroker, "money">, feed: PricedFeed) {
  return (lots: readonly Lot[]): Decimal | undefined => {
    if (lots.length === 0) return ZERO;
    const currency = broker.money()?.currency;
    if (currency === undefined) return undefined;
    const value = valueLots(lots, pricesOf(feed, currency));
    return isOursValued(value) ? value.unrealised : undefined;
  };
}

interface Seen {
  readonly money: AccountMoney;
  readonly ledger: AccountLedger;
  readonly found: readonly Difference[];
  readonly lasting: readonly Difference[];
}
