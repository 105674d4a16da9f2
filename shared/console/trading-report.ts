/** How trading stands, as the page, the terminal and the owner's chat show it: one look at the store. */
import { Decimal } from "decimal.js";
import type { Temporal } from "temporal-polyfill";
import { accountId } from "../config/account.ts";
import type { BotConfig } from "../config/bot.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../platform/clock.ts";
import { toIso } from "../platform/instant.ts";
import type { Store } from "../platform/store.ts";
import { type BotModeRecord, switchOf } from "../trading/bot-modes.ts";
import { botsOn } from "../trading/control/former-bots.ts";
import { livePhrase, resumePhrase } from "../trading/control/scopes.ts";
import { plus, sum } from "../trading/ledger/exact.ts";
import { botLedgerId, botLedgers } from "../trading/ledger/records.ts";
import { newYorkDate } from "../trading/new-york-day.ts";
import { type OrderRecord, type TradingStateRecord, tradingStates } from "../trading/records.ts";
import { botRiskId, botRisks } from "../trading/risk/records.ts";
import { sessionAt } from "../trading/ticks/bot-session.ts";
import { botsSeen } from "../trading/ticks/first-seen.ts";
import { isReasonCode, REASONS } from "../trading/ticks/reasons.ts";
import type { TickRecord } from "../trading/ticks/records.ts";
import { botScope, EVERYTHING } from "../trading/trading-state.ts";
import type { ApiStatus } from "./api.ts";
import type { LastTicks } from "./last-ticks.ts";
import { reportOrder, strayOrders } from "./order-report.ts";
import { type BotsOfAccount, reportPositions } from "./position-report.ts";
import type { ClosedToday } from "./trade-report.ts";
import type {
  ApiAccount,
  ApiBot,
  ApiHold,
  ApiOrder,
  ApiTick,
  ApiTrading,
  ApiTradingState,
} from "./trading-api.ts";
import { type AccountBooks, badgeOf, readAccounts, readOrders } from "./trading-books.ts";
import { accountNet, botNet, dayOf } from "./trading-day.ts";

export interface TradingReportDeps {
  readonly store: Pick<Store, "get" | "query">;
  readonly clock: Clock;
  readonly config: Config;
  readonly profile: ApiStatus["profile"];
  readonly lastTicks: LastTicks;
  readonly closedToday: ClosedToday;
}

/** A worker writes an account's record each half minute at least. */
const SILENT_AFTER_MS = 90_000;
const MOST_STATES = 500;

/** What everything below is told by. */
interface Look {
  readonly deps: TradingReportDeps;
  readonly now: Temporal.Instant;
  readonly date: string;
  readonly accounts: readonly AccountBooks[];
  readonly working: readonly OrderRecord[];
  readonly states: ReadonlyMap<string, TradingStateRecord>;
}

export async function reportTrading(deps: TradingReportDeps): Promise<ApiTrading> {
  const { store, clock, config } = deps;
  const now = clock.now();
  const [accounts, found, stored] = await Promise.all([
    readAccounts(store, config),
    readOrders(store),
    store.query(tradingStates, { limit: MOST_STATES }),
  ]);
  const states = new Map(stored.map(({ id, value }) => [id, value]));
  const look: Look = { deps, now, date: newYorkDate(now), accounts, working: found.working, states };
  const strays = accounts.flatMap((books) => strayOrders(books, found.working));
  const bots = await Promise.all(config.bots.map((bot) => standingOf(store, bot)));
  const shown = accounts.map((books) => reportAccount(look, books));
  return {
    now: toIso(now),
    state: states.get(EVERYTHING)?.state ?? "active",
    holds: holdsOf(look),
    bots: await Promise.all(bots.map((one) => reportBot(look, one))),
    accounts: shown,
    positions: accounts.flatMap((books) => reportPositions(books, whoTrades(bots, books))),
    orders: {
      working: [...found.working.map(reportOrder).toSorted(byLatest), ...strays],
      isCut: found.isCut,
      last: found.last.map(reportOrder),
    },
    trades: await deps.closedToday.of(accounts, now),
    totals: totalsOf(shown),
  };
}

