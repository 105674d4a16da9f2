import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { HomeUnusable, openHome, readClock, writeClock } from "./home.ts";
import { HomeInUse, isHomeHeld, lockHome } from "./home-lock.ts";
import { noteSandbox, readSandboxNote } from "./sandbox-note.ts";

let folder: { readonly path: string; remove(): void };
let root: string;

beforeEach(() => {
  folder = makeTemporaryFolder();
  root = join(folder.path, "deep", "home");
});
afterEach(() => folder.remove());

const open = (isFresh = false) => openHome(root, { isFresh });
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const at = (text: string) => Temporal.Instant.from(text);

test("only the owner may look into a home and its files", async () => {
  mkdirSync(root, { recursive: true, mode: 0o755 });
  chmodSync(root, 0o755);

  const home = await open();
  await home.writeText("text", "1");
  home.file("memory").save("2");

  expect(modeOf(root)).toBe("700");
  for (const name of readdirSync(root)) expect([name, modeOf(join(root, name))]).toEqual([name, "600"]);
});

test("files are kept, and what was never written is undefined", async () => {
  const home = await open();
  expect(await home.readText("text")).toBeUndefined();
  expect(home.file("memory").load()).toBeUndefined();

  await home.writeText("text", "one");
  await home.writeText("text", "");
  home.file("memory").save("two");
  const again = await open();

  expect(await again.readText("text")).toBe("");
  expect(again.file("memory").load()).toBe("two");
});

test("many who write one file at once leave one of their texts whole, and no drafts", async () => {
  const home = await open();
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));

  await Promise.all(texts.map((text) => home.writeText("text", text)));

  expect(texts).toContain(await home.readText("text"));
  expect(readdirSync(root).filter((name) => name.endsWith(".new"))).toEqual([]);
});

test("a draft that a kill left behind is not read", async () => {
  const home = await open();
  await home.writeText("text", "whole");
  writeFileSync(home.path("text.new"), "ha");

  expect(await home.readText("text")).toBe("whole");
  await home.writeText("text", "next");
  expect(await home.readText("text")).toBe("next");
});

test("a fresh start empties a home, folders too", async () => {
  const home = await open();
  await home.writeText("text", "1");
  mkdirSync(home.path("folder"));
  writeFileSync(home.path("folder/inside"), "2");

  const fresh = await open(true);

  expect(await fresh.readText("text")).toBeUndefined();
  expect(existsSync(fresh.path("folder"))).toBe(false);
});

test.each([true, false])("a folder with other things in it is left as it is (fresh: %s)", async (isFresh) => {
  mkdirSync(root, { recursive: true });
  chmodSync(root, 0o755);
  writeFileSync(join(root, "thesis.txt"), "years of work");

  await expect(open(isFresh)).rejects.toThrow(HomeUnusable);

  expect(readdirSync(root)).toEqual(["thesis.txt"]);
  expect(readFileSync(join(root, "thesis.txt"), "utf8")).toBe("years of work");
  expect(modeOf(root)).toBe("755");
});

