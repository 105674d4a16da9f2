import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createTestAuthority } from "../../shared/brokers/ctrader/testing/certificates.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { callbackOf } from "../../tests/support/broker-callback.ts";
import { type RunningOpenbell, startOpenbell } from "../../tests/support/running-openbell.ts";
import { findPseudoTerminal } from "./testing/pseudo-terminal.ts";
import { type CommandOptions, startCommand } from "./testing/running-command.ts";

const CTRL_C = "\u0003";
const DEMO = ["test", "ctrader", "--environment", "demo"];
const STEPS = ["connection", "application", "token", "account", "balance", "permission", "latency"];

const folder = makeTemporaryFolder();
const home = join(folder.path, "home");
const noteFile = join(home, "sandbox.json");
const authorityFile = join(home, "sandbox-ca.pem");
let openbell: RunningOpenbell;

beforeAll(async () => {
  openbell = await startOpenbell({ home });
});

afterAll(async () => {
  await openbell.end("SIGINT");
  folder.remove();
});

function run(argv: readonly string[], options: Partial<CommandOptions> = {}) {
  const command = startCommand(argv, { home, ...options });
  command.endInput();
  return command.ended();
}

/** Each line's mark and step. */
function marksOf(out: string): readonly string[] {
  return [...out.matchAll(/^\[(OK|ERR|--)\] +(TLS demo|TLS live|[a-z]+) {2}/gm)].map(
    ([, mark, step]) => `${mark} ${step}`,
  );
}

const marked = (mark: string, steps: readonly string[]) => steps.map((step) => `${mark} ${step}`);

async function setFaults(faults: unknown): Promise<void> {
  const url = `${openbell.sandbox}/ctrader/faults`;
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(faults) });
  expect(answer.status).toBe(200);
}

/** Puts something else in the place of a file of the home, and it back afterwards. */
async function withFile<T>(path: string, text: string, work: () => Promise<T>): Promise<T> {
  const before = readFileSync(path, "utf8");
  writeFileSync(path, text);
  try {
    return await work();
  } finally {
    writeFileSync(path, before);
  }
}

test("before the owner has connected: both hosts and the application are well, the token is missing", async () => {
  const { code, out, err } = await run(DEMO);

  expect([code, err]).toEqual([1, ""]);
  expect(marksOf(out)).toEqual([
    ...marked("OK", ["TLS demo", "TLS live", "connection", "application"]),
    "ERR token",
    ...marked("--", ["account", "balance", "permission", "latency"]),
  ]);
  expect(out).toMatch(/^\[ERR\] token +TOKEN_NOT_LIVE: .* Cause: .* Next: .*`openbell renew`\.$/m);
});

test("an environment without a connection still shakes hands with both hosts", async () => {
  const { code, out } = await run(["test", "ctrader", "--environment", "live"]);

  expect(code).toBe(1);
  expect(marksOf(out)).toEqual([
    ...marked("OK", ["TLS live", "TLS demo"]),
    "ERR connection",
    ...marked("--", STEPS.slice(1)),
  ]);
});