/** A bot with the mode that it trades in now, and the switch that has brought it there. */
interface BotNow {
  readonly bot: BotConfig;
  readonly switched: BotModeRecord | undefined;
}

async function standingOf(store: Pick<Store, "get">, bot: BotConfig): Promise<BotNow> {
  const switched = await switchOf(store, bot);
  return { bot: switched === undefined ? bot : { ...bot, mode: "paper" }, switched };
}

/** The bots that trade on an account now, and those that a switch has taken away from it. */
function whoTrades(bots: readonly BotNow[], { account }: AccountBooks): BotsOfAccount {
  const gone = bots.filter(
    ({ bot, switched }) => switched !== undefined && accountId(bot.connection, "live") === account.id,
  );
  return {
    here: botsOn({ bots: bots.map(({ bot }) => bot) }, account.id),
    switched: new Set(gone.map(({ bot }) => bot.id)),
  };
}

function holdsOf({ deps: { config }, states }: Look): ApiHold[] {
  const rank = (scope: string) => (scope === EVERYTHING ? 0 : scope.startsWith(botScope("")) ? 2 : 1);
  return [...states]
    .flatMap(([scope, { state, who, why, at, kill }]): ApiHold[] => {
      if (state === "active") return [];
      // As it is asked when somebody resumes it.
      const isHeld = state === "halted" || who.kind === "system";
      const held = isHeld ? config.safety.holdMinutes : 0;
      return [
        {
          ...{ scope, state, why, who: who.kind, at: toIso(at), phrase: resumePhrase(scope) },
          resumableAt: toIso(at.add({ minutes: held })),
          ...(kill !== undefined && { kill }),
        },
      ];
    })
    .toSorted((one, other) => rank(one.scope) - rank(other.scope) || (one.scope < other.scope ? -1 : 1));
}

const STRICTEST_FIRST: readonly ApiTradingState[] = ["halted", "reducing", "active"];

function strictest({ states }: Look, scopes: readonly string[]): ApiTradingState {
  const found = scopes.map((scope) => states.get(scope)?.state);
  return STRICTEST_FIRST.find((state) => found.includes(state)) ?? "active";
}

async function reportBot(look: Look, { bot, switched }: BotNow): Promise<ApiBot> {
  const { deps, now, date, accounts, working } = look;
  const { store, lastTicks } = deps;
  const account = accountId(bot.connection, bot.mode);
  const books = accounts.find((one) => one.account.id === account);
  const [ledger, risk, tick, seen] = await Promise.all([
    store.get(botLedgers, botLedgerId(account, bot.id)),
    store.get(botRisks, botRiskId(account, bot.id)),
    lastTicks.of(bot, now),
    store.get(botsSeen, bot.id),
  ]);
  const lots = (books?.ledger?.lots ?? []).filter((lot) => lot.bot === bot.id);
  const net = books && botNet(ledger, lots, { date, now, prices: books.prices });
  const session = sessionAt(bot.session, now);
  const next = lastTicks.next(bot, now);
  const currency = books?.record?.currency;
  return {
    ...{ id: bot.id, strategy: bot.strategy, instruments: bot.instruments, account },
    badge: badgeOf({ mode: bot.mode, connection: books?.account.connection }, deps.profile),
    ...(currency !== undefined && { currency }),
    session: session.kind === "open" ? { isOpen: true } : { isOpen: false, text: session.text },
    state: strictest(look, [EVERYTHING, account, botScope(bot.id)]),
    ...(switched !== undefined && { switched: reportSwitch(look, bot, switched) }),
    ...(tick !== undefined && { lastTick: reportTick(tick) }),
    ...(next !== undefined && { nextTick: toIso(next) }),
    ...(seen !== undefined && { firstSeen: toIso(seen.since) }),
    day: dayOf({ date, net, record: books?.record, lossLimitPercent: bot.limits.dailyLossPercent }),
    positions: { count: lots.length, limit: bot.limits.openPositions },
    workingOrders: {
      count: working.filter((order) => order.bot === bot.id && order.connection === account).length,
      limit: bot.limits.workingOrders,
    },
    tradesToday: {
      count: risk?.counts.day === date ? risk.counts.trades : 0,
      limit: bot.limits.tradesPerDay,
    },
  };
}

