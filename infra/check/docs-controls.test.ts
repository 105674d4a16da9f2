import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONTROLS } from "../../shared/trading/risk/controls.ts";
import { CONTROLS_PAGE, controlsPage } from "./docs-controls.ts";

test("docs/controls.md says what the table of controls says (else: npm run docs:controls)", () => {
  expect(readFileSync(CONTROLS_PAGE, "utf8")).toBe(controlsPage(CONTROLS));
});

test("each control has its row, in the order of the alphabet, and a bar does not break it", () => {
  const none = { stopsReductions: false, latches: "none", warns: false } as const;
  const page = controlsPage({
    B_LAST: { ...none, name: "Last", summary: "Gone.", next: "Say a|b.", stopsReductions: true },
    A_FIRST: { ...none, name: "First", summary: "Busy.", next: "Wait.", latches: "halted", warns: true },
  });

  expect(page.split("\n").slice(-4)).toEqual([
    "|---|---|---|---|---|---|---|",
    "| `A_FIRST` | First | Busy. | Wait. |  | halted | yes |",
    "| `B_LAST` | Last | Gone. | Say a\\|b. | yes |  |  |",
    "",
  ]);
});
