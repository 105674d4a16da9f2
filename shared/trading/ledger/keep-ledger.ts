/** What the leading worker writes of an account's money besides its fills: the equity's curve, and the day's turn. */
import type { Decimal } from "decimal.js";
import { Temporal } from "temporal-polyfill";
import { EXCHANGE_TIME_ZONE } from "../../calendar/sessions.ts";
import type { AccountId } from "../../config/account.ts";
import type { Store } from "../../platform/store.ts";
import { plus } from "./exact.ts";
import { measureFrom, rollBook } from "./periods.ts";
import {
  type AccountLedger,
  accountLedgers,
  type BotLedger,
  botLedgerId,
  botLedgers,
  type EquityPoint,
  equityPoints,
  type Lot,
} from "./records.ts";

const MINUTE_MS = 60_000;

export interface EquityWriter {
  /** Writes the first point of each minute; the others are passed over. */
  write(money: { at: Temporal.Instant; balance: Decimal; unrealised: Decimal }): Promise<void>;
}

/** A writer of one account's equity: of a minute the first point counts, whoever wrote it. */
export function createEquityWriter(store: Store, account: AccountId): EquityWriter {
  let written: number | undefined;
  return {
    async write({ at, balance, unrealised }) {
      const minute = Math.floor(at.epochMilliseconds / MINUTE_MS);
      if (written === minute) return;
      const point: EquityPoint = { account, at, balance, unrealised, equity: plus(balance, unrealised) };
      await store.transact(async (transaction) => {
        const id = `${account}:${minute}`;
        if ((await transaction.get(equityPoints, id)) === undefined) transaction.set(equityPoints, id, point);
      });
      written = minute;
    },
  };
}

/**
 * Begins the day and the week of an account's ledger and of those of its bots with open lots, where New York's
 * midnight or Monday has passed. Safe to repeat: what has begun stays as it is. Call it each minute: what lots
 * stand at then is what the new day is measured from, and a book with lots of which that is not known waits.
 */
export function rollLedgers(
  store: Store,
  account: AccountId,
  {
    now,
    unrealisedOf,
  }: { now: Temporal.Instant; unrealisedOf: (lots: readonly Lot[]) => Decimal | undefined },
): Promise<void> {
  return store.transact(async (transaction) => {
    const ledger = await transaction.get(accountLedgers, account);
    if (ledger === undefined) return;
    const whole = unrealisedOf(ledger.lots);
    const begin = <B extends AccountLedger | BotLedger>(book: B, own: readonly Lot[], stands: Decimal): B =>
      measureFrom(rollBook(book, now, stands), (date) => unrealisedOf(olderThan(date, own)));
    const rolled = whole === undefined ? ledger : begin(ledger, ledger.lots, whole);
    const names = new Set(ledger.lots.flatMap(({ bot }) => (bot === undefined ? [] : [bot])));
    const bots = [];
    for (const name of names) bots.push(await transaction.get(botLedgers, botLedgerId(account, name)));
    if (rolled !== ledger) transaction.set(accountLedgers, account, rolled);
    // A fill after midnight may have begun the account's day, and that of its own bot, already.
    for (const bot of bots) {
      if (bot === undefined) continue;
      const lots = ledger.lots.filter((lot) => lot.bot === bot.bot);
      const stands = unrealisedOf(lots);
      const own = stands === undefined ? bot : begin(bot, lots, stands);
      if (own !== bot) transaction.set(botLedgers, botLedgerId(account, bot.bot), own);
    }
  });
}

/** The lots that were open when New York's day of this date began. */
function olderThan(date: string, lots: readonly Lot[]): readonly Lot[] {
  const from = Temporal.PlainDate.from(date).toZonedDateTime(EXCHANGE_TIME_ZONE).toInstant();
  return lots.filter(({ openedAt }) => Temporal.Instant.compare(openedAt, from) < 0);
}
