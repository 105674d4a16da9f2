import { Temporal } from "temporal-polyfill";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { authorizerOf, logIn, openTokenHouse, type TokenHouse } from "../../tests/support/token-house.ts";
import { type AlertRecord, alerts, type MorningRecord, mornings } from "../alerts/records.ts";
import { configSchema } from "../config/config.ts";
import { acknowledgeToken } from "../tokens/acknowledger.ts";
import { beat } from "../tokens/heartbeat.ts";
import { keepAlive } from "../tokens/keeper.ts";
import { noteRejection } from "../tokens/token-use.ts";
import { statusSchema } from "./api.ts";
import { reportStatus } from "./status-report.ts";
import { statusText } from "./status-text.ts";

let house: TokenHouse;
beforeEach(() => {
  house = openTokenHouse();
});
afterEach(() => house.close());

const OWNER = { kind: "terminal" } as const;
const config = configSchema.parse({ owner: { timeZone: "Europe/Paris" } });
const wait = (minutes: number) => house.clock.advanceBy(Temporal.Duration.from({ minutes }));
const acknowledge = () => acknowledgeToken(house.parts(), house.connection);

const workerBeats = () => beat(house, "worker", "test");

/** With a worker at work, as nearly always. */
async function report() {
  await workerBeats();
  return reportAsItIs();
}

async function reportAsItIs() {
  const { store, clock } = house;
  const found = await reportStatus({ store, clock, config, profile: "cloud", subscriber: "worker" });
  // What is reported is what the interface promises.
  statusSchema.parse({
    ...found,
    build: "test",
    words: ["amber", "otter"],
    sessionExpiresAt: "2026-11-24T05:00:00.000Z",
  });
  return found;
}

async function production() {
  const [first] = (await report()).connections;
  if (first === undefined) throw new Error("no connection");
  return first;
}

const kinds = async () => (await report()).attention.map((one) => one.kind);

function refuse() {
  const key = { connection: house.connection.id, generation: 1 };
  return noteRejection(house, key, "BROKER_TOKEN_REJECTED");
}

describe("a connection", () => {
  test("without a token needs its owner", async () => {
    expect(await production()).toMatchObject({
      token: { state: "missing", generation: 0 },
      acknowledged: false,
      loginBudget: { used: 0, limit: 8 },
      keepAlive: { health: "resting", failuresInRow: 0 },
    });
    expect(await kinds()).toEqual(["renew"]);
  });

  test("waiting for its PIN shows the login, until its five minutes are over", async () => {
    const begun = await authorizerOf(house).begin(house.connection.id, OWNER);
    const waiting = await production();
    await wait(5);
    const late = await production();

    expect(waiting.token.state).toBe("awaiting-pin");
    expect(waiting.authorization).toEqual({
      id: begun.ok && begun.value.id,
      authorizeUrl: "https://broker.example/authorize?token=request-1",
      expiresAt: "2026-11-23T13:36:00.000Z",
      attemptsLeft: 5,
    });
    expect(waiting.loginBudget).toEqual({ used: 1, limit: 8 });
    expect(late.token.state).toBe("missing");
    expect(late.authorization).toBeUndefined();
  });

  test("renewed but not confirmed is not green", async () => {
    await logIn(house);

    expect(await production()).toMatchObject({
      token: { state: "active", generation: 1 },
      acknowledged: false,
    });
    expect(await kinds()).toEqual(["not-acknowledged"]);
  });

  test("is green when this very generation was confirmed, and tells when it ends", async () => {
    await logIn(house);
    await acknowledge();

    expect(await production()).toMatchObject({
      token: {
        state: "active",
        generation: 1,
        issuedAt: "2026-11-23T13:31:00.000Z",
        idleAt: "2026-11-23T15:31:00.000Z",
        expiresAt: "2026-11-24T05:00:00.000Z",
      },
      acknowledged: true,
      acknowledgement: { generation: 1, accounts: 2, latencyMs: 12 },
      keepAlive: { health: "healthy", nextAt: "2026-11-23T14:46:00.000Z" },
    });
    expect(await kinds()).toEqual([]);
  });

  test("with a new token is not green by the word about the old one", async () => {
    await logIn(house);
    await acknowledge();
    await logIn(house);

    expect(await production()).toMatchObject({
      token: { generation: 2 },
      acknowledged: false,
      acknowledgement: { generation: 1 },
    });
  });

  test("that sleeps says until when it can be woken", async () => {
    await logIn(house);
    await acknowledge();
    await wait(120);

    expect(await production()).toMatchObject({
      token: { state: "idle", renewableUntil: "2026-11-24T05:00:00.000Z" },
      acknowledged: true,
    });
  });

  test("is not green after midnight, whatever was confirmed", async () => {
    await logIn(house);
    await acknowledge();
    await house.clock.advanceTo(Temporal.Instant.from("2026-11-24T05:00:00Z"));

    expect(await production()).toMatchObject({
      token: { state: "expired" },
      acknowledged: false,
      keepAlive: { health: "resting" },
    });
    expect(await kinds()).toEqual(["renew"]);
  });

  test("that the broker refuses is not green, says why, and is urgent", async () => {
    await logIn(house);
    await acknowledge();
    await refuse();

    expect(await production()).toMatchObject({
      token: { state: "rejected", rejection: "BROKER_TOKEN_REJECTED" },
      acknowledged: false,
      keepAlive: { health: "resting" },
    });
    expect(await kinds()).toEqual(["rejected"]);
  });

  test.each([
    [1, "failing"],
    [2, "failing"],
    [3, "unhealthy"],
  ])("whose keep-alive failed %i times is %s", async (failures, health) => {
    await logIn(house);
    await acknowledge();
    for (let one = 0; one < failures; one += 1) {
      house.issuer.failures.push({ method: "probe", code: "BROKER_UNREACHABLE" });
      await keepAlive(house.parts(), house.connection, { isForced: true });
    }

    expect((await production()).keepAlive).toMatchObject({
      health,
      failuresInRow: failures,
      lastOutcome: "BROKER_UNREACHABLE",
    });
    expect(await kinds()).toEqual(["keep-alive"]);
  });

  test("that is renewed on demand only asks for nothing", async () => {
    const { connections, attention } = await report();

    expect(connections[1]).toMatchObject({ id: "etrade-sandbox", token: { state: "missing" } });
    expect(attention.filter((one) => one.connection === "etrade-sandbox")).toEqual([]);
  });
});

