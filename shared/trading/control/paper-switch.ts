/**
 * Switching bots from live to paper while they run, and back.
 *
 * 1. Down is one transaction for the whole scope or not at all: from there on none of the scope's bots opens anything
 *    at a broker. Positions stay, with the stops that rest.
 * 2. A request that comes again switches nothing, also where a person has brought the bots back meanwhile.
 * 3. Back is a person's deliberate act: by the typed phrase, with a reason, after the hold time. A restart is none.
 */
import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { type AccountId, accountId } from "../../config/account.ts";
import type { BotConfig } from "../../config/bot.ts";
import { type Failure, fail, type Result, succeed } from "../../platform/result.ts";
import { isDocumentId, type Transaction } from "../../platform/store.ts";
import type { Actor } from "../../tokens/records.ts";
import { type BotModeRecord, botModes, modeRequests, switchOf } from "../bot-modes.ts";
import { accountLedgers } from "../ledger/records.ts";
import { type ControlDeps, noteControl, tellControl } from "./control-deps.ts";
import { findScope } from "./known-scopes.ts";
import { isInScope, isPhrase, livePhrase } from "./scopes.ts";

export interface PaperRequest {
  /** `all`, an account or a bot, see {@link findScope}. Default: `all`. */
  readonly scope?: string | undefined;
  readonly actor: Actor;
  readonly why: string;
  /** The same for every delivery of one wish. */
  readonly requestId?: string | undefined;
}

/** What a switched bot has open at its broker: nobody decides its exits there. */
export interface LeftLive {
  readonly bot: string;
  readonly account: AccountId;
  readonly positions: number;
}

export interface SwitchedToPaper {
  readonly scope: string;
  /** The bots that this request has switched, now or when it came first. */
  readonly switched: readonly string[];
  /** Live bots of the scope that had been switched before it. */
  readonly already: readonly string[];
  /** Those of `switched` that a person has brought back before the request came once more: they stay live. */
  readonly backSince: readonly string[];
  readonly left: readonly LeftLive[];
}

export interface LiveRequest {
  readonly scope?: string | undefined;
  readonly actor: Actor;
  /** What the person has typed, see {@link livePhrase}. */
  readonly phrase: string;
  readonly reason: string;
}

export interface BackLive {
  readonly scope: string;
  readonly bots: readonly string[];
}

export type LiveRefusal =
  | "SCOPE_UNKNOWN"
  | "BOT_NOT_ON_PAPER"
  | "RESUME_PHRASE_WRONG"
  | "RESUME_REASON_MISSING"
  | "RESUME_TOO_SOON";

/** Longer than any sender brings one request again. */
const REQUESTS_KEPT = Temporal.Duration.from({ hours: 24 * 30 });

/**
 * Has every live bot of a scope trade on paper. Once it resolves, no order of theirs leaves for a broker that opens
 * and was not given to it before. `PAPER_ACCOUNT_MISSING`: `detail.connections` have no paper account.
 */
export async function switchToPaper(
  deps: ControlDeps,
  request: PaperRequest,
): Promise<Result<SwitchedToPaper, "SCOPE_UNKNOWN" | "PAPER_ACCOUNT_MISSING">> {
  const found = await findScope(deps, request.scope);
  if (!found.ok) return fail(found.code, found.detail);
  const scope = found.value;
  const bots = liveBotsOf(deps, scope);
  const without = connectionsWithoutPaper(deps, bots);
  if (without.length > 0) return fail("PAPER_ACCOUNT_MISSING", { connections: without.join(", ") });
  const { isNew, ...done } = await deps.store.transact((transaction) =>
    switchIn(deps, transaction, { scope, bots, request }),
  );
  await tellControl(deps, scope);
  if (isNew) await noteControl(deps, { actor: request.actor, action: "switched-to-paper", scope });
  return succeed({ scope, ...done, left: await leftLive(deps, bots) });
}

/** Has the switched bots of a scope trade live again. */
export async function backToLive(
  deps: ControlDeps,
  request: LiveRequest,
): Promise<Result<BackLive, LiveRefusal>> {
  const found = await findScope(deps, request.scope);
  if (!found.ok) return fail(found.code, found.detail);
  const scope = found.value;
  const { actor } = request;
  const back = await deps.store.transact(async (transaction): Promise<Result<BackLive, LiveRefusal>> => {
    const switched = await switchedOf(transaction, liveBotsOf(deps, scope));
    const why = request.reason.trim();
    const refused = refusalOf(deps, { scope, phrase: request.phrase, why, switched });
    if (refused !== undefined) return refused;
    const at = deps.clock.now();
    const bots = switched.map(({ bot }) => bot);
    for (const bot of bots) transaction.set(botModes, bot, { mode: "live", who: actor, why, at });
    return succeed({ scope, bots });
  });
  const outcome = back.ok ? "ok" : back.code;
  await noteControl(deps, { actor, action: "switched-to-live", scope, outcome });
  if (back.ok) await tellControl(deps, scope);
  return back;
}

