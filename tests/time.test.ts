/** Whole days, weeks and a month on the virtual clock: when the phone rings, and when the broker is called. */
import { Temporal } from "temporal-polyfill";
import { afterEach, expect, test } from "vitest";
import type { PhoneMessage } from "../infra/sandbox/owner/scripted-owner.ts";
import { connect, connectionOf, logIn, openCtraderStack, waitForSocket } from "./support/ctrader-stack.ts";
import { brokerCalls, moveClock, refusedCalls, setFaults } from "./support/sandbox-orders.ts";
import { openTestStack, PRODUCTION, renewByHttp, signIn, type TestStack } from "./support/stack.ts";

const NEW_YORK = "America/New_York";
const ACCOUNTS = "accounts/list";
const KEEP_ALIVE_MINUTES = 75;
/** The keeper looks every five minutes; the broker lets a token sleep after 120. */
const LATEST_KEEP_ALIVE_MINUTES = 80;
/** The last rung, where an armed token is proven once more however fresh it is. */
const PROOF = "09:20";

let stack: TestStack;
afterEach(() => stack.close());

const at = (iso: string) => Temporal.Instant.from(iso);

/** Half a minute before `alert`, so that {@link signIn} meets it. */
async function openBefore(alert: string): Promise<void> {
  stack = await openTestStack({ startAt: at(alert).subtract({ seconds: 30 }) });
}

