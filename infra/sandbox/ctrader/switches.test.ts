import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { MessageName } from "../../../shared/brokers/ctrader/protocol/names.ts";
import { createSwitchDesk, holdSwitches } from "../switches.ts";
import { type Faults, SWITCHES } from "./faults.ts";
import { FrameCutter, MOST_FRAME_BYTES } from "./frames.ts";
import { type Caller, DEMO_ACCOUNT, openRig, type Said } from "./testing/rig.ts";
import { readEnvelope, writeEnvelope } from "./wire.ts";

const ORDER = {
  ctidTraderAccountId: DEMO_ACCOUNT,
  symbolId: 1,
  orderType: "MARKET",
  tradeSide: "BUY",
  volume: 100_000,
} as const;
const ACCOUNT = { ctidTraderAccountId: DEMO_ACCOUNT };

const names = (said: readonly Said[]) => said.map((one) => one.name);
const since = (caller: Caller, count: number) => caller.said.slice(count);

/** A rig that is switched only after a caller has its account, so that the login is as ever. */
async function entered(faults: Partial<Faults> = {}) {
  const rig = openRig();
  const caller = await rig.enter(DEMO_ACCOUNT);
  rig.setFaults(faults);
  return { rig, caller };
}

test("every switch is taken as it stands at the start, has a description, and goes back by null", () => {
  const { initial, patch, view } = createSwitchDesk(SWITCHES);
  const start = initial();

  expect(patch(start, start)).toEqual({ ok: true, value: start });
  expect(view(start).map((one) => one.name)).toEqual(Object.keys(SWITCHES));
  for (const one of view(start)) {
    expect(one.description).toMatch(/\.$/);
    expect(patch(start, { [one.name]: null })).toEqual({ ok: true, value: start });
  }
});

const MANUAL = readFileSync(new URL("../../../docs/simulators/ctrader.md", import.meta.url), "utf8");

test("the manual lists every switch with its values, its start and its description, and no other", () => {
  const rows = holdSwitches(SWITCHES)
    .view()
    .map(
      ({ name, takes, initial, description }) =>
        `| \`${name}\` | ${takes} | \`${JSON.stringify(initial)}\` | ${description} |`,
    );

  const listed = MANUAL.slice(MANUAL.indexOf("## Switches"))
    .split("\n")
    .filter((line) => /^\| `\w+` \|/.test(line));

  expect(listed).toEqual(rows);
});

test("a patch with a wrong value changes nothing", () => {
  const rig = openRig();

  const result = rig.setFaults({ wrongHost: true, chunkBytes: -1 });

  expect(result).toMatchObject({ ok: false, detail: { switch: "chunkBytes" } });
  expect(rig.board.faults().wrongHost).toBe(false);
});

test("bytes cut into chunks hold the same frames", async () => {
  const { rig, caller } = await entered({ chunkBytes: 3 });
  const before = caller.chunks.length;

  caller.ask("ProtoOAVersionReq", {}, "v");

  const chunks = caller.chunks.slice(before);
  expect(chunks.length).toBeGreaterThan(3);
  expect(chunks.every((chunk) => chunk.length <= 3)).toBe(true);
  expect(caller.answer("v")?.name).toBe("ProtoOAVersionRes");
  rig.close();
});

test("frames are gathered into one chunk", async () => {
  const { rig, caller } = await entered({ mergeMs: 50 });
  const before = caller.chunks.length;

  for (const id of ["a", "b", "c"]) caller.ask("ProtoOAVersionReq", {}, id);
  const early = caller.chunks.length - before;
  await rig.timers.advance(50);

  expect(early).toBe(0);
  expect(caller.chunks.length - before).toBe(1);
  expect(names(since(caller, 2))).toEqual(Array(3).fill("ProtoOAVersionRes"));
});

