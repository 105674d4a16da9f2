/** What the containers do with a set-up that cannot work, and how their images are made. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  commandOf,
  FUNCTIONS_DOCKERFILE,
  startContainerProcess,
  WORKER_DOCKERFILE,
} from "./support/container-process.ts";
import { ROOT } from "./support/stack.ts";

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
    "FUNCTION_TARGET must be one of morning-alert, keep-alive, console, telegram.",
  ]);
  expect(container.output()).not.toContain(CANARY);
});

test.each([
  [FUNCTIONS_DOCKERFILE, "functions/main.ts"],
  [WORKER_DOCKERFILE, "functions/worker/main.ts"],
])("%s starts %s as the process tests do: without a shell, not as root, for production only", (...row) => {
  const [path, script] = row;
  const dockerfile = readFileSync(join(ROOT, path), "utf8");

  expect(commandOf(path)).toEqual(["node", script]);
  expect(existsSync(join(ROOT, script))).toBe(true);
  expect(dockerfile.match(/^FROM .*$/gm)).toEqual(["FROM node:24-slim"]);
  expect(dockerfile).toMatch(/^ENV NODE_ENV=production$/m);
  expect(dockerfile.match(/^RUN .*$/gm)).toEqual([expect.stringMatching(/^RUN npm ci --omit=dev /)]);
  expect(dockerfile).toMatch(/^USER node\nCMD /m);
  expect(dockerfile).not.toMatch(/^ENTRYPOINT/m);
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

test.each([FUNCTIONS_DOCKERFILE, WORKER_DOCKERFILE])(
  "%s copies and installs all that its program imports",
  (path) => {
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;

    const { files, packages } = importsOf(commandOf(path)[1]);

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
