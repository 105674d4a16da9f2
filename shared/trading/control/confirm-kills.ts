/**
 * A kill's receipt: written account by account by the worker that leads the account, after the broker itself has
 * said that nothing of ours works there any more.
 */
import type { TradingBroker, WorkingOrder } from "../../brokers/trading-broker.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Lease, Leases } from "../../platform/lease.ts";
import type { Log } from "../../platform/log.ts";
import type { Store } from "../../platform/store.ts";
import { type OrderRecord, orderId, orders } from "../records.ts";
import type { TradedAccount } from "../traded-account.ts";
import { haltMark } from "../trading-state.ts";
import { type KillPart, type KillRecord, kills } from "./records.ts";
import { isInScope } from "./scopes.ts";
import { isProtective, unfinishedOrders } from "./sweep-orders.ts";

export interface ConfirmDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly leases: Pick<Leases, "isHeld">;
  readonly account: TradedAccount;
  readonly broker: Pick<TradingBroker, "refresh" | "positions" | "workingOrders" | "isReady">;
}

/** Confirms what can be confirmed; true where a kill still waits for this account. */
export async function confirmKills(deps: ConfirmDeps, term: Lease): Promise<boolean> {
  const { store, account } = deps;
  const open = await store.query(kills, { where: { isOpen: true } });
  let isWaiting = false;
  for (const { value } of open) {
    const part = value.parts.find((one) => one.account === account.id);
    if (part === undefined || part.state === "confirmed") continue;
    const now = await standing(deps, value, part);
    await write(deps, term, { kill: value.id, part: now });
    isWaiting = isWaiting || now.state === "waiting";
  }
  return isWaiting;
}

async function standing(deps: ConfirmDeps, kill: KillRecord, part: KillPart): Promise<KillPart> {
  const { store, clock, account, broker } = deps;
  const { trouble: _, ...rest } = part;
  const mark = haltMark(kill.scope, { kill: kill.id, at: kill.at });
  const isMeant = ({ bot }: OrderRecord) => isInScope(kill.scope, { account: account.id, bot });
  // What the owner closes after the kill is no part of it.
  const isToGo = (order: OrderRecord) =>
    isMeant(order) && !isProtective(order) && order.byOwner?.despite.includes(mark) !== true;
  const left = await unfinishedOrders(store, account);
  const working = left.filter(isToGo).map((one) => one.clientOrderId);
  // Some may have been written down while the kill was on its way.
  const found = [...new Set([...part.found, ...working])];
  const waiting = { ...rest, found };
  if (working.length > 0) return { ...waiting, trouble: `${working.length} orders are being cancelled` };
  if (!broker.isReady()) return { ...waiting, trouble: "the broker cannot be asked now" };
  const asked = await broker.refresh();
  if (!asked.ok) return { ...waiting, trouble: `the broker did not answer (${asked.code})` };
  const ours = await oursAmong(deps, broker.workingOrders());
  const resting = ours.filter(isToGo);
  if (resting.length > 0)
    return { ...waiting, trouble: `the broker still has ${resting.length} orders of ours` };
  return {
    ...waiting,
    ...(await ends(deps, found)),
    state: "confirmed",
    positions: broker.positions().length,
    protective:
      broker.workingOrders().filter((one) => one.protects !== undefined).length +
      ours.filter((one) => isMeant(one) && isProtective(one)).length,
    confirmedAt: clock.now(),
  };
}

/** The records of those of the broker's working orders that are ours. */
async function oursAmong(
  { store, account }: ConfirmDeps,
  working: readonly WorkingOrder[],
): Promise<readonly OrderRecord[]> {
  const found: OrderRecord[] = [];
  for (const { brokerOrderId, clientOrderId, protects } of working) {
    if (protects !== undefined) continue;
    const byOurs = clientOrderId && (await store.get(orders, orderId(account.id, clientOrderId)));
    const [byTheirs] = byOurs
      ? []
      : await store.query(orders, { where: { connection: account.id, brokerOrderId }, limit: 1 });
    const order = byOurs || byTheirs?.value;
    if (order !== undefined) found.push(order);
  }
  return found;
}

async function ends(
  { store, account }: ConfirmDeps,
  found: readonly string[],
): Promise<Pick<KillPart, "cancelled" | "filled">> {
  const states = await Promise.all(
    found.map(async (one) => (await store.get(orders, orderId(account.id, one)))?.state),
  );
  const filled = states.filter((one) => one === "filled").length;
  return { filled, cancelled: states.length - filled };
}

/** Seconds are counted only by the clock: a kill and its confirmation may be two processes'. */
async function write(
  { store, leases, account, log }: ConfirmDeps,
  term: Lease,
  { kill: id, part }: { readonly kill: string; readonly part: KillPart },
): Promise<void> {
  const confirmed = await store.transact(async (transaction) => {
    const kill = await transaction.get(kills, id);
    if (!(await leases.isHeld(transaction, term)) || kill === undefined) return undefined;
    const parts = kill.parts.map((one) =>
      one.account === account.id && one.state === "waiting" ? part : one,
    );
    const isOpen = parts.some((one) => one.state === "waiting");
    const confirmedAt = part.confirmedAt;
    const after = {
      ...kill,
      parts,
      isOpen,
      ...(!isOpen && kill.isOpen && confirmedAt !== undefined && { confirmedAt }),
    };
    transaction.set(kills, id, after);
    return kill.isOpen && !isOpen ? after : undefined;
  });
  if (confirmed !== undefined) log.info("kill-confirmed", { scope: confirmed.scope, ...sums(confirmed) });
}

function sums({ parts }: KillRecord): Readonly<Record<"cancelled" | "positions" | "protective", number>> {
  const of = (field: "cancelled" | "positions" | "protective") =>
    parts.reduce((all, part) => all + part[field], 0);
  return { cancelled: of("cancelled"), positions: of("positions"), protective: of("protective") };
}