test.each([
  ["deaf", 0],
  ["mute", 1],
] as const)("a half-open connection that is %s says nothing, and does %i orders", async (halfOpen, done) => {
  const { rig, caller } = await entered({ halfOpen });

  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(1_000);
  rig.setFaults({ halfOpen: "no" });
  caller.ask("ProtoOATraderReq", ACCOUNT, "t");
  await rig.timers.advance(120_000);

  expect(since(caller, 2)).toEqual([]);
  expect(caller.isClosed()).toBe(false);
  expect(rig.venue.truth(DEMO_ACCOUNT).positions).toHaveLength(done);
  const other = await rig.enter(DEMO_ACCOUNT);
  expect(other.answer("account")?.name).toBe("ProtoOAAccountAuthRes");
});

test.each([
  ["silently", []],
  ["told", ["ProtoOAClientDisconnectEvent"]],
] as const)("all connections can be closed %s, once", async (disconnectNow, last) => {
  const { rig, caller } = await entered({ disconnectNow });

  expect(names(since(caller, 2))).toEqual(last);
  expect(caller.isClosed()).toBe(true);
  expect(rig.board.faults().disconnectNow).toBe("no");
  expect((await rig.enter()).isClosed()).toBe(false);
});

test("new connections can be refused while old ones stay", async () => {
  const { rig, caller } = await entered({ refuseConnections: true });

  const other = rig.call();

  expect([other.isClosed(), caller.isClosed()]).toEqual([true, false]);
});

test("a connection breaks after so many outgoing frames", async () => {
  const rig = openRig({ faults: { dropAfterFrames: 3 } });
  const caller = await rig.enter(DEMO_ACCOUNT);

  caller.ask("ProtoOAVersionReq", {}, "last");
  caller.ask("ProtoOAVersionReq", {}, "gone");

  expect(caller.answer("last")?.name).toBe("ProtoOAVersionRes");
  expect(caller.answer("gone")).toBeUndefined();
  expect(caller.isClosed()).toBe(true);
});

test("a frame at which the connection breaks is not read", async () => {
  const { rig, caller } = await entered({ dropShare: 1 });

  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(1_000);

  expect(caller.isClosed()).toBe(true);
  expect(rig.gateway.journal.orders()).toEqual([]);
});

test("answers wait, and with jitter overtake each other", async () => {
  const { rig, caller } = await entered({ answerDelayMs: 100 });
  caller.ask("ProtoOAVersionReq", {}, "slow");
  await rig.timers.advance(99);
  const early = caller.answer("slow");
  await rig.timers.advance(1);

  rig.setFaults({ answerDelayMs: 0, answerJitterMs: 200 });
  const asked = Array.from({ length: 10 }, (_, index) => `j${index}`);
  for (const id of asked) caller.ask("ProtoOAVersionReq", {}, id);
  await rig.timers.advance(200);

  expect(early).toBeUndefined();
  expect(caller.answer("slow")?.at).toBe(100);
  const order = caller.said.map((one) => one.clientMsgId).filter((id) => id?.startsWith("j"));
  expect(new Set(order)).toEqual(new Set(asked));
  expect(order).not.toEqual(asked);
});

test("answers may never come, while orders are still told", async () => {
  const { rig, caller } = await entered({ silentAnswerShare: 1 });

  caller.ask("ProtoOATraderReq", ACCOUNT, "t");
  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(500);

  expect(caller.answer("t")).toBeUndefined();
  expect(names(caller.said.filter((one) => one.clientMsgId === "o"))).toEqual(
    Array(2).fill("ProtoOAExecutionEvent"),
  );
});

test("garbage and unpublished types go before frames that are whole", async () => {
  const { rig, caller } = await entered({ garbageShare: 1, unknownTypeShare: 1 });
  const before = caller.chunks.length;

  caller.ask("ProtoOAVersionReq", {}, "v");

  const { frames } = new FrameCutter().push(Buffer.concat(caller.chunks.slice(before)));
  expect(frames).toHaveLength(3);
  expect(readEnvelope(frames[1] ?? new Uint8Array())?.payloadType).toBe(2_999);
  expect(caller.answer("v")?.name).toBe("ProtoOAVersionRes");
  rig.close();
});

