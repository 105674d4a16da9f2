import fc from "fast-check";
import { expect, test } from "vitest";
import { ERRORS, type ErrorCode } from "../../shared/errors.ts";
import { aConnection, anArmedConnection, NOW, someMornings } from "../testing/a-status.ts";
import {
  describeCalm,
  describeConnection,
  describeProblem,
  describeSocket,
  environmentBadge,
  isLoginOver,
  spellCode,
  summariseMornings,
} from "./words.ts";

const NOW_MS = Date.parse(NOW);
const seen = { nowMs: NOW_MS, isFresh: true };

test("a connection is green when the worker has acknowledged its live token", () => {
  expect(describeConnection(anArmedConnection(), seen)).toMatchObject({ tone: "good", title: "Armed" });
});

test("a stored token without the worker's word is not green", () => {
  const standing = describeConnection(anArmedConnection({ acknowledged: false }), seen);

  expect(standing).toMatchObject({ tone: "pending", title: "Waiting for the worker" });
});

test("green goes out at the moment of expiry, before the server says so", () => {
  const midnightMs = Date.parse("2026-03-24T04:00:00.000Z");

  expect(describeConnection(anArmedConnection(), { nowMs: midnightMs - 1, isFresh: true }).tone).toBe("good");
  expect(describeConnection(anArmedConnection(), { nowMs: midnightMs, isFresh: true }).title).toBe("Expired");
});

test("green goes out when the server has not been heard for long", () => {
  expect(describeConnection(anArmedConnection(), { nowMs: NOW_MS, isFresh: false }).tone).toBe("neutral");
});

test("nothing but an acknowledged, active, unexpired token seen freshly is green", () => {
  const states = ["missing", "awaiting-pin", "active", "idle", "expired", "rejected"] as const;
  const anything = fc.record({
    state: fc.constantFrom(...states),
    acknowledged: fc.boolean(),
    isFresh: fc.boolean(),
    leftMs: fc.integer({ min: -5, max: 5 }),
    needed: fc.constantFrom("every-morning" as const, "on-demand" as const),
  });

  fc.assert(
    fc.property(anything, ({ state, acknowledged, isFresh, leftMs, needed }) => {
      const expiresAt = new Date(NOW_MS + leftMs).toISOString();
      const connection = aConnection({ acknowledged, needed, token: { state, generation: 1, expiresAt } });

      const { tone } = describeConnection(connection, { nowMs: NOW_MS, isFresh });

      expect(tone === "good").toBe(state === "active" && acknowledged && isFresh && leftMs > 0);
    }),
  );
});

test("a token that is needed each morning is missed more than one on demand", () => {
  expect(describeConnection(aConnection(), seen).tone).toBe("trouble");
  expect(describeConnection(aConnection({ needed: "on-demand" }), seen).tone).toBe("neutral");
});

test("why the broker rejected a token is told in words", () => {
  const rejected = aConnection({
    token: { state: "rejected", generation: 1, rejection: "BROKER_TOKEN_REJECTED" },
  });

  expect(describeConnection(rejected, seen).note).toContain("(broker token rejected)");
});

test("a connection without PINs is told without them, and connected where others are renewed", () => {
  const ctrader = { login: "redirect", needed: "on-demand" } as const;
  const notes = (["missing", "awaiting-pin", "expired", "rejected"] as const).map((state) => {
    const { title, note } = describeConnection(
      aConnection({ ...ctrader, token: { state, generation: 1 } }),
      seen,
    );
    return `${title} ${note}`;
  });

  expect(notes.join(" ")).not.toMatch(/PIN|Renew|New York/);
  expect(notes[1]).toBe("Waiting for the broker’s page A login is open at the broker.");
});

test("a proven token on a connection that is down is not called armed", () => {
  const at = new Date(NOW_MS).toISOString();
  const socket = { phase: "waiting", ready: false, readySince: at, epoch: 1, build: "b", at } as const;

  const standing = describeConnection(anArmedConnection({ socket }), seen);

  expect(standing).toMatchObject({ tone: "pending", title: "Not connected" });
  expect(describeConnection(anArmedConnection({ socket: { ...socket, ready: true } }), seen).tone).toBe(
    "good",
  );
});

