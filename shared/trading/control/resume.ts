/**
 * Letting trading go on, and letting it only close.
 *
 * 1. What has stopped is never loosened but by a person's phrase.
 * 2. An account that has not confirmed a kill stays halted by it, whatever else goes on.
 */
import { Temporal } from "temporal-polyfill";
import { accountId } from "../../config/account.ts";
import { toIso } from "../../platform/instant.ts";
import { type Failure, fail, type Result, succeed } from "../../platform/result.ts";
import type { Transaction } from "../../platform/store.ts";
import type { Actor } from "../../tokens/records.ts";
import { asTheyTrade } from "../bot-modes.ts";
import { ZERO } from "../ledger/exact.ts";
import { botLedgerId, botLedgers } from "../ledger/records.ts";
import { type TradingStateRecord, tradingStates } from "../records.ts";
import { resultOf } from "../risk/check-losses.ts";
import { type BotRisk, botRiskId, botRisks } from "../risk/records.ts";
import { EVERYTHING } from "../trading-state.ts";
import { type ControlDeps, noteControl, tellControl } from "./control-deps.ts";
import { haltsThatStay, type StillHalted, unconfirmed } from "./halts-that-stay.ts";
import { findScope } from "./known-scopes.ts";
import { secondsToWait } from "./read-hold.ts";
import { type KillPart, type KillRecord, kills, riskEvents } from "./records.ts";
import { botOf, isPhrase, resumePhrase, type Scoped } from "./scopes.ts";
import { whyUnasked } from "./why-unasked.ts";

const EVENTS_KEPT = Temporal.Duration.from({ hours: 24 * 400 });

export interface ReduceRequest {
  readonly scope?: string | undefined;
  readonly actor: Actor;
  readonly why: string;
}

export interface Standing {
  readonly scope: string;
  readonly state: TradingStateRecord["state"];
  /** Whether this very call has changed it. */
  readonly isChanged: boolean;
  /** After a resume of everything: the accounts that have not confirmed its kill, and stay halted. */
  readonly stillHalted?: readonly StillHalted[];
}

/** Lets a scope only close. What is halted stays halted, which is stricter. */
export async function reduce(
  deps: ControlDeps,
  { scope: name, actor, why }: ReduceRequest,
): Promise<Result<Standing, "SCOPE_UNKNOWN">> {
  const scope = await findScope(deps, name);
  if (!scope.ok) return fail(scope.code, scope.detail);
  const standing = await deps.store.transact(async (transaction): Promise<Standing> => {
    const before = await transaction.get(tradingStates, scope.value);
    if (before !== undefined && before.state !== "active") {
      return { scope: scope.value, state: before.state, isChanged: false };
    }
    const at = deps.clock.now();
    transaction.set(tradingStates, scope.value, { state: "reducing", who: actor, why, at });
    return { scope: scope.value, state: "reducing", isChanged: true };
  });
  await tellControl(deps, scope.value);
  if (standing.isChanged) await noteControl(deps, { actor, action: "reduced", scope: scope.value });
  return succeed(standing);
}

export interface ResumeRequest {
  readonly scope?: string | undefined;
  readonly actor: Actor;
  /** What the person has typed, see {@link resumePhrase}. */
  readonly phrase: string;
  readonly reason: string;
}

export type ResumeRefusal =
  | "SCOPE_UNKNOWN"
  | "TRADING_ACTIVE"
  | "RESUME_PHRASE_WRONG"
  | "RESUME_REASON_MISSING"
  | "RESUME_TOO_SOON"
  | "KILL_UNCONFIRMED";

/**
 * Lets a scope go on: by the typed phrase, with a reason, after the hold time, and once its kill is confirmed.
 * Everything goes on without the accounts that are not confirmed, where at least one is: those stay halted each
 * by itself, until they are confirmed and a person lets them go on too. A bot's latch counters begin anew. The
 * wider scopes hold on: a bot that goes on trades nothing while its account is halted.
 */
export async function resume(
  deps: ControlDeps,
  request: ResumeRequest,
): Promise<Result<Standing, ResumeRefusal>> {
  const { actor, phrase, reason } = request;
  const scope = await findScope(deps, request.scope);
  if (!scope.ok) return fail(scope.code, scope.detail);
  const resumed = await deps.store.transact((transaction) =>
    resumeIn(deps, transaction, { scope: scope.value, actor, phrase, reason: reason.trim() }),
  );
  const outcome = resumed.ok ? "ok" : resumed.code;
  await noteControl(deps, { actor, action: "resumed", scope: scope.value, outcome });
  if (!resumed.ok) return resumed.code === "KILL_UNCONFIRMED" ? explained(deps, resumed) : resumed;
  for (const { account } of resumed.value.stillHalted ?? []) {
    await noteControl(deps, { actor, action: "kept-halted", scope: account, outcome: "KILL_UNCONFIRMED" });
  }
  await tellControl(deps, scope.value);
  return succeed(await withReasons(deps, resumed.value));
}