test("an oversize frame is announced, the connection breaks, and it counts down", async () => {
  const { rig, caller } = await entered({ oversizeFrames: 1 });
  const before = caller.chunks.length;

  caller.ask("ProtoOAVersionReq", {}, "v");

  expect(Buffer.concat(caller.chunks.slice(before)).readUInt32BE()).toBe(0x7fff_ffff);
  expect(caller.isClosed()).toBe(true);
  expect(rig.board.faults().oversizeFrames).toBe(0);
});

test("the broker's heartbeats can be off, and sooner", async () => {
  const { rig, caller } = await entered({ heartbeatOff: true, silenceSeconds: 0 });
  await rig.timers.advance(60_000);
  const off = caller.of("ProtoHeartbeatEvent").length;
  rig.setFaults({ heartbeatOff: false, heartbeatSeconds: 5 });
  await rig.timers.advance(20_000);

  expect(off).toBe(0);
  expect(caller.of("ProtoHeartbeatEvent").length).toBeGreaterThanOrEqual(3);
});

test("a payload type can be blocked for so many requests", async () => {
  const blockPayloadType = { payloadType: 2121, retryAfterSeconds: 7, times: 2 };
  const { rig, caller } = await entered({ blockPayloadType });

  for (const id of ["1", "2", "3"]) caller.ask("ProtoOATraderReq", ACCOUNT, id);
  caller.ask("ProtoOAReconcileReq", ACCOUNT, "other");

  for (const id of ["1", "2"]) {
    expect(caller.answer(id)?.body).toMatchObject({
      errorCode: "BLOCKED_PAYLOAD_TYPE",
      retryAfter: 7,
      ...ACCOUNT,
    });
  }
  expect(caller.answer("3")?.name).toBe("ProtoOATraderRes");
  expect(caller.answer("other")?.name).toBe("ProtoOAReconcileRes");
  expect(rig.board.faults().blockPayloadType).toBeNull();
});

test("too many requests can have the other word, without a time", async () => {
  const { rig, caller } = await entered({
    requestsPerSecond: 1,
    rateLimitCode: "REQUEST_FREQUENCY_EXCEEDED",
  });
  await rig.timers.advance(1_000);

  caller.ask("ProtoOATraderReq", ACCOUNT, "1");
  caller.ask("ProtoOATraderReq", ACCOUNT, "2");

  expect(caller.answer("2")?.body).toMatchObject({ errorCode: "REQUEST_FREQUENCY_EXCEEDED" });
  expect(caller.answer("2")?.body).not.toHaveProperty("retryAfter");
});

test("a payload type that came too often stays blocked for as long as the answer says", async () => {
  const { rig, caller } = await entered({ requestsPerSecond: 1, retryAfterSeconds: 5 });
  await rig.timers.advance(1_000);
  for (const id of ["1", "2"]) caller.ask("ProtoOATraderReq", ACCOUNT, id);

  await rig.timers.advance(4_999);
  caller.ask("ProtoOATraderReq", ACCOUNT, "blocked");
  caller.ask("ProtoOAReconcileReq", ACCOUNT, "other");
  await rig.timers.advance(1_000);
  caller.ask("ProtoOATraderReq", ACCOUNT, "free");

  expect(caller.answer("2")?.body).toMatchObject({ retryAfter: 5 });
  expect(caller.answer("blocked")?.body).toMatchObject({ errorCode: "BLOCKED_PAYLOAD_TYPE", retryAfter: 1 });
  expect(caller.answer("other")?.name).toBe("ProtoOAReconcileRes");
  expect(caller.answer("free")?.name).toBe("ProtoOATraderRes");
});

test("maintenance refuses everything until its end, each request by the error of its kind", async () => {
  const { rig, caller } = await entered({ maintenanceUntil: "2026-11-23T14:00:10Z" });
  const until = Date.UTC(2026, 10, 23, 14, 0, 10);

  caller.ask("ProtoOATraderReq", ACCOUNT, "account");
  caller.ask("ProtoOAVersionReq", {}, "common");
  await rig.timers.advance(10_000);
  caller.ask("ProtoOATraderReq", ACCOUNT, "after");

  const body = { errorCode: "SERVER_IS_UNDER_MAINTENANCE", maintenanceEndTimestamp: until };
  expect(caller.answer("account")).toMatchObject({ name: "ProtoOAErrorRes", body: { ...body, ...ACCOUNT } });
  expect(caller.answer("common")).toMatchObject({ name: "ProtoErrorRes", body });
  expect(caller.answer("after")?.name).toBe("ProtoOATraderRes");
});

