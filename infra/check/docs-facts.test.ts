import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configSchema } from "../../shared/config/config.ts";
import { TOPOLOGY } from "../topology.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string) => readFileSync(`${ROOT}${path}`, "utf8");
const scripts = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read("package.json")));

test("the openbell.yaml that the README shows is the defaults", () => {
  const [, shown = ""] = /```yaml\n([\s\S]*?)```/.exec(read("README.md")) ?? [];

  expect(configSchema.parse(parse(shown))).toEqual(configSchema.parse({}));
});

test("every npm script that a document names is there", () => {
  const text = ["README.md", "CONTRIBUTING.md", "docs/guides/troubleshooting.md"].map(read).join("\n");
  const named = [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map((match) => match[1] ?? "");

  expect(named.length).toBeGreaterThan(10);
  expect(Object.keys(scripts.scripts)).toEqual(expect.arrayContaining(named));
});

test("every editor task runs a script that is there", () => {
  const tasks = z.object({ tasks: z.array(z.object({ label: z.string(), script: z.string() })) });
  const { tasks: found } = tasks.parse(JSON.parse(read(".vscode/tasks.json")));

  expect(found.map(({ label }) => label).sort()).toEqual(["bench", "check", "demo", "start", "test"]);
  expect(Object.keys(scripts.scripts)).toEqual(expect.arrayContaining(found.map(({ script }) => script)));
});

test("the architecture lists every collection of the store", () => {
  const declared = globSync("{shared,functions}/**/*.ts", { cwd: ROOT })
    .filter((path) => !/test|contract/.test(path))
    .flatMap((path) => [...read(path).matchAll(/\bcollection\(\s*"([A-Za-z]+)"/g)].map((match) => match[1]));
  const [, table = ""] =
    /## What lies in the store\n([\s\S]*?)\n## /.exec(read("docs/architecture.md")) ?? [];

  expect(declared.length).toBeGreaterThan(15);
  expect(declared.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});

test("the architecture names every service and topic of the topology", () => {
  const text = read("docs/architecture.md");
  const names = [...TOPOLOGY.services.map(({ name }) => name), ...TOPOLOGY.topics];

  expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
