import { beforeEach, describe, expect, test } from "vitest";
import { createMemoryDial } from "../../../infra/sandbox/ctrader/testing/memory-dial.ts";
import { openRig, type Rig } from "../../../infra/sandbox/ctrader/testing/rig.ts";
import { type CtraderConnection, connectionSchema } from "../../config/connection.ts";
import { createSeededRandom } from "../../platform/local/seeded-random.ts";
import type { Log } from "../../platform/log.ts";
import { fail, succeed } from "../../platform/result.ts";
import { Secret } from "../../platform/secret.ts";
import type { TestLine } from "../connection-test.ts";
import type { CtraderEnvironment, CtraderPlace } from "./environments.ts";
import type { CtraderAddress, Dial } from "./link.ts";
import { packGrant } from "./oauth/token.ts";
import { type ConnectionTestDeps, testConnections } from "./test-connections.ts";
import { createScriptedDial } from "./testing/scripted-link.ts";

const silentLog: Log = { info() {}, warn() {}, error() {}, for: () => silentLog };
const EVERY_STEP = [
  ...["tls", "tls", "connection", "application", "token", "account", "balance", "permission", "latency"],
];

function aConnection(environment: CtraderEnvironment, over: object = {}): CtraderConnection {
  return connectionSchema.parse({
    ...{ id: `ctrader-${environment}`, broker: "ctrader", environment, needed: "on-demand" },
    ...{ label: `cTrader ${environment}`, ...over },
  }) as CtraderConnection;
}

const BOTH = [aConnection("demo"), aConnection("live")];

let rig: Rig;
let secret: string;
let accessToken: string;
let refreshToken: string;
beforeEach(() => {
  rig = openRig();
  secret = rig.applications.demo.clientSecret;
  ({ accessToken, refreshToken } = rig.grant());
  return () => rig.close();
});

interface Trial {
  readonly environment?: CtraderEnvironment;
  readonly connections?: readonly CtraderConnection[];
  readonly dial?: Dial;
  readonly signal?: AbortSignal;
  readonly over?: Partial<ConnectionTestDeps>;
  socketOf?(place: CtraderPlace): CtraderAddress;
}

/** Runs the whole test against the simulated broker, time passing as it wants. */
async function run(trial: Trial = {}) {
  const lines: TestLine[] = [];
  const asked: string[] = [];
  const deps: ConnectionTestDeps = {
    dial: trial.dial ?? createMemoryDial(rig.gateway),
    timers: rig.timers,
    random: createSeededRandom("test"),
    log: silentLog,
    async keyOf({ id }) {
      asked.push(id);
      return succeed({ key: rig.applications.demo.clientId, secret: Secret.of(secret) });
    },
    async tokenOf({ id }) {
      asked.push(id);
      const grant = { accessToken: Secret.of(accessToken), refreshToken: Secret.of(refreshToken) };
      const expiresAt = rig.clock.now().add({ hours: 24 * 30 });
      const token = packGrant({ ...grant, life: undefined });
      return succeed({ token, generation: 3, expiresAt, replacedFrom: expiresAt.subtract({ hours: 144 }) });
    },
    ...trial.over,
  };
  const running = testConnections(deps, {
    environment: trial.environment ?? "demo",
    connections: trial.connections ?? BOTH,
    socketOf: trial.socketOf ?? (({ environment }) => ({ host: `${environment}.test`, port: 5035 })),
    hear: (line) => lines.push(line),
    ...(trial.signal !== undefined && { signal: trial.signal }),
  });
  await rig.timers.advance(60_000);
  return { isWell: await running, lines, asked: new Set(asked), text: JSON.stringify(lines) };
}

/** Calls `run` in the moment before each frame is written. */
function onWrite(run: () => void): Dial {
  const dial = createMemoryDial(rig.gateway);
  return (address, events) => {
    const link = dial(address, events);
    return {
      write(bytes) {
        run();
        return link.write(bytes);
      },
      close: () => link.close(),
    };
  };
}

const outcomes = (lines: readonly TestLine[]) => lines.map(({ step, status }) => `${step} ${status}`);

