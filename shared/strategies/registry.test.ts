import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeTemporaryFolder } from "../platform/local/temporary-folder.ts";
import { BUILT_IN, loadStrategy } from "./registry.ts";

let folder: { readonly path: string; remove(): void };
beforeEach(() => {
  folder = makeTemporaryFolder();
});
afterEach(() => folder.remove());

const RUN = '{ bar() {}, isWarm: () => true, decide: () => ({ kind: "hold", why: "never" }) }';
const SCHEMA = "{ safeParse: (data) => ({ success: true, data }) }";
const RIGHT = {
  name: '"mine"',
  summary: '"Does nothing."',
  needs: "[]",
  parameters: SCHEMA,
  warmup: "() => 3",
  start: `() => (${RUN})`,
};

let files = 0;

/** A file never has a name twice: what was loaded of one is kept. */
async function loadWritten(text: string, extension = "mjs") {
  files += 1;
  const name = `mine-${files}.${extension}`;
  writeFileSync(join(folder.path, name), text);
  return loadStrategy(`./${name}`, folder.path);
}

function fileOf(parts: Readonly<Record<string, string>>): string {
  const fields = Object.entries(parts).map(([name, value]) => `${name}: ${value}`);
  return `export const strategy = { ${fields.join(", ")} };`;
}

test("the three built-in ones are found by their names", async () => {
  expect([...BUILT_IN.keys()]).toEqual(["premarket-momentum", "rsi-sentiment", "trend-breakout"]);
  for (const [name, strategy] of BUILT_IN) {
    expect(await loadStrategy(name, folder.path)).toEqual({ ok: true, value: strategy });
  }
});

test.each([
  ["trend-breakuot", "; did you mean trend-breakout?"],
  ["RSI-Sentiment", "; did you mean rsi-sentiment?"],
  ["martingale", ", or the path of a file such as ./strategies/mine.ts"],
])("%s is not known, and what is known is told", async (name, ending) => {
  const loaded = await loadStrategy(name, folder.path);

  expect(loaded).toMatchObject({ ok: false, code: "STRATEGY_UNKNOWN" });
  const reason = loaded.ok ? "" : String(loaded.detail.reason);
  expect(reason).toContain("write one of premarket-momentum, rsi-sentiment, trend-breakout");
  expect(reason.endsWith(ending)).toBe(true);
});

describe("a file of one's own", () => {
  test.each(["mjs", "ts", "js", "mts"])("is loaded from a path that ends in .%s", async (extension) => {
    const loaded = await loadWritten(fileOf(RIGHT), extension);

    expect(loaded).toMatchObject({ ok: true, value: { name: "mine" } });
  });

  test("may be written in TypeScript", async () => {
    const text = `const name: string = "typed"; ${fileOf({ ...RIGHT, name: "name" })}`;

    expect(await loadWritten(text, "ts")).toMatchObject({ ok: true, value: { name: "typed" } });
  });

  test("is found by a whole path too", async () => {
    const path = join(folder.path, "whole.mjs");
    writeFileSync(path, fileOf(RIGHT));

    expect(await loadStrategy(path, "/nowhere")).toMatchObject({ ok: true });
  });

  test("that never comes to an end when it is tried is refused, and holds nobody up", async () => {
    const loaded = await loadWritten(fileOf({ ...RIGHT, start: "() => { for (;;); }" }));

    expect(loaded).toMatchObject({
      code: "STRATEGY_INVALID",
      detail: { reason: expect.stringContaining("did not come to an end within 2 s") },
    });
  });

  test.each([
    ["loops", "for (;;);", 400, "takes too long (0.4 s)"],
    ["waits for ever", "await new Promise(() => {});", 5_000, "ends its process or waits for ever"],
    ["ends the process", "process.exit(0);", 5_000, "ends its process or waits for ever"],
  ])(
    "that %s as it is loaded is refused by its name, and holds nobody up",
    async (what, text, ms, reason) => {
      const path = join(folder.path, `${what.replaceAll(" ", "-")}.mjs`);
      writeFileSync(path, `${text} ${fileOf(RIGHT)}`);

      expect(await loadStrategy(path, "/", ms)).toMatchObject({
        code: "STRATEGY_INVALID",
        detail: { reason: expect.stringContaining(`cannot be loaded: ${path} ${reason}`) },
      });
    },
  );

  test("that is not there is unknown, as is one of another kind", async () => {
    expect(await loadStrategy("./none.ts", folder.path)).toMatchObject({ code: "STRATEGY_UNKNOWN" });
    expect(await loadStrategy("./openbell.yaml", folder.path)).toMatchObject({
      code: "STRATEGY_UNKNOWN",
      detail: { reason: expect.stringContaining(".ts, .mts, .js, .mjs") },
    });
  });

  test.each([
    ["that exports nothing", "export const other = 1;", "export `strategy` is missing"],
    ["that exports by default", `export default ${SCHEMA};`, "export `strategy` is missing"],
    ["that does not parse", "export const strategy = {", "cannot be loaded"],
    ["that throws as it is loaded", 'throw new Error("no key\\nsecond line");', "cannot be loaded: no key"],
    ["that throws no error", "throw 5;", "cannot be loaded: 5"],
    ["without a name", fileOf({ ...RIGHT, name: '""' }), "`strategy.name` is missing"],
    ["without a summary", fileOf({ ...RIGHT, summary: "undefined" }), "`strategy.summary` is missing"],
    ["with a need that there is not", fileOf({ ...RIGHT, needs: '["news"]' }), "`strategy.needs` is wrong"],
    ["without parameters", fileOf({ ...RIGHT, parameters: "{}" }), "`strategy.parameters` is missing"],
    ["without a warm-up", fileOf({ ...RIGHT, warmup: "3" }), "`strategy.warmup` is missing"],
    [
      "with a warm-up that is no number",
      fileOf({ ...RIGHT, warmup: "() => NaN" }),
      "tells no number of bars",
    ],
    ["with a warm-up without end", fileOf({ ...RIGHT, warmup: "() => 1e9" }), "tells no number of bars"],
    ["without a start", fileOf({ ...RIGHT, start: "undefined" }), "`strategy.start` is missing"],
    [
      "whose run cannot decide",
      fileOf({ ...RIGHT, start: "() => ({ bar() {}, isWarm() {} })" }),
      "a run without `decide`",
    ],
    ["that gives no run", fileOf({ ...RIGHT, start: "() => undefined" }), "a run without `bar`"],
    [
      "that throws when started",
      fileOf({ ...RIGHT, start: '() => { throw new Error("oh"); }' }),
      "cannot be started: oh",
    ],
    [
      "with a parameter without a default",
      fileOf({ ...RIGHT, parameters: "{ safeParse: () => ({ success: false }) }" }),
      "give every one its own",
    ],
  ])("%s is refused with what is wrong", async (_what, text, reason) => {
    expect(await loadWritten(text)).toMatchObject({
      ok: false,
      code: "STRATEGY_INVALID",
      detail: { reason: expect.stringContaining(reason) },
    });
  });
});
