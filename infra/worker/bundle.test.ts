import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { bundle } from "./bundle.ts";

const PROGRAM = `
import fs, { readFileSync } from "node:fs";
import { Agent } from "node:http";
import * as path from "path";
const late = await import("node:https");
const loaded = (name) => process.moduleLoadList.some((one) => one.includes(name));
console.log(JSON.stringify({
  names: [fs.existsSync, readFileSync, Agent, path.join, late.request, late.default.request].map((one) => typeof one),
  isHttpLoaded: loaded("NativeModule _http_client"),
  isFetchLoaded: loaded("undici"),
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
    names: Array.from({ length: 6 }, () => "function"),
    isHttpLoaded: true,
    isFetchLoaded: false,
  });
});

test("of its packages there is what the worker uses: zod in one language, and no WebAssembly", async () => {
  const folder = makeTemporaryFolder();
  await bundle(join(import.meta.dirname, "../../functions/worker/main.ts"), folder.path);
  const text = readdirSync(folder.path)
    .map((name) => readFileSync(join(folder.path, name), "utf8"))
    .join("");
  folder.remove();

  const speaks = (words: RegExp) => words.test(text);
  expect({
    english: speaks(/Invalid input: expected/),
    german: speaks(/Eingabe: erwartet/),
    jsonSchemaRead: speaks(/External \$ref is not supported/),
    // Long numbers would start it for a multiplication.
    webAssembly: speaks(/new WebAssembly/),
  }).toEqual({ english: true, german: false, jsonSchemaRead: false, webAssembly: false });
});
