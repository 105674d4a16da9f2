/** Shortens the names that the files of packages give their own variables: their text stays in memory while they run. */
import { readFile } from "node:fs/promises";
import { type Plugin, transform } from "esbuild";

/** What no other plugin has dealt with; names of functions and classes stay, for the log tells of faults by them. */
export const shortenNames: Plugin = {
  name: "shorten-names",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { minifyIdentifiers: true });
      return { contents: code, loader: "js" };
    });
  },
};
