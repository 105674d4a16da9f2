/** Controls that look at how things stand, whatever the order's size: states, clocks, tokens, builds, lists. Pure. */
import { accountId } from "../../config/account.ts";
import type { RiskFacts, RiskQuestion } from "./check-order.ts";
import type { Findings } from "./findings.ts";

/** An order that opens needs a token that lives at least so long: it has to be looked after. */
export const TOKEN_LIVES_FOR_MS = 15 * 60_000;
/** How far two clocks may be apart. */
export const CLOCK_DRIFT_MS = 1_000;

/** What an account was compared with its broker by holds so long; its worker writes it anew each half minute. */
const RECORD_GOOD_FOR_MS = 5 * 60_000;

/** What a paper account's record calls its environment. */
const SIMULATED = "simulated";

/** Adds what stops this order now; an order that closes is asked for its environment and a halt alone. */
export function checkStanding(question: RiskQuestion, facts: RiskFacts, findings: Findings): void {
  checkTradingState(question, facts, findings);
  checkEnvironment(question, facts, findings);
  if (question.ticket.closes !== undefined) return;
  if (facts.closedBecause !== undefined) findings.deny("MARKET_CLOSED", facts.closedBecause);
  checkLists(question, facts, findings);
  if (question.bot.mode === "live" && !facts.mayTradeLive) {
    findings.deny(
      "LIVE_NOT_EARNED",
      `The bot ${question.bot.id} may not trade live with this configuration.`,
    );
  }
  checkRecord(question, facts, findings);
  checkToken(question, facts, findings);
  checkClock(question, facts, findings);
  checkBuilds(facts, findings);
}

function checkTradingState(question: RiskQuestion, { tradingState }: RiskFacts, findings: Findings): void {
  if (tradingState === "active") return;
  if (tradingState === "reducing" && question.ticket.closes !== undefined) return;
  findings.deny(
    "TRADING_STATE",
    tradingState === "reducing" ? "Only orders that close may go." : "Trading is halted.",
  );
}

function checkEnvironment({ account, bot }: RiskQuestion, facts: RiskFacts, findings: Findings): void {
  const { config, record, ledger, botLedger, risk, botRisk } = facts;
  const deny = (what: string) => findings.deny("ENVIRONMENT_MISMATCH", what);
  if (account !== accountId(bot.connection, bot.mode)) {
    deny(`The bot ${bot.id} trades ${bot.mode} on ${bot.connection}, and ${account} is not that account.`);
  }
  if (config !== undefined && (config.mode !== bot.mode || config.connection !== bot.connection)) {
    deny(`The limits are those of ${config.mode} on ${config.connection}, not of ${account}.`);
  }
  if (record !== undefined) {
    const isSimulated = record.environment === SIMULATED;
    if (record.mode !== bot.mode || isSimulated !== (bot.mode === "paper")) {
      deny(`The bot ${bot.id} is ${bot.mode}, and the account is ${record.mode} in ${record.environment}.`);
    }
  }
  for (const book of [record, ledger, botLedger, risk, botRisk]) {
    if (book !== undefined && book.account !== account)
      deny(`A book of ${book.account} was read for ${account}.`);
  }
  for (const book of [botLedger, botRisk]) {
    if (book !== undefined && book.bot !== bot.id) deny(`A book of ${book.bot} was read for ${bot.id}.`);
  }
}

/** What nobody has looked at for minutes says neither what the account is worth nor whether its books agree. */
function checkRecord({ now }: RiskQuestion, { record }: RiskFacts, findings: Findings): void {
  if (record?.isReconciled !== true) {
    findings.deny(
      "NOT_RECONCILED",
      record?.break?.text ?? "The account was not compared with its broker yet.",
    );
    return;
  }
  const ageMs = now.epochMilliseconds - record.at.epochMilliseconds;
  if (ageMs <= RECORD_GOOD_FOR_MS) return;
  findings.deny(
    "NOT_RECONCILED",
    `The account was last compared with its broker ${Math.floor(ageMs / 60_000)} minutes ago.`,
  );
}

function checkLists({ ticket, bot }: RiskQuestion, { config, rules }: RiskFacts, findings: Findings): void {
  const { instrument, side } = ticket;
  if (!bot.instruments.includes(instrument)) {
    findings.deny(
      "INSTRUMENT_NOT_LISTED",
      `The bot ${bot.id} may trade ${bot.instruments.join(", ")}, not ${instrument}.`,
    );
  }
  const restrict = (text: string) => findings.deny("INSTRUMENT_RESTRICTED", text);
  if (config?.limits.restricted?.includes(instrument) === true) {
    restrict(`${instrument} is on the account's list of restricted instruments.`);
  }
  if (rules === undefined) return;
  if (rules.instrument !== instrument)
    restrict(`The rules are those of ${rules.instrument}, not of ${instrument}.`);
  if (!rules.isTradable) restrict(`The broker takes no orders in ${instrument} now.`);
  if (side === "sell" && !rules.canSell) restrict(`The broker lets nobody sell ${instrument} short.`);
}

function checkToken({ now }: RiskQuestion, { token }: RiskFacts, findings: Findings): void {
  if (token === "not-needed") return;
  if (token?.isAcknowledged !== true) {
    findings.deny("TOKEN_NOT_READY", "The worker has not confirmed a token that is in force.");
    return;
  }
  const leftMs = token.expiresAt.epochMilliseconds - now.epochMilliseconds;
  if (leftMs >= TOKEN_LIVES_FOR_MS) return;
  const minutes = Math.max(0, Math.floor(leftMs / 60_000));
  findings.deny(
    "TOKEN_NOT_READY",
    `The token ends in ${minutes} minutes; an order that opens needs ${TOKEN_LIVES_FOR_MS / 60_000}.`,
  );
}

function checkClock({ bot }: RiskQuestion, { clockDriftMs }: RiskFacts, findings: Findings): void {
  const drift = Math.abs(clockDriftMs ?? Number.NaN);
  if (drift <= CLOCK_DRIFT_MS || (clockDriftMs === undefined && bot.mode === "paper")) return;
  findings.deny(
    "CLOCK_DRIFT",
    Number.isNaN(drift)
      ? `The worker has not compared its clock with the broker's yet; it does so by the broker's prices and answers, so look whether ${bot.connection} is connected.`
      : `The worker's clock is ${drift} ms ${(clockDriftMs ?? 0) < 0 ? "behind" : "ahead of"} the broker's; ${CLOCK_DRIFT_MS} are allowed. Let the machine set its clock by the network's time.`,
  );
}

function checkBuilds({ builds }: RiskFacts, findings: Findings): void {
  if (builds.worker === builds.here) return;
  findings.deny(
    "BUILD_MISMATCH",
    builds.worker === undefined
      ? "No worker is known to run."
      : `The worker runs ${builds.worker}, and this is ${builds.here}.`,
  );
}
