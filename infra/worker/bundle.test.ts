import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { bundle } from "./bundle.ts";

const PROGRAM = `
import fs, { readFileSync } from "node:fs";
import { Agent } from "node:http";
import * as path from "path";
import { inspect } from "node:util";
import os from "node:os";
const late = await import("node:https");
const loaded = (name) => process.moduleLoadList.some((one) => one.includes(name));
console.log(JSON.stringify({
  names: [fs.existsSync, readFileSync, Agent, path.join, late.request, late.default.request, inspect, os.uptime].map((one) => typeof one),
  isHttpLoaded: loaded("NativeModule _http_client"),
  isFetchLoaded: loaded("undici"),
  areThreadsLoaded: loaded("worker_threads"),
}));
`;

test("a bundle has Node's modules by every kind of import, and loads nothing that it does not use of them", async () => {
  const folder = makeTemporaryFolder();
  const entry = join(folder.path, "program.ts");
  writeFileSync(entry, PROGRAM);
  await bundle(entry, join(folder.path, "out"));

  const said = execFileSync(process.execPath, [join(folder.path, "out", "program.mjs")], {
    encoding: "utf8",
  });
  folder.remove();

  expect(JSON.parse(said)).toEqual({
    names: Array.from({ length: 8 }, () => "function"),
    isHttpLoaded: true,
    isFetchLoaded: false,
    // They come with names of `node:util` that nobody has asked for.
    areThreadsLoaded: false,
  });
});

describe("the worker's bundle", () => {
  const folder = makeTemporaryFolder();
  const textsOf = () => readdirSync(folder.path).map((name) => readFileSync(join(folder.path, name), "utf8"));
  beforeAll(() => bundle(join(import.meta.dirname, "../../functions/worker/main.ts"), folder.path));
  afterAll(() => folder.remove());

  test("has of its packages what the worker uses: zod in one language, and no WebAssembly", () => {
    const speaks = (words: RegExp) => words.test(textsOf().join(""));

    expect({
      english: speaks(/Invalid input: expected/),
      german: speaks(/Eingabe: erwartet/),
      jsonSchemaRead: speaks(/External \$ref is not supported/),
      // Long numbers would start it for a multiplication.
      webAssembly: speaks(/new WebAssembly/),
    }).toEqual({ english: true, german: false, jsonSchemaRead: false, webAssembly: false });
  });

  test("names nothing with which Node's fetch would be loaded, neither of ours nor of a package", async () => {
    const found = await Promise.all(textsOf().map(namesOfFetch));

    expect(found.flat()).toEqual([]);
  });
});

/** Globals of Node that come with its fetch: 13 MiB, from the first that is read or called. */
const WITH_FETCH = [
  ...["fetch", "FormData", "Headers", "Request", "Response"],
  ...["WebSocket", "MessageEvent", "CloseEvent", "EventSource"],
];
const HOLDERS = ["", "globalThis.", "global.", "window.", "self."];

/** Where a program names one of them and means Node's; the bundler tells that from names of the program's own. */
async function namesOfFetch(program: string): Promise<readonly string[]> {
  const define = Object.fromEntries(
    WITH_FETCH.flatMap((name) => HOLDERS.map((holder) => [holder + name, `NODES_${name}`])),
  );
  const { code } = await transform(program, { define, target: "node24" });
  return code.match(/.{0,60}\bNODES_\w+.{0,30}/g) ?? [];
}

test.each([
  "const answer = await fetch(url);",
  "export const over = { fetch };",
  "globalThis.fetch(url);",
  "const headers = new Headers();",
])("a program that says %s names it", async (program) => {
  expect(await namesOfFetch(program)).toHaveLength(1);
});

test("a program that has a fetch of its own does not name it", async () => {
  expect(await namesOfFetch("class A { fetch() { return this.fetch({ fetch: 1 }); } }")).toEqual([]);
});
