/** Controls of what the order adds to what is held and on its way already. Pure. */
import type { Decimal } from "decimal.js";
import { type Findings, figure, money, share } from "./findings.ts";
import { amendsToday, countsOf } from "./next-risk.ts";
import { halfFactorOf, halfOf } from "./shares.ts";
import type { Weighing } from "./weigh.ts";

/** Adds the limits that the order would go over, and those that it comes near to. */
export function checkBook(weighing: Weighing, findings: Findings): void {
  const { book } = weighing;
  if (book.unpriced !== undefined) {
    findings.deny("LIMIT_MISSING", unpricedText(book.unpriced, weighing));
  }
  checkNumbers(weighing, findings);
  checkPosition(weighing, findings);
  checkExposure(weighing, findings);
  checkDay(weighing, findings);
}

/** What keeps everything from opening names whose it is, and what its owner can do. */
function unpricedText(instrument: string, { ledger, facts }: Weighing): string {
  const isBots =
    ledger.lots.some((lot) => lot.instrument === instrument && lot.bot !== undefined) ||
    facts.risk.reservations.some((one) => one.instrument === instrument);
  const whose = isBots ? "a bot has" : "you have by hand";
  return `There is no price of ${instrument}, in which ${whose} a position or an order on the account: what it all is worth is not known, and nothing opens. Its price is being asked for; where none comes within minutes, close it at the broker, or let bots trade on another account.`;
}

function checkNumbers({ book, limits, config }: Weighing, findings: Findings): void {
  const bounds = [
    ["WORKING_ORDERS", book.botWorking, limits.workingOrders, "bot", "working orders"],
    ["WORKING_ORDERS", book.accountWorking, config.limits.workingOrders, "account", "working orders"],
    ["OPEN_POSITIONS", book.botPositions, limits.openPositions, "bot", "positions"],
    ["OPEN_POSITIONS", book.accountPositions, config.limits.openPositions, "account", "positions"],
  ] as const;
  for (const [code, before, limit, scope, what] of bounds) {
    findings.count(code, { used: before + 1, before, limit, scope }, () => {
      return `With this order the ${scope} has ${before + 1} ${what}; ${limit} are allowed.`;
    });
  }
}

function checkPosition({ book, ticket, limits }: Weighing, findings: Findings): void {
  const used = book.units.plus(ticket.quantity);
  findings.fill(
    "POSITION_TOO_LARGE",
    { used, before: book.units, half: halfOf(limits.positionQuantity) },
    () => {
      return `It would be ${figure(used)} units of ${ticket.instrument}; ${figure(limits.positionQuantity)} are allowed.`;
    },
  );
}

function checkExposure({ book, notional, config, record }: Weighing, findings: Findings): void {
  const { grossExposurePercent, minimumBalance } = config.limits;
  const gross = book.gross.plus(notional);
  const half = record.equity.times(halfFactorOf(grossExposurePercent));
  findings.fill("GROSS_EXPOSURE", { used: gross, before: book.gross, half, scope: "account" }, () => {
    return `All of it would be worth ${money(gross, record.currency)}, ${share(gross, record.equity)} of the equity; ${figure(grossExposurePercent)} % are allowed.`;
  });
  const least: Decimal = record.balance.lt(record.equity) ? record.balance : record.equity;
  if (least.gte(minimumBalance)) return;
  findings.deny(
    "BALANCE_TOO_LOW",
    `There are ${money(least, record.currency)}; ${money(minimumBalance, record.currency)} have to be there.`,
  );
}

function checkDay(weighing: Weighing, findings: Findings): void {
  const { facts, limits, config, record, today } = weighing;
  const added = amendsToday(weighing);
  for (const [risk, limit, scope] of [
    [facts.botRisk, limits.dailyNotional, "bot"],
    [facts.risk, config.limits.dailyNotional, "account"],
  ] as const) {
    const before = countsOf(risk, today).notional;
    const used = before.plus(added.notional);
    findings.fill("DAILY_NOTIONAL", { used, before, half: halfOf(limit), scope }, () => {
      return `The day's orders of the ${scope} would be worth ${money(used, record.currency)}; ${money(limit, record.currency)} are allowed.`;
    });
  }
  const before = countsOf(facts.botRisk, today).trades;
  const used = before + added.trades;
  findings.count("TRADES_PER_DAY", { used, before, limit: limits.tradesPerDay }, () => {
    return `It is trade ${used} of the day; ${limits.tradesPerDay} are allowed.`;
  });
}
