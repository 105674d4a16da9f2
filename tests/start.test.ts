/** `npm start` as a process: what outlives it, how it ends, and what it says when it cannot begin. */
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeTemporaryFolder } from "../shared/platform/local/temporary-folder.ts";
import { createCaller } from "./support/http-caller.ts";
import { MortalMorning } from "./support/mortal-morning.ts";
import { startInVain, startOpenbell } from "./support/running-openbell.ts";
import { PRODUCTION } from "./support/stack.ts";

let folder: { readonly path: string; remove(): void };
let home: string;

beforeEach(() => {
  folder = makeTemporaryFolder();
  home = join(folder.path, "home");
});
afterEach(() => folder.remove());

async function renewedMorning(): Promise<MortalMorning> {
  const morning = await MortalMorning.open(home);
  const login = await morning.begin(PRODUCTION);
  await morning.enter(PRODUCTION, login.id, await morning.logIn(login));
  await morning.advance("PT31S");
  return morning;
}

test("tokens, the session, the phone's messages and the clock outlive a restart", async () => {
  const morning = await renewedMorning();
  const before = await morning.status();
  const messages = await morning.messages();
  await morning.call("POST", "/api/trading/reduce", { scope: "all", reason: "tried out" });

  const { stdout } = await morning.end();
  await morning.restart();

  const after = await morning.status();
  expect(stdout).toContain("ET  🔻 Everything: only closing from now on, by the page.\n");
  expect(after.connections.map((one) => one.token.generation)).toEqual([1, 0, 0]);
  expect(after.connections[0]?.acknowledged).toBe(true);
  expect(after.words).toEqual(before.words);
  expect(after.sessionExpiresAt).toBe(before.sessionExpiresAt);
  expect(await morning.messages()).toEqual(messages);
  const passed = Temporal.Instant.from(before.now).until(after.now).total("seconds");
  expect(passed).toBeGreaterThan(0);
  expect(passed).toBeLessThan(60);
  expect((await morning.call("GET", `/api/connections/${PRODUCTION}/ping`)).status).toBe(200);
  await morning.end();
}, 30_000);

test("only a start right before an alert says that the phone is about to ring", async () => {
  const first = await startOpenbell({ home });
  await createCaller(first.origin)("POST", "/sandbox/clock", { body: { advance: "PT31S" } });
  await first.end("SIGTERM");
  const second = await startOpenbell({ home });
  await second.end("SIGTERM");

  expect(first.stdout()).toContain("it is about to ring");
  expect(second.stdout()).not.toContain("about to ring");
  expect(second.stdout()).toMatch(
    /\/sandbox\/phone\/ {3}← the next alert is due \w{3} [\d-]{10} 09:\d\d ET\n/,
  );
}, 30_000);

test("--fresh begins anew: no token, no message, and no session that was", async () => {
  const morning = await renewedMorning();
  await morning.end();

  await morning.restart({ isFresh: true });

  expect((await morning.call("GET", "/api/status")).status).toBe(401);
  expect(await morning.messages()).toEqual([]);
  await morning.end();
  const again = await MortalMorning.open(home);
  expect((await again.connection(PRODUCTION)).token).toEqual({ state: "missing", generation: 0 });
  await again.end();
}, 30_000);

test("a taken port is one clear line that names the port and the way out", async () => {
  const squatter = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => squatter.once("listening", resolve));
  const { port } = squatter.address() as AddressInfo;

  const ended = await startInVain({ home, port });
  squatter.close();

  expect(ended.code).toBe(1);
  expect(ended.stdout).toBe("");
  expect(ended.stderr).toMatch(new RegExp(`^Port ${port} is taken .*PORT=\\d+ npm start\\n$`));
});

test("a second one on the same state is turned away, with --fresh too, and harms nothing", async () => {
  const morning = await renewedMorning();

  const second = await startInVain({ home });
  const fresh = await startInVain({ home, isFresh: true });

  for (const ended of [second, fresh]) {
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /^Openbell already runs on .*, at http:\/\/127\.0\.0\.1:\d+\/\. .*PORT=9090.*\n$/,
    );
  }
  expect((await morning.connection(PRODUCTION)).token.generation).toBe(1);
  await morning.die();
  await morning.restart();
  expect((await morning.connection(PRODUCTION)).acknowledged).toBe(true);
  await morning.end();
}, 30_000);

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s ends it within seconds, whatever is under way",
  async (signal) => {
    const openbell = await startOpenbell({ home });
    const call = createCaller(openbell.origin);
    const watching = new AbortController();
    const events = await fetch(`${openbell.sandbox}/phone/events`, { signal: watching.signal });
    await call("POST", "/sandbox/clock", { body: { advance: "PT31S" } });
    const begun = performance.now();

    const ended = await openbell.end(signal);

    watching.abort();
    await events.body?.cancel().catch(() => undefined);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toBe("");
    expect(ended.stdout).toContain("Closing; the state is kept.");
    expect(performance.now() - begun).toBeLessThan(5_000);
  },
);

test("a vault whose key is gone is one clear line, not a stack", async () => {
  await (await startOpenbell({ home })).end("SIGTERM");
  rmSync(join(home, "master.key"));

  const ended = await startInVain({ home });

  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain("key");
  expect(ended.stderr.trim().split("\n")).toHaveLength(1);
});

test("an environment or a configuration that cannot be meant is told without a stack", async () => {
  const ended = await startInVain({ home, port: 70_000 });

  expect(ended.code).toBe(1);
  expect(ended.stderr).toContain("PORT");
  expect(ended.stderr).not.toContain("    at ");
});
