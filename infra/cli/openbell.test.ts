import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { healthSchema, keepAliveListSchema, statusSchema } from "../../shared/console/api.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { botsYaml, lineOf } from "../../tests/support/bots-yaml.ts";
import { type RunningOpenbell, startOpenbell } from "../../tests/support/running-openbell.ts";
import { logInAtBroker } from "../sandbox/owner/broker-login.ts";
import { findPseudoTerminal } from "./testing/pseudo-terminal.ts";
import { type CommandOptions, type RunningCommand, startCommand } from "./testing/running-command.ts";

const PRODUCTION = "etrade-production";
const ESCAPE = "\u001b";
const CTRL_C = "\u0003";
const LINK = /^ {2}(http:\S+)\s*$/m;

const reportSchema = statusSchema.omit({ words: true, sessionExpiresAt: true, build: true });

const folder = makeTemporaryFolder();
const home = `${folder.path}/home`;
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

async function pinFor(command: RunningCommand): Promise<string> {
  const [, link = ""] = await command.shows(LINK);
  return logInAtBroker(link);
}

async function findConnection(id: string) {
  const report = reportSchema.parse(JSON.parse((await run(["status", "--json"])).out));
  return report.connections.find((one) => one.id === id);
}

describe("by pipes", () => {
  test("the status is the page's, as JSON and in plain lines without colours", async () => {
    const plain = await run(["status"]);

    expect(plain).toMatchObject({ code: 0, err: "" });
    expect(plain.out).toContain("E*TRADE production: ");
    expect(plain.out).not.toContain(ESCAPE);
    expect(await findConnection(PRODUCTION)).toMatchObject({ needed: "every-morning" });
  });

  test("a bot whose strategy there is not is refused with its line and the strategies that there are", async () => {
    const file = `${folder.path}/wrong.yaml`;
    const text = botsYaml("strategy: rsi-sentiment", "strategy: rsi-sentimant");
    writeFileSync(file, text);

    const { code, out, err } = await run(["status"], { environment: { OPENBELL_CONFIG: file } });

    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain(
      `wrong.yaml:${lineOf(text, "rsi-sentimant")}: bots[0].strategy: is no strategy: write one of `,
    );
    expect(err).toContain("did you mean rsi-sentiment?");
  });

  test("the health ends with 0 while the worker is at work", async () => {
    const { code, out } = await run(["health", "--json"]);

    expect(code).toBe(0);
    expect(healthSchema.parse(JSON.parse(out))).toMatchObject({ status: "ok", checks: { worker: true } });
  });

  test("a PIN that comes by a pipe renews, and a forced keep-alive then uses the token", async () => {
    const command = startCommand(["renew", "etrade-sandbox"], { home });
    command.type(`${await pinFor(command)}\n`);

    const { code, out, err } = await command.ended();

    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("Armed. The worker has confirmed E*TRADE sandbox.");
    expect(out).not.toContain(ESCAPE);
    expect(await findConnection("etrade-sandbox")).toMatchObject({ acknowledged: true });

    const forced = await run(["keepalive", "--force", "--json"]);

    expect(forced.code).toBe(0);
    const { connections } = keepAliveListSchema.parse(JSON.parse(forced.out));
    expect(connections.find((one) => one.connection === "etrade-sandbox")).toMatchObject({
      health: "healthy",
      lastOutcome: "ok",
      failuresInRow: 0,
    });
  });

  test("a pipe with wrong PINs only ends with 1", async () => {
    const command = startCommand(["renew", PRODUCTION], { home });
    command.type("WRONG\n");
    command.endInput();

    const { code, err } = await command.ended();

    expect(code).toBe(1);
    expect(err).toContain("The broker did not take this PIN.");
    expect(err).toContain("The input ended before the broker took a PIN.");
  });

  test("an interrupt while a pipe is awaited ends with 130", async () => {
    const command = startCommand(["renew", PRODUCTION], { home });
    await command.shows(LINK);
    command.signal("SIGINT");

    expect((await command.ended()).code).toBe(130);
  });

  test("a connection that does not exist is told in words", async () => {
    const { code, err } = await run(["renew", "nobody"]);

    expect(code).toBe(1);
    expect(err).toMatch(
      /^There is no connection of this name\. \(CONNECTION_UNKNOWN\)\nUse one of the names/,
    );
  });

  test("a moved clock ends a login that waits", async () => {
    const command = startCommand(["renew", PRODUCTION], { home });
    await command.shows(LINK);
    await fetch(`${openbell.sandbox}/clock`, { method: "POST", body: '{"advance":"PT5M1S"}' });

    const { code, err } = await command.ended();

    expect(code).toBe(1);
    expect(err).toContain("The broker's five minutes for this login are over.");
  });
});

