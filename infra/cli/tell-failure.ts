import { detailWords } from "../../shared/console/wait-words.ts";
import { ERRORS } from "../../shared/errors.ts";
import type { Failure } from "../../shared/platform/result.ts";
import type { Terminal } from "./terminal.ts";

/** Says what happened and what to do now, and gives the exit code of a failure. */
export function tellFailure(terminal: Terminal, failure: Failure): 1 {
  terminal.complain(failureText(failure));
  return 1;
}

/** The words of the error table, and in parentheses the code, by which the guides explain it, and the details. */
export function failureText(failure: Failure): string {
  const { code } = failure;
  const { summary, next } = ERRORS[code];
  const facts = detailWords(failure);
  const details = facts.length === 0 ? "" : `; ${facts.join(", ")}`;
  return `${summary} (${code}${details})\n${next}`;
}