function reportSwitch(
  { deps: { config } }: Look,
  { id }: BotConfig,
  { at, who, why }: BotModeRecord,
): ApiBot["switched"] {
  const liveAgainAt = toIso(at.add({ minutes: config.safety.holdMinutes }));
  return { at: toIso(at), who: who.kind, why, liveAgainAt, phrase: livePhrase(botScope(id)) };
}

/** A tick with what its reason means; of a reason of another release only the code is known. */
export function reportTick({ instant, reason, text, orders, instruments }: TickRecord): ApiTick {
  return {
    ...{ instant: toIso(instant), reason, text, orders: orders.length },
    ...(isReasonCode(reason) && REASONS[reason]),
    ...(instruments !== undefined && { instruments }),
  };
}

function reportAccount(look: Look, books: AccountBooks): ApiAccount {
  const { deps, now, date, working } = look;
  const { account, config, record, ledger } = books;
  const isCurrent =
    record !== undefined && now.epochMilliseconds - record.at.epochMilliseconds < SILENT_AFTER_MS;
  const limits = config?.limits;
  const own = working.filter((order) => order.connection === account.id).length;
  return {
    ...{ id: account.id, label: account.connection.label, badge: badgeOf(account, deps.profile) },
    state: strictest(look, [EVERYTHING, account.id]),
    ...(record !== undefined && {
      money: {
        currency: record.currency,
        equity: record.equity.toFixed(),
        balance: record.balance.toFixed(),
        unrealised: record.unrealised.toFixed(),
        at: toIso(record.at),
        isCurrent,
      },
    }),
    ...booksOf(books, isCurrent),
    day: dayOf({ date, net: accountNet(record, date), record, lossLimitPercent: limits?.dailyLossPercent }),
    positions: {
      count: ledger?.lots.length ?? 0,
      ...(limits && { limit: limits.openPositions }),
    },
    workingOrders: {
      count: own + strayOrders(books, working).length,
      ...(limits && { limit: limits.workingOrders }),
    },
  };
}

/** A break is told for as long as nobody has seen it mended; agreement only of books that are being compared. */
function booksOf({ record }: AccountBooks, isCurrent: boolean): Pick<ApiAccount, "books" | "break"> {
  if (record?.break !== undefined) {
    const { code, text, since } = record.break;
    return { books: "break", break: { code, text, since: toIso(since) } };
  }
  return { books: record?.isReconciled === true && isCurrent ? "agree" : "unknown" };
}

function totalsOf(accounts: readonly ApiAccount[]): ApiTrading["totals"] {
  const groups = Map.groupBy(accounts, ({ badge, money }) => money && `${badge} ${money.currency}`);
  return [...groups.values()].flatMap((group): ApiTrading["totals"] => {
    const [first] = group;
    if (first?.money === undefined) return [];
    const nets = group.flatMap(({ day }) => (day.net === undefined ? [] : [new Decimal(day.net)]));
    const equity = group.reduce(
      (all, { money }) => plus(all, new Decimal(money?.equity ?? 0)),
      new Decimal(0),
    );
    return [
      {
        ...{ badge: first.badge, currency: first.money.currency, accounts: group.length },
        equity: equity.toFixed(),
        ...(nets.length === group.length && { dayNet: sum(nets).toFixed() }),
      },
    ];
  });
}

function byLatest(one: ApiOrder, other: ApiOrder): number {
  return (other.at ?? "") < (one.at ?? "") ? -1 : 1;
}