/** What is in an account's way now says more than what its worker wrote last. */
async function explained(
  deps: ControlDeps,
  refused: Failure<ResumeRefusal>,
): Promise<Failure<ResumeRefusal>> {
  const [first = ""] = String(refused.detail.accounts).split(", ");
  const because = await whyUnasked(deps, first);
  return because === undefined ? refused : fail(refused.code, { ...refused.detail, because });
}

async function withReasons(deps: ControlDeps, standing: Standing): Promise<Standing> {
  const { stillHalted, ...rest } = standing;
  if (stillHalted === undefined) return standing;
  const told = stillHalted.map(async ({ account, because }) => ({
    account,
    because: (await whyUnasked(deps, account)) ?? because,
  }));
  return { ...rest, stillHalted: await Promise.all(told) };
}

interface Wish {
  readonly scope: string;
  readonly actor: Actor;
  readonly phrase: string;
  readonly reason: string;
}

async function resumeIn(
  deps: ControlDeps,
  transaction: Transaction,
  wish: Wish,
): Promise<Result<Standing, ResumeRefusal>> {
  const { scope, actor, reason } = wish;
  const before = await transaction.get(tradingStates, scope);
  const killed = before?.kill === undefined ? undefined : await transaction.get(kills, before.kill);
  const waiting = unconfirmed(deps.config, killed, scope);
  const refused = refusalOf(deps, { wish, before, killed, waiting });
  if (refused !== undefined) return refused;
  const books = await clearedBooks(deps.config, transaction, scope);
  const kept = killed === undefined ? [] : await haltsThatStay(transaction, killed, waiting);
  const at = deps.clock.now();
  for (const { account, halt } of kept) transaction.set(tradingStates, account, halt);
  if (killed !== undefined && kept.length > 0) {
    const resumedWithout = kept.map(({ account }) => account);
    transaction.set(kills, killed.id, { ...killed, resumedWithout });
  }
  for (const book of books) transaction.set(botRisks, botRiskId(book.account, book.bot), book);
  transaction.set(tradingStates, scope, { state: "active", who: actor, why: reason, at });
  const bot = botOf(scope);
  transaction.set(riskEvents, `${toIso(at)}:${scope}:resumed`, {
    ...{ at, kind: "resumed", code: "RESUMED", keptUntil: at.add(EVENTS_KEPT) },
    text: `${scope}: ${reason}`,
    ...(bot !== undefined && { bot }),
  });
  const stillHalted = kept.map(({ account, because }) => ({ account, because }));
  return succeed({
    ...{ scope, state: "active" as const, isChanged: true },
    ...(stillHalted.length > 0 && { stillHalted }),
  });
}

interface Found {
  readonly wish: Wish;
  readonly before: TradingStateRecord | undefined;
  readonly killed: KillRecord | undefined;
  readonly waiting: readonly KillPart[];
}

function refusalOf(
  deps: ControlDeps,
  { wish, before, killed, waiting }: Found,
): Failure<ResumeRefusal> | undefined {
  if (before === undefined || before.state === "active") return fail("TRADING_ACTIVE");
  const phrase = resumePhrase(wish.scope);
  if (!isPhrase(wish.phrase, phrase)) return fail("RESUME_PHRASE_WRONG", { phrase });
  if (wish.reason === "") return fail("RESUME_REASON_MISSING");
  const seconds = secondsToWait(deps, before);
  if (seconds > 0) return fail("RESUME_TOO_SOON", { seconds });
  const [first] = waiting;
  if (first === undefined) return undefined;
  const isAnyConfirmed = killed?.parts.some(({ state }) => state === "confirmed") === true;
  if (wish.scope === EVERYTHING && isAnyConfirmed) return undefined;
  return fail("KILL_UNCONFIRMED", {
    accounts: waiting.map((part) => part.account).join(", "),
    because: first.trouble ?? "no worker has looked yet",
  });
}

/** The books of a bot that goes on: its repeats are forgotten, and its losses are measured from where it stands. */
async function clearedBooks(
  config: Scoped,
  transaction: Pick<Transaction, "get">,
  scope: string,
): Promise<readonly BotRisk[]> {
  const cleared: BotRisk[] = [];
  const bots = config.bots.filter((one) => one.id === botOf(scope));
  for (const { id, connection, mode } of await asTheyTrade(transaction, bots)) {
    const account = accountId(connection, mode);
    const book = await transaction.get(botRisks, botRiskId(account, id));
    const ledger = await transaction.get(botLedgers, botLedgerId(account, id));
    if (book === undefined) continue;
    const { alike: _, ...rest } = book;
    const peakProfit = ledger === undefined ? ZERO : resultOf(ledger.total, ZERO);
    cleared.push({ ...rest, repeats: 0, peakProfit });
  }
  return cleared;
}
