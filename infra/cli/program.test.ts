import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PlanRow } from "../../shared/calendar/format-plan.ts";
import { makeTemporaryFolder } from "../../shared/platform/local/temporary-folder.ts";
import { ROOT } from "../../tests/support/stack.ts";
import { runGuarded } from "./run-guarded.ts";
import { createFakeTerminal } from "./testing/fake-terminal.ts";

let folder: ReturnType<typeof makeTemporaryFolder>;

beforeEach(() => {
  folder = makeTemporaryFolder();
});

afterEach(() => folder.remove());

/** Runs a command line on a machine where Openbell has never run. */
async function run(commandLine: string) {
  const terminal = createFakeTerminal();
  const environment = {
    OPENBELL_HOME: join(folder.path, "home"),
    OPENBELL_CONFIG: join(folder.path, "openbell.yaml"),
    OPENBELL_KEYCHAIN: "off",
  };
  const argv = commandLine === "" ? [] : commandLine.split(" ");
  const interruption = new AbortController().signal;
  const code = await runGuarded(argv, { terminal, environment, root: ROOT, interruption });
  return { code, out: terminal.printed(), err: terminal.complained() };
}

const jsonOf = async (commandLine: string) => JSON.parse((await run(commandLine)).out);

describe("calendar", () => {
  test("the JSON is the trading days with the hours of the exchange's clock", async () => {
    expect(await jsonOf("calendar --from 2026-11-25 --to 2026-11-30 --json")).toEqual([
      { date: "2026-11-25", open: "09:30", close: "16:00" },
      { date: "2026-11-27", open: "09:30", close: "13:00" },
      { date: "2026-11-30", open: "09:30", close: "16:00" },
    ]);
  });

  test("the exchange's hours do not move when the clocks change", async () => {
    expect(await jsonOf("calendar --from 2026-03-06 --to 2026-03-09 --json")).toEqual([
      { date: "2026-03-06", open: "09:30", close: "16:00" },
      { date: "2026-03-09", open: "09:30", close: "16:00" },
    ]);
  });

  test("a closed day alone is an empty list", async () => {
    expect(await jsonOf("calendar --from 2026-12-25 --to 2026-12-25 --json")).toEqual([]);
  });

  test("the plain form names the days and marks the half days", async () => {
    const { out } = await run("calendar --from 2026-11-25 --to 2026-11-27");

    expect(out.split("\n")).toEqual([
      "day  date        open ET  close ET",
      "Wed  2026-11-25  09:30    16:00",
      "Fri  2026-11-27  09:30    13:00     half day: Day after Thanksgiving",
    ]);
  });

  test("a year that the calendar does not know is a failure in words", async () => {
    const { code, out, err } = await run("calendar --from 2060-01-01 --to 2060-01-31 --json");

    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(
      "The market calendar does not reach this date. (CALENDAR_OUT_OF_RANGE; date: 2060-01-01",
    );
  });

  test.each([
    ["calendar --from 2026-02-30 --to 2026-03-01", "It is not a date like"],
    ["calendar --from 20260301 --to 2026-03-01", "It is not a date like"],
    ["calendar --from 2026-03-01", "required option '--to <date>' not specified"],
    ["calendar --from 2026-03-02 --to 2026-03-01", "--to lies before --from"],
  ])("%s is not understood", async (commandLine, words) => {
    const { code, out, err } = await run(commandLine);

    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(words);
  });
});

