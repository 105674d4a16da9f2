/** What is read from the store to tell how an account stands: bounded, and each document once. */
import { type InstrumentRules, instrumentId, instruments } from "../brokers/instrument-rules.ts";
import type { AccountConfig, Mode } from "../config/account.ts";
import type { Config } from "../config/config.ts";
import type { Connection } from "../config/connection.ts";
import type { Store } from "../platform/store.ts";
import { type AccountRecord, accounts } from "../trading/account-record.ts";
import type { AccountLedger } from "../trading/ledger/records.ts";
import { accountLedgers } from "../trading/ledger/records.ts";
import type { Prices } from "../trading/ledger/value-account.ts";
import { markets } from "../trading/market-recorder.ts";
import {
  type OrderRecord,
  orders,
  type PositionRecord,
  positions,
  UNSETTLED_STATES,
} from "../trading/records.ts";
import { type MarketView, marketView } from "../trading/ticks/market-data.ts";
import { type TradedAccount, tradedAccount } from "../trading/traded-account.ts";
import type { ApiStatus } from "./api.ts";
import type { ApiBadge } from "./trading-api.ts";

type Reader = Pick<Store, "get" | "query">;

const MOST_POSITIONS = 200;
/** Of each state that an order can work in. */
const MOST_WORKING = 100;
const LAST_SHOWN = 20;

/** An account and what has been written down about it. */
export interface AccountBooks {
  readonly account: TradedAccount;
  /** Missing where no bot trades on it: then it has no limits of its own. */
  readonly config: AccountConfig | undefined;
  readonly record: AccountRecord | undefined;
  readonly ledger: AccountLedger | undefined;
  readonly positions: readonly PositionRecord[];
  readonly view: MarketView;
  readonly prices: Prices;
}

/** The accounts of the configuration, and those of its connections that a worker has led. */
export async function readAccounts(store: Reader, config: Config): Promise<readonly AccountBooks[]> {
  const named = config.connections.flatMap((connection) =>
    (["paper", "live"] as const).map((mode) => tradedAccount(connection, mode)),
  );
  const books = await Promise.all(named.map((account) => readBooks(store, config, account)));
  return books.filter((one) => one !== undefined);
}

async function readBooks(
  store: Reader,
  { accounts: configured }: Config,
  account: TradedAccount,
): Promise<AccountBooks | undefined> {
  const { connection, mode, id } = account;
  const config = configured.find((one) => one.connection === connection.id && one.mode === mode);
  const record = await store.get(accounts, id);
  if (config === undefined && record === undefined) return undefined;
  const [ledger, market, found] = await Promise.all([
    store.get(accountLedgers, id),
    store.get(markets, connection.id),
    store.query(positions, { where: { connection: id }, limit: MOST_POSITIONS }),
  ]);
  const held = found.map(({ value }) => value);
  const names = new Set([...(ledger?.lots ?? []), ...held].map((one) => one.instrument));
  const rules = await readRules(store, connection.id, names);
  const view = marketView(market?.symbols ?? []);
  return { account, config, record, ledger, positions: held, view, prices: pricesOf(view, rules, record) };
}

async function readRules(
  store: Reader,
  connection: string,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, InstrumentRules>> {
  const found = await Promise.all(
    [...names].map((name) => store.get(instruments, instrumentId(connection, name))),
  );
  return new Map(found.flatMap((rules) => (rules === undefined ? [] : [[rules.instrument, rules] as const])));
}

/** Without the account's currency, or the instrument's, nothing can be valued. */
function pricesOf(
  view: MarketView,
  rules: ReadonlyMap<string, InstrumentRules>,
  record: AccountRecord | undefined,
): Prices {
  return {
    quoteOf: view.quote,
    conversionOf(instrument) {
      const own = rules.get(instrument)?.currency;
      return own === undefined || record === undefined ? undefined : view.rate(own, record.currency);
    },
  };
}

export interface OrderBooks {
  readonly working: readonly OrderRecord[];
  /** There are more than were read. */
  readonly isCut: boolean;
  /** The latest that are over, the latest first. */
  readonly last: readonly OrderRecord[];
}

/** The orders that may still trade, and the last of the others. */
export async function readOrders(store: Reader): Promise<OrderBooks> {
  const states = ["created", ...UNSETTLED_STATES] as const;
  const found = await Promise.all(
    states.map((state) => store.query(orders, { where: { state }, limit: MOST_WORKING })),
  );
  const working = found.flat().map(({ value }) => value);
  const isCut = found.some((some) => some.length === MOST_WORKING);
  const latest = await store.query(orders, {
    orderBy: ["changedAt", "desc"],
    limit: LAST_SHOWN + Math.min(working.length, MOST_WORKING),
  });
  const isWorking = new Set<string>(states);
  const last = latest.map(({ value }) => value).filter(({ state }) => !isWorking.has(state));
  return { working, isCut, last: last.slice(0, LAST_SHOWN) };
}

/** What kind of money an account is about. `connection` is missing where it is not configured: the worst is thought of it. */
export function badgeOf(
  { mode, connection }: { readonly mode: Mode; readonly connection: Connection | undefined },
  profile: ApiStatus["profile"],
): ApiBadge {
  if (mode === "paper") return "paper";
  if (connection?.environment === "sandbox" || connection?.environment === "demo") return "demo";
  // In this profile no real broker can be reached.
  return profile === "sandbox" ? "simulated" : "live";
}
