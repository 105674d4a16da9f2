import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { ROOT } from "../../tests/support/stack.ts";
import { TOPOLOGY } from "../topology.ts";
import { headersOf, isIgnored, readHostingConfig, routeOf } from "./hosting-config.ts";

let folder: { readonly path: string; remove(): void };
beforeEach(() => {
  folder = makeTemporaryFolder();
});
afterEach(() => folder.remove());

function read(hosting: unknown) {
  const path = join(folder.path, "firebase.json");
  writeFileSync(path, JSON.stringify({ hosting }));
  return readHostingConfig(path);
}

const header = (source: string, key: string, value: string) => ({ source, headers: [{ key, value }] });

test("the project's own firebase.json is understood, and its services are those of the topology", async () => {
  const config = await readHostingConfig(join(ROOT, "firebase.json"));

  const routed = config.rewrites.flatMap((one) => ("run" in one ? [one.run] : []));
  const deployed = TOPOLOGY.services.map((one) => one.name as string);
  expect(routed.length).toBeGreaterThan(0);
  for (const { serviceId, region } of routed) {
    expect(deployed).toContain(serviceId);
    expect(region).toBe(TOPOLOGY.region);
  }
});

test("only the page's own paths lead to it: a missing asset is missing, and not cached for a year", async () => {
  const config = await readHostingConfig(join(ROOT, "firebase.json"));

  expect(routeOf(config, "/callback/etrade")).toEqual({ kind: "file", path: "/index.html" });
  expect(routeOf(config, "/assets/gone.js")).toEqual({ kind: "nothing" });
  expect(routeOf(config, "/elsewhere")).toEqual({ kind: "nothing" });
});

test("calls of the interface are never cached, and every path carries the policy", async () => {
  const config = await readHostingConfig(join(ROOT, "firebase.json"));

  expect(headersOf(config, "/api/session").get("cache-control")).toBe("no-store");
  for (const path of ["/", "/index.html", "/api/status", "/assets/index.js", "/anything"]) {
    expect(headersOf(config, path).get("content-security-policy")).toContain("default-src 'none'");
  }
});

test.each<[string, object]>([
  ["an unknown setting", { public: "p", redirects: [] }],
  ["clean URLs", { public: "p", cleanUrls: true }],
  ["added slashes", { public: "p", trailingSlash: true }],
  ["a rewrite to a function", { public: "p", rewrites: [{ source: "**", function: "x" }] }],
  ["a rewrite by expression", { public: "p", rewrites: [{ regex: ".*", destination: "/x" }] }],
  ["a header rule by expression", { public: "p", headers: [{ regex: ".*", headers: [] }] }],
  [
    "a rewrite with a pinned tag",
    { public: "p", rewrites: [{ source: "**", run: { serviceId: "a", region: "b", pinTag: true } }] },
  ],
  ["no folder", {}],
])("a firebase.json with %s is refused", async (_what, hosting) => {
  await expect(read(hosting)).rejects.toThrow();
});

test("the first rewrite that fits is taken", async () => {
  const config = await read({
    public: "p",
    rewrites: [
      { source: "/api/**", run: { serviceId: "console", region: "r" } },
      { source: "/api/never", destination: "/never.html" },
      { source: "/app/*", destination: "/app.html" },
    ],
  });

  expect(routeOf(config, "/api/never")).toEqual({ kind: "service", service: "console" });
  expect(routeOf(config, "/api/a/b/c")).toEqual({ kind: "service", service: "console" });
  expect(routeOf(config, "/app/one")).toEqual({ kind: "file", path: "/app.html" });
  expect(routeOf(config, "/app/one/two")).toEqual({ kind: "nothing" });
  expect(routeOf(config, "/apiary")).toEqual({ kind: "nothing" });
});

test("of one header the last rule wins, however its name is written", async () => {
  const config = await read({
    public: "p",
    headers: [
      header("**", "Cache-Control", "no-cache"),
      header("**", "X-Robots-Tag", "noindex"),
      header("/assets/**", "cache-control", "immutable"),
      header("/other/**", "cache-control", "never"),
    ],
  });

  expect([...headersOf(config, "/assets/a.js")]).toEqual([
    ["cache-control", "immutable"],
    ["x-robots-tag", "noindex"],
  ]);
  expect(headersOf(config, "/.hidden").get("cache-control")).toBe("no-cache");
});

test("what is not deployed does not exist here either", async () => {
  const config = await read({ public: "p", ignore: ["firebase.json", "**/.*", "**/node_modules/**"] });

  for (const path of ["/firebase.json", "/.env", "/a/.env", "/node_modules/x.js", "/a/node_modules/b/c.js"]) {
    expect([path, isIgnored(config, path)]).toEqual([path, true]);
  }
  for (const path of ["/", "/index.html", "/a/firebase.json", "/a.b/c"]) {
    expect([path, isIgnored(config, path)]).toEqual([path, false]);
  }
});
