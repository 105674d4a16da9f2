import { USUAL_MONEY_DIGITS } from "./money.ts";
import { listDeals } from "./order-looks.ts";
import type { Connection } from "./session-connection.ts";
import type { SessionCore } from "./session-core.ts";
import { type SessionTrouble, troubleOf } from "./session-trouble.ts";

/** Deals become visible out of order within moments; so far before the newest one they are read again. */
const OVERLAP_MS = 5 * 60_000;
const FIRST_LOOK_BACK_MS = 24 * 3_600_000;
/** Where no deal tells the broker's time, ours is believed to be within an hour of it. */
const CLOCK_TRUST_MS = 3_600_000;

/**
 * Reads the account, its orders, positions and newest deals, and has the book and the order desk compare. What
 * events tell while the answers are on their way is not lost: the book was marked before.
 */
export async function reconcile(
  core: SessionCore,
  connection: Connection,
): Promise<SessionTrouble | undefined> {
  const { book, desk, deps } = core;
  const account = connection.authorised?.account.ctidTraderAccountId;
  if (account === undefined) return undefined;
  const { losses } = connection;
  const begunAt = deps.timers.now();
  const begunAtBroker = deps.clock.now().epochMilliseconds;
  const mark = book.mark();
  connection.wantsReconcile = false;
  const own = { ctidTraderAccountId: account };
  const [trader, answer, deals] = await Promise.all([
    connection.ask("ProtoOATraderReq", own),
    connection.ask("ProtoOAReconcileReq", { ...own, returnProtectionOrders: true }),
    listDeals(
      {
        request: (name, body) => connection.channel.request(name, body, { lane: "control" }),
        account,
        brokerNow: () => deps.clock.now().epochMilliseconds,
        positions: book.positions,
      },
      dealsSince(core),
    ),
  ]);
  if (!trader.ok) return troubleOf(trader);
  if (!answer.ok) return troubleOf(answer);
  if (!deals.ok) return troubleOf(deals);
  // Answers that were made before the account's session was lost do not open a new one.
  if (connection.losses !== losses || connection.end !== undefined) return undefined;
  const { balance, moneyDigits = USUAL_MONEY_DIGITS, balanceVersion } = trader.value.trader;
  book.setBalance(balance, moneyDigits, balanceVersion);
  book.reconcile(answer.value, deals.value, mark);
  core.dealsReadTo = Math.max(book.newestDealAt() ?? 0, begunAtBroker - CLOCK_TRUST_MS);
  connection.hasReconciled = true;
  connection.reconciledAt = deps.timers.now();
  desk.reconciled(begunAt);
  return undefined;
}

/** Not from the newest deal heard: one that comes before this reading is done tells nothing of those before it. */
function dealsSince({ dealsReadTo, options, deps }: SessionCore): number {
  if (dealsReadTo !== undefined) return dealsReadTo - OVERLAP_MS;
  return options.dealsSince ?? deps.clock.now().epochMilliseconds - FIRST_LOOK_BACK_MS;
}
