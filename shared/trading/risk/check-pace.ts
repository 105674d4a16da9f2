/** Controls of how fast and how often a bot gives orders. Pure. */
import type { Findings } from "./findings.ts";
import { alikeInARow, likenessOf, recentOf } from "./next-risk.ts";
import type { Weighing } from "./weigh.ts";

/** Adds what is given too fast, too often, or twice. */
export function checkPace(weighing: Weighing, findings: Findings): void {
  checkDuplicate(weighing, findings);
  checkRate(weighing, findings);
  checkLatches(weighing, findings);
}

function checkDuplicate({ question, facts, limits, book }: Weighing, findings: Findings): void {
  const { now, ticket, bot } = question;
  if (book.hasAlike && limits.addsToPosition !== true) {
    findings.deny(
      "ORDER_DUPLICATE",
      `The bot ${bot.id} has a position or an order to ${ticket.side} ${ticket.instrument} already.`,
    );
  }
  if (facts.risk.reservations.some(({ clientOrderId }) => clientOrderId === question.clientOrderId)) {
    findings.deny("ORDER_DUPLICATE", `An order ${question.clientOrderId} was written down before.`);
  }
  const { last } = facts.botRisk;
  // An amendment is meant to be like the order that it replaces.
  if (last === undefined || book.amended !== undefined || last.likeness !== likenessOf(ticket)) return;
  const seconds = Math.abs(now.epochMilliseconds - last.at.epochMilliseconds) / 1_000;
  if (seconds >= limits.duplicateWithin) return;
  findings.deny(
    "ORDER_DUPLICATE",
    `The same order was given ${seconds} seconds ago; within ${limits.duplicateWithin} it is a duplicate.`,
  );
}

function checkRate({ question, facts, limits, config }: Weighing, findings: Findings): void {
  const check = (before: number, limit: number, scope: "account" | "bot") => {
    findings.count("ORDER_RATE", { used: before + 1, before, limit, scope }, () => {
      return `It is order ${before + 1} of the ${scope} within a minute; ${limit} are allowed.`;
    });
  };
  check(recentOf(facts.botRisk.counts, question.now).length, limits.ordersPerMinute, "bot");
  check(recentOf(facts.risk.counts, question.now).length, config.limits.ordersPerMinute, "account");
}

function checkLatches({ question, facts, limits, today }: Weighing, findings: Findings): void {
  const repeats = alikeInARow(facts.botRisk, question.ticket, today);
  if (repeats < limits.repeats) {
    findings.count("REPEAT_THROTTLE", { used: repeats + 1, before: repeats, limit: limits.repeats }, () => {
      return `The same order for the ${repeats + 1}. time in a row; ${limits.repeats} are allowed.`;
    });
  } else {
    findings.latch(
      "bot",
      "REPEAT_THROTTLE",
      `The same order was asked for ${repeats} times in a row; ${limits.repeats} are allowed.`,
    );
  }
  const rejections = facts.rejectionsInRow;
  if (rejections < limits.rejectionsInRow) {
    findings.count(
      "REJECTIONS_IN_A_ROW",
      { used: rejections, before: 0, limit: limits.rejectionsInRow },
      () => {
        return `The broker has refused ${rejections} orders in a row; at ${limits.rejectionsInRow} the bot is halted.`;
      },
    );
  } else {
    findings.latch(
      "bot",
      "REJECTIONS_IN_A_ROW",
      `The broker has refused ${rejections} orders in a row; ${limits.rejectionsInRow} halt the bot.`,
    );
  }
}