/** Signs in by a link that is asked for on the page, whatever time it is. */
async function signInByFreshLink(): Promise<void> {
  await fetch(`${stack.addresses.console}api/session/link`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const link = await stack.owner.waitForMessage((one) => one.text.includes("fresh link"), 10_000);
  await stack.owner.openLink(link);
}

async function firstRings(): Promise<readonly PhoneMessage[]> {
  return (await stack.owner.messages()).filter((one) => one.text.includes("the market opens in 60 minutes"));
}

async function tokenNow() {
  const { connections } = await stack.owner.status();
  return connections.find((one) => one.id === PRODUCTION)?.token;
}

/** The minutes after each call that uses the token, until the next or its end, and whether that one is the morning's proof. */
function restsUntil(end: Temporal.Instant) {
  const calls = brokerCalls(stack, ACCOUNTS).map((call) => at(call.at));
  return calls.map((call, index) => {
    const next = calls[index + 1] ?? end;
    const clock = next.toZonedDateTimeISO(NEW_YORK).toPlainTime().toString({ smallestUnit: "minute" });
    return { minutes: call.until(next).total("minutes"), isBeforeProof: clock === PROOF };
  });
}

function expectSteadyKeepAlive(end: Temporal.Instant, { proofs }: { readonly proofs: number }): void {
  const rests = restsUntil(end);
  const last = rests.at(-1)?.minutes ?? Number.NaN;
  for (const { minutes, isBeforeProof } of rests.slice(0, -1)) {
    if (!isBeforeProof) expect(minutes).toBeGreaterThanOrEqual(KEEP_ALIVE_MINUTES);
    expect(minutes).toBeLessThanOrEqual(LATEST_KEEP_ALIVE_MINUTES);
  }
  expect(rests.filter((rest) => rest.isBeforeProof)).toHaveLength(proofs);
  expect(last).toBeGreaterThan(0);
  expect(last).toBeLessThanOrEqual(LATEST_KEEP_ALIVE_MINUTES);
  expect(refusedCalls(stack)).toEqual({});
}

test("a trading day: renewed in the morning, kept alive, dead at midnight without a call, rung again next morning", async () => {
  await openBefore("2026-11-23T13:30:00Z");
  const midnight = at("2026-11-24T05:00:00Z");
  await signIn(stack);
  await renewByHttp(stack);

  await moveClock(stack, { to: "2026-11-24T04:59:59Z" });
  const before = await tokenNow();
  expectSteadyKeepAlive(midnight, { proofs: 1 });
  const callsAlive = brokerCalls(stack, ACCOUNTS).length;
  await moveClock(stack, { to: "2026-11-24T05:00:00Z" });
  const dead = await tokenNow();
  await moveClock(stack, { to: "2026-11-24T13:30:00Z" });

  expect(before?.state).toBe("active");
  expect(before?.expiresAt).toBe("2026-11-24T05:00:00.000Z");
  expect(dead?.state).toBe("expired");
  expect(brokerCalls(stack, ACCOUNTS)).toHaveLength(callsAlive);
  expect((await firstRings()).map((one) => one.at)).toEqual([
    "2026-11-23T13:30:00.000Z",
    "2026-11-24T13:30:00.000Z",
  ]);
});

test("over the weekend of the spring change the phone is silent, then rings at 08:30 of the new time", async () => {
  const [friday, death, monday] = ["2026-03-06T13:30:00Z", "2026-03-07T05:00:00Z", "2026-03-09T12:30:00Z"];
  await openBefore(friday);
  await signIn(stack);
  await renewByHttp(stack);

  await moveClock(stack, { to: monday });

  expectSteadyKeepAlive(at(death), { proofs: 1 });
  const messages = (await stack.owner.messages()).filter((one) => !one.text.includes("is active"));
  expect(messages.map((one) => at(one.at).toString())).toEqual([friday, monday]);
  expect(await firstRings()).toHaveLength(2);
}, 60_000);

test.each([
  ["spring", "2026-03-08T05:30:00Z", "2026-03-09T04:00:00Z", 22.5],
  ["autumn", "2026-11-01T04:30:00Z", "2026-11-02T05:00:00Z", 24.5],
])(
  "a token taken before the %s change lives to midnight and is kept alive all the way",
  async (_season, start, death, hours) => {
    stack = await openTestStack({ startAt: at(start) });
    await signInByFreshLink();
    await renewByHttp(stack);
    const token = await tokenNow();

    await moveClock(stack, { to: at(death).add({ hours: 2 }).toString() });

    const life = at(token?.issuedAt ?? "").until(at(token?.expiresAt ?? ""));
    expect(life.total("hours")).toBe(hours);
    const { connections } = await stack.app.services.status();
    expect(connections.find((one) => one.id === PRODUCTION)?.token.state).toBe("expired");
    expectSteadyKeepAlive(at(death), { proofs: 0 });
  },
  60_000,
);

test.each([
  { over: "the autumn change", from: "2026-10-29", days: 8, halfDays: [] },
  { over: "Thanksgiving", from: "2026-11-24", days: 7, halfDays: ["2026-11-27T13:30:00.000Z"] },
])(
  "days in one step over $over ring at 08:30 on each trading day and on no other",
  async (leap) => {
    stack = await openTestStack({ startAt: at(`${leap.from}T12:00:00Z`) });

    await moveClock(stack, { advance: `P${leap.days}D` });

    const rings = (await firstRings()).map((one) => at(one.at).toZonedDateTimeISO(NEW_YORK));
    expect(rings.map((ring) => ring.toPlainTime().toString())).toEqual(rings.map(() => "08:30:00"));
    expect(rings.map((ring) => ring.toPlainDate().toString())).toEqual(tradingDays(leap.from, leap.days));
    const half = (await firstRings()).filter((one) => one.text.includes("half day"));
    expect(half.map((one) => one.at)).toEqual(leap.halfDays);
    expect(stack.simulators.etrade.state().counters).toEqual({});
  },
  120_000,
);

/** Each connection that got as far as the broker's door, also short ones for a call of the keeper's. */
function applicationLogins(): number {
  return stack.simulators.ctrader.simulator.state().counters["in ProtoOAApplicationAuthReq"] as number;
}

test("days in one step do not touch the cTrader socket: the same connection, the same lease, no login", async () => {
  stack = await openCtraderStack();
  await connect(stack);
  const before = await waitForSocket(stack, { phase: "ready", generation: 1 });
  const { connections } = stack.simulators.ctrader.simulator.state();
  const logins = applicationLogins();

  await moveClock(stack, { advance: "P3D" });

  const after = await waitForSocket(stack, { phase: "ready" });
  expect(stack.simulators.ctrader.simulator.state().connections).toEqual(connections);
  expect(applicationLogins()).toBe(logins);
  expect(after).toMatchObject({ epoch: before.epoch, generation: 1, readySince: before.readySince });
  expect(after.at.toString()).toBe(stack.clock.now().toString());
  expect(stack.logged()).not.toContain('"event":"leading-no-more"');
  expect((await stack.app.services.health()).checks).toMatchObject({ sockets: true, worker: true });
}, 120_000);

test("hours in one step with a broker that lets nobody in bring no storm: it is dialled by the machine's time", async () => {
  stack = await openCtraderStack();
  await connect(stack);
  await setFaults(stack, "ctrader", { appInactive: true, disconnectNow: "silently" });
  await waitForSocket(stack, { ready: false });
  await logIn(stack);
  const [logins, begun] = [applicationLogins(), performance.now()];

  await moveClock(stack, { advance: "PT6H" });
  const seconds = (performance.now() - begun) / 1_000;
  const tried = applicationLogins() - logins;
  const dark = await connectionOf(stack);
  await setFaults(stack, "ctrader", { appInactive: null });

  expect(tried).toBeLessThanOrEqual(seconds + 3);
  expect(dark).toMatchObject({
    acknowledged: false,
    token: { generation: 2 },
    trouble: { code: "BROKER_CREDENTIALS_REJECTED" },
  });
  expect(await connect(stack)).toBe(3);
}, 120_000);

const THANKSGIVING = "2026-11-26";

/** Weekdays from `first` on; Thanksgiving is the one holiday of this autumn. */
function tradingDays(first: string, days: number): readonly string[] {
  const date = Temporal.PlainDate.from(first);
  return Array.from({ length: days }, (_, index) => date.add({ days: index }))
    .filter((day) => day.dayOfWeek <= 5)
    .map((day) => day.toString())
    .filter((day) => day !== THANKSGIVING);
}
