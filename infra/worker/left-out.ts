/** What the packages bring and the worker never runs: left out of its bundle, so that it costs no memory. */
import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { edited } from "./edited.ts";
import { withWebNames } from "./web-names.ts";

const inPackage = (name: string, files: string) => new RegExp(`[\\\\/]${name}[\\\\/](?:${files})\\.js$`);

/** Files in whose place stands {@link LEFT_OUT}: to use anything of them throws, to name it does not. */
const NEVER_CALLED: readonly RegExp[] = [
  // The messages of the services as classes, which clients only hand to their callers.
  /[\\/](?:@google-cloud[\\/][^\\/]+|google-gax)[\\/]build[\\/]protos[\\/](?:protos|iam_service|locations|operations)\.js$/,
  // Administration, other versions, listeners, bulk writers, pipelines: the store reads, asks and writes.
  inPackage(
    "@google-cloud[\\\\/]firestore-api[\\\\/]build[\\\\/]src",
    "v1[\\\\/]firestore_admin_client|v1beta1[\\\\/]index",
  ),
  inPackage(
    "@google-cloud[\\\\/]firestore[\\\\/]build[\\\\/]src",
    "pipelines[\\\\/]index|pipelines[\\\\/]pipelines",
  ),
  inPackage(
    "@google-cloud[\\\\/]firestore[\\\\/]build[\\\\/]src",
    "bulk-writer|bundle|recursive-delete|watch|quadruple",
  ),
  inPackage("@google-cloud[\\\\/]pubsub-api[\\\\/]build[\\\\/]src", "v1[\\\\/]schema_service_client"),
  // What speaks HTTP in the place of gRPC, and uploads.
  inPackage(
    "google-gax[\\\\/]build[\\\\/]src",
    "fallbackRest|fallbackServiceStub|resumableUpload|transcoding",
  ),
  // The worker is no server of gRPC.
  inPackage(
    "@grpc[\\\\/]grpc-js[\\\\/]build[\\\\/]src",
    "server|server-interceptors|server-credentials|certificate-provider|orca",
  ),
  // Credentials of other clouds. Those of Google's metadata server, of a key file and of a person stay.
  inPackage(
    "google-auth-library[\\\\/]build[\\\\/]src[\\\\/]auth",
    "awsclient|identitypoolclient|pluggable-auth-client|externalAccountAuthorizedUserClient|gdchclient|downscopedclient",
  ),
  // `.proto` files are not read: the descriptions come as JSON.
  inPackage(
    "protobufjs",
    "ext[\\\\/]descriptor|ext[\\\\/]descriptor[\\\\/]index|src[\\\\/]parse|src[\\\\/]tokenize",
  ),
  // Starts pino's writers in threads of their own; the log is written at once.
  /[\\/]thread-stream[\\/]index\.js$/,
  // Node has streams of the web itself.
  /[\\/]web-streams-polyfill[\\/]dist[\\/]ponyfill\.es2018\.js$/,
];

/** Stands for what is left out: names lead on to names, and a call says what is missing. */
const LEFT_OUT = `
const leftOut = (name) => {
  const refuse = () => { throw new Error(name + " is left out of the bundle"); };
  return new Proxy(function () {}, {
    get: (_, key) => key === "__esModule" ? true : typeof key === "symbol" ? undefined : leftOut(name + "." + key),
    apply: refuse,
    construct: refuse,
  });
};
module.exports = leftOut("this package");
`;

/** Files that are called when their package is loaded, or at each client, and of which then nothing is used. */
const STAND_INS: readonly (readonly [RegExp, string])[] = [
  // Ways to choose between addresses that no answer of Google's asks for.
  [
    inPackage(
      "@grpc[\\\\/]grpc-js[\\\\/]build[\\\\/]src",
      "load-balancer-outlier-detection|load-balancer-weighted-round-robin",
    ),
    "exports.setup = () => {};",
  ],
  // Rights and places are the deployment's matter; each client makes one of these, with descriptions of its own.
  [
    inPackage("google-gax[\\\\/]build[\\\\/]src", "iamService|locationService"),
    "class Unused { async close() {} }\nexports.IamClient = exports.LocationsClient = Unused;",
  ],
  // Of tracing nothing is used but this class, and it only where tracing is on.
  [
    inPackage("@opentelemetry[\\\\/]core[\\\\/]build[\\\\/](?:src|esm)", "index"),
    "exports.W3CTraceContextPropagator = class {};",
  ],
];

/** What a package does when it is loaded, and can do without. */
const EDITS: readonly (readonly [files: RegExp, ...edits: (readonly [from: string, to: string])[]])[] = [
  // It asks a module of threads, with all that this brings, whether this is the first thread.
  [
    inPackage("pino[\\\\/]lib", "tools"),
    ["const { isMainThread } = require('worker_threads')", "const isMainThread = true"],
  ],
  // It multiplies and divides by WebAssembly where there is any, 4 MiB of Node for a few numbers; else by itself.
  [
    inPackage("long", "umd[\\\\/]index|index"),
    ["wasm = new WebAssembly.Instance(", "if (false) wasm = new WebAssembly.Instance("],
  ],
  // It speaks HTTP by a package of its own, and by `fetch` where it runs on another engine than Node.
  [
    inPackage("gaxios[\\\\/]build[\\\\/](?:cjs|esm)[\\\\/]src", "gaxios"),
    ["if ('Bun' in globalThis && typeof globalThis.fetch === 'function')", "if (false)"],
    ["await globalThis.fetch(input, fetchInit)", "undefined"],
  ],
];

/** What gets Google's credentials, by HTTP. */
const SPEAK_HTTP = inPackage("(?:gaxios|gcp-metadata|google-auth-library)[\\\\/]build", ".*");

/** Leaves out of the bundle what is named here. */
export const leaveOut: Plugin = {
  name: "leave-out",
  setup({ onLoad }) {
    for (const filter of NEVER_CALLED) onLoad({ filter }, () => ({ contents: LEFT_OUT, loader: "js" }));
    for (const [filter, contents] of STAND_INS) onLoad({ filter }, () => ({ contents, loader: "js" }));
    for (const [filter, ...edits] of EDITS) {
      onLoad({ filter }, async ({ path }) => ({
        contents: withWebNames(edited(path, await readFile(path, "utf8"), edits)),
        loader: "js",
      }));
    }
    onLoad({ filter: SPEAK_HTTP }, async ({ path }) => ({
      contents: withWebNames(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
};
