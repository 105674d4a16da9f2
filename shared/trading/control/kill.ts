/**
 * The kill: halts a scope in one transaction, together with the record that becomes its receipt. Workers cancel
 * and confirm by themselves, from the state; nothing here waits for one, for a messenger, or for a limit.
 *
 * 1. The halt and the kill's record are written together or not at all.
 * 2. A request that comes again, and a kill of a scope whose last kill is not confirmed, bring no second record;
 *    what comes again after the scope was let go on halts nothing.
 * 3. Whatever cannot be read beforehand holds up no halt: the worker finds the orders itself.
 */
import { createHash } from "node:crypto";
import { Temporal } from "temporal-polyfill";
import { accountId } from "../../config/account.ts";
import type { ConnectionId } from "../../config/connection.ts";
import { fail, type Result, succeed } from "../../platform/result.ts";
import { isDocumentId, type Store, type Transaction } from "../../platform/store.ts";
import type { Actor } from "../../tokens/records.ts";
import { asTheyTrade } from "../bot-modes.ts";
import { tradingStates } from "../records.ts";
import { EVERYTHING } from "../trading-state.ts";
import { type ControlDeps, noteControl, tellControl } from "./control-deps.ts";
import { accountsWithBot, findScope } from "./known-scopes.ts";
import { type KillPart, type KillRecord, killRequests, kills } from "./records.ts";
import { accountsKnown, accountsOf, botOf, isInScope } from "./scopes.ts";
import { isProtective, unfinishedOrders } from "./sweep-orders.ts";
import { explainKill } from "./why-unasked.ts";

export interface KillRequest {
  /** `all`, an account or a bot, see {@link findScope}. Default: `all`. */
  readonly scope?: string | undefined;
  readonly actor: Actor;
  readonly why: string;
  /** The same for every delivery of one wish to kill. */
  readonly requestId?: string | undefined;
}

export interface Killed {
  readonly kill: KillRecord;
  /** Whether this very call has written it. */
  readonly isNew: boolean;
  /** Whether its scope is halted now; not where the request came again after a resume. */
  readonly isHalted: boolean;
}

/** Longer than any sender brings one request again. */
const REQUESTS_KEPT = Temporal.Duration.from({ hours: 24 * 30 });

/** Halts a scope. Once it resolves, no order of the scope leaves that was not given to its broker before. */
export async function kill(
  deps: ControlDeps,
  request: KillRequest,
): Promise<Result<Killed, "SCOPE_UNKNOWN">> {
  const scope = await findScope(deps, request.scope);
  if (!scope.ok) return fail(scope.code, scope.detail);
  const killed = await halt(deps, scope.value, request);
  await tellControl(deps, scope.value);
  if (killed.isNew) await noteControl(deps, { actor: request.actor, action: "killed", scope: scope.value });
  return succeed(killed);
}

async function halt(
  deps: ControlDeps,
  scope: string,
  { actor, why, requestId }: KillRequest,
): Promise<Killed> {
  const { store, clock } = deps;
  const id = requestId === undefined ? deps.newId() : idOf(requestId);
  const parts = await partsOf(deps, scope);
  return store.transact(async (transaction) => {
    const at = clock.now();
    const known = await knownKill(transaction, id);
    if (known !== undefined)
      return { kill: known, isNew: false, isHalted: await isHalted(transaction, known) };
    const standing = await openKill(transaction, scope);
    if (standing !== undefined) {
      const keptUntil = at.add(REQUESTS_KEPT);
      if (requestId !== undefined) transaction.set(killRequests, id, { kill: standing.id, keptUntil });
      return { kill: standing, isNew: false, isHalted: true };
    }
    const isOpen = parts.length > 0;
    const record: KillRecord = {
      ...{ id, scope, actor, why, at, parts: [...parts], isOpen },
      ...(!isOpen && { confirmedAt: at }),
    };
    transaction.set(kills, id, record);
    transaction.set(tradingStates, scope, { state: "halted", who: actor, why, at, kill: id });
    return { kill: record, isNew: true, isHalted: true };
  });
}

