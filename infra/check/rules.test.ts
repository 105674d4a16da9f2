import { expect, test } from "vitest";
import { findBreaches } from "./rules.ts";

const source = (path: string, ...lines: string[]) => [{ path, text: `${lines.join("\n")}\n` }];

test.each([
  ["tokens may not import alerts", "shared/tokens/a.ts", 'import { x } from "../alerts/b.ts";'],
  ["a type counts as an import", "shared/tokens/a.ts", 'import type { X } from "../alerts/b.ts";'],
  ["an import over several lines counts", "shared/tokens/a.ts", 'import {\n  x,\n} from "../alerts/b.ts";'],
  ["a lazy import counts", "shared/tokens/a.ts", 'const x = await import("../alerts/b.ts");'],
  ["shared may not import functions", "shared/console/a.ts", 'import { x } from "../../functions/serve.ts";'],
  [
    "a function may not name an adapter",
    "functions/a.ts",
    'import { x } from "../shared/platform/gcp/b.ts";',
  ],
  ["the core may not read the clock", "shared/tokens/a.ts", "const now = Date.now();"],
  ["the core may not draw lots", "shared/alerts/a.ts", "const x = Math.random();"],
  ["only the edge reads the environment", "infra/local/a.ts", "const x = process.env.HOME;"],
  [
    "the page takes only the interface from shared",
    "web/src/a.ts",
    'import { x } from "../../shared/errors.ts";',
  ],
  ["an unknown place is refused", "misc/a.ts", "export const a = 1;"],
])("%s", (_claim, path, line) => {
  expect(findBreaches(source(path, line))).toHaveLength(1);
});

test.each([
  ["tokens may import the calendar", "shared/tokens/a.ts", 'import { x } from "../calendar/b.ts";'],
  [
    "the composition root may name adapters",
    "shared/app-brokers.ts",
    'import("./brokers/etrade/client.ts");',
  ],
  ["a comment is no call", "shared/tokens/a.ts", "// never Date.now() here"],
  ["a test may import anything", "shared/tokens/a.test.ts", 'import { x } from "../../infra/b.ts";'],
])("%s", (_claim, path, line) => {
  expect(findBreaches(source(path, line))).toEqual([]);
});

test("a file of more than 300 lines is refused", () => {
  const lines = Array.from({ length: 301 }, (_, index) => `export const a${index} = ${index};`);

  expect(findBreaches(source("shared/tokens/a.ts", ...lines))).toEqual([
    "shared/tokens/a.ts has 301 lines; at most 300",
  ]);
});
