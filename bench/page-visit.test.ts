import { expect, test } from "vitest";
import { roundTripsAfterHtml, type Span } from "./page-visit.ts";

const span = (startMs: number, endMs: number): Span => ({ startMs, endMs });

test.each([
  ["nothing but the HTML", [], 0],
  ["files asked for together", [span(10, 160), span(11, 300), span(12, 170)], 1],
  ["a file that another one names", [span(160, 320), span(10, 160)], 2],
  ["a long file beside two in a row", [span(10, 600), span(10, 160), span(161, 320)], 2],
])("%s: %j takes %i round trips after the HTML", (_name, beforePaint, trips) => {
  expect(roundTripsAfterHtml({ beforePaint })).toBe(trips);
});