test("each connection's first account request can miss its way, and only that one", async () => {
  const rig = openRig({ faults: { cantRouteOnce: true } });
  const { accessToken } = rig.grant();
  const caller = await rig.enter();

  for (const id of ["first", "second"]) caller.ask("ProtoOAAccountAuthReq", { ...ACCOUNT, accessToken }, id);

  expect(caller.answer("first")?.body).toMatchObject({ errorCode: "CANT_ROUTE_REQUEST" });
  expect(caller.answer("second")?.name).toBe("ProtoOAAccountAuthRes");
});

test("every account can be one of the other host", async () => {
  const rig = openRig({ faults: { wrongHost: true } });

  const caller = await rig.enter(DEMO_ACCOUNT);

  expect(caller.answer("account")?.body).toMatchObject({ errorCode: "CANT_ROUTE_REQUEST" });
});

test("an inactive application and one connection too many are refused", async () => {
  const rig = openRig({ faults: { connectionsLimit: 1 } });
  const first = await rig.enter();
  const second = await rig.enter();
  first.hangUp();
  const third = await rig.enter();
  rig.setFaults({ appInactive: true, connectionsLimit: 0 });
  const fourth = await rig.enter();

  expect(first.answer("app")?.name).toBe("ProtoOAApplicationAuthRes");
  expect(second.answer("app")?.body).toMatchObject({ errorCode: "CONNECTIONS_LIMIT_EXCEEDED" });
  expect(third.answer("app")?.name).toBe("ProtoOAApplicationAuthRes");
  expect(fourth.answer("app")?.body).toMatchObject({ errorCode: "CH_CLIENT_AUTH_FAILURE" });
});

test("a refresh over the socket brings a new pair and ends the session of the old token", async () => {
  const rig = openRig();
  const old = rig.grant();
  const caller = await rig.enter(DEMO_ACCOUNT, old.accessToken);

  caller.ask("ProtoOARefreshTokenReq", { refreshToken: old.refreshToken }, "r");
  caller.ask("ProtoOATraderReq", ACCOUNT, "out");
  const accessToken = String(caller.answer("r")?.body.accessToken);
  caller.ask("ProtoOAAccountAuthReq", { ...ACCOUNT, accessToken }, "back");
  caller.ask("ProtoOARefreshTokenReq", { refreshToken: old.refreshToken }, "twice");

  expect(caller.answer("r")?.body).toMatchObject({ tokenType: "bearer", expiresIn: 2_628_000 });
  expect(caller.of("ProtoOAAccountsTokenInvalidatedEvent")).toMatchObject([
    { body: { ctidTraderAccountIds: [DEMO_ACCOUNT] }, clientMsgId: undefined },
  ]);
  expect(caller.of("ProtoOAAccountDisconnectEvent")).toMatchObject([
    { body: ACCOUNT, clientMsgId: undefined },
  ]);
  expect(caller.answer("out")?.body).toMatchObject({ errorCode: "INVALID_REQUEST" });
  expect(caller.answer("back")?.name).toBe("ProtoOAAccountAuthRes");
  expect(caller.answer("twice")?.body).toMatchObject({ errorCode: "CH_ACCESS_TOKEN_INVALID" });
});

test("a session of another grant is left alone by a refresh", async () => {
  const rig = openRig();
  const mine = await rig.enter(DEMO_ACCOUNT);
  const other = await rig.enter();
  const { refreshToken } = rig.grant();

  other.ask("ProtoOARefreshTokenReq", { refreshToken }, "r");
  mine.ask("ProtoOATraderReq", ACCOUNT, "t");

  expect(mine.of("ProtoOAAccountsTokenInvalidatedEvent")).toEqual([]);
  expect(mine.answer("t")?.name).toBe("ProtoOATraderRes");
});

