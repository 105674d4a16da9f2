import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { findDeadPointers } from "./docs-links.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

let folder: ReturnType<typeof makeTemporaryFolder>;

beforeEach(() => {
  folder = makeTemporaryFolder();
});
afterEach(() => folder.remove());

/** A project with one document of this text at `docs/a.md`, and a neighbour with the heading "Two Words". */
function deadPointersOf(text: string): readonly string[] {
  mkdirSync(join(folder.path, "docs"));
  writeFileSync(join(folder.path, "docs", "a.md"), text);
  writeFileSync(join(folder.path, "docs", "b.md"), "# Two Words\n");
  return findDeadPointers(folder.path, ["docs/a.md"]);
}

test("every link, anchor and path in the project's documents leads somewhere", () => {
  const inDocs = readdirSync(join(ROOT, "docs"), { recursive: true, encoding: "utf8" });
  const atTop = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const documents = [
    ...atTop,
    ...inDocs.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  ];

  expect(atTop).toEqual(expect.arrayContaining(["CHANGELOG.md", "CONTRIBUTING.md", "README.md"]));
  expect(findDeadPointers(ROOT, documents)).toEqual([]);
});

test.each([
  ["a file beside it", "[b](b.md)"],
  ["a heading of it", "[b](b.md#two-words)"],
  ["its own heading", "## Here\n[up](#here)"],
  ["a folder from the root", "`docs/`"],
  ["another site", "[x](https://example.com/nothing)"],
  ["a block of code", "```md\n[b](missing.md)\n```"],
])("a pointer to %s is alive", (_what, text) => {
  expect(deadPointersOf(text)).toEqual([]);
});

test.each([
  ["a missing file", "[c](c.md)", "c.md"],
  ["a missing heading", "[b](b.md#three-words)", "b.md#three-words"],
  ["a missing picture", '<img src="c.svg" alt="">', "c.svg"],
  ["a missing path", "`shared/nothing.ts`", "shared/nothing.ts"],
  ["a place outside the project", "[up](../../etc)", "../../etc"],
])("a pointer to %s is dead", (_what, text, target) => {
  expect(deadPointersOf(text)).toEqual([`docs/a.md: ${target}`]);
});
