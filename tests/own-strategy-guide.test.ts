/** The strategy of the guide, word for word: it loads, it is checked, and it trades. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadConfigWithStrategies } from "../shared/app-strategies.ts";
import { loadStrategy } from "../shared/strategies/registry.ts";
import type { Strategy } from "../shared/strategies/strategy.ts";
import { aPosition, barsOf, contextAt, endOf, runOf } from "../shared/strategies/testing/bars.ts";
import { botsYaml } from "./support/bots-yaml.ts";
import { ROOT } from "./support/stack.ts";

const GUIDE = readFileSync(join(ROOT, "docs/guides/own-strategy.md"), "utf8");
/** In the project's folder, as the guide says, so that `zod` is found. */
const FOLDER = mkdtempSync(join(ROOT, "tests/.own-strategy-"));

let strategy: Strategy;

beforeAll(async () => {
  mkdirSync(join(FOLDER, "strategies"), { recursive: true });
  writeFileSync(join(FOLDER, "strategies/mine.ts"), blocks("ts").join("\n"));
  const loaded = await loadStrategy("./strategies/mine.ts", FOLDER);
  if (!loaded.ok) throw new Error(String(loaded.detail.reason));
  strategy = loaded.value;
});
afterAll(() => rmSync(FOLDER, { recursive: true }));

function blocks(language: string): readonly string[] {
  return [...GUIDE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(
    ([, text]) => text ?? "",
  );
}

async function refused(parameters: string): Promise<string> {
  const file = join(FOLDER, "openbell.yaml");
  const own = botsYaml("strategy: rsi-sentiment", "strategy: ./strategies/mine.ts");
  writeFileSync(file, own.replace("rsiPeriod: 10", parameters));
  return loadConfigWithStrategies(file).then(
    () => "",
    (error: Error) => error.message,
  );
}

describe("the strategy of the guide", () => {
  const flat = barsOf(Array.from({ length: 20 }, () => 100));

  test("is asked once it has seen as many bars as it says", () => {
    expect(runOf(strategy, flat.slice(1)).isWarm()).toBe(false);
    expect(runOf(strategy, flat).isWarm()).toBe(true);
  });

  test("buys far below its average, with its stop and profit", () => {
    expect(runOf(strategy, flat).decide(contextAt(endOf(flat), 99.4))).toEqual({
      kind: "enter",
      side: "buy",
      stopDistance: 0.9940000000000001,
      takeProfitDistance: 1.9880000000000002,
      why: "It is far below its average.",
    });
    expect(runOf(strategy, flat).decide(contextAt(endOf(flat), 99.6)).kind).toBe("hold");
  });

  test("is loaded by plain Node too, its types stripped", async () => {
    const program = `
      const { loadStrategy } = await import(${JSON.stringify(join(ROOT, "shared/strategies/registry.ts"))});
      const loaded = await loadStrategy("./strategies/mine.ts", ${JSON.stringify(FOLDER)});
      console.log(loaded.ok ? loaded.value.name : loaded.detail.reason);`;

    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);

    expect(stdout.trim()).toBe("mine");
  });

  test("leaves at its average", () => {
    const positions = [aPosition()];

    expect(runOf(strategy, flat).decide(contextAt(endOf(flat), 100, { positions }))).toMatchObject({
      kind: "exit",
      positionId: "p1",
    });
    expect(runOf(strategy, flat).decide(contextAt(endOf(flat), 99.9, { positions })).kind).toBe("hold");
  });

  test("is taken by a configuration, and a parameter that it does not take is refused with its line", async () => {
    expect(await refused("period: 30")).toBe("");
    expect(await refused("perod: 30")).toMatch(
      /openbell\.yaml:\d+: bots\[0\]\.parameters\.perod: is not known: did you mean period\?$/,
    );
    expect(await refused("period: 1")).toContain("write a whole number from 2 to 200");
  });
});

test("the guide's configuration names a schema that is there and the file that it writes", () => {
  const [yaml = ""] = blocks("yaml");
  const [, schema = ""] = /\$schema=(\S+)/.exec(yaml) ?? [];

  expect(JSON.parse(readFileSync(join(ROOT, schema), "utf8"))).toHaveProperty("properties.bots");
  expect(yaml).toContain("strategy: ./strategies/mine.ts");
});