describe("plan", () => {
  const planOf = async (options: string): Promise<readonly PlanRow[]> => jsonOf(`plan ${options} --json`);
  const ofKind = (rows: readonly PlanRow[], kind: string) => rows.filter((row) => row.kind === kind);

  test("a day's plan begins and ends with its midnights and tells each alert in three zones", async () => {
    writeFileSync(join(folder.path, "openbell.yaml"), "owner: { timeZone: Europe/London }\n");

    const rows = await planOf("--from 2026-11-23 --days 1");

    expect(ofKind(rows, "alert")).toEqual([
      expect.objectContaining({
        at: "2026-11-23T13:30:00.000Z",
        exchange: "2026-11-23T08:30:00-05:00",
        owner: "2026-11-23T13:30:00+00:00",
        name: "60 min before the open",
      }),
      expect.objectContaining({ at: "2026-11-23T14:00:00.000Z" }),
      expect.objectContaining({ at: "2026-11-23T14:20:00.000Z" }),
    ]);
    expect(ofKind(rows, "tick").map((row) => row.note)).toEqual([
      "288 calls, the last at 23:55 ET",
      "1440 calls, the last at 23:59 ET",
      "18 calls, the last at 09:50 ET",
    ]);
    expect(ofKind(rows, "token-death")).toEqual([]);
  });

  test("the rungs and the keep-alive are those of the configuration", async () => {
    writeFileSync(
      join(folder.path, "openbell.yaml"),
      "alerts: { minutesBeforeOpen: [120] }\ntokens: { keepAliveAfterMinutes: 110 }\n",
    );

    const rows = await planOf("--from 2026-11-23 --days 1");

    expect(ofKind(rows, "alert").map((row) => row.at)).toEqual(["2026-11-23T12:30:00.000Z"]);
    expect(ofKind(rows, "ping").at(0)).toMatchObject({ exchange: "2026-11-23T09:20:00-05:00" });
  });

  test("in the weeks when only America has changed its clocks the owner's hour moves", async () => {
    writeFileSync(join(folder.path, "openbell.yaml"), "owner: { timeZone: Europe/London }\n");

    const rows = await planOf("--from 2026-03-06 --days 4");

    const firstAlerts = ofKind(rows, "alert").filter((row) => row.name.startsWith("60"));
    expect(firstAlerts.map((row) => [row.exchange, row.owner])).toEqual([
      ["2026-03-06T08:30:00-05:00", "2026-03-06T13:30:00+00:00"],
      ["2026-03-09T08:30:00-04:00", "2026-03-09T12:30:00+00:00"],
    ]);
  });

  test("the plain form is a table for the owner's eyes, thirty days long", async () => {
    const { code, out } = await run("plan --from 2026-11-23");

    expect(code).toBe(0);
    const lines = out.split("\n");
    expect(lines[0]).toMatch(/^ET +UTC +what +name +note$/);
    expect(lines.at(-1)).toContain("Tue 2026-12-22");
    expect(out).toContain("half day, closes 13:00 ET: Day after Thanksgiving");
    expect(out).toContain("silent: Thanksgiving Day");
  });

  test("without a day it begins now: nothing of it is past", async () => {
    const before = Date.now();

    const rows = await planOf("--days 1");

    expect(rows.length).toBeGreaterThan(1);
    expect(Math.min(...rows.map((row) => Date.parse(row.at)))).toBeGreaterThan(before);
  });

  test.each(["0", "367", "1.5", "many", "-3"])("%s days are not understood", async (days) => {
    const { code, out } = await run(`plan --days ${days}`);

    expect([code, out]).toEqual([2, ""]);
  });

  test("a moment that is none is not understood", async () => {
    expect(await run("plan --from noon")).toMatchObject({ code: 2, out: "" });
  });
});

describe("what is not understood", () => {
  test.each([
    ["", 2],
    ["fly", 2],
    ["status --loud", 2],
    ["renew", 2],
    ["renew one two", 2],
    ["test", 2],
    ["test ctrader", 2],
    ["test ctrader --environment paper", 2],
    ["test etrade --environment demo", 2],
    ["test --help", 0],
    ["--help", 0],
    ["renew --help", 0],
  ])("%j ends with %i", async (commandLine, code) => {
    expect((await run(commandLine)).code).toBe(code);
  });

  test("the help names every command", async () => {
    const { out } = await run("--help");

    for (const name of ["status", "renew", "keepalive", "health", "test", "calendar", "plan"]) {
      expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
    }
  });
});

describe("where Openbell has never run", () => {
  test.each([
    ...["status", "health --json", "keepalive", "keepalive --force", "renew etrade-production"],
    "test ctrader --environment demo",
  ])("%s says what to start, and makes nothing", async (commandLine) => {
    const { code, out, err } = await run(commandLine);

    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe(
      "Openbell does not run on this machine. (STACK_NOT_RUNNING)\nStart it with `npm start` in another terminal, then try again.",
    );
    expect(existsSync(join(folder.path, "home"))).toBe(false);
  });
});

describe("a machine that is set up wrongly", () => {
  test("a broken configuration is told with its place", async () => {
    writeFileSync(join(folder.path, "openbell.yaml"), "owner: { timeZone: Mars/Base }\n");

    const { code, err } = await run("plan --days 1");

    expect(code).toBe(1);
    expect(err).toContain("is not an IANA time zone");
    expect(err).not.toContain("    at ");
  });

  test.each(["status", "health", "plan"])("a damaged clock file is told in one line (%s)", async (word) => {
    const home = join(folder.path, "home");
    mkdirSync(home);
    writeFileSync(join(home, "openbell-home"), "");
    writeFileSync(join(home, "clock.json"), "{");
    writeFileSync(join(home, "sandbox.json"), "{");

    const { code, err } = await run(word);

    expect(code).toBe(1);
    expect(err).toMatch(/^.*(clock|sandbox)\.json is damaged\..*npm start -- --fresh\n?$/);
    expect(readFileSync(join(home, "clock.json"), "utf8")).toBe("{");
  });

  test("a folder that holds other things is left alone", async () => {
    const home = join(folder.path, "home");
    mkdirSync(home);
    writeFileSync(join(home, "clock.json"), "{}");

    const { code, err } = await run("status");

    expect(code).toBe(1);
    expect(err).toContain("holds other things than Openbell's state");
    expect(readdirSync(home)).toEqual(["clock.json"]);
  });

  test("a home that cannot be read gives an id instead of a stack, and the log has it", async () => {
    const home = join(folder.path, "home");
    mkdirSync(home);
    writeFileSync(join(home, "openbell-home"), "");
    mkdirSync(join(home, "clock.json"));

    const { code, err } = await run("status");

    expect(code).toBe(1);
    const id = /\(INTERNAL; id: ([\w-]{12})\)/.exec(err)?.[1];
    expect(id).toBeDefined();
    expect(err).not.toContain("    at ");
    expect(readFileSync(join(home, "openbell.log"), "utf8")).toContain(id);
  });
});
