/**
 * `npm run worker:build [-- FOLDER]`: the program that the worker's container runs, in `functions/worker/dist`, with
 * the owner's configuration where there is one.
 */
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";
import { plainConfig } from "./plain-config.ts";

const [given] = process.argv.slice(2);
const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const folder = given ?? pathOf("functions/worker/dist");
const config = pathOf("openbell.yaml");

if (given === undefined) await rm(folder, { recursive: true, force: true });
await bundle(pathOf("functions/worker/main.ts"), folder);
if (given === undefined && existsSync(config)) {
  await writeFile(join(folder, "openbell.yaml"), plainConfig(await readFile(config, "utf8")));
}
