import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BROKER_ERRORS } from "../../shared/brokers/ctrader/error-table.ts";
import { ERRORS } from "../../shared/errors.ts";
import { REASONS } from "../../shared/trading/ticks/reasons.ts";
import {
  CTRADER_ERRORS_PAGE,
  ctraderErrorsPage,
  ERRORS_PAGE,
  errorsPage,
  REASONS_PAGE,
  reasonsPage,
} from "./docs-errors.ts";

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

test("docs/ctrader-errors.md says what the table of cTrader's codes says (else: npm run docs:errors)", () => {
  expect(readFileSync(CTRADER_ERRORS_PAGE, "utf8")).toBe(ctraderErrorsPage(BROKER_ERRORS));
});

test("each of cTrader's codes has its row, in the order of the alphabet", () => {
  const page = ctraderErrorsPage({
    B_LAST: { action: "gone", failure: "BROKER_REFUSED", cause: "It is gone.", next: "Say a|b." },
    A_FIRST: { action: "rate", failure: "BROKER_RATE_LIMITED", cause: "Too many.", next: "Wait." },
  });

  expect(page.split("\n").slice(-4)).toEqual([
    "|---|---|---|---|---|",
    "| `A_FIRST` | `rate` | Too many. | Wait. | `BROKER_RATE_LIMITED` |",
    "| `B_LAST` | `gone` | It is gone. | Say a\\|b. | `BROKER_REFUSED` |",
    "",
  ]);
});

test("docs/reasons.md says what the table of reasons says (else: npm run docs:errors)", () => {
  expect(readFileSync(REASONS_PAGE, "utf8")).toBe(reasonsPage(REASONS));
});

test("each reason has its row, in the order of the table", () => {
  const page = reasonsPage({
    Z_FIRST: { summary: "So a|b.", next: "Wait." },
    A_SECOND: { summary: "Not so.", next: "Nothing." },
  });

  expect(page.split("\n").slice(-4)).toEqual([
    "|---|---|---|",
    "| `Z_FIRST` | So a\\|b. | Wait. |",
    "| `A_SECOND` | Not so. | Nothing. |",
    "",
  ]);
});
