/**
 * One program out of the worker's files and packages. Loading TypeScript file by file, and packages with all that
 * they bring, would cost the worker three times the memory of its own work.
 */
import { readFile } from "node:fs/promises";
import { build, type Plugin } from "esbuild";
import { cutDescriptions } from "./descriptions.ts";
import { leaveOut } from "./left-out.ts";
import { askNode } from "./node-modules.ts";
import { shortenNames } from "./short-names.ts";
import { readZonesWithoutIntl } from "./zones.ts";

/** What packages of the older kind expect to find. */
const OLDER_KIND = `
const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;
`;

/** All of zod in one object keeps all of it; a namespace keeps what is used. Of its fifty languages one is spoken. */
const takeOfZodWhatIsUsed: Plugin = {
  name: "take-of-zod-what-is-used",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from "./en.js";`,
      loader: "js",
    }));
    onLoad({ filter: /[\\/](?:shared|functions|infra|tests)[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      return {
        contents: text.replace('import { z } from "zod";', 'import * as z from "zod";'),
        loader: "ts",
      };
    });
  },
};

/**
 * Bundles the program that begins at `entry` into `folder`, as `<name of the entry>.mjs` and parts; what the program
 * loads late stays apart. Answers with everything else that the parts require from outside. Rejects with esbuild's own error.
 */
export async function bundle(entry: string, folder: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // Names stay: the log tells of faults by the names of errors and functions.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    banner: { js: OLDER_KIND },
    // What is there for pages falls away.
    define: { window: "undefined" },
    plugins: [leaveOut, cutDescriptions, readZonesWithoutIntl, askNode, takeOfZodWhatIsUsed, shortenNames],
    metafile: true,
    logLevel: "error",
  });
  const imported = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return [...new Set(imported.filter((one) => one.external === true).map((one) => one.path))];
}
