import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTemporaryFolder } from "../platform/local/temporary-folder.ts";
import { configSchema } from "./config.ts";
import { ConfigurationInvalid } from "./configuration-invalid.ts";
import { loadConfig } from "./load-config.ts";

let folder: { readonly path: string; remove(): void };
let file: string;
beforeEach(() => {
  folder = makeTemporaryFolder();
  file = join(folder.path, "openbell.yaml");
});
afterEach(() => folder.remove());

function load(text: string) {
  writeFileSync(file, text);
  return loadConfig(file);
}

/** The lines of the complaint, each without the file's path. */
async function complaintsAbout(text: string): Promise<readonly string[]> {
  const error: unknown = await load(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigurationInvalid)) throw new Error("It was taken.");
  return error.message.split("\n").map((line) => line.replace(file, "F"));
}

test("where there is no file the defaults hold", async () => {
  expect(await loadConfig(join(folder.path, "none", "openbell.yaml"))).toEqual(configSchema.parse({}));
});

test.each(["", "\n", "# only words\n", "{}", "---\n", "owner: {}\n"])(
  "%j says nothing, so the defaults hold",
  async (text) => {
    expect(await load(text)).toEqual(configSchema.parse({}));
  },
);

test("what is given is taken, the rest is the default", async () => {
  const config = await load("owner:\n  timeZone: Europe/Paris\nalerts: { minutesBeforeOpen: [30] }\n");

  expect(config.owner.timeZone).toBe("Europe/Paris");
  expect(config.alerts.minutesBeforeOpen).toEqual([30]);
  expect(config.tokens).toEqual(configSchema.parse({}).tokens);
});

test("every fault is told with its line, its key and its reason", async () => {
  const complaints = await complaintsAbout(`# mine
owner:
  timeZone: Mars/Olympus
connections:
  - id: etrade-production
    broker: etrade
    environment: production
    label: ""
    need: often
  - { id: B, broker: etrade, environment: sandbox, label: b, needed: on-demand }
alerts: 5
tokens:

  wrongPins: many
surprise:
  inside: 1
`);

  expect(complaints).toHaveLength(8);
  expect(complaints).toEqual(
    expect.arrayContaining([
      "F:3: owner.timeZone: is not an IANA time zone such as America/New_York",
      "F:5: connections[0].needed: is missing: write every-morning or on-demand",
      "F:8: connections[0].label: cannot be used: write a text of 1 to 40 characters",
      "F:9: connections[0].need: is not known: did you mean needed?",
      "F:10: connections[1].id: cannot be used: write a name of small letters, digits and hyphens such as etrade-production",
      "F:11: alerts: cannot be used: write the key minutesBeforeOpen",
      "F:14: tokens.wrongPins: cannot be used: write a whole number from 1 to 10",
      expect.stringMatching(
        /^F:15: surprise: is not known: write accounts, bots, .*or \w+, or leave it out$/,
      ),
    ]),
  );
});

test("an id that comes twice is told at the second one's line", async () => {
  const connection = (id: string) =>
    `  - { id: ${id}, broker: etrade, environment: sandbox, label: A, needed: on-demand }\n`;

  expect(
    await complaintsAbout(
      `connections:\n${connection("one")}${connection("two")}${connection("one")}bots: []\n`,
    ),
  ).toEqual(["F:4: connections[2].id: stands for another connection too: write an id of its own"]);
});

test("an entry of a list is found by its own line", async () => {
  expect(await complaintsAbout("alerts:\n  minutesBeforeOpen:\n    - 60\n    - 65\n")).toEqual([
    "F:4: alerts.minutesBeforeOpen[1]: cannot be used: write a whole number from 10 to 150 that is a multiple of 10",
  ]);
});

test.each(["- 1", "5", "words", "!!unknown x"])("%j is no configuration as a whole", async (text) => {
  expect(await complaintsAbout(text)).toEqual([
    expect.stringMatching(/^F:1: \(file\): cannot be used: write the keys owner, connections, alerts, /),
  ]);
});

test.each([
  ["\n\na: b: c", 3],
  ["owner: {}\nowner: {}", 2],
  ["owner: {\n", 2],
  ["owner:\n\ttimeZone: UTC", 2],
  ["owner: {}\n---\nowner: {}", 2],
])("%j is no YAML, and line %i is named", async (text, line) => {
  const [complaint, ...rest] = await complaintsAbout(text);

  expect(complaint).toMatch(new RegExp(`^F:${line}: is not valid YAML: `));
  expect(rest).toEqual([]);
});

test("an alias that leads nowhere is told", async () => {
  expect(await complaintsAbout("owner: *me")).toEqual([expect.stringMatching(/^F is not valid YAML: .*me/)]);
});

test("aliases that multiply without end are refused", async () => {
  const levels = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`);

  const complaints = await complaintsAbout(["a0: &a0 [x]", ...levels].join("\n"));

  expect(complaints).toEqual([expect.stringMatching(/^F is not valid YAML: .*alias/)]);
});

test("a value is not repeated, so that one that was meant for elsewhere is not shown", async () => {
  const complaints = await complaintsAbout("tokens:\n  wrongPins: CANARY\nowner:\n  timeZone: CANARY\n");

  expect(complaints).toHaveLength(2);
  expect(complaints.join()).not.toContain("CANARY");
});

test("a file that cannot be read is told with its reason", async () => {
  mkdirSync(file);

  await expect(loadConfig(file)).rejects.toThrow(
    new ConfigurationInvalid(`${file} cannot be read (EISDIR).`),
  );
});

test("JSON as programs write it is read as YAML is, and its faults are told with their lines", async () => {
  const given = { owner: { timeZone: "Europe/Paris" }, alerts: { minutesBeforeOpen: [30] } };

  expect(await load(JSON.stringify(given))).toEqual(configSchema.parse(given));
  expect(await complaintsAbout(JSON.stringify({ owner: { timeZone: "Nowhere" } }))).toEqual([
    "F:1: owner.timeZone: is not an IANA time zone such as America/New_York",
  ]);
  expect(await complaintsAbout('{"owner":{},"owner":{}}')).toHaveLength(1);
});
