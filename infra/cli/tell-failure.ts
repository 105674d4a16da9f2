import { ERRORS } from "../../shared/errors.ts";
import type { Failure } from "../../shared/platform/result.ts";
import type { Terminal } from "./terminal.ts";

/** Says what happened and what to do now, and gives the exit code of a failure. */
export function tellFailure(terminal: Terminal, failure: Failure): 1 {
  terminal.complain(failureText(failure));
  return 1;
}

/** The words of the error table, and in parentheses the code, by which the guides explain it, and the details. */
export function failureText({ code, detail }: Failure): string {
  const { summary, next } = ERRORS[code];
  const facts = Object.entries(detail).map(([name, value]) => `${name}: ${value}`);
  const details = facts.length === 0 ? "" : `; ${facts.join(", ")}`;
  return `${summary} (${code}${details})\n${next}`;
}
