import { expect, test } from "vitest";
import { ConfigurationInvalid } from "../../shared/config/configuration-invalid.ts";
import { readStackEnvironment } from "./stack-environment.ts";

const DEFAULTS = { port: 8080, home: ".openbell", configFile: "openbell.yaml" };

test("nothing set, or set to nothing, means the defaults", () => {
  expect(readStackEnvironment({ PATH: "/bin", UNRELATED: "1" })).toEqual(DEFAULTS);
  expect(readStackEnvironment({ PORT: "", OPENBELL_HOME: " ", OPENBELL_CONFIG: "" })).toEqual(DEFAULTS);
});

test("what is set is taken", () => {
  const read = readStackEnvironment({ PORT: " 9090 ", OPENBELL_HOME: "/a b", OPENBELL_CONFIG: "c.yaml" });

  expect(read).toEqual({ port: 9090, home: "/a b", configFile: "c.yaml" });
});

test.each([
  ["0", 0],
  ["1", 1],
  ["65528", 65_528],
])("PORT=%s is a port", (text, port) => {
  expect(readStackEnvironment({ PORT: text }).port).toBe(port);
});

test.each([
  "65529",
  "65530",
  "70000",
  "-1",
  "80.5",
  "0x50",
  "1e3",
  "http",
  "8080x",
  "9".repeat(30),
  "Infinity",
])("PORT=%s is refused with what would do", (text) => {
  expect(() => readStackEnvironment({ PORT: text })).toThrow(ConfigurationInvalid);
  expect(() => readStackEnvironment({ PORT: text })).toThrow(
    "The environment is not usable: PORT is a whole number from 0 (any free one) to 65528.",
  );
});
