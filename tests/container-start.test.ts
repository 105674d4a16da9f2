/** What the containers do with a set-up that cannot work, and how their images are made. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundle } from "../infra/worker/bundle.ts";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { startContainerProcess } from "./support/container-process.ts";
import {
  commandOf,
  environmentOf,
  FUNCTIONS_DOCKERFILE,
  finalStageOf,
  WORKER_DOCKERFILE,
} from "./support/dockerfile.ts";
import { ROOT } from "./support/stack.ts";

const FUNCTIONS_SCRIPT = "functions/main.ts";
const WORKER_SCRIPT = "functions/worker/main.ts";

const CANARY = "CANARY-5E3CR3T";
const BAD = {
  OPENBELL_PROJECT: "",
  OPENBELL_PUBLIC_URL: `${CANARY}/`,
  OPENBELL_CHAT_ID: CANARY,
  OPENBELL_PROFILE: "cloud",
  OPENBELL_BROKER_HOSTS: CANARY,
};
const FAULTS = [
  "OPENBELL_PROJECT is missing",
  "OPENBELL_PUBLIC_URL must be",
  "OPENBELL_CHAT_ID must be",
  "OPENBELL_BOT_USERNAME is missing",
  "OPENBELL_BROKER_HOSTS is not JSON",
  "OPENBELL_BROKER_HOSTS is set, which only the sandbox profile may",
];

test.each([
  ["worker", WORKER_DOCKERFILE, {}],
  ["console", FUNCTIONS_DOCKERFILE, { FUNCTION_TARGET: "console" }],
])("the %s refuses a bad environment in one line that names every fault and no value", async (...row) => {
  const [, dockerfile, target] = row;
  const container = startContainerProcess(dockerfile, { ...BAD, ...target });

  expect(await container.ended).toBe(1);

  expect(container.lines()).toHaveLength(1);
  const [line] = container.lines();
  expect(line).toMatchObject({ severity: "ERROR", event: "start-refused" });
  for (const fault of FAULTS) expect(line?.fields.reason).toContain(fault);
  expect(container.output()).not.toContain(CANARY);
  expect(container.output()).not.toMatch(/\bat .*:\d+:\d+/);
});

test("a function that does not exist is refused with the names of those that do", async () => {
  const container = startContainerProcess(FUNCTIONS_DOCKERFILE, { FUNCTION_TARGET: CANARY });

  expect(await container.ended).toBe(1);

  expect(container.lines().map((line) => line.fields.reason)).toEqual([
    "FUNCTION_TARGET must be one of morning-alert, keep-alive, console, telegram, strategy-tick, bot-tick.",
  ]);
  expect(container.output()).not.toContain(CANARY);
});

test.each([FUNCTIONS_DOCKERFILE, WORKER_DOCKERFILE])(
  "%s starts one script without a shell, not as root, for production only",
  (path) => {
    const image = finalStageOf(path);

    expect(environmentOf(path)).toMatchObject({ NODE_ENV: "production" });
    expect(image).toMatch(/^FROM node:24-slim$/m);
    expect(image.match(/^USER .*$/gm)).toEqual(["USER node"]);
    expect(image).toMatch(/^USER node\n(?:#.*\n)*CMD .*\n$/m);
    expect(image).not.toMatch(/^ENTRYPOINT/m);
  },
);

test("the functions' image installs what production needs and starts the script that is in it", () => {
  const image = finalStageOf(FUNCTIONS_DOCKERFILE);

  expect(image.match(/^RUN .*$/gm)).toEqual([expect.stringMatching(/^RUN npm ci --omit=dev /)]);
  expect(commandOf(FUNCTIONS_DOCKERFILE)).toEqual({ flags: [], script: FUNCTIONS_SCRIPT });
  expect(existsSync(join(ROOT, FUNCTIONS_SCRIPT))).toBe(true);
});

test("the worker's image holds its bundle, as the process tests make it, and runs nothing to be made", () => {
  const dockerfile = readFileSync(join(ROOT, WORKER_DOCKERFILE), "utf8");
  const image = finalStageOf(WORKER_DOCKERFILE);

  expect(dockerfile.match(/^FROM .*$/gm)).toEqual(["FROM node:24-slim AS build", "FROM node:24-slim"]);
  expect(dockerfile).toMatch(/^COPY infra\/worker infra\/worker\nRUN node infra\/worker\/build\.ts$/m);
  expect(image).toMatch(/^COPY --from=build \/app\/functions\/worker\/dist \.\/$/m);
  expect(image).not.toMatch(/^RUN /m);
});

/** A package tries for it and does without. */
const TRIED = ["supports-color"];

test("the worker's bundle needs nothing but Node, and leaves what is loaded late in parts of its own", async () => {
  const folder = makeTemporaryFolder();
  const imported = await bundle(join(ROOT, WORKER_SCRIPT), folder.path);
  const parts = readdirSync(folder.path);
  const texts = parts.map((name) => readFileSync(join(folder.path, name), "utf8"));
  folder.remove();

  const isOfNode = (name: string) => builtinModules.includes(name.replace(/^node:/, ""));
  expect(imported.filter(isOfNode).length).toBeGreaterThan(10);
  expect(imported.filter((name) => !isOfNode(name)).sort()).toEqual(TRIED);
  expect(parts).toContain(commandOf(WORKER_DOCKERFILE).script);
  for (const late of ["firestore-library", "pubsub-library", "held-socket", "telegram-messenger"]) {
    expect(parts.filter((name) => name.startsWith(`${late}-`))).toHaveLength(1);
    expect(texts.filter((text) => new RegExp(`(?:from|import)\\s*"\\./${late}-`).test(text))).toEqual([]);
    expect(texts.filter((text) => text.includes(`import("./${late}-`)).length).toBeGreaterThan(0);
  }
});

/** What is imported when the program runs; types are not there any more by then. */
const IMPORT =
  /^(?:import|export)\b(?! type\b)[^;]*?\bfrom "([^"]+)";|^import "([^"]+)";|\bimport\("([^"]+)"\)/gm;
/** The parts of the project that the images copy. */
const COPIED = /^(?:shared|functions)\//;

/** All that a program imports from there on: its own files, and packages. */
function importsOf(script: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const open = [script];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    const text = readFileSync(join(ROOT, file), "utf8");
    for (const [, named, bare, lazy] of text.matchAll(IMPORT)) {
      const target = named ?? bare ?? lazy ?? "";
      if (target.startsWith(".")) open.push(join(file, "..", target));
      else if (!target.startsWith("node:")) packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target);
    }
  }
  return { files, packages };
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

test.each([FUNCTIONS_SCRIPT, WORKER_SCRIPT])(
  "all that %s imports is copied and installed where its image is made",
  (script) => {
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;

    const { files, packages } = importsOf(script);

    expect([...files].filter((file) => !COPIED.test(file))).toEqual([]);
    const isInstalled = (name: string) => {
      const entry = lock.packages[`node_modules/${name}`];
      return entry !== undefined && entry.dev !== true;
    };
    expect([...packages].filter((name) => !isInstalled(name))).toEqual([]);
    expect([...packages]).toEqual(
      expect.arrayContaining(["@google-cloud/pubsub", "zod", "temporal-polyfill"]),
    );
  },
);
