/**
 * A paper account's orders against its market: an account and a command or a quote in, the account and what a
 * broker would tell out. Pure, so that it may run again in a transaction.
 *
 * 1. An order is filled with its quantity or less, never with more, and not after its end.
 * 2. A limit order is never filled worse than its limit; what is filled at the market is never filled better
 *    than the quote.
 * 3. One quote fills an order once at most: a second part waits for the next quote.
 */
import type { Temporal } from "temporal-polyfill";
import type { PaperTerms } from "../../config/account.ts";
import type { OrderTicket } from "../trading-broker.ts";
import { type Draw, isDrawn } from "./draws.ts";
import { withLevels } from "./levels.ts";
import { executionOf, type Market, protectionHit } from "./match.ts";
import type { PaperAccount, PaperFill, PaperOrder, PaperPosition, PaperTicket } from "./records.ts";
import { settle } from "./settle.ts";

/** What chance and costs are drawn and reckoned by. */
export interface Game {
  readonly terms: PaperTerms;
  readonly draw: Draw;
}

/** What a broker would tell, in its order. */
export type PaperEvent =
  | { readonly kind: "standing"; readonly order: PaperOrder }
  | { readonly kind: "fill"; readonly fill: PaperFill };

export interface Step {
  /** The very same object where nothing changed. */
  readonly account: PaperAccount;
  readonly events: readonly PaperEvent[];
}

/** More working orders or open positions do not fit the account's document. */
const MOST = 500;

/** An order arrives: it is rejected, or accepted and, where the market is there already, filled. */
export function place(account: PaperAccount, given: OrderTicket, market: Market, game: Game): Step {
  const ticket = given as PaperTicket;
  const lastOrder = account.lastOrder + 1;
  const order: PaperOrder = {
    brokerOrderId: `o${lastOrder}`,
    positionId: ticket.closes ?? `p${lastOrder}`,
    ticket,
    state: "accepted",
    isTriggered: false,
    fills: [],
    placedAt: market.now,
    changedAt: market.now,
  };
  const taken = { ...account, lastOrder, changedAt: market.now };
  const refusal = refusalOf(account, given, market, game);
  if (refusal !== undefined) {
    const [brokerCode, reason] = refusal;
    return { account: taken, events: [standing({ ...order, state: "rejected", brokerCode, reason })] };
  }
  const resting = { ...taken, orders: [...account.orders, order] };
  const step = fillOrder({ account: resting, events: [standing(order)] }, order.brokerOrderId, market, game);
  const isOver = ticket.timeInForce === "ioc" && ticket.type !== "market";
  return isOver ? end(step, order.brokerOrderId, "cancelled", market.now) : step;
}

/** A quote comes: what rests is looked at, positions' levels first, the oldest first. */
export function onQuote(before: PaperAccount, market: Market, game: Game): Step {
  let step = expire(before, market.now);
  const { instrument } = market.quote ?? {};
  for (const position of step.account.positions) {
    if (position.instrument === instrument) step = hitLevels(step, position, market, game);
  }
  for (const { brokerOrderId, ticket } of step.account.orders) {
    if (ticket.instrument === instrument) step = fillOrder(step, brokerOrderId, market, game);
  }
  return step;
}

/** Ends the orders whose time is over. */
export function expire(account: PaperAccount, now: Temporal.Instant): Step {
  const isOver = ({ ticket: { expiresAt } }: PaperOrder) =>
    expiresAt !== undefined && expiresAt.epochNanoseconds <= now.epochNanoseconds;
  let step: Step = { account, events: [] };
  for (const one of account.orders) if (isOver(one)) step = end(step, one.brokerOrderId, "expired", now);
  return step;
}

/** Cancels a working order, or takes a position's level away; undefined where there is none of this id. */
export function cancel(
  account: PaperAccount,
  brokerOrderId: string,
  now: Temporal.Instant,
): Step | undefined {
  const step = end({ account, events: [] }, brokerOrderId, "cancelled", now);
  if (step.account !== account) return step;
  const isLevel = ({ stop, profit }: PaperPosition) =>
    stop?.brokerOrderId === brokerOrderId || profit?.brokerOrderId === brokerOrderId;
  if (!account.positions.some(isLevel)) return undefined;
  const positions = account.positions.map(({ stop, profit, ...rest }) => ({
    ...rest,
    ...(stop !== undefined && stop.brokerOrderId !== brokerOrderId && { stop }),
    ...(profit !== undefined && profit.brokerOrderId !== brokerOrderId && { profit }),
  }));
  return { account: { ...account, positions, changedAt: now }, events: [] };
}