describe("what needs the owner", () => {
  const undelivered = (over: Partial<AlertRecord> = {}): AlertRecord => ({
    content: { kind: "link" },
    createdAt: house.clock.now(),
    usefulUntil: house.clock.now().add({ hours: 1 }),
    state: "waiting",
    attempts: 1,
    notBefore: house.clock.now(),
    failure: "MESSENGER_UNREACHABLE",
    ...over,
  });
  const put = (id: string, record: AlertRecord) =>
    house.store.transact(async (transaction) => transaction.set(alerts, id, record));

  test("comes with the most urgent first", async () => {
    await put("a", undelivered());
    const other = { ...config.connections[1], needed: "every-morning" } as const;
    const both = configSchema.parse({ connections: [other, config.connections[0]] });
    await logIn(house);
    await refuse();
    await workerBeats();
    await wait(4);

    const { store, clock } = house;
    const found = await reportStatus({
      store,
      clock,
      config: both,
      profile: "cloud",
      subscriber: "worker",
    });

    expect(found.attention.map((one) => [one.kind, one.connection])).toEqual([
      ["rejected", "etrade-production"],
      ["renew", "etrade-sandbox"],
      ["worker-silent", undefined],
      ["alert-undelivered", undefined],
    ]);
  });

  test("includes a worker that was silent for three minutes, however green the connection is", async () => {
    await logIn(house);
    await acknowledge();
    await workerBeats();

    await wait(2);
    const early = await reportAsItIs();
    await wait(1);
    const late = await reportAsItIs();

    expect(early.attention).toEqual([]);
    expect(late.attention.map((one) => one.kind)).toEqual(["worker-silent"]);
    expect(late.connections[0]?.acknowledged).toBe(true);
    expect(statusText(late)).toContain("Needs you:\n• The worker has been silent");
    expect(statusText(late)).not.toContain("Nothing needs you");
  });

  test.each([
    ["waiting", {}, true],
    ["refused", {}, true],
    ["sending", {}, true],
    ["sent", {}, false],
    ["waiting", { failure: undefined }, false],
  ] as const)("an alert in state %s with %j is shown: %s", async (state, over, isShown) => {
    const { failure, ...rest } = undelivered({ state });
    await put("a", { ...rest, ...("failure" in over ? {} : failure !== undefined && { failure }) });

    expect((await kinds()).includes("alert-undelivered")).toBe(isShown);
  });

  test("an alert that is of no use any more is not shown", async () => {
    await put("a", undelivered());
    await wait(60);

    expect(await kinds()).not.toContain("alert-undelivered");
  });
});

