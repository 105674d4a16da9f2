/**
 * One program out of the worker's files and packages. Loading TypeScript file by file, and packages with all that
 * they bring, would cost the worker three times the memory of its own work.
 */
import { build, type Plugin } from "esbuild";

/**
 * The messages of Google's services as classes: the clients hand them to their callers, and speak by descriptions of
 * the same messages in JSON. Nothing here calls them, and they would be some 10 MB of memory.
 */
const MESSAGE_CLASSES =
  /[\\/](?:@google-cloud[\\/][^\\/]+|google-gax)[\\/]build[\\/]protos[\\/](?:protos|iam_service|locations|operations)\.js$/;

/** Stands for them: names lead on to names, and a call says what is missing. */
const LEFT_OUT = `
const leftOut = (name) => {
  const refuse = () => { throw new Error(name + " is left out of the bundle"); };
  return new Proxy(function () {}, {
    get: (_, key) => key === "__esModule" ? true : typeof key === "symbol" ? undefined : leftOut(name + "." + key),
    apply: refuse,
    construct: refuse,
  });
};
module.exports = leftOut("protos");
`;

/** What packages of the older kind expect to find. */
const OLDER_KIND = `
import { createRequire as createRequireOf } from "node:module";
const require = createRequireOf(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;
`;

const leaveOutMessageClasses: Plugin = {
  name: "leave-out-message-classes",
  setup({ onLoad }) {
    onLoad({ filter: MESSAGE_CLASSES }, () => ({ contents: LEFT_OUT, loader: "js" }));
  },
};

/**
 * Bundles the program that begins at `entry` into `folder`, as `<name of the entry>.mjs` and parts; what the program
 * loads late stays apart. Answers with everything that the parts import from outside. Rejects with esbuild's own error.
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
    plugins: [leaveOutMessageClasses],
    metafile: true,
    logLevel: "error",
  });
  const imported = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return [...new Set(imported.filter((one) => one.external === true).map((one) => one.path))];
}