/** Why an order is rejected as it arrives, with the code; undefined where it is accepted. */
function refusalOf(
  account: PaperAccount,
  ticket: OrderTicket,
  market: Market,
  { terms, draw }: Game,
): readonly [code: string, reason: string] | undefined {
  const { clientOrderId, closes, timeInForce, type } = ticket;
  const { rules, rate, trouble } = market;
  if (closes !== undefined && !account.positions.some(({ id }) => id === closes)) {
    return ["POSITION_NOT_FOUND", "the position to close is not open"];
  }
  if (rules?.isTradable !== true) return ["NOT_TRADABLE", "the broker does not let the instrument be traded"];
  if (rate === undefined) {
    return ["CONVERSION_MISSING", `no rate from ${rules.currency} to ${account.currency} is known`];
  }
  if (trouble !== undefined && (type === "market" || timeInForce === "ioc")) return trouble;
  if (account.orders.length >= MOST || account.positions.length >= MOST) {
    return ["ACCOUNT_FULL", `a paper account has at most ${MOST} working orders and ${MOST} open positions`];
  }
  return isDrawn(draw(clientOrderId, "rejected"), terms.rejectedPercent)
    ? ["REJECTED_BY_CHANCE", `${terms.rejectedPercent} of 100 orders are rejected, as brokers do`]
    : undefined;
}

/** Fills an order, or a part of it, where the market is there. */
function fillOrder(step: Step, brokerOrderId: string, market: Market, game: Game): Step {
  const order = step.account.orders.find((one) => one.brokerOrderId === brokerOrderId);
  if (order === undefined) return step;
  const held = step.account.positions.find(({ id }) => id === order.positionId);
  const isClose = order.ticket.closes !== undefined;
  if (isClose && held === undefined) {
    return end(step, brokerOrderId, "cancelled", market.now);
  }
  const execution = executionOf(order, isClose ? held?.quantity : undefined, market, game);
  if (execution === undefined) return step;
  const { account, fill } = settle(step.account, execution);
  const filled = [...order.fills, fill];
  const left = filled.reduce((rest, { quantity }) => rest.minus(quantity), order.ticket.quantity);
  const now: PaperOrder = {
    ...order,
    isTriggered: order.ticket.type === "stop",
    fills: filled,
    state: left.lte(0) ? "filled" : "accepted",
    changedAt: market.now,
  };
  const events = [...step.events, { kind: "fill", fill } as const, standing(now)];
  const orders =
    now.state === "filled"
      ? account.orders.filter((one) => one !== order)
      : account.orders.map((one) => (one === order ? now : one));
  const levelled = withLevels({ ...account, orders }, now, market);
  return endOrphans({ account: levelled, events }, order.positionId, market.now);
}

/** Closes a position whose stop loss or take profit is reached; the stop goes first. */
function hitLevels(step: Step, position: PaperPosition, market: Market, game: Game): Step {
  const execution = protectionHit(position, market, game);
  if (execution === undefined) return step;
  const { account, fill } = settle(step.account, execution);
  return endOrphans({ account, events: [...step.events, { kind: "fill", fill }] }, position.id, market.now);
}

/**
 * What would close a position that is over is over too, and so is what is left of the order that opened it: a second
 * part would open it anew, without its levels.
 */
function endOrphans(step: Step, positionId: string, now: Temporal.Instant): Step {
  if (step.account.positions.some(({ id }) => id === positionId)) return step;
  const orphans = step.account.orders.filter((order) => order.positionId === positionId);
  return orphans.reduce((next, { brokerOrderId }) => end(next, brokerOrderId, "cancelled", now), step);
}

function end(step: Step, brokerOrderId: string, state: "cancelled" | "expired", now: Temporal.Instant): Step {
  const order = step.account.orders.find((one) => one.brokerOrderId === brokerOrderId);
  if (order === undefined) return step;
  const orders = step.account.orders.filter((one) => one !== order);
  return {
    account: { ...step.account, orders, changedAt: now },
    events: [...step.events, standing({ ...order, state, changedAt: now })],
  };
}

function standing(order: PaperOrder): PaperEvent {
  return { kind: "standing", order };
}
