/** Controls of the order by itself: its quantity, prices, levels, money and risk. Pure. */
import { Decimal } from "decimal.js";
import type { InstrumentRules } from "../../brokers/instrument-rules.ts";
import type { StoredTicket } from "../records.ts";
import { type Filling, type Findings, figure, money, share, ZERO } from "./findings.ts";
import { converted, halfFactorOf, halfOf, isAboveZero, quarterFactorOf } from "./shares.ts";
import { paperSlippage, slippageOfStopOut } from "./slippage.ts";
import type { Weighing } from "./weigh.ts";

/** Adds what is wrong with the order by itself. */
export function checkShape(weighing: Weighing, findings: Findings): void {
  const { ticket, rules, limits, notional, record } = weighing;
  if (!limits.orderTypes.includes(ticket.type)) {
    findings.deny(
      "ORDER_TYPE",
      `Orders of the type ${ticket.type} are not among ${limits.orderTypes.join(", ")}.`,
    );
  }
  checkQuantity(weighing, findings);
  checkPrices(ticket, rules, findings);
  findings.fill("NOTIONAL_TOO_LARGE", alone(notional, halfOf(limits.orderNotional)), () => {
    return `The order is worth ${money(notional, record.currency)}; ${money(limits.orderNotional, record.currency)} are allowed.`;
  });
  checkMarket(weighing, findings);
  checkLevels(weighing, findings);
}

/** What an order comes to by itself, whatever was before it. */
function alone(used: Decimal, half: Decimal): Filling {
  return { used, before: ZERO, half };
}

/** Steps as nearly every broker has them, by their exponent. */
const TENTHS: readonly Decimal[] = Array.from({ length: 9 }, (_, decimals) => new Decimal(10).pow(-decimals));

/** Whether a value is a whole number of steps. */
export function isOnStep(value: Decimal, step: Decimal): boolean {
  const decimals = -step.e;
  // A tenth, a hundredth and so on are counted by their decimals; a division takes ten times as long.
  if (TENTHS[decimals]?.eq(step) === true) return value.decimalPlaces() <= decimals;
  return step.gt(0) && value.mod(step).isZero();
}

function checkQuantity({ ticket: { quantity }, rules, limits }: Weighing, findings: Findings): void {
  const deny = (text: string) => findings.deny("QUANTITY_INVALID", `${figure(quantity)} units are ${text}.`);
  const { minimumQuantity, maximumQuantity, quantityStep } = rules;
  if (!isAboveZero(quantity) || !quantity.gte(minimumQuantity))
    deny(`below the smallest order, ${figure(minimumQuantity)}`);
  if (maximumQuantity !== undefined && !quantity.lte(maximumQuantity)) {
    deny(`above the broker's largest order, ${figure(maximumQuantity)}`);
  }
  findings.fill("QUANTITY_INVALID", alone(quantity, halfOf(limits.orderQuantity)), () => {
    return `${figure(quantity)} units are asked for; the bot's largest order is ${figure(limits.orderQuantity)}.`;
  });
  if (!isOnStep(quantity, quantityStep)) deny(`not in steps of ${figure(quantityStep)}`);
}

/** Adds prices that the broker would not take: missing, not above 0, or off the step. */
export function checkPrices(ticket: StoredTicket, rules: InstrumentRules, findings: Findings): void {
  const check = (value: Decimal, what: string) => {
    if (isAboveZero(value) && isOnStep(value, rules.priceStep)) return;
    findings.deny(
      "PRICE_OFF_STEP",
      `The ${what} ${figure(value)} is not above 0 in steps of ${figure(rules.priceStep)}.`,
    );
  };
  const { type, limitPrice, stopPrice, stopLoss, takeProfit } = ticket;
  if (type === "limit") check(limitPrice ?? ZERO, "limit price");
  if (type === "stop") check(stopPrice ?? ZERO, "stop price");
  if (stopLoss !== undefined) check(figureOf(stopLoss), "stop loss");
  if (takeProfit !== undefined) check(figureOf(takeProfit), "take profit");
}

