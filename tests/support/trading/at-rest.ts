/** What must be so once nothing goes wrong any more and everything has come to rest. */
import { Decimal } from "decimal.js";
import { accounts } from "../../../shared/trading/account-record.ts";
import { kills } from "../../../shared/trading/control/records.ts";
import { accountLedgers, botLedgers } from "../../../shared/trading/ledger/records.ts";
import { fills, type OrderRecord, orders, positions } from "../../../shared/trading/records.ts";
import { ticks } from "../../../shared/trading/ticks/records.ts";
import type { TradingWorld } from "./trading-world.ts";
import type { VenueOrder } from "./venue.ts";

const ZERO = new Decimal(0);

/** Everything that is not as it must be; empty where the case holds. */
export async function faultsAtRest(world: TradingWorld): Promise<readonly string[]> {
  const found: string[] = [];
  if (world.pending > 0) found.push(`${world.pending} of the owner's wishes are not settled`);
  if (world.bus.waiting > 0) found.push(`${world.bus.waiting} messages are not dealt with`);
  await compareTicks(world, found);
  await compareOrders(world, found);
  await comparePositions(world, found);
  await compareMoney(world, found);
  await compareAccount(world, found);
  return found;
}

async function compareTicks(world: TradingWorld, found: string[]): Promise<void> {
  const stored = (await world.store.query(ticks)).map(({ value }) => value);
  if (stored.length !== world.ticks()) found.push(`${stored.length} ticks are written of ${world.ticks()}`);
  const named = stored.flatMap((one) => one.orders).toSorted(byText);
  const written = (await world.store.query(orders)).map(({ value }) => value);
  const known = written
    .filter(({ byOwner }) => byOwner === undefined)
    .map(({ clientOrderId }) => clientOrderId)
    .toSorted(byText);
  if (named.join() !== known.join()) found.push(`ticks name ${named.join()}, and there are ${known.join()}`);
  for (const { bot, instant, text, instruments, reason } of stored) {
    const trapped = [{ reason, text }, ...(instruments ?? [])].filter((one) =>
      one.text.startsWith("QUANTITY_INVALID"),
    );
    for (const one of trapped) found.push(`the tick ${bot} ${instant} could not close: ${one.text}`);
  }
}

async function compareOrders(world: TradingWorld, found: string[]): Promise<void> {
  const stored = (await world.store.query(orders)).map(({ value }) => value);
  const theirs = new Map(world.venue.orders.map((one) => [one.ticket.clientOrderId, one]));
  for (const order of stored) {
    const fault = faultOf(order, theirs.get(order.clientOrderId));
    if (fault !== undefined) found.push(`order ${order.clientOrderId} ${fault}`);
  }
  const ids = new Set(stored.map(({ clientOrderId }) => clientOrderId));
  for (const id of theirs.keys()) if (id !== "" && !ids.has(id)) found.push(`order ${id} has no record`);
  const counted = (await world.store.query(fills)).map(({ value }) => value.brokerFillId).toSorted(byText);
  const real = world.venue.fills.map(({ id }) => id).toSorted(byText);
  if (counted.join() !== real.join()) found.push(`fills are ${counted.join()}, and were ${real.join()}`);
}

function faultOf(order: OrderRecord, theirs: VenueOrder | undefined): string | undefined {
  if (order.isDue) return `is ${order.state} and still due`;
  if (theirs === undefined) {
    const isGone = ["refused", "not-sent", "absent", "cancelled"].includes(order.state);
    return isGone && order.filledQuantity.isZero() ? undefined : `is ${order.state}, and the broker has none`;
  }
  const isPart = theirs.state === "accepted" && theirs.filled.gt(0);
  const state = isPart ? "partially-filled" : theirs.state;
  if (order.state !== state) return `is ${order.state}, and ${state} at the broker`;
  if (order.brokerOrderId !== theirs.brokerOrderId && theirs.state !== "rejected") {
    return `is known as ${order.brokerOrderId}, and is ${theirs.brokerOrderId}`;
  }
  return order.filledQuantity.eq(theirs.filled)
    ? undefined
    : `has ${order.filledQuantity} filled, and ${theirs.filled} at the broker`;
}

async function comparePositions(world: TradingWorld, found: string[]): Promise<void> {
  const { store, setting, venue, witness } = world;
  const ledger = await store.get(accountLedgers, setting.account.id);
  const byLots = (ledger?.lots ?? []).map(
    ({ positionId, side, quantity, bot }) => `${positionId} ${side} ${quantity} of ${bot ?? "nobody"}`,
  );
  const real = [...venue.positions.values()].map(({ id, side, quantity, clientOrderId }) => {
    const bot = clientOrderId === undefined ? undefined : witness.orders.get(clientOrderId)?.bot;
    return `${id} ${side} ${quantity} of ${bot ?? "nobody"}`;
  });
  same(found, "lots", byLots, real);
  const mirrored = (await store.query(positions)).map(({ value }) => `${value.positionId} ${value.quantity}`);
  same(
    found,
    "stored positions",
    mirrored,
    [...venue.positions.values()].map(({ id, quantity }) => `${id} ${quantity}`),
  );
}

async function compareMoney(world: TradingWorld, found: string[]): Promise<void> {
  const { store, setting, venue } = world;
  const ledger = await store.get(accountLedgers, setting.account.id);
  const brought = venue.balance.minus(venue.startBalance);
  const booked = ledger === undefined ? ZERO : sumOf(ledger.total);
  if (!booked.eq(brought)) found.push(`the books come to ${booked}, and the balance to ${brought}`);
  const bots = (await store.query(botLedgers)).map(({ value }) => sumOf(value.total));
  const ofBots = bots.reduce((sum, one) => sum.plus(one), ZERO);
  const isAlone = world.venue.orders.every(({ ticket }) => ticket.clientOrderId !== "");
  if (isAlone && !ofBots.eq(booked)) found.push(`the bots come to ${ofBots}, and the account to ${booked}`);
}

async function compareAccount(world: TradingWorld, found: string[]): Promise<void> {
  const { store, setting, venue } = world;
  const record = await store.get(accounts, setting.account.id);
  if (record === undefined) {
    found.push("the account has no record");
    return;
  }
  if (!record.isReconciled) found.push(`the account is not reconciled: ${record.break?.text}`);
  if (!record.balance.eq(venue.balance))
    found.push(`the balance is ${record.balance}, and ${venue.balance} there`);
  same(
    found,
    "working orders",
    record.working.map((one) => one.brokerOrderId),
    venue.view().working.map((one) => one.brokerOrderId),
  );
  for (const { value } of await store.query(kills)) {
    if (value.isOpen)
      found.push(`the kill ${value.id} waits: ${value.parts.map((one) => one.trouble).join()}`);
  }
}

function byText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function sumOf({ realised, fees, swap }: { realised: Decimal; fees: Decimal; swap: Decimal }): Decimal {
  return realised.plus(fees).plus(swap);
}

function same(found: string[], what: string, ours: readonly string[], theirs: readonly string[]): void {
  const [one, other] = [ours.toSorted(byText).join(", "), theirs.toSorted(byText).join(", ")];
  if (one !== other) found.push(`${what} are [${one}], and [${other}] at the broker`);
}
