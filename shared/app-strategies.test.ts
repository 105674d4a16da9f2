/** What is wrong with an owner's bots is refused with its line and with what to write instead. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BOTS_YAML, botsYaml, lineOf } from "../tests/support/bots-yaml.ts";
import { checkBots, loadConfigWithStrategies } from "./app-strategies.ts";
import { configSchema } from "./config/config.ts";
import { ConfigurationInvalid } from "./config/configuration-invalid.ts";
import { makeTemporaryFolder } from "./platform/local/temporary-folder.ts";

let folder: { readonly path: string; remove(): void };
beforeEach(() => {
  folder = makeTemporaryFolder();
});
afterEach(() => folder.remove());

function load(text: string) {
  const file = join(folder.path, "openbell.yaml");
  writeFileSync(file, text);
  return loadConfigWithStrategies(file);
}

/** The lines of the complaint, each without the file's path. */
async function complaintsAbout(text: string): Promise<readonly string[]> {
  const error: unknown = await load(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigurationInvalid)) throw new Error("It was taken.");
  return error.message.split("\n").map((line) => line.replace(join(folder.path, "openbell.yaml"), "F"));
}

test("the three bots of a file that names none have nothing wrong with them", async () => {
  const config = configSchema.parse({});

  expect(config.bots).toHaveLength(3);
  expect(await checkBots(config, folder.path)).toEqual([]);
});

test("a bot that is right is taken as it is written", async () => {
  const config = await load(BOTS_YAML);

  expect(config.bots).toMatchObject([{ id: "palm-oil", parameters: { rsiPeriod: 10 } }]);
});

interface Wrong {
  readonly piece: string;
  readonly instead: string;
  /** A part of what was written, on whose line the fault is told; default: the place itself. */
  readonly toldAt?: string;
  readonly says: string;
}

const WRONG: Readonly<Record<string, Wrong>> = {
  "an unknown key": {
    piece: "    everyMinutes: 5",
    instead: "    everyMinutes: 5\n    colour: 6",
    toldAt: "colour",
    says: "bots[0].colour: is not known: write afterMinutes or toleranceSeconds, or leave it out",
  },
  "a cadence that is never due in the session": {
    piece: "    everyMinutes: 5\n    session: always\n",
    instead: "    everyMinutes: 1440\n    session: exchange\n",
    toldAt: "everyMinutes",
    says: "bots[0].everyMinutes: is never due within the bot's session, counted from midnight in New York: write fewer, or `afterMinutes: 570` beside it",
  },
  "a limit that is missing": {
    piece: "      orderQuantity: 20\n",
    instead: "",
    toldAt: "    limits:\n      orderNotional",
    says: "bots[0].limits.orderQuantity: is missing: write a number above 0",
  },
  "a limit of the account that is missing": {
    piece: "      minimumBalance: 1000\n",
    instead: "",
    toldAt: "    limits:\n      grossExposurePercent",
    says: "accounts[0].limits.minimumBalance: is missing: write a number above 0",
  },
  "a limit with a letter wrong": {
    piece: "      quoteAge: 60",
    instead: "      quotAge: 60",
    says: "bots[0].limits.quotAge: is not known: did you mean quoteAge?",
  },
  "a negative size": {
    piece: "riskPercent: 0.5",
    instead: "quantity: -1",
    says: "bots[0].size.quantity: cannot be used: write a number above 0",
  },
  "a size of nothing": {
    piece: "riskPercent: 0.5",
    instead: "quantity: 0",
    says: "bots[0].size.quantity: cannot be used: write a number above 0",
  },
  "a size both ways": {
    piece: "riskPercent: 0.5",
    instead: "riskPercent: 0.5, quantity: 1",
    toldAt: "size:",
    says: "bots[0].size: cannot be used: write the key quantity or the key riskPercent",
  },
  "a size that is a number": {
    piece: "size: { riskPercent: 0.5 }",
    instead: "size: 3",
    says: "bots[0].size: cannot be used: write the key quantity or the key riskPercent",
  },
  "a session that there is not": {
    piece: "session: always",
    instead: "session: nights",
    says: "bots[0].session: cannot be used: write exchange, extended, always or the keys timeZone, days, from, to",
  },
  "a session without an end": {
    piece: "session: always",
    instead: "session: { timeZone: UTC, days: [1], from: '09:00' }",
    says: "bots[0].session.to: is missing: write a time such as 09:30",
  },
  "a tick so late that it would be the next one": {
    piece: "    everyMinutes: 5",
    instead: "    everyMinutes: 5\n    afterMinutes: 5",
    toldAt: "afterMinutes",
    says: "bots[0].afterMinutes: must be fewer than `everyMinutes`",
  },
  "a cadence by which a strategy would miss the session's end": {
    piece: "strategy: rsi-sentiment\n    parameters:\n      rsiPeriod: 10",
    instead: "strategy: premarket-momentum\n    parameters:\n      exitMinutes: 4",
    toldAt: "everyMinutes",
    says: "bots[0].everyMinutes: is too seldom for premarket-momentum with these parameters: write at most 4",
  },
  "a session in a zone that there is not": {
    piece: "session: always",
    instead: "session: { timeZone: Mars/Olympus, days: [1], from: '09:00', to: '10:00' }",
    says: "bots[0].session.timeZone: is not an IANA time zone such as America/New_York",
  },
  "a strategy with a letter wrong": {
    piece: "strategy: rsi-sentiment",
    instead: "strategy: rsi-sentimnt",
    says: "bots[0].strategy: is no strategy: write one of premarket-momentum, rsi-sentiment, trend-breakout, or the path of a file such as ./strategies/mine.ts; did you mean rsi-sentiment?",
  },
  "a strategy's file that is not there": {
    piece: "strategy: rsi-sentiment",
    instead: "strategy: ./strategies/mine.ts",
    says: "bots[0].strategy: is a file that is not there: write its path from the configuration's folder",
  },
  "a parameter that the strategy does not have": {
    piece: "rsiPeriod: 10",
    instead: "rsiPeriode: 10",
    says: "bots[0].parameters.rsiPeriode: is not known: did you mean rsiPeriod?",
  },
  "a parameter out of range": {
    piece: "rsiPeriod: 10",
    instead: "rsiPeriod: -3",
    says: "bots[0].parameters.rsiPeriod: cannot be used: write a whole number from 2 to 500",
  },
  "parameters that do not go together": {
    piece: "rsiPeriod: 10",
    instead: "exitRsi: 41\n      oversold: 40",
    toldAt: "exitRsi",
    says: "bots[0].parameters.exitRsi: must be above `oversold` and `hysteresis` together",
  },
  "a bot in live without the right to it": {
    piece: "connection: ctrader-demo\n    mode: paper\n    instruments",
    instead: "connection: ctrader-demo\n    mode: live\n    instruments",
    toldAt: "mode: live",
    says: "bots[0].mode: has no account: add `connection: ctrader-demo` with `mode: live` and its limits to `accounts`",
  },
  "a connection that there is not": {
    piece: "connection: ctrader-demo\n    mode: paper\n    instruments",
    instead: "connection: ctrader\n    mode: paper\n    instruments",
    toldAt: "connection: ctrader\n",
    says: "bots[0].connection: is no connection of this file: write one of etrade-production, etrade-sandbox, ctrader-demo",
  },
};