test("sessions may stay after a refresh", async () => {
  const rig = openRig({ faults: { sessionsAfterRefresh: "stay" } });
  const old = rig.grant();
  const caller = await rig.enter(DEMO_ACCOUNT, old.accessToken);

  caller.ask("ProtoOARefreshTokenReq", { refreshToken: old.refreshToken }, "r");
  caller.ask("ProtoOATraderReq", ACCOUNT, "t");

  expect(names(since(caller, 2))).toEqual(["ProtoOARefreshTokenRes", "ProtoOATraderRes"]);
});

test("a late disconnect comes after the account is back, and takes nothing away", async () => {
  const rig = openRig({
    faults: { sessionsAfterRefresh: "told-then-late-disconnect", lateDisconnectMs: 500 },
  });
  const old = rig.grant();
  const caller = await rig.enter(DEMO_ACCOUNT, old.accessToken);

  caller.ask("ProtoOARefreshTokenReq", { refreshToken: old.refreshToken }, "r");
  const accessToken = String(caller.answer("r")?.body.accessToken);
  caller.ask("ProtoOAAccountAuthReq", { ...ACCOUNT, accessToken }, "back");
  await rig.timers.advance(500);
  caller.ask("ProtoOATraderReq", ACCOUNT, "t");
  caller.ask("ProtoOAAccountAuthReq", { ...ACCOUNT, accessToken }, "twice");

  expect(names(since(caller, 2))).toEqual([
    "ProtoOAAccountsTokenInvalidatedEvent",
    "ProtoOARefreshTokenRes",
    "ProtoOAAccountAuthRes",
    "ProtoOAAccountDisconnectEvent",
    "ProtoOATraderRes",
    "ProtoOAErrorRes",
  ]);
  expect(caller.answer("twice")?.body).toMatchObject({ errorCode: "ALREADY_LOGGED_IN" });
});

test.each([
  ["sessions", true, true],
  ["access-tokens", false, true],
  ["grants", false, false],
] as const)("%s can be ended now", async (endTokensNow, accessLives, refreshLives) => {
  const rig = openRig();
  const pair = rig.grant();
  const caller = await rig.enter(DEMO_ACCOUNT, pair.accessToken);

  rig.setFaults({ endTokensNow });
  caller.ask("ProtoOAAccountAuthReq", { ...ACCOUNT, accessToken: pair.accessToken }, "a");
  caller.ask("ProtoOARefreshTokenReq", { refreshToken: pair.refreshToken }, "r");

  expect(names(since(caller, 2)).slice(0, 2)).toEqual([
    "ProtoOAAccountsTokenInvalidatedEvent",
    "ProtoOAAccountDisconnectEvent",
  ]);
  expect(caller.answer("a")?.name === "ProtoOAAccountAuthRes").toBe(accessLives);
  expect(caller.answer("r")?.name === "ProtoOARefreshTokenRes").toBe(refreshLives);
  expect(rig.board.faults().endTokensNow).toBe("no");
});

test("a refresh whose answer is lost over the socket has spent the token", async () => {
  const { rig, caller } = await entered({ lostTokenAnswers: 1, sessionsAfterRefresh: "stay" });
  const { refreshToken } = rig.grant();

  caller.ask("ProtoOARefreshTokenReq", { refreshToken }, "lost");
  caller.ask("ProtoOARefreshTokenReq", { refreshToken }, "again");

  expect(caller.answer("lost")).toBeUndefined();
  expect(caller.answer("again")?.body).toMatchObject({ errorCode: "CH_ACCESS_TOKEN_INVALID" });
});

test.each([
  ["dropBeforeOrderShare", 0, "connection-broken"],
  ["dropAfterOrderShare", 1, "passed-on"],
] as const)("%s: the connection breaks over an order, of which %i is done", async (name, done, fate) => {
  const { rig, caller } = await entered({ [name]: 1 });

  caller.ask("ProtoOANewOrderReq", { ...ORDER, clientOrderId: "c" }, "o");
  await rig.timers.advance(1_000);

  expect(since(caller, 2)).toEqual([]);
  expect(caller.isClosed()).toBe(true);
  expect(rig.venue.truth(DEMO_ACCOUNT).positions).toHaveLength(done);
  expect(rig.gateway.journal.orders()).toMatchObject([{ clientOrderId: "c", fate }]);
});

