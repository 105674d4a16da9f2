import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hasEmulators } from "./emulators.ts";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "openbell-sdk-"));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** A machine with these tools in its search path; gcloud is linked there, as packages do. */
function aMachine(parts: readonly string[]): NodeJS.ProcessEnv {
  const [bin, sdk] = [path.join(root, "bin"), path.join(root, "sdk")];
  mkdirSync(bin);
  mkdirSync(path.join(sdk, "bin"), { recursive: true });
  for (const name of parts) {
    if (name.endsWith("-emulator")) {
      mkdirSync(path.join(sdk, "platform", name), { recursive: true });
      continue;
    }
    const program = path.join(name === "gcloud" ? path.join(sdk, "bin") : bin, name);
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o755);
    if (name === "gcloud") symlinkSync(program, path.join(bin, name));
  }
  return { PATH: `/nowhere${path.delimiter}${bin}` };
}

const ALL = ["gcloud", "java", "cloud-firestore-emulator", "pubsub-emulator"];

test("a machine with gcloud, both emulators and Java has the emulators", () => {
  expect(hasEmulators(aMachine(ALL))).toBe(true);
});

test.each(ALL)("a machine without %s has not", (missing) => {
  expect(hasEmulators(aMachine(ALL.filter((part) => part !== missing)))).toBe(false);
});

test("a machine without a search path has not", () => {
  expect(hasEmulators({})).toBe(false);
});