describe("refused with its line and with what to write:", () => {
  test.each(Object.entries(WRONG))("%s", async (_what, { piece, instead, toldAt, says }) => {
    const text = botsYaml(piece, instead);

    const complaints = await complaintsAbout(text);

    expect(complaints).toContain(`F:${lineOf(text, toldAt ?? instead.trim())}: ${says}`);
  });
});

test("real money is refused while nobody has the right to it, with what to write", async () => {
  const text = `connections:
  - { id: etrade-production, broker: etrade, environment: production, label: x, needed: every-morning }
${BOTS_YAML.replaceAll("ctrader-demo", "etrade-production").replaceAll("mode: paper", "mode: live")}`;

  expect(await complaintsAbout(text)).toEqual([
    `F:${lineOf(text, "mode: live\n    instruments")}: bots[0].mode: is not earned: no bot may trade real money yet; write \`mode: paper\``,
  ]);
});

test("every fault of every bot is told at once", async () => {
  const second = BOTS_YAML.slice(BOTS_YAML.indexOf("  - id: palm-oil"))
    .replace("id: palm-oil", "id: other")
    .replace("strategy: rsi-sentiment", "strategy: trend-breakout")
    .replace("rsiPeriod: 10", "fastPeriod: 60");

  const complaints = await complaintsAbout(`${botsYaml("rsi-sentiment", "rsi")}${second}`);

  expect(complaints.map((line) => line.split(": ")[1])).toEqual([
    "bots[0].strategy",
    "bots[1].parameters.fastPeriod",
  ]);
});

test("what was written is not repeated, so that a secret in the wrong place is not shown", async () => {
  for (const [piece, instead] of [
    ["strategy: rsi-sentiment", "strategy: CANARY"],
    ["strategy: rsi-sentiment", "strategy: ./CANARY.ts"],
    ["rsiPeriod: 10", "rsiPeriod: CANARY"],
    ["session: always", "session: CANARY"],
  ] as const) {
    const complaints = await complaintsAbout(botsYaml(piece, instead));

    expect(complaints.join()).not.toContain("CANARY");
  }
});

test("a file of one's own beside the configuration is found from there", async () => {
  writeFileSync(
    join(folder.path, "mine.mjs"),
    `export const strategy = {
      name: "mine", summary: "Does nothing.", needs: [],
      parameters: { safeParse: (value) => ({ success: true, data: value }) },
      warmup: () => 1,
      start: () => ({ bar() {}, isWarm: () => true, decide: () => ({ kind: "hold", why: "never" }) }),
    };`,
  );

  const config = await load(botsYaml("strategy: rsi-sentiment", "strategy: ./mine.mjs"));

  expect(config.bots[0]?.strategy).toBe("./mine.mjs");
});

test("a file of one's own whose schema cannot be told still has its faults told", async () => {
  writeFileSync(
    join(folder.path, "own-schema.mjs"),
    `export const strategy = {
      name: "mine", summary: "Does nothing.", needs: [],
      parameters: { safeParse: (value) => Object.keys(value).length === 0
        ? { success: true, data: {} }
        : { success: false, error: { issues: [{ code: "custom", path: ["rsiPeriod"], message: "has no business here" }] } } },
      warmup: () => 1,
      start: () => ({ bar() {}, isWarm: () => true, decide: () => ({ kind: "hold", why: "never" }) }),
    };`,
  );

  const text = botsYaml("strategy: rsi-sentiment", "strategy: ./own-schema.mjs");

  expect(await complaintsAbout(text)).toEqual([
    `F:${lineOf(text, "rsiPeriod")}: bots[0].parameters.rsiPeriod: has no business here`,
  ]);
});
