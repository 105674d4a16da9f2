/** `npm run docs:errors`: writes `docs/errors.md`, `docs/ctrader-errors.md` and `docs/reasons.md` from their tables. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  BROKER_ERRORS,
  type BrokerAction,
  type BrokerError,
} from "../../shared/brokers/ctrader/error-table.ts";
import { ERRORS, type ErrorEntry } from "../../shared/errors.ts";
import { REASONS, type ReasonEntry } from "../../shared/trading/ticks/reasons.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The page that is made from the table. */
export const ERRORS_PAGE = join(ROOT, "docs", "errors.md");

/** The page of cTrader's own codes. */
export const CTRADER_ERRORS_PAGE = join(ROOT, "docs", "ctrader-errors.md");

/** The page of the codes with which ticks end. */
export const REASONS_PAGE = join(ROOT, "docs", "reasons.md");

const RETRY: Readonly<Record<ErrorEntry["retry"], string>> = {
  never: "Trying again changes nothing.",
  safe: "May be tried again at once: nothing has happened.",
  later: "May be tried again after a while.",
  "after-login": "May be tried again after a new login.",
  "ask-first": "It may have happened: look at the state before trying again.",
};

const HEAD = `# Error codes

Made from \`shared/errors.ts\` by \`npm run docs:errors\`; a test fails when the two differ.

Every failure that a person or a program can meet has one code. By HTTP it leaves with the status below and this body:

\`\`\`json
{ "error": { "code": "PIN_REFUSED", "message": "what happened", "next": "what to do now", "detail": { "attemptsLeft": 4 } } }
\`\`\`

\`detail\` holds facts that help, never a token, a cookie, an account number or a raw body. The terminal and the log use the
same codes.

| retry | meaning for a program |
|---|---|
`;

/** The page as it should be. Pure. */
export function errorsPage(errors: Readonly<Record<string, ErrorEntry>>): string {
  const retries = Object.entries(RETRY).map(([retry, meaning]) => `| \`${retry}\` | ${meaning} |`);
  const rows = Object.entries(errors)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([code, { status, retry, summary, next }]) =>
        `| \`${code}\` | ${status} | \`${retry}\` | ${cell(summary)} | ${cell(next)} |`,
    );
  const table = ["| code | status | retry | what happened | what to do |", "|---|---|---|---|---|", ...rows];
  return `${HEAD}${retries.join("\n")}\n\n${table.join("\n")}\n`;
}

const ACTIONS: Readonly<Record<BrokerAction, string>> = {
  "already-done": "Counts it as a success.",
  "session-lost": "Logs the account in again, takes up its prices again, and compares orders and positions.",
  token: "Takes the stored token; if that is the one refused, renews it once.",
  application: "Logs the application in again.",
  fatal: "Stops, and tells a person.",
  transient: "Tries again after a growing wait. What became of an order is asked, never guessed.",
  rate: "Holds this kind of request as long as the broker asks.",
  race: "Reads the state again before anything else.",
  gone: "Reads the state again, and does not repeat the request.",
  caller: "Gives it back as refused, and never repeats it.",
  business: "Gives it back as refused.",
  unknown: "An order counts as refused; a question is asked again later.",
};

const CTRADER_HEAD = `# cTrader's error codes

Made from \`shared/brokers/ctrader/error-table.ts\` by \`npm run docs:errors\`; a test fails when the two differ.

cTrader tells an error by a word, such as \`NOT_ENOUGH_MONEY\`, and often a text. Openbell shows both as they came: the
word is the \`brokerCode\` in the details of the failure, whose own code (last column) is explained in [errors.md](errors.md).
A word that is not below counts as \`unknown\`.

| action | what the program does |
|---|---|
`;

/** The page of cTrader's codes as it should be. Pure. */
export function ctraderErrorsPage(errors: Readonly<Record<string, BrokerError>>): string {
  const actions = Object.entries(ACTIONS).map(([action, meaning]) => `| \`${action}\` | ${meaning} |`);
  const rows = Object.entries(errors)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([code, { action, failure, cause, next }]) =>
        `| \`${code}\` | \`${action}\` | ${cell(cause)} | ${cell(next)} | \`${failure}\` |`,
    );
  const table = [
    "| broker's code | action | why | what to do | fails as |",
    "|---|---|---|---|---|",
    ...rows,
  ];
  return `${CTRADER_HEAD}${actions.join("\n")}\n\n${table.join("\n")}\n`;
}

const REASONS_HEAD = `# Why a bot did what it did

Made from \`shared/trading/ticks/reasons.ts\` by \`npm run docs:errors\`; a test fails when the two differ.

Every tick of a bot ends with one of these codes and a sentence of its own. \`openbell why\` counts them by day and shows
the last ones. A tick that looked at several instruments ends with the code that stands first below.

`;

/** The page of reasons as it should be, in the order of the table. Pure. */
export function reasonsPage(reasons: Readonly<Record<string, ReasonEntry>>): string {
  const rows = Object.entries(reasons).map(
    ([code, { summary, next }]) => `| \`${code}\` | ${cell(summary)} | ${cell(next)} |`,
  );
  const table = ["| code | what was so | what to do |", "|---|---|---|", ...rows];
  return `${REASONS_HEAD}${table.join("\n")}\n`;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) {
  writeFileSync(ERRORS_PAGE, errorsPage(ERRORS));
  writeFileSync(CTRADER_ERRORS_PAGE, ctraderErrorsPage(BROKER_ERRORS));
  writeFileSync(REASONS_PAGE, reasonsPage(REASONS));
}
