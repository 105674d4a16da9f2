/** Deliver-twice mode: what carries messages doubles, delays and loses them, and nothing changes. */
import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, expect, test } from "vitest";
import { alerts } from "../shared/alerts/records.ts";
import { tokens } from "../shared/tokens/records.ts";
import { openTestStack, PRODUCTION, renewByHttp, signIn, type TestStack } from "./support/stack.ts";

const ACCOUNTS_LIST = "accounts/list";
const MINUTES = (minutes: number) => Temporal.Duration.from({ minutes });
let stack: TestStack;

beforeEach(async () => {
  stack = await openTestStack();
});
afterEach(() => stack.close());

async function set(board: string, faults: unknown): Promise<void> {
  const answer = await fetch(`${stack.addresses.sandbox}/${board}/faults`, {
    method: "POST",
    body: JSON.stringify(faults),
  });
  expect(answer.status).toBe(200);
}

async function run(job: string): Promise<number> {
  const answer = await fetch(`${stack.addresses.sandbox}/jobs/${job}/run`, { method: "POST" });
  return ((await answer.json()) as { status: number }).status;
}

/** How often the broker's list of accounts was asked for: the worker's and the keeper's real call. */
function accountCalls(): number {
  return stack.simulators.etrade.state().calls.filter((call) => call.endpoint === ACCOUNTS_LIST).length;
}

async function morningMessages() {
  return (await stack.owner.messages()).filter((message) => message.text.includes("the market opens in"));
}

test("doubled scheduler calls ring each rung once", async () => {
  await set("delivery", { deliverTwice: true });

  await stack.clock.advanceBy(MINUTES(61));

  const texts = (await morningMessages()).map((message) => /in (\d+) minutes/.exec(message.text)?.[1]);
  expect(texts).toEqual(["60", "30", "10"]);
});

test("many calls at once ring once", async () => {
  await stack.clock.advanceBy(Temporal.Duration.from({ seconds: 31 }));

  const statuses = await Promise.all(Array.from({ length: 10 }, () => run("morning-alert")));

  expect(statuses).toEqual(Array.from({ length: 10 }, () => 200));
  expect(await morningMessages()).toHaveLength(1);
});

test("a lost call is made good by the next one, which rings the newest rung only", async () => {
  const late = await openTestStack({ startAt: Temporal.Instant.from("2026-11-23T14:05:00Z") });
  try {
    await late.clock.advanceTo(Temporal.Instant.from("2026-11-23T14:11:00Z"));

    const texts = (await late.owner.messages()).map((message) => message.text.split("\n")[0]);
    expect(texts).toEqual(["🔔 Good morning: the market opens in 20 minutes"]);
  } finally {
    await late.close();
  }
});

test("a doubled broadcast brings one acknowledgement, one real call and one message", async () => {
  await set("delivery", { deliverTwice: true });
  await signIn(stack);

  await renewByHttp(stack);

  expect(accountCalls()).toBe(1);
  const told = (await stack.owner.messages()).filter((message) => message.text.includes("is active"));
  expect(told).toHaveLength(1);
});

test("a lost broadcast is made good by the worker's own look", async () => {
  await set("delivery", { dropFraction: 1 });
  await signIn(stack);
  const authorization = await stack.owner.begin(PRODUCTION);
  const pin = await stack.owner.logIn(authorization);
  const generation = await stack.owner.enterPin(PRODUCTION, authorization.id, pin);

  await stack.clock.advanceBy(Temporal.Duration.from({ seconds: 30 }));

  const { connections } = await stack.owner.status();
  expect(connections.find((one) => one.id === PRODUCTION)).toMatchObject({
    acknowledged: true,
    token: { generation },
  });
});

test("a broadcast that comes after the next token acknowledges the next token only", async () => {
  await signIn(stack);
  await set("delivery", { delayMs: 600_000 });
  await renewLater();
  await renewLater();

  await stack.clock.advanceBy(MINUTES(11));

  const { connections } = await stack.owner.status();
  const production = connections.find((one) => one.id === PRODUCTION);
  expect(production?.acknowledgement?.generation).toBe(2);
  expect(production?.acknowledged).toBe(true);

  async function renewLater() {
    const authorization = await stack.owner.begin(PRODUCTION);
    const pin = await stack.owner.logIn(authorization);
    await stack.owner.enterPin(PRODUCTION, authorization.id, pin);
  }
});

test("doubled keep-alive calls use the token once", async () => {
  await signIn(stack);
  await renewByHttp(stack);
  const before = accountCalls();
  await set("delivery", { deliverTwice: true });

  await stack.clock.advanceBy(MINUTES(80));

  expect(accountCalls()).toBe(before + 1);
  expect((await stack.app.platform.store.get(tokens, PRODUCTION as never))?.generation).toBe(1);
});

test("doubled and late updates of the phone are answered once", async () => {
  await set("telegram", { deliverTwice: true });

  await fetch(`${stack.addresses.phone}send`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: "/status" }),
  });
  await stack.owner.waitForMessage((one) => one.text.includes("E*TRADE production"), 10_000);
  await stack.clock.advanceBy(MINUTES(5));

  const answers = (await stack.owner.messages()).filter((one) => one.text.includes("E*TRADE sandbox:"));
  expect(answers).toHaveLength(1);
});

test("a messenger that fails does not fail the job, shows on the page, and is tried again", async () => {
  await set("telegram", { unreachable: true });
  await stack.clock.advanceBy(Temporal.Duration.from({ seconds: 31 }));
  expect(await run("morning-alert")).toBe(200);
  const report = await stack.app.services.status();

  await set("telegram", { unreachable: false });
  await stack.clock.advanceBy(MINUTES(2));

  expect(report.attention.map((one) => one.kind)).toContain("alert-undelivered");
  expect(await morningMessages()).toHaveLength(1);
  const records = await stack.app.platform.store.query(alerts);
  expect(records.map((one) => one.value.state)).toEqual(["sent"]);
});
