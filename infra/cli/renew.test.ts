import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import type { ApiConnectionStatus } from "../../shared/console/api.ts";
import { fail, type Result, succeed } from "../../shared/platform/result.ts";
import { type RenewDeps, renew } from "./renew.ts";
import { aConnection, anArmedConnection, aReport } from "./testing/a-connection.ts";
import { createFakeTerminal, type FakeTerminal } from "./testing/fake-terminal.ts";

const LOGIN = {
  id: "login-1",
  authorizeUrl: "https://broker.example/authorize?token=a",
  expiresAt: "2026-11-23T13:35:00.000Z",
  attemptsLeft: 5,
};
const ACCEPTED = succeed({ connection: "etrade-production", generation: 3 });
const STORED = anArmedConnection({ acknowledged: false });

interface Trial {
  readonly terminal: FakeTerminal;
  /** What the broker says to each PIN, in order. */
  readonly outcomes?: readonly Awaited<ReturnType<RenewDeps["services"]["complete"]>>[];
  /** How the connection looks after each pause; the last one stays. */
  readonly looks?: readonly Partial<ApiConnectionStatus>[];
  readonly begun?: Result<typeof LOGIN>;
  /** Ctrl-C at this pause after so many PINs. */
  readonly interrupted?: { readonly afterPins: number; readonly atPause: number };
}

/** A house in which each pause takes ten seconds of the product's clock. */
function aHouse({ terminal, outcomes = [], looks = [{}], begun = succeed(LOGIN), ...trial }: Trial) {
  const interruption = new AbortController();
  const sent: string[] = [];
  const begins: unknown[] = [];
  let pauses = 0;
  let now = Temporal.Instant.from("2026-11-23T13:30:00Z");
  let isOpen = false;
  const look = () => looks[Math.min(Math.max(sent.length === 0 ? 0 : pauses, 0), looks.length - 1)] ?? {};
  const deps: RenewDeps = {
    terminal,
    services: {
      async status() {
        const attemptsLeft = LOGIN.attemptsLeft - sent.length;
        const login = isOpen && attemptsLeft > 0 ? { authorization: { ...LOGIN, attemptsLeft } } : {};
        return aReport(aConnection({ ...login, ...look() }));
      },
      async begin(request) {
        begins.push(request);
        isOpen = begun.ok;
        return begun;
      },
      async complete({ pin }) {
        sent.push(pin.reveal());
        const outcome = outcomes[sent.length - 1] ?? ACCEPTED;
        pauses = 0;
        if (outcome.ok) isOpen = false;
        return outcome;
      },
    },
    clock: { now: () => now },
    ownerTimeZone: "Europe/London",
    async pause() {
      pauses += 1;
      now = now.add({ seconds: 10 });
      const { afterPins, atPause } = trial.interrupted ?? {};
      if (sent.length === afterPins && pauses === atPause) interruption.abort();
    },
    interruption: interruption.signal,
  };
  return { deps, sent, begins, pauses: () => pauses };
}

test("a good PIN ends with 0 only when the worker has confirmed the token", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const house = aHouse({ terminal, looks: [STORED, STORED, STORED, anArmedConnection()] });

  const code = await renew(house.deps, "etrade-production");

  expect(code).toBe(0);
  expect(house.pauses()).toBe(3);
  expect(house.begins).toEqual([{ connection: "etrade-production", actor: { kind: "terminal" } }]);
  expect(terminal.complained()).toBe("");
  expect(terminal.printed()).toContain("  https://broker.example/authorize?token=a\n");
  expect(terminal.printed()).toContain("This login is good until 08:35 ET · 13:35 London.");
  expect(terminal.printed()).toMatch(
    /stored\. The worker makes a real call with it…\nArmed\. The worker has confirmed E\*TRADE production\. It sees 2 accounts \(trades on ··4321\); the broker answered in 45 ms\. Good until 00:00 ET · 05:00 London\.$/,
  );
});

test("an older acknowledgement does not count", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const older = anArmedConnection({ token: { state: "active", generation: 2 } });

  const code = await renew(aHouse({ terminal, looks: [older] }).deps, "etrade-production");

  expect(code).toBe(1);
  expect(terminal.complained()).toContain("the worker has not confirmed it yet");
});