/** The bots of a scope that the configuration lets trade live. */
function liveBotsOf({ config }: Pick<ControlDeps, "config">, scope: string): readonly BotConfig[] {
  return config.bots.filter(({ id, mode, connection }) => {
    if (mode !== "live") return false;
    return isInScope(scope, { account: accountId(connection, "live"), bot: id });
  });
}

function connectionsWithoutPaper(
  { config }: Pick<ControlDeps, "config">,
  bots: readonly BotConfig[],
): readonly string[] {
  const hasPaper = (connection: string) =>
    config.accounts.some((one) => one.connection === connection && one.mode === "paper");
  return [...new Set(bots.map(({ connection }) => connection))].filter((one) => !hasPaper(one));
}

interface Switching {
  readonly scope: string;
  readonly bots: readonly BotConfig[];
  readonly request: PaperRequest;
}

async function switchIn(
  deps: ControlDeps,
  transaction: Transaction,
  { scope, bots, request }: Switching,
): Promise<Omit<SwitchedToPaper, "scope" | "left"> & { readonly isNew: boolean }> {
  const id = idOf(request.requestId ?? deps.newId());
  const before = await transaction.get(modeRequests, id);
  const onPaper = (await switchedOf(transaction, bots)).map(({ bot }) => bot);
  if (before !== undefined) {
    const backSince = before.bots.filter((bot) => !onPaper.includes(bot));
    return { switched: before.bots, already: [], backSince, isNew: false };
  }
  const at = deps.clock.now();
  const switched = bots.map((bot) => bot.id).filter((bot) => !onPaper.includes(bot));
  const record: BotModeRecord = { mode: "paper", who: request.actor, why: request.why, at };
  for (const bot of switched) transaction.set(botModes, bot, record);
  transaction.set(modeRequests, id, { scope, bots: switched, at, keptUntil: at.add(REQUESTS_KEPT) });
  return { switched, already: onPaper, backSince: [], isNew: switched.length > 0 };
}

interface OnPaper extends BotModeRecord {
  readonly bot: string;
}

async function switchedOf(
  transaction: Pick<Transaction, "get">,
  bots: readonly BotConfig[],
): Promise<readonly OnPaper[]> {
  const found: OnPaper[] = [];
  for (const bot of bots) {
    const record = await switchOf(transaction, bot);
    if (record !== undefined) found.push({ ...record, bot: bot.id });
  }
  return found;
}

interface LiveWish {
  readonly scope: string;
  readonly phrase: string;
  readonly why: string;
  readonly switched: readonly OnPaper[];
}

function refusalOf(
  { config, clock }: ControlDeps,
  { scope, phrase: typed, why, switched }: LiveWish,
): Failure<LiveRefusal> | undefined {
  if (switched.length === 0) return fail("BOT_NOT_ON_PAPER");
  const phrase = livePhrase(scope);
  if (!isPhrase(typed, phrase)) return fail("RESUME_PHRASE_WRONG", { phrase });
  if (why === "") return fail("RESUME_REASON_MISSING");
  const now = clock.now();
  const waits = switched.map(({ at }) =>
    Math.ceil(now.until(at.add({ minutes: config.safety.holdMinutes })).total("seconds")),
  );
  const seconds = Math.max(...waits);
  return seconds > 0 ? fail("RESUME_TOO_SOON", { seconds }) : undefined;
}

/** What is told and no more: a ledger that cannot be read undoes no switch. */
async function leftLive({ store, log }: ControlDeps, bots: readonly BotConfig[]): Promise<LeftLive[]> {
  try {
    const found: LeftLive[] = [];
    for (const { id: bot, connection } of bots) {
      const account = accountId(connection, "live");
      if ((await switchOf(store, { id: bot, mode: "live" })) === undefined) continue;
      const ledger = await store.get(accountLedgers, account);
      const positions = ledger?.lots.filter((lot) => lot.bot === bot).length ?? 0;
      if (positions > 0) found.push({ bot, account, positions });
    }
    return found;
  } catch (error) {
    log.error("live-positions-not-read", { error });
    return [];
  }
}

function idOf(requestId: string): string {
  return isDocumentId(requestId) ? requestId : createHash("sha256").update(requestId).digest("hex");
}
