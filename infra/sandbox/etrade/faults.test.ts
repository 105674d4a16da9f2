import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createSwitchDesk } from "../switches.ts";
import { initialFaults, SWITCHES } from "./faults.ts";
import { FAILURE_KINDS } from "./vocabulary.ts";

const { patch: patchFaults, view: viewFaults } = createSwitchDesk(SWITCHES);

test("the positions at the start are taken by their own switches", () => {
  const result = patchFaults(initialFaults(), initialFaults());

  expect(result).toEqual({ ok: true, value: initialFaults() });
});

test("a patch changes what it names and leaves the rest", () => {
  const result = patchFaults(initialFaults(), { latencyMs: 20, failNext: { kind: "empty" } });

  expect(result).toEqual({
    ok: true,
    value: { ...initialFaults(), latencyMs: 20, failNext: { where: "any", kind: "empty", times: 1 } },
  });
});

test("null puts a switch back", () => {
  const moved = patchFaults(initialFaults(), { latencyMs: 20, unknownSymbols: [] });
  if (!moved.ok) throw new Error("not taken");

  const result = patchFaults(moved.value, { latencyMs: null, unknownSymbols: null });

  expect(result).toEqual({ ok: true, value: initialFaults() });
});

test.each([
  [{ latencyMS: 1 }, "latencyMS"],
  [{ latencyMs: -1 }, "latencyMs"],
  [{ latencyMs: "1" }, "latencyMs"],
  [{ renewBody: "song" }, "renewBody"],
  [{ failNext: { kind: "token_rejected", times: 0 } }, "failNext"],
  [{ failNext: { kind: "token_rejected", where: "moon" } }, "failNext"],
  [{ registeredCallback: "javascript:alert(1)" }, "registeredCallback"],
  [{ earlyDeathShare: 1.5 }, "earlyDeathShare"],
  [[], ""],
  ["on", ""],
  [undefined, ""],
])("%j is refused as a whole and names the switch", (patch, name) => {
  const result = patchFaults(initialFaults(), patch);

  expect(result).toMatchObject({ ok: false, code: "SANDBOX_SWITCH_INVALID", detail: { switch: name } });
});

test("a patch with one bad value sets nothing", () => {
  const faults = initialFaults();

  patchFaults(faults, { latencyMs: 5, renewBody: "song" });

  expect(faults).toEqual(initialFaults());
});

const MANUAL = readFileSync(new URL("../../../docs/simulators/etrade.md", import.meta.url), "utf8");

test("the manual lists every switch with its values, its start and its description, and no other", () => {
  const rows = viewFaults(initialFaults()).map(
    ({ name, takes, initial, description }) =>
      `| \`${name}\` | ${takes} | \`${JSON.stringify(initial)}\` | ${description} |`,
  );

  const listed = MANUAL.split("\n").filter((line) => /^\| `\w+` \|.*\|.*\|.*\|$/.test(line));

  expect(listed).toEqual(rows);
  expect(rows).toHaveLength(Object.keys(SWITCHES).length);
});

test("the manual names every kind of failNext", () => {
  for (const kind of FAILURE_KINDS) expect(MANUAL).toContain(`\`${kind}\``);
});