/** The kill that a request has become, also where it joined one that was open. */
async function knownKill(
  transaction: Pick<Transaction, "get">,
  request: string,
): Promise<KillRecord | undefined> {
  const own = await transaction.get(kills, request);
  if (own !== undefined) return own;
  const joined = await transaction.get(killRequests, request);
  return joined && transaction.get(kills, joined.kill);
}

async function isHalted(transaction: Pick<Transaction, "get">, { scope }: KillRecord): Promise<boolean> {
  return (await transaction.get(tradingStates, scope))?.state === "halted";
}

/** The kill that has halted the scope and waits for its confirmation. */
async function openKill(
  transaction: Pick<Transaction, "get">,
  scope: string,
): Promise<KillRecord | undefined> {
  const state = await transaction.get(tradingStates, scope);
  if (state?.state !== "halted" || state.kill === undefined) return undefined;
  const found = await transaction.get(kills, state.kill);
  return found?.isOpen === true ? found : undefined;
}

/** One for every account that the scope reaches: of the configuration, and with something of the bot's or an order that is not over. */
async function partsOf({ store, config, log }: ControlDeps, scope: string): Promise<readonly KillPart[]> {
  const found = new Map<ConnectionId, string[]>(accountsOf(config, scope).map((id) => [id, []]));
  try {
    const bot = botOf(scope);
    // It may have been switched to an account on which it is not configured.
    const own = await asTheyTrade(
      store,
      config.bots.filter(({ id }) => id === bot),
    );
    const current = own.map(({ connection, mode }) => accountId(connection, mode));
    for (const id of accountsOf(config, EVERYTHING)) if (current.includes(id)) found.set(id, []);
    // A kill of a bot that is configured waits for no further look at the store. Of an account that no worker leads
    // nothing can be confirmed, unless something works there.
    if (bot !== undefined && found.size === 0) {
      const isLed = new Set(accountsKnown(config));
      for (const id of await accountsWithBot(store, bot)) if (isLed.has(id)) found.set(id, []);
    }
    for (const order of await unfinishedOrders(store)) {
      const { connection, bot, clientOrderId } = order;
      if (isProtective(order) || !isInScope(scope, { account: connection, bot })) continue;
      found.set(connection, [...(found.get(connection) ?? []), clientOrderId]);
    }
  } catch (error) {
    log.error("kill-without-orders", { scope, error });
  }
  const nothing = { state: "waiting", cancelled: 0, filled: 0, positions: 0, protective: 0 } as const;
  return [...found].map(([account, orders]) => ({ account, ...nothing, found: orders }));
}

function idOf(requestId: string): string {
  return isDocumentId(requestId) ? requestId : createHash("sha256").update(requestId).digest("hex");
}

/** A kill as it stands, with why an account of it could not be asked. */
export async function readKill(
  deps: Pick<ControlDeps, "store" | "clock" | "config">,
  id: string,
): Promise<Result<KillRecord, "KILL_UNKNOWN">> {
  const found = await findKill(deps.store, id);
  return found === undefined ? fail("KILL_UNKNOWN") : succeed(await explainKill(deps, found));
}

async function findKill(store: Pick<Store, "get">, id: string): Promise<KillRecord | undefined> {
  return isDocumentId(id) ? store.get(kills, id) : undefined;
}

/** How often a kill that is waited for is looked at, in milliseconds. */
const LOOK_EVERY_MS = 20;

/** Waits until a kill is confirmed, at most so many milliseconds; gives it back as it stands then. */
export async function watchKill(
  deps: Pick<ControlDeps, "store" | "clock" | "config" | "timers">,
  id: string,
  withinMs: number,
): Promise<Result<KillRecord, "KILL_UNKNOWN">> {
  const { store, timers } = deps;
  const until = timers.now() + withinMs;
  for (;;) {
    const found = await findKill(store, id);
    if (found?.isOpen !== true || timers.now() >= until) return readKill(deps, id);
    await new Promise<void>((resolve) => void timers.after(LOOK_EVERY_MS, resolve));
  }
}
