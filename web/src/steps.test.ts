import fc from "fast-check";
import { expect, test } from "vitest";
import type { ApiConnectionStatus, ApiStatus } from "../../shared/console/api.ts";
import { aConnection, anArmedConnection, aStatus, NOW } from "../testing/a-status.ts";
import type { Problem } from "./api.ts";
import {
  advance,
  LATE_AFTER_MS,
  progressOf,
  type RenewalEvent,
  type RenewalStep,
  resume,
  SLOW_AFTER_MS,
} from "./steps.ts";

const ID = "etrade-production";
const authorization = {
  id: "login-1",
  authorizeUrl: "https://us.etrade.com/e/t/etws/authorize",
  expiresAt: "2026-03-23T12:36:00.000Z",
  attemptsLeft: 5,
};
const wrongPin: Problem = {
  kind: "refused",
  status: 422,
  code: "PIN_REFUSED",
  message: "Wrong.",
  next: "Again.",
};
const silence: Problem = { kind: "unreachable" };

const play = (start: RenewalStep, ...events: RenewalEvent[]) => events.reduce(advance, start);
const look = (connection: ApiConnectionStatus, atMs: number, askedAtMs = atMs): RenewalEvent => ({
  type: "looked",
  status: aStatus({ connections: [connection] }) satisfies ApiStatus,
  askedAtMs,
  atMs,
});
const begun: RenewalEvent = { type: "begun", authorization, isRedirect: false, generation: 6, atMs: 1_000 };
const accepted: RenewalEvent = { type: "accepted", accepted: { connection: ID, generation: 7 }, atMs: 2_000 };
const starting: RenewalStep = { step: "starting", connection: ID };

const waiting = (over: Partial<ApiConnectionStatus> = {}) =>
  aConnection({ token: { state: "awaiting-pin", generation: 6 }, authorization, ...over });
const stored = () => anArmedConnection({ acknowledged: false });

test("from Renew to armed", () => {
  const pin = play(starting, begun);
  const confirming = play(pin, { type: "pin-sent" }, accepted);
  const told = play(confirming, look(stored(), 3_000));
  const armed = play(told, look(anArmedConnection(), 4_000));

  expect(pin).toMatchObject({ step: "pin", authorization: { id: "login-1" }, isSending: false });
  expect(confirming).toMatchObject({ step: "confirming", generation: 7, isTold: false });
  expect(told).toMatchObject({ step: "confirming", isTold: true });
  expect(armed).toEqual({ step: "armed", connection: ID, generation: 7 });
});

test("an acknowledgement of an older generation does not arm", () => {
  const older = anArmedConnection({
    acknowledgement: { at: NOW, generation: 6, accounts: 2, latencyMs: 1, account: "1111" },
  });

  expect(play(starting, begun, accepted, look(older, 3_000)).step).toBe("confirming");
});

test("armed is reached by an acknowledgement of the accepted generation or a newer one, and by nothing else", () => {
  const anything = fc.record({
    acknowledged: fc.boolean(),
    state: fc.constantFrom("missing", "awaiting-pin", "active", "idle", "expired", "rejected"),
    generation: fc.integer({ min: 5, max: 9 }),
    heard: fc.integer({ min: 5, max: 9 }),
  });

  fc.assert(
    fc.property(anything, ({ acknowledged, state, generation, heard }) => {
      const connection = anArmedConnection({
        acknowledged,
        token: { state: state as "active", generation },
        acknowledgement: { at: NOW, generation: heard, accounts: 1, latencyMs: 1, account: "1111" },
      });

      const next = play(starting, begun, accepted, look(connection, 3_000));

      const isArmed = acknowledged && state === "active" && generation >= 7 && heard >= 7;
      expect(next.step === "armed").toBe(isArmed);
    }),
  );
});