test("a wrong PIN is asked for again with the attempts that are left", async () => {
  const terminal = createFakeTerminal(["WRONG", "!", "ABCDE"]);
  const outcomes = [fail("PIN_REFUSED", { attemptsLeft: 4 }), fail("PIN_MALFORMED"), ACCEPTED];
  const looks = [{}, anArmedConnection()];

  const code = await renew(aHouse({ terminal, outcomes, looks }).deps, "etrade-production");

  expect(code).toBe(0);
  expect(terminal.questions).toEqual([
    "PIN from the broker's page",
    "PIN (4 attempts left)",
    "PIN (3 attempts left)",
  ]);
  expect(terminal.complained()).toMatch(/^The broker did not take this PIN\. \(PIN_REFUSED\)\n/);
  expect(terminal.complained()).toContain("This is not a PIN of the broker");
});

test("the wrong PIN that closes the login is the last one asked for", async () => {
  const terminal = createFakeTerminal(["A1", "A2", "A3", "A4", "A5", "A6"]);
  const refused = fail("PIN_REFUSED");
  const outcomes = [refused, refused, refused, refused, fail("PIN_WRONG_TOO_OFTEN")];
  const house = aHouse({ terminal, outcomes });

  const code = await renew(house.deps, "etrade-production");

  expect(code).toBe(1);
  expect(house.sent).toHaveLength(5);
  expect(terminal.questions.at(-1)).toBe("PIN (1 attempt left)");
  expect(terminal.complained()).toContain("Too many wrong PINs: this login is closed.");
});

test("a login that cannot be begun is told, and no PIN is asked for", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const begun = fail("LOGIN_BUDGET_SPENT", { used: 8 });

  const code = await renew(aHouse({ terminal, begun }).deps, "etrade-production");

  expect(code).toBe(1);
  expect(terminal.questions).toEqual([]);
  expect(terminal.lines()).toMatch(
    /^Today's logins .*\(LOGIN_BUDGET_SPENT; used: 8\)\nWait for the broker's next day/,
  );
});

test("leaving the prompt ends with 130 and sends nothing", async () => {
  const terminal = createFakeTerminal([], { kind: "left" });
  const house = aHouse({ terminal });

  const code = await renew(house.deps, "etrade-production");

  expect(code).toBe(130);
  expect(house.sent).toEqual([]);
  expect(terminal.complained()).toBe("Left without a PIN. Nothing has changed; this login ends by itself.");
});

test("Ctrl-C while a pipe is read ends with 130", async () => {
  const terminal = createFakeTerminal();

  const code = await renew(
    aHouse({ terminal, interrupted: { afterPins: 0, atPause: 2 } }).deps,
    "etrade-production",
  );

  expect(code).toBe(130);
});

test("the prompt ends when the broker's five minutes do", async () => {
  const terminal = createFakeTerminal();
  const house = aHouse({ terminal });

  const code = await renew(house.deps, "etrade-production");

  expect(code).toBe(1);
  expect(house.deps.clock.now().toString()).toBe("2026-11-23T13:35:00Z");
  expect(terminal.complained()).toContain("The broker's five minutes for this login are over.");
});

test("a pipe that ends before a PIN was taken is a failure", async () => {
  const terminal = createFakeTerminal(["WRONG"], { kind: "ended" });
  const house = aHouse({ terminal, outcomes: [fail("PIN_REFUSED")] });

  const code = await renew(house.deps, "etrade-production");

  expect(code).toBe(1);
  expect(terminal.complained()).toContain("The input ended before the broker took a PIN.");
});

test("a lost answer of the broker is not a failure when the token turns up", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const looks = [{}, {}, {}, anArmedConnection({ token: { state: "active", generation: 1 } })];
  const outcomes = [fail("AUTHORIZATION_OUTCOME_UNKNOWN")];

  const code = await renew(aHouse({ terminal, outcomes, looks }).deps, "etrade-production");

  expect(code).toBe(0);
  expect(terminal.printed()).toContain("whether it took the PIN is unknown");
  expect(terminal.printed()).toContain("Armed.");
});