test("all is set only while no connection with a token is down: the headline never speaks against a card", () => {
  const at = new Date(NOW_MS).toISOString();
  const socket = { phase: "reconciling", ready: false, readySince: at, epoch: 1, build: "b", at } as const;
  const demo = { id: "ctrader-demo", label: "cTrader demo", needed: "on-demand" } as const;
  const needed = anArmedConnection();

  const down = describeCalm([needed, anArmedConnection({ ...demo, socket })], true);

  expect(down).toEqual({
    tone: "pending",
    title: "Not all set yet",
    note: "cTrader demo is being connected: no order can be sent there yet.",
  });
  expect(describeCalm([anArmedConnection({ socket })], true).tone).toBe("pending");
  const up = anArmedConnection({ ...demo, socket: { ...socket, phase: "ready", ready: true } });
  expect(describeCalm([needed, up], true)).toMatchObject({ tone: "good", title: "All set" });
  expect(describeCalm([needed, up], false).title).toBe("Nothing needs you");
});

test("a socket is told by its phase, by what it waits for, and as silent when its worker is", () => {
  const nowMs = Date.parse("2026-03-23T12:31:00Z");
  const at = "2026-03-23T12:30:30.000Z";
  const socket = { phase: "ready", ready: true, readySince: at, epoch: 3, build: "b", at } as const;

  expect(describeSocket(socket, nowMs)).toBe("ready");
  expect(describeSocket({ ...socket, phase: "reconciling", ready: false }, nowMs)).toBe("comparing books");
  expect(describeSocket({ ...socket, phase: "waiting", waitingFor: "maintenance" }, nowMs)).toBe(
    "waiting for the broker’s maintenance",
  );
  expect(describeSocket(socket, nowMs + 61_000)).toBe("silent");
});

test("codes become words", () => {
  expect(spellCode("BROKER_TIMEOUT")).toBe("broker timeout");
});

test("a problem without an answer still says what to do", () => {
  expect(describeProblem({ kind: "unreachable" })).toEqual({
    message: "Openbell did not answer.",
    next: "Check this phone’s connection, then try again.",
  });
});

const told = (code: ErrorCode) => {
  const { status, summary, next } = ERRORS[code];
  return { kind: "refused", status, code, message: summary, next } as const;
};

test("whatever ends a login sends to the button that the page has, not to one of the overview", () => {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  const toRenew = codes.filter((code) => /press renew/i.test(ERRORS[code].next));

  const nexts = toRenew.map((code) => describeProblem(told(code)).next);

  expect(toRenew.length).toBeGreaterThan(0);
  expect(nexts.filter((next) => !/press “Start again”/i.test(next))).toEqual([]);
});

test("a wrong PIN leaves the login open, the last wrong one ends it", () => {
  expect(isLoginOver(told("PIN_REFUSED"))).toBe(false);
  expect(isLoginOver(told("PIN_WRONG_TOO_OFTEN"))).toBe(true);
});

test("a problem carries the code that the guides explain, and other words stay as they came", () => {
  expect(describeProblem(told("BROKER_UNAVAILABLE"))).toEqual({
    message: ERRORS.BROKER_UNAVAILABLE.summary,
    next: ERRORS.BROKER_UNAVAILABLE.next,
    code: "BROKER_UNAVAILABLE",
  });
});

test("the score counts the mornings that needed an alert and are over", () => {
  const open = "2026-03-23T13:30:00.000Z";
  const mornings = [
    { date: "2026-03-23", open, outcome: "waiting" as const },
    { date: "2026-03-22", open, outcome: "no-alert-needed" as const },
    ...someMornings(),
  ];

  expect(summariseMornings(mornings)).toEqual({ inTime: 6, of: 8, medianSeconds: 82 });
});

test("the median of an even number of mornings lies between the middle two", () => {
  const open = "2026-03-23T13:30:00.000Z";
  const took = (secondsToArmed: number) => ({
    date: "2026-03-20",
    open,
    secondsToArmed,
    outcome: "armed-before-open" as const,
  });

  expect(summariseMornings([took(50), took(40), took(10), took(90)])?.medianSeconds).toBe(45);
  expect(summariseMornings([])).toBeUndefined();
});

test.each([
  ["production", "production", true],
  ["live", "live", true],
  ["sandbox", "sandbox", false],
  ["demo", "demo", false],
])(
  "the environment %s stands out where it moves real money, and nothing does where all is simulated",
  (environment, word, isReal) => {
    expect(environmentBadge(environment, false)).toEqual({ word, isReal });
    expect(environmentBadge(environment, true)).toEqual({ word: `${word}, simulated`, isReal: false });
  },
);