test("a wrong PIN keeps the login open, and the status tells how many attempts are left", () => {
  const refused = play(starting, begun, { type: "pin-sent" }, { type: "not-accepted", problem: wrongPin });
  const looked = play(
    refused,
    look(waiting({ authorization: { ...authorization, attemptsLeft: 4 } }), 3_000),
  );

  expect(refused).toMatchObject({ step: "pin", isSending: false, problem: wrongPin });
  expect(looked).toMatchObject({ step: "pin", authorization: { attemptsLeft: 4 }, problem: wrongPin });
});

test("the next try takes the last complaint away", () => {
  const again = play(starting, begun, { type: "not-accepted", problem: wrongPin }, { type: "pin-sent" });

  expect(again).toMatchObject({ step: "pin", isSending: true });
  expect(again).not.toHaveProperty("problem");
});

test("a login that the server no longer has is over, with the reason", () => {
  const refused = play(starting, begun, { type: "not-accepted", problem: wrongPin });
  const { authorization: _, ...without } = waiting();

  expect(play(refused, look(without, 3_000))).toEqual({ step: "closed", connection: ID, problem: wrongPin });
});

const outcomeUnknown: Problem = {
  kind: "refused",
  status: 504,
  code: "AUTHORIZATION_OUTCOME_UNKNOWN",
  message: "Whether it took the PIN is unknown.",
  next: "Wait half a minute.",
};

test("an unknown outcome that brought no token is told as lost, not as still unknown", () => {
  const unknown = play(starting, begun, { type: "not-accepted", problem: outcomeUnknown });
  const { authorization: _, ...without } = waiting();

  const open = play(unknown, look(waiting(), 3_000));
  const closed = play(open, look(without, 4_000));

  expect(open).toMatchObject({ step: "pin", problem: outcomeUnknown });
  expect(closed).toMatchObject({
    step: "closed",
    connection: ID,
    problem: { code: "AUTHORIZATION_LOST", message: "This login is lost: log in once more." },
  });
});

test("an unknown outcome is not called lost because five minutes are over, but a minute later it is", () => {
  const unknown = play(starting, begun, { type: "not-accepted", problem: outcomeUnknown });
  const { authorization: _, ...without } = waiting();
  const lookAt = (now: string): RenewalEvent => ({
    type: "looked",
    status: aStatus({ now, connections: [without] }),
    askedAtMs: 3_000,
    atMs: 3_000,
  });

  const expired = play(unknown, lookAt(authorization.expiresAt));

  expect(expired).toBe(unknown);
  expect(play(expired, lookAt("2026-03-23T12:36:59.999Z"))).toBe(unknown);
  expect(play(expired, look(stored(), 4_000))).toMatchObject({ step: "confirming", generation: 7 });
  expect(play(expired, lookAt("2026-03-23T12:37:00.000Z"))).toMatchObject({
    step: "closed",
    problem: { code: "AUTHORIZATION_LOST" },
  });
});

test("a PIN that was still being checked is no reason once the login is over", () => {
  const busy: Problem = { ...outcomeUnknown, status: 409, code: "AUTHORIZATION_BUSY" };
  const pin = play(starting, begun, { type: "not-accepted", problem: busy });
  const { authorization: _, ...without } = waiting();

  expect(play(pin, look(without, 3_000))).toEqual({ step: "closed", connection: ID });
});

test("a status that was asked for before the login began decides nothing", () => {
  const { authorization: _, ...without } = waiting();
  const pin = play(starting, begun);

  expect(play(pin, look(without, 1_500, 900))).toBe(pin);
});

test("while a PIN is on its way no status decides", () => {
  const { authorization: _, ...without } = waiting();
  const sent = play(starting, begun, { type: "pin-sent" });

  expect(play(sent, look(without, 3_000))).toBe(sent);
});

test("a PIN whose answer was lost is found accepted in the status", () => {
  const lost = play(starting, begun, { type: "pin-sent" }, { type: "not-accepted", problem: silence });

  expect(play(lost, look(waiting(), 3_000))).toMatchObject({ step: "pin", problem: silence });
  expect(play(lost, look(stored(), 3_000))).toMatchObject({
    step: "confirming",
    generation: 7,
    isTold: true,
  });
  expect(play(lost, look(anArmedConnection(), 3_000))).toMatchObject({ step: "armed" });
});

