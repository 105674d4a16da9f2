import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ERRORS } from "../../shared/errors.ts";
import { ERRORS_PAGE, errorsPage } from "./docs-errors.ts";

test("docs/errors.md says what the error table says (else: npm run docs:errors)", () => {
  expect(readFileSync(ERRORS_PAGE, "utf8")).toBe(errorsPage(ERRORS));
});

test("each code has its row, in the order of the alphabet, and a bar does not break it", () => {
  const page = errorsPage({
    B_LAST: { status: 404, retry: "never", summary: "Gone.", next: "Say a|b." },
    A_FIRST: { status: 503, retry: "later", summary: "Busy.", next: "Wait." },
  });

  expect(page.split("\n").slice(-4)).toEqual([
    "|---|---|---|---|---|",
    "| `A_FIRST` | 503 | `later` | Busy. | Wait. |",
    "| `B_LAST` | 404 | `never` | Gone. | Say a\\|b. |",
    "",
  ]);
});