test("execution events can be late, in their order, while answers are not", async () => {
  const { rig, caller } = await entered({ lateEventsMs: 5_000, fillMs: 100 });

  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(200);
  caller.ask("ProtoOAReconcileReq", ACCOUNT, "now");
  await rig.timers.advance(6_000);

  const events = caller.of("ProtoOAExecutionEvent");
  expect(caller.answer("now")?.body.position).toHaveLength(1);
  expect(events.map((one) => [one.body.executionType, one.at])).toEqual([
    ["ORDER_ACCEPTED", 5_000],
    ["ORDER_FILLED", 5_100],
  ]);
});

test("events can come twice", async () => {
  const { rig, caller } = await entered({ duplicateEventShare: 1 });

  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(500);

  const [first, second, ...rest] = caller.of("ProtoOAExecutionEvent");
  expect(second).toEqual(first);
  expect(rest).toHaveLength(2);
});

test.each([
  ["foreignIdShare", 1, /^foreign-[0-9a-f]{16}$/],
  ["emptyClientMsgId", true, /^$/],
] as const)("%s: events that nobody asked for bear such an id", async (name, value, id) => {
  const { rig, caller } = await entered({ [name]: value });
  const other = await rig.enter(DEMO_ACCOUNT);

  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(500);

  expect(caller.of("ProtoOAExecutionEvent").map((one) => one.clientMsgId)).toEqual(["o", "o"]);
  for (const event of other.of("ProtoOAExecutionEvent")) expect(event.clientMsgId).toMatch(id);
  expect(other.of("ProtoOAExecutionEvent")).toHaveLength(2);
});

test("prices can come one side at a time, with nothing lost", async () => {
  const { rig, caller } = await entered({ oneSidedSpotsShare: 1 });

  caller.ask("ProtoOASubscribeSpotsReq", { ...ACCOUNT, symbolId: [1] }, "s");
  await rig.timers.advance(5_000);

  const spots = caller.of("ProtoOASpotEvent");
  expect(spots.some(({ body }) => body.bid !== undefined)).toBe(true);
  expect(spots.some(({ body }) => body.ask !== undefined)).toBe(true);
  expect(spots.filter(({ body }) => body.bid !== undefined && body.ask !== undefined)).toEqual([]);
  rig.close();
});

test.each([
  ["lostOrderShare", [], 0],
  ["silentOrderShare", [], 1],
] as const)("%s reaches the venue", async (name, told, positions) => {
  const { rig, caller } = await entered({ [name]: 1 });

  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(1_000);

  expect(names(since(caller, 2))).toEqual(told);
  expect(rig.venue.truth(DEMO_ACCOUNT).positions).toHaveLength(positions);
});

test("what is unsure reaches the venue", async () => {
  const { rig, caller } = await entered({ acceptedTwice: true });

  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(1_000);

  expect(caller.of("ProtoOAExecutionEvent").map((one) => one.body.executionType)).toEqual([
    "ORDER_ACCEPTED",
    "ORDER_ACCEPTED",
    "ORDER_FILLED",
  ]);
});

test("a price is put somewhere, and money paid in, once", async () => {
  const { rig } = await entered();
  const before = rig.venue.truth(DEMO_ACCOUNT).balance;

  const done = rig.setFaults({
    movePrice: { symbolId: 1, bid: 1.5 },
    depositNow: { ...ACCOUNT, cents: 12_345 },
  });
  const unknown = rig.setFaults({ movePrice: { symbolId: 99_999, bid: 1 } });
  const nobody = rig.setFaults({ depositNow: { ctidTraderAccountId: 5, cents: 1 }, movePrice: null });

  expect(done).toMatchObject({ ok: true, value: { movePrice: null, depositNow: null } });
  expect(rig.venue.truth(DEMO_ACCOUNT).balance).toBe(before + 12_345);
  expect(unknown).toMatchObject({ ok: false, detail: { switch: "movePrice" } });
  expect(nobody).toMatchObject({ ok: false, detail: { switch: "depositNow" } });
});