test("a path that can be no folder is refused in one sentence", async () => {
  writeFileSync(join(folder.path, "file"), "");

  const opening = openHome(join(folder.path, "file", "home"), { isFresh: false });

  await expect(opening).rejects.toThrow(HomeUnusable);
  await expect(opening).rejects.toThrow(/cannot hold Openbell's state \(ENOTDIR\)/);
});

test("the virtual clock goes on with the machine's while nothing runs", async () => {
  const home = await open();
  expect(await readClock(home, at("2026-11-23T00:00:00Z"))).toBeUndefined();
  await writeClock(home, { machine: at("2026-11-23T00:00:00.5Z"), virtual: at("2027-03-01T13:00:00.25Z") });

  const later = await readClock(await open(), at("2026-11-23T01:00:00.5Z"));

  expect(later?.toString()).toBe("2027-03-01T14:00:00.25Z");
});

test("the virtual clock does not go back with the machine's", async () => {
  const home = await open();
  await writeClock(home, { machine: at("2026-11-23T00:00:00Z"), virtual: at("2027-03-01T13:00:00Z") });

  const earlier = await readClock(home, at("2026-11-22T00:00:00Z"));

  expect(earlier?.toString()).toBe("2027-03-01T13:00:00Z");
});

test("a fresh start forgets the clock", async () => {
  await writeClock(await open(), {
    machine: at("2026-11-23T00:00:00Z"),
    virtual: at("2027-03-01T13:00:00Z"),
  });

  expect(await readClock(await open(true), at("2026-11-23T00:00:00Z"))).toBeUndefined();
});

const NOTE = {
  console: "http://127.0.0.1:8080/",
  etrade: {
    apiBaseUrl: "http://127.0.0.1:8081",
    sandboxBaseUrl: "http://127.0.0.1:8082",
    authorizeUrl: "http://127.0.0.1:8081/e/t/etws/authorize",
  },
  ctrader: {
    host: "127.0.0.1",
    demoPort: 8084,
    livePort: 8085,
    authorizeUrl: "http://127.0.0.1:8086/my/settings/openapi/grantingaccess/",
    tokenUrl: "http://127.0.0.1:8086/apps/token",
    caFile: "/home/owner/.openbell/sandbox-ca.pem",
  },
  telegram: { apiRoot: "http://127.0.0.1:8083", chatId: 42 },
};

test("the note says where the sandbox listens and holds no credential", async () => {
  const home = await open();
  expect(await readSandboxNote(home)).toBeUndefined();
  const described = {
    ...NOTE,
    etrade: { ...NOTE.etrade, consumerSecret: "CANARY", password: "CANARY" },
    ctrader: { ...NOTE.ctrader, demoClientSecret: "CANARY", password: "CANARY" },
    telegram: { ...NOTE.telegram, token: "CANARY" },
  };

  await noteSandbox(home, described);

  expect(await readSandboxNote(home)).toEqual(NOTE);
  expect(await home.readText("sandbox.json")).not.toContain("CANARY");
});

test.each(["{", "null", '{"console":1}'])("a note that reads %s is told as damaged", async (text) => {
  const home = await open();
  await home.writeText("sandbox.json", text);
  await home.writeText("clock.json", text);

  await expect(readSandboxNote(home)).rejects.toThrow(HomeUnusable);
  await expect(readSandboxNote(home)).rejects.toThrow(/sandbox\.json is damaged\..*npm start -- --fresh$/);
  await expect(readClock(home, at("2026-11-23T00:00:00Z"))).rejects.toThrow(/clock\.json is damaged/);
});

test("a home in use is told as such also when its note is damaged", async () => {
  const letGo = await lockHome(root);
  await (await open()).writeText("sandbox.json", "{");

  await expect(lockHome(root)).rejects.toThrow(HomeInUse);
  letGo();
});

test("a home that is held lets nobody else in, says where it is, and is free once let go", async () => {
  const letGo = await lockHome(root);
  await expect(lockHome(root)).rejects.toThrow(HomeInUse);
  await noteSandbox(await open(), NOTE);
  await expect(lockHome(root)).rejects.toThrow("http://127.0.0.1:8080/");

  letGo();

  (await lockHome(root))();
});

test("a home tells whether somebody holds it, and a look takes nothing", async () => {
  const home = await open();
  const before = isHomeHeld(home);
  const letGo = await lockHome(root);
  const during = [isHomeHeld(home), isHomeHeld(home)];
  letGo();

  expect([before, ...during, isHomeHeld(home)]).toEqual([false, true, true, false]);
});

test("a fresh start keeps the lock, so that it still keeps others out", async () => {
  const letGo = await lockHome(root);

  await open(true);

  await expect(lockHome(root)).rejects.toThrow(HomeInUse);
  letGo();
});