function checkMarket(
  { ticket, limits, bid, ask, config, slippagePercent: slippage }: Weighing,
  findings: Findings,
): void {
  // Twice the middle, so that nothing is divided unless it is told.
  const sum = bid.plus(ask);
  const spread = ask.minus(bid);
  findings.fill("SPREAD_TOO_WIDE", alone(spread, sum.times(quarterFactorOf(limits.spreadPercent))), () => {
    return `The spread is ${share(spread.times(2), sum)}; ${figure(limits.spreadPercent)} % are allowed.`;
  });
  const price =
    ticket.type === "limit" ? ticket.limitPrice : ticket.type === "stop" ? ticket.stopPrice : undefined;
  if (price !== undefined) {
    const off = price.times(2).minus(sum).abs();
    findings.fill("PRICE_OUTSIDE_COLLAR", alone(off, sum.times(halfFactorOf(limits.collarPercent))), () => {
      return `The price ${figure(price)} is ${share(off, sum)} from the market; ${figure(limits.collarPercent)} % are allowed.`;
    });
  }
  if (ticket.type === "limit") return;
  const text = () =>
    `A slippage of ${figure(slippage)} % is expected; ${figure(limits.slippagePercent)} % are allowed.`;
  if (paperSlippage(config) === undefined) {
    findings.fill("SLIPPAGE", alone(slippage, halfOf(limits.slippagePercent)), text);
  } else if (!slippage.lte(limits.slippagePercent)) {
    // The terms of paper are its owner's own: they come near to nothing.
    findings.deny("SLIPPAGE", text());
  }
}

function checkLevels(weighing: Weighing, findings: Findings): void {
  const { ticket, limits, rules, record, conversion, notional, slippagePercent } = weighing;
  const stop = distanceTo(weighing, ticket.stopLoss, "against");
  const profit = distanceTo(weighing, ticket.takeProfit, "for");
  for (const [distance, what] of [
    [stop, "stop loss"],
    [profit, "take profit"],
  ] as const) {
    const least = rules.minimumLevelDistance;
    if (distance === undefined || least === undefined || distance.gte(least)) continue;
    findings.deny(
      "PRICE_OFF_STEP",
      `The ${what} is ${figure(distance)} from the price; the broker asks for ${figure(least)}.`,
    );
  }
  const hasStop = stop !== undefined && isAboveZero(stop);
  if (!hasStop && (limits.stopRequired || ticket.stopLoss !== undefined)) {
    findings.deny(
      "STOP_MISSING",
      ticket.stopLoss === undefined
        ? "The order has no stop loss."
        : "The stop loss is on the wrong side of the price.",
    );
  }
  // Without a stop, all of it is at risk. With one, it is not the distance that is lost but what the fills cost.
  const risk = hasStop
    ? converted(stop.times(ticket.quantity), conversion).plus(
        notional.times(slippageOfStopOut(ticket, slippagePercent)),
      )
    : notional;
  findings.fill(
    "RISK_PER_TRADE",
    alone(risk, record.equity.times(halfFactorOf(limits.riskPerTradePercent))),
    () => {
      return `It may lose ${money(risk, record.currency)} with the expected slippage, ${share(risk, record.equity)} of the equity; ${figure(limits.riskPerTradePercent)} % are allowed.`;
    },
  );
  if (limits.rewardToRisk === 0) return;
  if (hasStop && profit?.gte(stop.times(limits.rewardToRisk)) === true) return;
  findings.deny(
    "REWARD_TO_RISK",
    profit === undefined || !hasStop
      ? `There are no two levels to compare; reward to risk must be ${limits.rewardToRisk}.`
      : `Reward to risk is ${profit.div(stop).toFixed(2)}; it must be ${limits.rewardToRisk}.`,
  );
}

/** How far a level lies from the price that is reckoned with, on its right side; negative on the wrong one. */
function distanceTo(
  { ticket: { side }, entry }: Weighing,
  level: StoredTicket["stopLoss"],
  lies: "for" | "against",
): Decimal | undefined {
  if (level === undefined) return undefined;
  if ("distance" in level) return level.distance;
  const isBelow = (side === "buy") === (lies === "against");
  return isBelow ? entry.minus(level.price) : level.price.minus(entry);
}

function figureOf(level: NonNullable<StoredTicket["stopLoss"]>): Decimal {
  return "distance" in level ? level.distance : level.price;
}