function lineOf(lines: readonly TestLine[], step: TestLine["step"]) {
  return lines.find((one) => one.step === step);
}

function troubleOf(lines: readonly TestLine[], step: TestLine["step"]) {
  const line = lineOf(lines, step);
  return line?.status === "failed" ? line.trouble : undefined;
}

describe("where all is well", () => {
  test("every step is told once, in order, with what it showed", async () => {
    const { isWell, lines, text } = await run();

    expect(isWell).toBe(true);
    expect(outcomes(lines)).toEqual(EVERY_STEP.map((step) => `${step} ok`));
    for (const hidden of [secret, accessToken, refreshToken]) expect(text).not.toContain(hidden);
    expect(lines.slice(0, 2)).toMatchObject([
      { environment: "demo", address: "demo.test:5035", found: { protocol: "TLSv1.3" } },
      { environment: "live", address: "live.test:5035", found: { issuer: "CN=Sandbox authority" } },
    ]);
    expect(lineOf(lines, "token")).toMatchObject({ connection: "ctrader-demo", found: { generation: 3 } });
    expect(lineOf(lines, "account")).toMatchObject({ found: { account: expect.stringMatching(/^\d{4}$/) } });
    expect(lineOf(lines, "balance")).toMatchObject({
      found: { balance: expect.stringMatching(/^\d+(\.\d+)?$/) },
    });
    expect(lineOf(lines, "latency")).toMatchObject({ found: { roundTrips: 20 } });
  });

  test("the other environment's host sees a handshake and nothing else, and its key and token are not read", async () => {
    const scripted = createScriptedDial();
    const toMemory = createMemoryDial(rig.gateway);
    const dial: Dial = (address, events) =>
      (address.host.startsWith("live") ? scripted.dial : toMemory)(address, events);

    const { lines, asked } = await run({ dial });

    expect(scripted.links.map((link) => [link.sent.length, link.isClosed()])).toEqual([[0, true]]);
    expect(asked).toEqual(new Set(["ctrader-demo"]));
    expect(lines.filter((one) => one.environment === "live")).toHaveLength(1);
  });

  test("live is tried on the live host with the live connection", async () => {
    const { isWell, lines, asked } = await run({ environment: "live" });

    expect(isWell).toBe(true);
    expect(lines.map((one) => one.address)).toEqual([
      ...["live.test:5035", "demo.test:5035"],
      ...Array(7).fill(undefined),
    ]);
    expect(asked).toEqual(new Set(["ctrader-live"]));
  });

  test("several connections of the environment are tried one after the other", async () => {
    const connections = [aConnection("demo"), aConnection("demo", { id: "ctrader-second" })];

    const { isWell, lines } = await run({ connections });

    expect(isWell).toBe(true);
    expect(lines.map((one) => one.connection)).toEqual([
      ...Array(2).fill(undefined),
      ...Array(7).fill("ctrader-demo"),
      ...Array(7).fill("ctrader-second"),
    ]);
  });

  test("percentiles are round trips that took so long, by nearest rank", async () => {
    let delay = 0;
    const dial = onWrite(() => rig.setFaults({ answerDelayMs: ++delay }));

    const { lines } = await run({ dial });

    // Five requests come before the twenty, which take 6 to 25 ms.
    expect(lineOf(lines, "latency")).toMatchObject({ found: { p50Ms: 15, p95Ms: 24 } });
  });

  test("its twenty round trips keep far under the broker's limit", async () => {
    const writtenAt: number[] = [];

    await run({ dial: onWrite(() => writtenAt.push(rig.timers.now())) });

    const roundTripsAt = writtenAt.slice(-20);
    const pauses = roundTripsAt.slice(1).map((at, index) => at - (roundTripsAt[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100);
  });
});

describe("where something is wrong", () => {
  const afterwards = (failed: string, ...steps: readonly string[]) => [
    failed,
    ...steps.map((step) => `${step} not-reached`),
  ];

  test("no connection of the environment: both hosts are tried all the same", async () => {
    const { isWell, lines } = await run({ environment: "live", connections: [aConnection("demo")] });

    expect(isWell).toBe(false);
    expect(outcomes(lines)).toEqual([
      ...["tls ok", "tls ok"],
      ...afterwards(
        "connection failed",
        "application",
        "token",
        "account",
        "balance",
        "permission",
        "latency",
      ),
    ]);
    expect(troubleOf(lines, "connection")).toMatchObject({
      code: "CONNECTION_MISSING",
      cause: expect.stringContaining("`environment: live`"),
    });
  });

  test("no key: the token's life is told, and nothing is sent", async () => {
    const keyOf = async () => fail("CREDENTIAL_MISSING", { name: "broker-ctrader-demo" });

    const { isWell, lines } = await run({ over: { keyOf } });

    expect(isWell).toBe(false);
    expect(outcomes(lines).slice(2)).toEqual([
      ...["connection ok", "application failed", "token ok"],
      ...["account not-reached", "balance not-reached", "permission not-reached", "latency not-reached"],
    ]);
    expect(troubleOf(lines, "application")?.cause).toContain("No client id and secret");
  });

  test.each([
    ["missing", {}, "never been connected"],
    ["expired", { since: "2026-11-20T10:00:00Z" }, "ended on Fri 2026-11-20 10:00 UTC"],
    ["rejected", { since: "2026-11-20T10:00:00Z" }, "stopped accepting"],
  ])("a token that is %s: the application is tried without it", async (state, detail, cause) => {
    const tokenOf = async () => fail("TOKEN_NOT_LIVE", { state, ...detail });

    const { isWell, lines } = await run({ over: { tokenOf } });

    expect(isWell).toBe(false);
    expect(outcomes(lines).slice(2)).toEqual([
      ...["connection ok", "application ok"],
      ...afterwards("token failed", "account", "balance", "permission", "latency"),
    ]);
    expect(troubleOf(lines, "token")?.cause).toContain(cause);
  });

  test("a wrong client secret is told by the broker's word, with cause and next step", async () => {
    secret = "not-the-secret";

    const { isWell, lines, text } = await run();

    expect(isWell).toBe(false);
    expect(outcomes(lines).slice(2)).toEqual([
      ...["connection ok", "application failed", "token ok"],
      ...["account not-reached", "balance not-reached", "permission not-reached", "latency not-reached"],
    ]);
    expect(troubleOf(lines, "application")).toMatchObject({
      code: "BROKER_CREDENTIALS_REJECTED",
      brokerCode: "CH_CLIENT_AUTH_FAILURE",
      cause: expect.stringContaining("do not belong together"),
      next: expect.stringContaining("Copy both anew"),
    });
    expect(text).not.toContain("not-the-secret");
  });

  test("a token that the broker has ended is told at the account", async () => {
    rig.setFaults({ endTokensNow: "access-tokens" });

    const { lines } = await run();

    expect(outcomes(lines).slice(3)).toEqual([
      ...["application ok", "token ok"],
      ...afterwards("account failed", "balance", "permission", "latency"),
    ]);
    expect(troubleOf(lines, "account")?.code).toBe("BROKER_TOKEN_REJECTED");
  });

  test("a grant for looking only fails at the permission alone", async () => {
    ({ accessToken } = rig.grant({ scope: "accounts" }));

    const { isWell, lines } = await run();

    expect(isWell).toBe(false);
    expect(lines.filter((one) => one.status !== "ok").map((one) => one.step)).toEqual(["permission"]);
    expect(troubleOf(lines, "permission")).toMatchObject({
      code: "TRADING_NOT_PERMITTED",
      cause: expect.stringContaining("scope of the token is too small"),
    });
  });

  test.each([
    [[], "access to no demo account"],
    [[aConnection("demo", { account: "zzzz" })], "is not among those"],
  ])("an account that is not there (%#)", async (connections, cause) => {
    if (connections.length === 0) ({ accessToken } = rig.grant({ accounts: [40_200_001] }));

    const { lines } = await run(connections.length === 0 ? {} : { connections });

    expect(troubleOf(lines, "account")).toMatchObject({
      code: "ACCOUNT_MISSING",
      cause: expect.stringContaining(cause),
    });
  });

  test("a rate limit is told by its cause", async () => {
    rig.setFaults({ blockPayloadType: { payloadType: 2104, retryAfterSeconds: 600 } });

    const { lines } = await run();

    expect(outcomes(lines).at(-1)).toBe("latency failed");
    expect(troubleOf(lines, "latency")).toMatchObject({
      code: "BROKER_RATE_LIMITED",
      cause: expect.stringContaining("too often"),
      next: expect.stringMatching(/^Wait \d{3} seconds\./),
    });
  });

  test("a broker that takes connections and never answers is a time-out", async () => {
    rig.setFaults({ silentAnswerShare: 1 });

    const { lines } = await run();

    expect(outcomes(lines).slice(0, 4)).toEqual(["tls ok", "tls ok", "connection ok", "application failed"]);
    expect(troubleOf(lines, "application")).toMatchObject({
      code: "BROKER_TIMEOUT",
      cause: expect.stringContaining("within ten seconds"),
    });
  });

  test("maintenance is told by the broker's word", async () => {
    rig.setFaults({ maintenanceUntil: rig.clock.now().add({ hours: 2 }).toString() });

    expect(troubleOf((await run()).lines, "application")).toMatchObject({
      brokerCode: "SERVER_IS_UNDER_MAINTENANCE",
    });
  });

  test.each([
    ["refused", "Nothing listens"],
    ["unreachable", "name is not known"],
    ["certificate-refused", "authority that is not trusted"],
    ["connect-timeout", "within ten seconds"],
    ["reset", "ended the connection"],
  ] as const)("a host whose handshake ends as %s: nothing more is sent there", async (end, cause) => {
    const scripted = createScriptedDial({ opensItself: false });
    const dial: Dial = (address, events) => {
      const link = scripted.dial(address, events);
      const far = scripted.latest();
      queueMicrotask(() => far.end(end));
      return link;
    };

    const { isWell, lines } = await run({ dial });

    expect(isWell).toBe(false);
    expect(scripted.links).toHaveLength(2);
    expect(troubleOf(lines, "tls")).toMatchObject({
      code: "BROKER_UNREACHABLE",
      cause: expect.stringContaining(cause),
    });
    expect(outcomes(lines).slice(2, 5)).toEqual(["connection ok", "application not-reached", "token ok"]);
  });

  test("the other host's trouble fails the test, and does not keep it from its own steps", async () => {
    const scripted = createScriptedDial({ opensItself: false });
    const toMemory = createMemoryDial(rig.gateway);
    const dial: Dial = (address, events) => {
      if (address.host.startsWith("demo")) return toMemory(address, events);
      const link = scripted.dial(address, events);
      queueMicrotask(() => scripted.latest().end("certificate-refused"));
      return link;
    };

    const { isWell, lines } = await run({ dial });

    expect(isWell).toBe(false);
    expect(outcomes(lines)).toEqual(EVERY_STEP.map((step, at) => `${step} ${at === 1 ? "failed" : "ok"}`));
  });

  test("a broker's text that repeats a secret is shown without it", async () => {
    const scripted = createScriptedDial({
      onMessage(message, link) {
        if (message.name !== "ProtoOAApplicationAuthReq") return;
        const description = `Unknown pair (app, ${message.body.clientSecret})`;
        link.say(
          "ProtoOAErrorRes",
          { errorCode: "CH_CLIENT_AUTH_FAILURE", description },
          message.clientMsgId,
        );
      },
    });

    const { lines, text } = await run({ dial: scripted.dial });

    expect(troubleOf(lines, "application")?.description).toBe("Unknown pair (app, [secret])");
    expect(text).not.toContain(secret);
  });
});

test("a test that is left tells nothing more, and leaves no connection open", async () => {
  const leaving = new AbortController();
  rig.timers.after(500, () => leaving.abort());

  const { isWell, lines } = await run({ signal: leaving.signal });

  expect(isWell).toBe(false);
  expect(outcomes(lines)).not.toContain("latency ok");
  expect(lines.every((one) => one.status === "ok")).toBe(true);
  expect(rig.gateway.connections()).toEqual([]);
});
