import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "../../shared/config/load-config.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { plainConfig } from "./plain-config.ts";

const folder = makeTemporaryFolder();
afterAll(() => folder.remove());

function load(text: string) {
  const path = join(folder.path, "openbell.yaml");
  writeFileSync(path, text);
  return loadConfig(path);
}

test("as JSON it is the same configuration", async () => {
  const text = "# mine\nowner:\n  timeZone: Europe/Paris\nalerts: { minutesBeforeOpen: [30] }\n";

  expect(plainConfig(text)).toBe('{"owner":{"timeZone":"Europe/Paris"},"alerts":{"minutesBeforeOpen":[30]}}');
  expect(await load(plainConfig(text))).toEqual(await load(text));
  expect(await load(plainConfig("# nothing yet\n"))).toEqual(await load(""));
});

test.each(["owner: [", "a: 1\na: 2\n", "a: *nowhere\n", "\nowner: 5\n"])(
  "%j stays as it is, to be told of at the start",
  (text) => {
    expect(plainConfig(text)).toBe(text);
  },
);
