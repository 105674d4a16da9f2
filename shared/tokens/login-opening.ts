/**
 * The first half of a login's record: from the owner's wish to a broker that waits for the PIN. Each function
 * is one transaction; nothing here calls a broker or a vault.
 *
 * 1. A connection has at most one login that takes a PIN: beginning another closes it.
 * 2. No day has more logins than the budget allows.
 * 3. A session waits for at most one broker's redirect: beginning a login that ends in one closes the login for
 *    which the session waited before, of whichever connection.
 */
import { Temporal } from "temporal-polyfill";
import type { Config } from "../config/config.ts";
import type { Connection, ConnectionId } from "../config/connection.ts";
import type { Clock } from "../platform/clock.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Store, Transaction } from "../platform/store.ts";
import { awaitedIn, awaitRedirect } from "./awaited-redirect.ts";
import { brokerDay, policyOf } from "./policy.ts";
import {
  type Actor,
  type AuthorizationRecord,
  authorizations,
  currentAuthorizations,
  loginBudgets,
} from "./records.ts";

/** An unfinished opening blocks nothing after so long. */
const OPENING_LIFE = Temporal.Duration.from({ seconds: 20 });
/** Longer than any outage that a login or a day's budget must survive. */
const RECORDS_KEPT = Temporal.Duration.from({ hours: 72 });

export interface LedgerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly limits: Config["tokens"];
}

export interface Login {
  readonly id: string;
  readonly record: AuthorizationRecord;
}

export interface LoginKey {
  readonly connection: ConnectionId;
  readonly id: string;
}

/** What the broker gave when it opened a login. */
export type OpeningFacts = Required<
  Pick<AuthorizationRecord, "authorizeUrl" | "requestHash" | "requestVersion" | "expiresAt">
>;

/** The connection's newest login, whatever its state. */
export async function currentLogin(store: Store, connection: ConnectionId): Promise<Login | undefined> {
  const pointer = await store.get(currentAuthorizations, connection);
  return pointer && findLogin(store, { connection, id: pointer.authorization });
}

export async function findLogin(store: Store, key: LoginKey): Promise<Login | undefined> {
  const record = await store.get(authorizations, key.id);
  return record?.connection === key.connection ? { id: key.id, record } : undefined;
}

/** The login whose request token has this hash. */
export async function findLoginByRequest(store: Store, requestHash: string): Promise<Login | undefined> {
  const [found] = await store.query(authorizations, { where: { requestHash }, limit: 1 });
  return found && { id: found.id, record: found.value };
}

/** Today's logins of a connection, by the broker's day. */
export async function loginBudget(
  deps: LedgerDeps,
  connection: Connection,
): Promise<{ used: number; limit: number }> {
  const spent = await deps.store.get(loginBudgets, budgetId(connection, deps.clock.now()));
  return { used: spent?.used ?? 0, limit: deps.limits.loginsPerDay };
}

/** Takes one login of today's budget, closes the login before, and makes `id` the current one. */
export function startOpening(
  deps: LedgerDeps,
  connection: Connection,
  login: { readonly id: string; readonly actor: Actor },
): Promise<Result<void, "LOGIN_BUDGET_SPENT">> {
  return deps.store.transact(async (transaction) => {
    const now = deps.clock.now();
    const budget = await transaction.get(loginBudgets, budgetId(connection, now));
    const before = await currentIn(transaction, connection.id);
    const awaited = await awaitedIn(transaction, connection, login.actor);
    const isRepeated = (await transaction.get(authorizations, login.id)) !== undefined;
    if (isRepeated) return succeed(undefined);
    const used = budget?.used ?? 0;
    if (used >= deps.limits.loginsPerDay) return fail("LOGIN_BUDGET_SPENT", { used });
    const keptUntil = now.add(RECORDS_KEPT);

    for (const older of [before, awaited?.login]) if (older) closeUnfinished(transaction, older);
    if (awaited !== undefined) {
      awaitRedirect(transaction, awaited.key, {
        connection: connection.id,
        authorization: login.id,
        keptUntil,
      });
    }
    transaction.set(authorizations, login.id, {
      connection: connection.id,
      state: "opening",
      openedAt: now,
      openedBy: login.actor,
      expiresAt: now.add(OPENING_LIFE),
      keptUntil,
      attempts: 0,
    });
    transaction.set(currentAuthorizations, connection.id, { authorization: login.id });
    transaction.set(loginBudgets, budgetId(connection, now), { used: used + 1, keptUntil });
    return succeed(undefined);
  });
}

function closeUnfinished(transaction: Transaction, { id, record }: Login): void {
  if (record.state !== "opening" && record.state !== "open") return;
  transaction.set(authorizations, id, { ...record, state: "closed", closedBecause: "replaced" });
}

/** The broker gave a request token: the login takes a PIN now, unless another has replaced it. */
export function markOpened(
  deps: LedgerDeps,
  key: LoginKey,
  facts: OpeningFacts,
): Promise<Result<AuthorizationRecord, "AUTHORIZATION_CLOSED">> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(authorizations, key.id);
    if (record?.state === "open" && record.requestHash === facts.requestHash) return succeed(record);
    if (record?.state !== "opening") return fail("AUTHORIZATION_CLOSED");
    const open: AuthorizationRecord = { ...record, ...facts, state: "open" };
    transaction.set(authorizations, key.id, open);
    return succeed(open);
  });
}

/** The broker gave no request token: no login took place, and the budget gets it back. */
export function markNotOpened(deps: LedgerDeps, connection: Connection, id: string): Promise<void> {
  return deps.store.transact(async (transaction) => {
    const record = await transaction.get(authorizations, id);
    if (record?.state !== "opening") return;
    const day = budgetId(connection, record.openedAt);
    const budget = await transaction.get(loginBudgets, day);
    transaction.set(authorizations, id, { ...record, state: "closed", closedBecause: "not-opened" });
    if (budget === undefined || budget.used === 0) return;
    transaction.set(loginBudgets, day, { ...budget, used: budget.used - 1 });
  });
}

async function currentIn(transaction: Transaction, connection: ConnectionId): Promise<Login | undefined> {
  const pointer = await transaction.get(currentAuthorizations, connection);
  const record = pointer && (await transaction.get(authorizations, pointer.authorization));
  return pointer && record && { id: pointer.authorization, record };
}

/** The budget of the broker's day that holds `instant`. */
function budgetId(connection: Connection, instant: Temporal.Instant): string {
  return `${connection.id}:${brokerDay(policyOf(connection), instant)}`;
}