test("a frame over a mebibyte is refused, and the connection closed", async () => {
  const { caller } = await entered();
  const head = Buffer.alloc(4);
  head.writeUInt32BE(MOST_FRAME_BYTES + 1);

  caller.sendBytes(head);

  expect(since(caller, 2)).toMatchObject([
    {
      name: "ProtoErrorRes",
      body: { errorCode: "FRAME_TOO_LONG", description: "Frame size exceeds allowed limit." },
    },
  ]);
  expect(caller.isClosed()).toBe(true);
});

test("a corrupt frame is told, and the next one is read", async () => {
  const { caller } = await entered();

  caller.sendBytes(Buffer.from("00000004ffffffff", "hex"));
  caller.sendBytes(
    writeEnvelope({ payloadType: 2106, payload: Buffer.from("12ff", "hex"), clientMsgId: "c" }),
  );
  caller.ask("ProtoOAVersionReq", {}, "v");

  const body = { errorCode: "UNKNOWN_ERROR", description: "Corrupted frame." };
  expect(since(caller, 2)).toMatchObject([
    { name: "ProtoErrorRes", body, clientMsgId: undefined },
    { name: "ProtoErrorRes", body, clientMsgId: "c" },
    { name: "ProtoOAVersionRes" },
  ]);
});

test("a request without its required fields is told which, and an unknown number that it is not supported", async () => {
  const { caller } = await entered();

  caller.sendBytes(writeEnvelope({ payloadType: 2102, payload: new Uint8Array(), clientMsgId: "m" }));
  caller.sendBytes(writeEnvelope({ payloadType: 4_711, payload: new Uint8Array(), clientMsgId: "u" }));

  expect(caller.answer("m")).toMatchObject({
    name: "ProtoOAErrorRes",
    body: {
      errorCode: "INVALID_REQUEST",
      description: "Message missing required fields: ctidTraderAccountId, accessToken",
    },
  });
  expect(caller.answer("u")).toMatchObject({
    name: "ProtoErrorRes",
    body: { errorCode: "UNSUPPORTED_MESSAGE" },
  });
});

test("chunks may lie anywhere across frames", async () => {
  const { caller } = await entered();
  const frame = (id: string) =>
    writeEnvelope({ payloadType: 2104, payload: new Uint8Array(), clientMsgId: id });
  const all = Buffer.concat([frame("a"), frame("b"), frame("c")]);

  for (const byte of all) caller.sendBytes(Uint8Array.of(byte));
  caller.sendBytes(all);

  expect(since(caller, 2).map((one) => one.clientMsgId)).toEqual(["a", "b", "c", "a", "b", "c"]);
});

test("the journal counts what came and went, and holds nothing that was carried", async () => {
  const { rig, caller } = await entered();
  const { accessToken } = rig.grant();

  caller.ask("ProtoOAGetAccountListByAccessTokenReq", { accessToken }, "l");
  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: 5 }, "t");

  const expected: Partial<Record<`${"in" | "out"} ${MessageName}${string}`, number>> = {
    "in ProtoOAAccountAuthReq": 1,
    "out ProtoOAAccountAuthRes": 1,
    "in ProtoOATraderReq": 1,
    "out ProtoOAErrorRes INVALID_REQUEST": 1,
  };
  expect(rig.gateway.journal.counts()).toMatchObject(expected);
  expect(rig.gateway.journal.lines()[0]).toEqual({
    at: "2026-11-23T14:00:00.000Z",
    host: "demo",
    connection: 1,
    direction: "out",
    message: "ProtoOAErrorRes",
    clientMsgId: "t",
    refusal: "INVALID_REQUEST",
  });
  const { clientSecret } = rig.applications.demo;
  const text = JSON.stringify([rig.gateway.journal.lines(), rig.lines]);
  expect(text).not.toContain(accessToken);
  expect(text).not.toContain(clientSecret);
});
