/** How the worker's bundle comes by Node's own modules, so that it loads no more of Node than it uses. */
import { builtinModules, createRequire } from "node:module";
import type { Plugin } from "esbuild";

const require = createRequire(import.meta.url);

/**
 * Packages bring these along for what a worker at rest does not do: each is loaded when something of it is first used.
 * Of `util` some names are made when they are looked at, as compilers' helpers do with all: threads, 2.5 MiB.
 */
const LATE: ReadonlySet<string> = new Set(["child_process", "fs/promises", "util", "worker_threads", "zlib"]);

/**
 * Asks Node for its own modules instead of importing them. An import reads each name that a module offers, also those
 * that Node would load when they are first used: with `node:http` come `fetch`, WebSocket and HTTP/2, 13 MiB. What is
 * imported late stays an import, since its names would be lost.
 */
export const askNode: Plugin = {
  name: "ask-node",
  setup({ onResolve, onLoad }) {
    const filter = new RegExp(`^(?:node:)?(?:${builtinModules.join("|").replaceAll("node:", "")})$`);
    onResolve({ filter }, ({ path, kind }) => {
      const name = path.replace(/^node:/, "");
      const isAsked = kind === "import-statement" || (kind === "require-call" && LATE.has(name));
      return isAsked ? { path: name, namespace: "node" } : undefined;
    });
    onLoad({ filter: /./, namespace: "node" }, ({ path }) => ({
      contents: LATE.has(path) ? lateModule(path) : askedModule(path),
      loader: "js",
    }));
  },
};

function asked(name: string): string {
  return `process.getBuiltinModule(${JSON.stringify(`node:${name}`)})`;
}

/**
 * The module, with its names behind it: the bundler looks at each name that is a module's own, and some of Node's are
 * made, and bring more of Node, when they are looked at.
 */
function askedModule(name: string): string {
  return `const asked = ${asked(name)};
const isPlain = Object.getPrototypeOf(asked) === Object.prototype;
module.exports = isPlain ? Object.create(asked) : asked;`;
}

/** The module's names, each of which asks for the module when it is read. */
function lateModule(name: string): string {
  const names = Object.keys(require(`node:${name}`) as object);
  const getters = names.map(
    (one) => `get ${JSON.stringify(one)}() { return ${asked(name)}[${JSON.stringify(one)}]; },`,
  );
  // Marked as a module, whose names are then read where they are used; otherwise all were read at once.
  return `module.exports = { __esModule: true, get default() { return ${asked(name)}; },\n${getters.join("\n")}\n};`;
}