const wrap = findPseudoTerminal();
if (wrap === undefined && process.env.CI !== "true") {
  process.stderr.write(
    "Left out: the terminal in a pseudo-terminal; it needs util-linux's script or python3.\n",
  );
}

describe.skipIf(wrap === undefined && process.env.CI !== "true")("in a pseudo-terminal", () => {
  function open(argv: readonly string[], environment: Record<string, string> = {}): RunningCommand {
    if (wrap === undefined) throw new Error("This machine has neither util-linux's script nor python3.");
    return startCommand(argv, { home, wrap, environment });
  }

  test("the owner renews: a wrong PIN is asked for again, and only the worker's word ends it with 0", async () => {
    const before = await findConnection(PRODUCTION);
    const command = open(["renew", PRODUCTION]);
    const pin = await pinFor(command);
    await command.shows(/PIN from the broker's page/);
    command.type("WRONG\r");
    await command.shows(/PIN \(4 attempts left\)/);
    command.type(`${pin.toLowerCase()}\r`);

    const { code, out } = await command.ended();

    expect(out).toContain("The broker did not take this PIN.");
    expect(out).toContain("The worker has confirmed E*TRADE production.");
    expect(code).toBe(0);
    const after = await findConnection(PRODUCTION);
    expect(after?.acknowledged).toBe(true);
    expect(after?.acknowledgement?.generation).toBe((before?.token.generation ?? 0) + 1);
  });

  test("Ctrl-C at the prompt leaves with 130, says so, and gives the cursor back", async () => {
    const command = open(["renew", PRODUCTION]);
    await command.shows(/PIN from the broker's page/);
    command.type(CTRL_C);

    const { code, out } = await command.ended();

    expect(code).toBe(130);
    expect(out).toContain("Left without a PIN.");
    expect(out.lastIndexOf(`${ESCAPE}[?25h`)).toBeGreaterThan(out.lastIndexOf(`${ESCAPE}[?25l`));
  });

  test("colours are shown, but not to who does not want them", async () => {
    const colourful = await open(["status"]).ended();
    const plain = await open(["status"], { NO_COLOR: "1" }).ended();

    expect(colourful.out).toContain(`${ESCAPE}[1m`);
    expect(plain.out).toContain("E*TRADE production");
    expect(plain.out).not.toContain(ESCAPE);
  });
});

test("when the stack has ended the state can still be read, and all else says what to start", async () => {
  const other = `${folder.path}/other`;
  const brief = await startOpenbell({ home: other });
  await brief.end("SIGINT");

  const status = await run(["status"], { home: other });
  const renewal = await run(["renew", PRODUCTION], { home: other });
  const forced = await run(["keepalive", "--force"], { home: other });

  expect(status).toMatchObject({ code: 0, err: "" });
  for (const { code, out, err } of [renewal, forced]) {
    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^Openbell does not run on this machine\. .*\nStart it with `npm start`/);
  }
});

test("a reader that has seen enough is no fault", async () => {
  const command = startCommand(["plan", "--days", "366"], { home });
  command.stopReading();

  const { code, err } = await command.ended();

  expect([code, err]).toEqual([0, ""]);
});