describe("the history of mornings", () => {
  const OPEN = Temporal.Instant.from("2026-11-23T14:30:00Z");
  const before = OPEN.subtract({ minutes: 50 });
  const put = (date: string, over: Partial<MorningRecord>) =>
    house.store.transact(async (transaction) =>
      transaction.set(mornings, date, { date: Temporal.PlainDate.from(date), open: OPEN, ...over }),
    );

  test.each([
    ["waiting", { alertedAt: before }, OPEN.subtract({ minutes: 1 })],
    ["missed", { alertedAt: before }, OPEN],
    ["armed-before-open", { alertedAt: before, armedAt: OPEN.subtract({ seconds: 1 }) }, OPEN],
    ["armed-late", { alertedAt: before, armedAt: OPEN }, OPEN.add({ hours: 1 })],
    ["armed-late", { armedAt: OPEN.add({ minutes: 1 }) }, OPEN.add({ hours: 1 })],
    ["no-alert-needed", { armedAt: before }, OPEN],
  ] as const)("tells %s", async (outcome, over, now) => {
    await put("2026-11-23", over);
    await house.clock.advanceTo(now);

    expect((await report()).mornings).toMatchObject([{ date: "2026-11-23", outcome }]);
  });

  test("counts from the first alert to armed, newest morning first", async () => {
    await put("2026-11-20", { alertedAt: before, armedAt: before.add({ seconds: 42 }) });
    await put("2026-11-23", { alertedAt: before });

    const found = (await report()).mornings;

    expect(found.map((one) => one.date)).toEqual(["2026-11-23", "2026-11-20"]);
    expect(found[1]?.secondsToArmed).toBe(42);
    expect(found[0]).not.toHaveProperty("secondsToArmed");
  });
});

describe("a missing token", () => {
  test.each([
    ["2026-11-23T13:31:00Z", "E*TRADE production needs your login."],
    [
      "2026-11-26T15:00:00Z",
      "E*TRADE production needs your login, but not today: the market opens next on Fri 2026-11-27, and your phone rings before that.",
    ],
  ])("at %s is told as: %s", async (now, text) => {
    await house.clock.advanceTo(Temporal.Instant.from(now));

    expect((await report()).attention.map((one) => one.text)).toEqual([text]);
  });
});

describe("the market", () => {
  test.each([
    ["2026-11-23T13:31:00Z", "before-open", "2026-11-23", false],
    ["2026-11-23T14:30:00Z", "open", "2026-11-23", false],
    ["2026-11-23T21:00:00Z", "after-close", "2026-11-24", false],
    ["2026-11-26T15:00:00Z", "closed", "2026-11-27", true],
  ])("at %s is %s, and the session is that of %s", async (now, phase, date, halfDay) => {
    await house.clock.advanceTo(Temporal.Instant.from(now));

    expect((await report()).market).toMatchObject({ phase, session: { date, halfDay } });
  });
});

describe("in plain lines", () => {
  test("a missing token is red and asked for", async () => {
    const text = statusText(await report());

    expect(text).toContain("🔴 E*TRADE production: no token yet");
    expect(text).toContain("⚪ E*TRADE sandbox: no token yet");
    expect(text).toContain("Market opens Mon 2026-11-23 09:30 ET · 15:30 Paris");
    expect(text).toContain("Needs you:\n• E*TRADE production needs your login.");
  });

  test("only a confirmed token is green", async () => {
    await logIn(house);
    expect(statusText(await report())).toContain("🟡 E*TRADE production: renewed, not confirmed");
    await acknowledge();

    const text = statusText(await report());

    expect(text).toContain("🟢 E*TRADE production: active until 00:00 ET · 06:00 Paris");
    expect(text).toContain("Nothing needs you now.");
  });

  test("a refused, a sleeping and a dead token are told apart", async () => {
    await logIn(house);
    await acknowledge();
    await wait(120);
    expect(statusText(await report())).toContain(
      "🟡 E*TRADE production: asleep, can be woken until 00:00 ET",
    );
    await refuse();
    expect(statusText(await report())).toContain("🔴 E*TRADE production: refused by the broker");
    await house.clock.advanceTo(Temporal.Instant.from("2026-11-24T05:00:00Z"));
    expect(statusText(await report())).toContain("🔴 E*TRADE production: expired at 00:00 ET");
  });

  test("an open market tells its close, a half day as such", async () => {
    await house.clock.advanceTo(Temporal.Instant.from("2026-11-27T15:00:00Z"));

    expect(statusText(await report())).toContain("Market open until 13:00 ET · 19:00 Paris (half day)");
  });
});
