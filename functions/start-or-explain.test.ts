import { expect, test } from "vitest";
import { ConfigurationInvalid } from "../shared/config/configuration-invalid.ts";
import { createRecordedLog } from "../shared/platform/local/recorded-log.ts";
import { EnvironmentInvalid } from "./cloud-environment.ts";
import type { ContainerProcess } from "./container.ts";
import { startOrExplain } from "./start-or-explain.ts";

function setUp() {
  const { log, lines } = createRecordedLog();
  const exits: number[] = [];
  const handlers = new Map<string, (error: unknown) => void>();
  const process = {
    once: (event: string, handler: (error: unknown) => void) => void handlers.set(event, handler),
    exit: (code: number) => void exits.push(code),
  } as unknown as ContainerProcess;
  return { deps: { log, process }, lines, exits, handlers };
}

test("a start that goes well is left alone", async () => {
  const { deps, lines, exits } = setUp();
  let isStarted = false;

  await startOrExplain(deps, async () => {
    isStarted = true;
  });

  expect({ isStarted, lines, exits }).toEqual({ isStarted: true, lines: [], exits: [] });
});

test.each([
  [new EnvironmentInvalid(["A is missing", "B is missing"]), "A is missing; B is missing"],
  [new ConfigurationInvalid("openbell.yaml is not valid YAML"), "openbell.yaml is not valid YAML"],
  [new RangeError("FUNCTION_TARGET must be one of a, b."), "FUNCTION_TARGET must be one of a, b."],
])("a fault of the set-up is told in its own words: %s", async (fault, words) => {
  const { deps, lines, exits } = setUp();

  await startOrExplain(deps, () => Promise.reject(fault));

  expect(lines).toMatchObject([{ level: "error", event: "start-refused" }]);
  expect(lines[0]?.fields.reason).toContain(words);
  expect(exits).toEqual([1]);
});

test("any other fault is told by its kind and place, never in its own words", async () => {
  const { deps, lines, exits } = setUp();

  await startOrExplain(deps, () => Promise.reject(new TypeError("CANARY")));

  expect(lines).toMatchObject([{ event: "start-refused", fields: { fault: "TypeError" } }]);
  expect(JSON.stringify(lines)).not.toContain("CANARY");
  expect(exits).toEqual([1]);
});

test("a fault outside of any call ends the process as failed, without its message", async () => {
  const { deps, lines, exits, handlers } = setUp();
  await startOrExplain(deps, async () => undefined);

  handlers.get("uncaughtException")?.(new Error("CANARY"));

  expect(lines).toMatchObject([{ event: "process-broken", fields: { fault: "Error" } }]);
  expect(JSON.stringify(lines)).not.toContain("CANARY");
  expect(exits).toEqual([1]);
});
