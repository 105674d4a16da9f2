/** Scopes of bots that the configuration does not name any more: what they have left can still be stopped and closed. */
import type { ConnectionId } from "../../config/connection.ts";
import type { Result } from "../../platform/result.ts";
import { isDocumentId, type Store } from "../../platform/store.ts";
import { accountLedgers } from "../ledger/records.ts";
import { tradingStates } from "../records.ts";
import { accountRisks } from "../risk/records.ts";
import { botScope } from "../trading-state.ts";
import { botNamed, parseScope, type Scoped } from "./scopes.ts";
import { unfinishedOrders } from "./sweep-orders.ts";

interface ScopeDeps {
  readonly store: Pick<Store, "get" | "query">;
  readonly config: Scoped;
}

/**
 * {@link parseScope}, and beyond the configuration every bot that still has a lot, a reservation or an order, or was
 * stopped. Of a name of the configuration nothing is read.
 */
export async function findScope(
  { store, config }: ScopeDeps,
  name?: string,
): Promise<Result<string, "SCOPE_UNKNOWN">> {
  const scope = parseScope(config, name);
  const bot = botNamed(name);
  if (scope.ok || !isDocumentId(botScope(bot))) return scope;
  const state = await store.get(tradingStates, botScope(bot));
  const isKnown = state !== undefined || (await accountsWithBot(store, bot)).length > 0;
  return isKnown ? { ok: true, value: botScope(bot) } : scope;
}

/** The accounts on which a bot has anything left, of the configuration or not. */
export async function accountsWithBot(
  store: Pick<Store, "query">,
  bot: string,
): Promise<readonly ConnectionId[]> {
  const found = new Set<ConnectionId>();
  const isIts = (one: { readonly bot?: string | undefined }) => one.bot === bot;
  for (const { value } of await store.query(accountLedgers)) {
    if (value.lots.some(isIts)) found.add(value.account);
  }
  for (const { value } of await store.query(accountRisks)) {
    if (value.reservations.some(isIts)) found.add(value.account);
  }
  for (const order of await unfinishedOrders(store)) if (isIts(order)) found.add(order.connection);
  return [...found];
}
