import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import protobuf from "protobufjs/light.js";
import { expect, test } from "vitest";
import { CALLED, cutDown } from "./descriptions.ts";
import { edited } from "./edited.ts";

const require = createRequire(import.meta.url);
const PACKAGES = ["firestore-api", "pubsub-api", "secret-manager"];

function read(name: string) {
  const manifest = require.resolve(`@google-cloud/${name}/package.json`);
  const path = manifest.replace("package.json", "build/protos/protos.json");
  return JSON.parse(readFileSync(path, "utf8")) as protobuf.INamespace;
}
const rootOf = (description: unknown) =>
  protobuf.Root.fromJSON(description as protobuf.INamespace).resolveAll();

test.each(PACKAGES)("of %s's description what the worker calls is left, by itself and the same", (name) => {
  const whole = read(name);
  const cut = cutDown(whole as Parameters<typeof cutDown>[0]);
  const [before, after] = [rootOf(whole), rootOf(cut)];
  const services = Object.keys(CALLED).filter((service) => before.lookup(service) !== null);

  expect(services.length).toBeGreaterThan(0);
  for (const service of services) {
    const methods = after.lookupService(service).methodsArray;
    expect(methods.map((method) => method.name).sort()).toEqual([...(CALLED[service] ?? [])].sort());
    for (const method of methods) {
      const original = before.lookupService(service).methods[method.name];
      expect(shapeOf(method.resolvedRequestType)).toEqual(shapeOf(original?.resolvedRequestType));
      expect(shapeOf(method.resolvedResponseType)).toEqual(shapeOf(original?.resolvedResponseType));
    }
  }
  expect(JSON.stringify(cut).length).toBeLessThan(JSON.stringify(whole).length / 4);
});

/** Every field that can be reached, with what the wire needs of it. */
function shapeOf(start: protobuf.Type | null | undefined): Record<string, readonly unknown[]> {
  const shape: Record<string, readonly unknown[]> = {};
  const open: (protobuf.Type | protobuf.Enum | null | undefined)[] = [start];
  for (let one = open.pop(); one; one = open.pop()) {
    if (one.fullName in shape) continue;
    shape[one.fullName] =
      one instanceof protobuf.Enum
        ? [one.values]
        : one.fieldsArray.map((field) => [
            ...[field.name, field.id, field.type, field.repeated, field.packed, field.map],
            field.partOf?.name,
          ]);
    if (one instanceof protobuf.Type) open.push(...one.fieldsArray.map(({ resolvedType }) => resolvedType));
  }
  return shape;
}

test("a package that has changed is told of instead of being left whole", () => {
  expect(edited("p", "one two", [["two", "three"]])).toBe("one three");
  expect(() => edited("p", "one", [["two", "three"]])).toThrow('p has changed: there is no "two" in it.');
});
