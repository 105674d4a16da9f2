/** What people and tests see and do of the simulated trading, beside the broker's own interface. */
import type { Temporal } from "temporal-polyfill";
import { type Failure, fail, type Success, succeed } from "../../../../shared/platform/result.ts";
import { accountsOf } from "../accounts.ts";
import type { Faults } from "../faults.ts";
import type { Seal } from "../seal.ts";
import { enterByHand } from "./by-hand.ts";
import { orderView } from "./dress-orders.ts";
import { heldOf } from "./records.ts";
import type { TradingBook } from "./trading-book.ts";
import { moneyOf } from "./trading-desk.ts";

/** What the accounts truly hold. */
export interface TradingState {
  readonly accounts: readonly ReturnType<typeof viewAccount>[];
  readonly pricesAreFrozen: boolean;
}

/**
 * Does what the switches that act at once ask for, and puts back those that act once. `SANDBOX_SWITCH_INVALID` for
 * an order by hand that the broker refuses; nothing is changed then.
 */
export function actOnTrading(
  parts: { readonly trading: TradingBook; readonly seal: Seal; readonly username: string; faults(): Faults },
  next: Faults,
  now: Temporal.Instant,
): Success<Faults> | Failure<"SANDBOX_SWITCH_INVALID"> {
  const { trading: book, seal, username, faults } = parts;
  const { tradeByHand: trade } = next;
  const account = trade && accountsOf(seal, username)[trade.account];
  if (trade && account) {
    const problem = enterByHand({ book, faults }, account, { trade, now });
    if (problem !== undefined) return fail("SANDBOX_SWITCH_INVALID", { switch: "tradeByHand", problem });
  }
  return succeed({ ...actOnPrices(book, next, now), tradeByHand: null });
}

/** Does what the switches of prices ask for, and puts back the one that acts once. */
export function actOnPrices(book: TradingBook, next: Faults, now: Temporal.Instant): Faults {
  const { movePrice, freezePrices } = next;
  const { tape } = book.market;
  // What was hit before the prices were touched, and before other switches held, stays hit.
  book.settleAll(now);
  tape.freeze(freezePrices, now);
  if (movePrice !== null) tape.move(movePrice.symbol, movePrice, now);
  // And what is hit by the new price is hit now, not when somebody looks again.
  book.settleAll(now);
  book.save();
  return { ...next, movePrice: null };
}

/** All accounts with what they hold at `now`. */
export function viewTrading(
  parts: { readonly trading: TradingBook; readonly seal: Seal; readonly usernames: readonly string[] },
  now: Temporal.Instant,
): TradingState {
  const accounts = parts.usernames.flatMap((username) =>
    accountsOf(parts.seal, username)
      .filter(({ closedDate }) => closedDate === 0)
      .map((account) => viewAccount(parts.trading, account, now)),
  );
  return { accounts, pricesAreFrozen: parts.trading.market.tape.isFrozen };
}

function viewAccount(
  book: TradingBook,
  account: ReturnType<typeof accountsOf>[number],
  now: Temporal.Instant,
) {
  const trading = book.at(account, now);
  const money = moneyOf(book, account, now);
  const symbols = [...new Set(trading.lots.map(({ symbol }) => symbol))];
  return {
    accountIdKey: account.accountIdKey,
    mode: account.mode,
    cash: money.cashCents / 100,
    reserved: money.reservedCents / 100,
    netAccountValue: (money.cashCents + money.longCents - money.shortCents) / 100,
    positions: symbols.map((symbol) => ({
      symbol,
      quantity: heldOf(trading, symbol),
      last: book.market.quoted(symbol, now.epochMilliseconds).last / 100,
    })),
    /** The oldest first. */
    orders: trading.orders.map(orderView),
  };
}
