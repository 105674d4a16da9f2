/** What can be stopped and let go on: everything, an account, or a bot. Pure. */
import { accountId } from "../../config/account.ts";
import type { Config } from "../../config/config.ts";
import type { ConnectionId } from "../../config/connection.ts";
import { fail, type Result, succeed } from "../../platform/result.ts";
import { botScope, EVERYTHING } from "../trading-state.ts";

export type Scoped = Pick<Config, "accounts" | "bots" | "connections">;

const BOT = "bot:";

/**
 * The scope that a person means by a name: nothing or `all`, an account, a bot with or without `bot:` before it.
 * `SCOPE_UNKNOWN`: `detail.known` lists the names.
 */
export function parseScope(config: Scoped, name = ""): Result<string, "SCOPE_UNKNOWN"> {
  const wanted = name.trim().toLowerCase();
  if (wanted === "" || wanted === EVERYTHING) return succeed(EVERYTHING);
  const accounts: readonly string[] = accountsKnown(config);
  if (accounts.includes(wanted)) return succeed(wanted);
  const bot = botNamed(name);
  if (config.bots.some((one) => one.id === bot)) return succeed(botScope(bot));
  const known = [EVERYTHING, ...accounts, ...config.bots.map((one) => one.id)].join(", ");
  return fail("SCOPE_UNKNOWN", { known });
}

/** The bot that a person may mean by a name, whether there is one or not. */
export function botNamed(name = ""): string {
  const wanted = name.trim().toLowerCase();
  return wanted.startsWith(BOT) ? wanted.slice(BOT.length) : wanted;
}

/** The bot of a scope; undefined for everything and for an account. */
export function botOf(scope: string): string | undefined {
  return scope.startsWith(BOT) ? scope.slice(BOT.length) : undefined;
}

/** Whether what an account, and where one is named a bot, does lies in a scope. */
export function isInScope(
  scope: string,
  { account, bot }: { readonly account: string; readonly bot?: string | undefined },
): boolean {
  if (scope === EVERYTHING || scope === account) return true;
  return bot !== undefined && scope === botScope(bot);
}

/** The accounts of the configuration that a scope reaches. */
export function accountsOf({ accounts, bots }: Scoped, scope: string): readonly ConnectionId[] {
  const bot = botOf(scope);
  if (bot !== undefined) {
    return bots.filter((one) => one.id === bot).map((one) => accountId(one.connection, one.mode));
  }
  const ids = accounts.map((one) => accountId(one.connection, one.mode));
  if (scope === EVERYTHING) return ids;
  return ids.filter((id) => id === scope);
}

/** The accounts that anything is traded on: a connection can be, by hand, without being one of the configuration. */
export function accountsKnown({ accounts, connections }: Scoped): readonly ConnectionId[] {
  const ids = accounts.map((one) => accountId(one.connection, one.mode));
  return [...new Set([...ids, ...connections.map((one) => one.id)])];
}

/** What a person types to let a scope go on, e.g. `RESUME ALL` or `RESUME PALM-OIL`. */
export function resumePhrase(scope: string): string {
  return `RESUME ${(botOf(scope) ?? scope).toUpperCase()}`;
}

/** What a person types to have what was switched to paper trade live again, e.g. `LIVE PALM-OIL`. */
export function livePhrase(scope: string): string {
  return `LIVE ${(botOf(scope) ?? scope).toUpperCase()}`;
}

/** Blanks around and between the words, and small letters, are forgiven. */
export function isPhrase(typed: string, phrase: string): boolean {
  return typed.trim().replaceAll(/\s+/g, " ").toUpperCase() === phrase;
}

/** A scope as a person reads it. */
export function scopeText(scope: string): string {
  if (scope === EVERYTHING) return "everything";
  const bot = botOf(scope);
  return bot === undefined ? `the account ${scope}` : `the bot ${bot}`;
}
