/** `npm run docs:errors`: writes `docs/errors.md` from the error table. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ERRORS, type ErrorEntry } from "../../shared/errors.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** The page that is made from the table. */
export const ERRORS_PAGE = join(ROOT, "docs", "errors.md");

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

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) writeFileSync(ERRORS_PAGE, errorsPage(ERRORS));
