import { type Failure, fail, type Result, succeed } from "../../platform/result.ts";
import type { CtraderCallFailure } from "./channel.ts";
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
const REFRESH_PATIENCE_MS = 15_000;

/** A comparison that did not fail was done, unless the account's session was over before its answers were there. */
type Comparison = Failure<CtraderCallFailure> | "done" | "over";

/**
 * Reads the account, its orders, positions and newest deals, and has the book and the order desk compare. What
 * events tell while the answers are on their way is not lost: the book was marked before.
 */
export async function reconcile(
  core: SessionCore,
  connection: Connection,
): Promise<SessionTrouble | undefined> {
  const { comparisons, bell } = core;
  comparisons.begun += 1;
  const own = comparisons.begun;
  const comparison = await compare(core, connection);
  const trouble = typeof comparison === "string" ? undefined : troubleOf(comparison);
  if (comparison === "done") comparisons.done = own;
  if (typeof comparison !== "string") {
    comparisons.failures += 1;
    comparisons.lastFailure = comparison;
  }
  bell.ring();
  return trouble;
}

/** Compares now: answered by a comparison that began after the question, which all who ask meanwhile share. */
export async function refresh(core: SessionCore): Promise<Result<void, CtraderCallFailure>> {
  const { comparisons, connection, bell } = core;
  if (!isReady(core, connection)) return fail("BROKER_UNREACHABLE");
  const { begun, failures } = comparisons;
  connection.wantsReconcile = true;
  bell.ring();
  const answer = await bell.until((): Result<void, CtraderCallFailure> | undefined => {
    if (comparisons.done > begun) return succeed(undefined);
    if (comparisons.failures > failures) return comparisons.lastFailure;
    return isReady(core, connection) ? undefined : fail("BROKER_UNREACHABLE");
  }, REFRESH_PATIENCE_MS);
  return answer ?? fail("BROKER_TIMEOUT");
}

function isReady(core: SessionCore, connection: Connection | undefined): connection is Connection {
  return (
    connection !== undefined && core.connection === connection && connection.isReady() && !core.isStopping
  );
}

async function compare(core: SessionCore, connection: Connection): Promise<Comparison> {
  const { book, desk, deps } = core;
  const account = connection.authorised?.account.ctidTraderAccountId;
  if (account === undefined) return "over";
  const { losses } = connection;
  const begunAt = deps.timers.now();
  connection.comparedAt = begunAt;
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
  if (!trader.ok) return trader;
  if (!answer.ok) return answer;
  if (!deals.ok) return deals;
  // Answers that were made before the account's session was lost do not open a new one.
  if (connection.losses !== losses || connection.end !== undefined) return "over";
  const { balance, moneyDigits = USUAL_MONEY_DIGITS, balanceVersion, depositAssetId } = trader.value.trader;
  core.depositAssetId = depositAssetId;
  book.setBalance(balance, moneyDigits, balanceVersion);
  connection.comparedAt = deps.timers.now();
  book.reconcile(answer.value, deals.value, mark);
  core.dealsReadTo = Math.max(book.newestDealAt() ?? 0, begunAtBroker - CLOCK_TRUST_MS);
  connection.hasReconciled = true;
  connection.reconciledAt = deps.timers.now();
  desk.reconciled(begunAt);
  return "done";
}

/** Not from the newest deal heard: one that comes before this reading is done tells nothing of those before it. */
function dealsSince({ dealsReadTo, options, deps }: SessionCore): number {
  if (dealsReadTo !== undefined) return dealsReadTo - OVERLAP_MS;
  return options.dealsSince ?? deps.clock.now().epochMilliseconds - FIRST_LOOK_BACK_MS;
}