test("after a minute without the worker's word it is late, and may still arm", () => {
  const confirming = play(starting, begun, accepted);
  const early = play(confirming, look(stored(), 2_000 + LATE_AFTER_MS - 1));
  const late = play(confirming, look(stored(), 2_000 + LATE_AFTER_MS));

  expect(early).toMatchObject({ step: "confirming", isLate: false });
  expect(late).toMatchObject({ step: "confirming", isLate: true });
  expect(play(late, look(anArmedConnection(), 90_000)).step).toBe("armed");
});

test("after three seconds the worker is slow, which is not late", () => {
  const confirming = play(starting, begun, accepted);

  const soon = play(confirming, look(stored(), 2_000 + SLOW_AFTER_MS - 1));
  const slow = play(confirming, look(stored(), 2_000 + SLOW_AFTER_MS));

  expect(soon).toMatchObject({ step: "confirming", isSlow: false });
  expect(slow).toMatchObject({ step: "confirming", isSlow: true, isLate: false });
});

test("a stored token is told as news that is out, as nobody knows yet whether the worker heard it", () => {
  const told = play(starting, begun, accepted, look(stored(), 3_000));

  const lines = progressOf(told as Parameters<typeof progressOf>[0]);

  expect(lines[2]).toEqual({ text: "The news is out", state: "done" });
});

test("a new token that the broker rejects is told, an older rejection is not", () => {
  const rejected = (generation: number) =>
    aConnection({ token: { state: "rejected", generation, rejection: "BROKER_TOKEN_REJECTED" } });
  const confirming = play(starting, begun, accepted);

  expect(play(confirming, look(rejected(7), 3_000))).toEqual({
    step: "refused",
    connection: ID,
    rejection: "BROKER_TOKEN_REJECTED",
  });
  expect(play(confirming, look(rejected(6), 3_000)).step).toBe("confirming");
});

test("the broker's way back leads to the same progress, and can be tried again when nobody answered", () => {
  const returning: RenewalStep = { step: "returning", requestToken: "t", verifier: "v" };

  expect(play(returning, accepted)).toMatchObject({ step: "confirming", connection: ID, generation: 7 });
  expect(play(returning, { type: "not-accepted", problem: silence })).toMatchObject({
    step: "returning",
    problem: silence,
  });
  expect(play(returning, { type: "not-accepted", problem: wrongPin })).toEqual({
    step: "closed",
    problem: wrongPin,
  });
});

test("a login that could not begin says why", () => {
  expect(play(starting, { type: "not-begun", problem: silence })).toEqual({
    step: "not-started",
    connection: ID,
    problem: silence,
  });
});

test("an open login is resumed, and without one there is nothing to resume", () => {
  expect(resume(waiting(), 5_000)).toMatchObject({ step: "pin", generationBefore: 6, sinceMs: 5_000 });
  expect(resume(aConnection(), 5_000)).toBeUndefined();
});

test("the fourth line is done only when armed", () => {
  const confirming = {
    step: "confirming",
    connection: ID,
    generation: 7,
    sinceMs: 0,
    isSlow: false,
    isLate: false,
  } as const;
  const states = (step: Parameters<typeof progressOf>[0]) => progressOf(step).map(({ state }) => state);

  expect(states({ ...confirming, isTold: false })).toEqual(["done", "done", "active", "waiting"]);
  expect(states({ ...confirming, isTold: true })).toEqual(["done", "done", "done", "active"]);
  expect(states({ step: "armed", connection: ID, generation: 7 })).toEqual(["done", "done", "done", "done"]);
  expect(states({ step: "refused", connection: ID })).toEqual(["done", "done", "done", "failed"]);
});
