/** `npm run worker:build [-- FOLDER]`: the program that the worker's container runs, in `functions/worker/dist`. */
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";

const [given] = process.argv.slice(2);
const pathOf = (name: string) => fileURLToPath(new URL(`../../functions/worker/${name}`, import.meta.url));
const folder = given ?? pathOf("dist");

if (given === undefined) await rm(folder, { recursive: true, force: true });
await bundle(pathOf("main.ts"), folder);
