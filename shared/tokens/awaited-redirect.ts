/**
 * Logins that end in a broker's redirect of the owner's browser. The redirect names no login, so each belongs to
 * the session that began it: a code that reaches another browser is of no use there.
 *
 * 1. A session waits for at most one redirect: the newest that it began, see `login-opening.ts`.
 * 2. A redirect that comes again for a login that is done sends nothing to the broker.
 */
import type { Temporal } from "temporal-polyfill";
import type { Connection, ConnectionId } from "../config/connection.ts";
import type { Clock } from "../platform/clock.ts";
import { fail, type Result, succeed } from "../platform/result.ts";
import type { Store, Transaction } from "../platform/store.ts";
import { policyOf } from "./policy.ts";
import {
  type Actor,
  type AuthorizationRecord,
  authorizations,
  awaitedRedirects,
  type TokenRecord,
  tokens,
} from "./records.ts";
import { isWaiting } from "./token-state.ts";

interface Deps {
  readonly store: Store;
  readonly clock: Clock;
}

/** A login that a redirect belongs to. */
interface AwaitedLogin {
  readonly id: string;
  readonly record: AuthorizationRecord;
}

/** Where a redirect finds its login, and the one it would find now; undefined for a connection without redirects. */
export async function awaitedIn(
  transaction: Transaction,
  connection: Connection,
  actor: Actor,
): Promise<{ readonly key: string; readonly login?: AwaitedLogin } | undefined> {
  if (policyOf(connection).login !== "redirect") return undefined;
  const key = redirectKey(actor);
  const pointer = await transaction.get(awaitedRedirects, key);
  const record = pointer && (await transaction.get(authorizations, pointer.authorization));
  return { key, ...(pointer && record && { login: { id: pointer.authorization, record } }) };
}

/** Makes a login the one that its session waits for. */
export function awaitRedirect(
  transaction: Transaction,
  key: string,
  login: {
    readonly connection: ConnectionId;
    readonly authorization: string;
    readonly keptUntil: Temporal.Instant;
  },
): void {
  transaction.set(awaitedRedirects, key, login);
}

/**
 * The login that a redirect into this session belongs to: its own, or the terminal's where the session has none
 * that waits. A session's login that is over is found too.
 */
export async function loginReturnedTo(deps: Deps, actor: Actor): Promise<AwaitedLogin | undefined> {
  const own = await awaited(deps.store, redirectKey(actor));
  if (own !== undefined && isWaiting(own.record, deps.clock.now())) return own;
  const terminal = await awaited(deps.store, redirectKey({ kind: "terminal" }));
  return terminal !== undefined && isWaiting(terminal.record, deps.clock.now()) ? terminal : own;
}

/** The token that a login has brought, unless another has replaced it. */
export async function tokenBroughtBy(
  { store }: Deps,
  { id, record }: AwaitedLogin,
): Promise<Result<TokenRecord, "AUTHORIZATION_CLOSED">> {
  const token = await store.get(tokens, record.connection);
  return token?.authorization === id ? succeed(token) : fail("AUTHORIZATION_CLOSED");
}

/** The owner turned the broker's request down: the login takes no code any more. Returns its connection, if there is one. */
export async function denyReturned(deps: Deps, actor: Actor): Promise<ConnectionId | undefined> {
  const login = await loginReturnedTo(deps, actor);
  if (login === undefined) return undefined;
  await deps.store.transact(async (transaction) => {
    const record = await transaction.get(authorizations, login.id);
    if (record?.state !== "open") return;
    transaction.set(authorizations, login.id, { ...record, state: "closed", closedBecause: "denied" });
  });
  return login.record.connection;
}

async function awaited(store: Store, key: string): Promise<AwaitedLogin | undefined> {
  const pointer = await store.get(awaitedRedirects, key);
  const record = pointer && (await store.get(authorizations, pointer.authorization));
  return pointer && record && { id: pointer.authorization, record };
}

function redirectKey(actor: Actor): string {
  return actor.session ?? actor.kind;
}