test("a lost answer that nothing settles stays unknown", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const outcomes = [fail("AUTHORIZATION_OUTCOME_UNKNOWN")];

  const code = await renew(aHouse({ terminal, outcomes }).deps, "etrade-production");

  expect(code).toBe(1);
  expect(terminal.complained()).toContain("whether it took the PIN is unknown");
});

test("a token that the broker refuses is told at once", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const rejected = aConnection({ token: { state: "rejected", generation: 3 } });
  const house = aHouse({ terminal, looks: [STORED, rejected] });

  const code = await renew(house.deps, "etrade-production");

  expect([code, house.pauses()]).toEqual([1, 1]);
  expect(terminal.complained()).toContain("The broker does not accept the token.");
});

test("a trouble of the worker that does not pass is told at once", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const trouble = { code: "BROKER_SIGNATURE_REFUSED", at: "2026-11-23T13:30:10.000Z" };
  const house = aHouse({ terminal, looks: [STORED, { ...STORED, trouble }] });

  const code = await renew(house.deps, "etrade-production");

  expect([code, house.pauses()]).toEqual([1, 1]);
  expect(terminal.complained()).toContain("Check the consumer secret of this connection.");
});

test("a trouble that may pass is waited for, and named in the end", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const trouble = { code: "BROKER_UNAVAILABLE", at: "2026-11-23T13:30:10.000Z" };

  const code = await renew(aHouse({ terminal, looks: [{ ...STORED, trouble }] }).deps, "etrade-production");

  expect(code).toBe(1);
  expect(terminal.printed()).toContain(
    "Still waiting for the worker… The broker's service is not available right now.",
  );
  expect(terminal.complained()).toContain("(ACKNOWLEDGEMENT_MISSING; worker: BROKER_UNAVAILABLE)");
});

test("Ctrl-C after the PIN says that the work goes on", async () => {
  const terminal = createFakeTerminal(["ABCDE"]);
  const house = aHouse({ terminal, looks: [STORED], interrupted: { afterPins: 1, atPause: 2 } });

  const code = await renew(house.deps, "etrade-production");

  expect([code, house.pauses()]).toEqual([130, 2]);
  expect(terminal.complained()).toContain("it goes on by itself");
});

const CTRADER = { login: "redirect", label: "cTrader demo" } as const;

test("a broker that leads back takes the address that the browser shows in place of a PIN", async () => {
  const terminal = createFakeTerminal(["http://127.0.0.1:8080/api/oauth/ctrader/callback?code=abc"]);
  const house = aHouse({ terminal, looks: [CTRADER, { ...STORED, ...CTRADER }, anArmedConnection(CTRADER)] });

  const code = await renew(house.deps, "etrade-production");

  expect(code).toBe(0);
  expect(house.sent).toEqual(["http://127.0.0.1:8080/api/oauth/ctrader/callback?code=abc"]);
  expect(terminal.questions).toEqual(["Address of the page to which the broker led back"]);
  expect(terminal.lines()).not.toContain("PIN");
});

test("a login that ends in the browser needs nothing from the terminal", async () => {
  const terminal = createFakeTerminal();
  const house = aHouse({ terminal, looks: [CTRADER] });
  const { status } = house.deps.services;
  let looks = 0;
  const services = {
    ...house.deps.services,
    status: async () => {
      looks += 1;
      return looks < 4 ? status() : aReport(anArmedConnection(CTRADER));
    },
  };

  const code = await renew({ ...house.deps, services }, "etrade-production");

  expect(code).toBe(0);
  expect(house.sent).toEqual([]);
  expect(terminal.printed()).toContain("The broker took the code and the token is stored.");
  expect(terminal.printed()).toContain("Armed.");
});

test("leaving a login that leads back names no PIN", async () => {
  const terminal = createFakeTerminal([], { kind: "ended" });
  const house = aHouse({ terminal, looks: [CTRADER] });

  expect(await renew(house.deps, "etrade-production")).toBe(1);
  expect(terminal.complained()).toBe("The input ended before the broker took a code.");
});