describe("with a connection that the owner has connected", () => {
  beforeAll(async () => {
    const command = startCommand(["renew", "ctrader-demo"], { home });
    const [, link = ""] = await command.shows(/^ {2}(http:\S+)\s*$/m);
    command.type(`${await callbackOf(link)}\n`);
    expect((await command.ended()).code).toBe(0);
  });

  afterEach(async () => {
    await setFaults({ appInactive: null, answerDelayMs: null });
  });

  test("every step is well, it ends with 0, and no secret is shown", async () => {
    const { code, out, err } = await run(DEMO);

    expect([code, err]).toEqual([0, ""]);
    expect(marksOf(out)).toEqual(marked("OK", ["TLS demo", "TLS live", ...STEPS]));
    expect(out).toMatch(/TLSv1\.3 in .* ms; certificate of CN=.*, by CN=Openbell sandbox authority/);
    expect(out).toMatch(/^\[OK\] {2}token +generation 1, good until .* ET; renewed by itself from .* ET$/m);
    expect(out).toMatch(/^\[OK\] {2}account +··\d{4}, .*the token opens \d demo accounts$/m);
    expect(out).toMatch(/^\[OK\] {2}balance +\d+(\.\d+)? [A-Z]{3}, /m);
    expect(out).toMatch(/^\[OK\] {2}latency +20 round trips, p50 [\d.]+ ms, p95 [\d.]+ ms$/m);
    const sandbox = JSON.stringify(await (await fetch(openbell.sandbox)).json());
    const [, secret = ""] = /"demoClientSecret":"([^"]+)"/.exec(sandbox) ?? [];
    expect(secret.length).toBeGreaterThan(10);
    expect(out).not.toContain(secret);
  });

  test("as JSON it is one object, with the same exit code", async () => {
    const { code, out } = await run([...DEMO, "--json"]);

    expect(code).toBe(0);
    const line = z.looseObject({ status: z.literal("ok"), step: z.string() });
    const report = z.object({ environment: z.literal("demo"), ok: z.literal(true), lines: z.array(line) });
    expect(report.parse(JSON.parse(out)).lines.map((one) => one.step)).toEqual(["tls", "tls", ...STEPS]);
  });

  test("an application that the broker does not let in is told with cause and next step", async () => {
    await setFaults({ appInactive: true });

    const { code, out } = await run(DEMO);

    expect(code).toBe(1);
    expect(out).toMatch(
      /^\[ERR\] application +BROKER_CREDENTIALS_REJECTED \(CH_CLIENT_AUTH_FAILURE\): .* Cause: .*not active\. Next: /m,
    );
    expect(marksOf(out).slice(4)).toEqual([
      "OK token",
      ...marked("--", ["account", "balance", "permission", "latency"]),
    ]);
  });

  test("a certificate of an authority that is not trusted ends it there: nothing is sent", async () => {
    const { ca } = await createTestAuthority(Date.now());

    const { code, out } = await withFile(authorityFile, ca, () => run(DEMO));

    expect(code).toBe(1);
    expect(out).toMatch(
      /^\[ERR\] TLS demo +BROKER_UNREACHABLE: .*Cause: The certificate .*not trusted here\./m,
    );
    expect(marksOf(out).slice(1)).toEqual([
      ...["ERR TLS live", "OK connection", "-- application", "OK token"],
      ...marked("--", ["account", "balance", "permission", "latency"]),
    ]);
  });

  test("a host where nobody listens is told, and the other one is tried all the same", async () => {
    const note = readFileSync(noteFile, "utf8").replace(/"demoPort":\d+/, '"demoPort":9');

    const { code, out } = await withFile(noteFile, note, () => run(DEMO));

    expect(code).toBe(1);
    expect(out).toMatch(/^\[ERR\] TLS demo .*127\.0\.0\.1:9.* Cause: Nothing listens/m);
    expect(marksOf(out).slice(1, 4)).toEqual(["OK TLS live", "OK connection", "-- application"]);
  });

  const wrap = findPseudoTerminal();
  describe.skipIf(wrap === undefined && process.env.CI !== "true")("in a pseudo-terminal", () => {
    test("lines come as they are known, and Ctrl-C leaves with 130 and says so", async () => {
      if (wrap === undefined) throw new Error("This machine has neither util-linux's script nor python3.");
      await setFaults({ answerDelayMs: 500 });
      const command = startCommand(DEMO, { home, wrap });
      await command.shows(/\[OK\] {2}application/);
      command.type(CTRL_C);

      const { code, out } = await command.ended();

      expect(code).toBe(130);
      expect(out).toContain("Left before the test was done");
      expect(out).not.toContain("latency");
    });
  });

  // The last one: nothing brings this grant back.
  test("a grant that the broker has ended is told, by the broker or from what the worker has learnt", async () => {
    await setFaults({ endTokensNow: "grants" });

    const { code, out } = await run(DEMO);

    expect(code).toBe(1);
    expect(out).toMatch(/^\[ERR\] (account +BROKER_TOKEN_REJECTED|token +TOKEN_NOT_LIVE)/m);
  });
});
