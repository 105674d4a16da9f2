import { expect, test } from "vitest";
import { createRecordedLog } from "../../platform/local/recorded-log.ts";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { Result } from "../../platform/result.ts";
import type { ChannelEnd, ChannelEvent, ChannelEvents, OrderWatcher } from "./channel.ts";
import type { LinkPeer } from "./link.ts";
import { openChannel } from "./open-channel.ts";
import type {
  ProtoOAErrorRes,
  ProtoOAExecutionEvent,
  ProtoOAExecutionType,
  ProtoOANewOrderReq,
} from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";
import { createScriptedDial, type ScriptedDialOptions } from "./testing/scripted-link.ts";
import { frameOf, frameOfPayload, joined } from "./testing/wire.ts";

const ACCOUNT = 1_000_001;
const TRADER_ANSWER = {
  ctidTraderAccountId: ACCOUNT,
  trader: { ctidTraderAccountId: ACCOUNT, balance: 5, depositAssetId: 1 },
} as const;
const AN_ORDER: ProtoOANewOrderReq = {
  ctidTraderAccountId: ACCOUNT,
  symbolId: 1,
  orderType: "MARKET",
  tradeSide: "BUY",
  volume: 100_000,
};

const anExecution = (
  executionType: ProtoOAExecutionType,
  over: Partial<ProtoOAExecutionEvent> = {},
): ProtoOAExecutionEvent => ({ ctidTraderAccountId: ACCOUNT, executionType, ...over });

const anError = (errorCode: string, over: Partial<ProtoOAErrorRes> = {}): ProtoOAErrorRes => ({
  errorCode,
  ...over,
});

interface Heard {
  readonly peers: LinkPeer[];
  readonly events: ChannelEvent[];
  readonly spots: number[];
  readonly unreadable: (number | undefined)[];
  readonly ends: ChannelEnd[];
}

async function open(options: ScriptedDialOptions = {}, over: Partial<ChannelEvents> = {}) {
  const timers = createVirtualTimers();
  const { log, lines } = createRecordedLog();
  const script = createScriptedDial(options);
  const heard: Heard = { peers: [], events: [], spots: [], unreadable: [], ends: [] };
  const events: ChannelEvents = {
    opened: (peer) => heard.peers.push(peer),
    event: (event) => heard.events.push(event),
    spot: ({ symbolId }) => heard.spots.push(symbolId),
    unreadable: (payloadType) => heard.unreadable.push(payloadType),
    ended: (end) => heard.ends.push(end),
    ...over,
  };
  const deps = { dial: script.dial, timers, log };
  const channel = openChannel(deps, { address: { host: "h", port: 1 }, idPrefix: "t-" }, events);
  await timers.advance(0);
  return { channel, server: script.latest(), timers, heard, lines };
}

/** What a promise gave so far. */
function noted<T>(promise: Promise<T>): T[] {
  const values: T[] = [];
  promise.then(
    (value) => values.push(value),
    () => {},
  );
  return values;
}

type Told = "left" | { event: string } | { refused: CtraderRefusal } | { ended: "not-sent" | "unknown" };

function aWatcher(over: Partial<OrderWatcher> = {}): { watcher: OrderWatcher; told: Told[] } {
  const told: Told[] = [];
  const watcher: OrderWatcher = {
    mayLeave: () => true,
    left: () => told.push("left"),
    event: ({ executionType }) => told.push({ event: executionType }),
    refused: (refused) => told.push({ refused }),
    ended: (ended) => told.push({ ended }),
    ...over,
  };
  return { watcher, told };
}

const codeOf = (result: Result<unknown> | undefined) => (result?.ok === false ? result.code : result);

test("answers reach their questions in whatever order they come, and nobody else", async () => {
  const { channel, server, timers, heard } = await open();
  const trader = channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });
  const version = channel.request("ProtoOAVersionReq", {});
  const [traderId, versionId] = [server.lastOf("ProtoOATraderReq"), server.lastOf("ProtoOAVersionReq")].map(
    ({ clientMsgId }) => clientMsgId,
  );

  server.say("ProtoOAVersionRes", { version: "99" }, versionId);
  server.say("ProtoOATraderRes", TRADER_ANSWER, traderId);
  server.say("ProtoOATraderRes", TRADER_ANSWER, traderId);
  server.say("ProtoOAVersionRes", { version: "of another" }, "elsewhere");

  expect(await version).toEqual({ ok: true, value: { version: "99" } });
  expect(await trader).toEqual({ ok: true, value: TRADER_ANSWER });
  expect(traderId).toBe("t-1");
  expect(versionId).toBe("t-2");
  await timers.advance(20_000);
  expect(heard.events).toEqual([]);
});

test("what is asked before the connection opens leaves once it is open, orders first", async () => {
  const { channel, server, timers, heard } = await open({ opensItself: false });
  channel.request("ProtoOAVersionReq", {});
  channel.order("ProtoOANewOrderReq", AN_ORDER, aWatcher().watcher);
  expect(server.sent).toEqual([]);

  server.open();
  await timers.advance(0);

  expect(heard.peers).toHaveLength(1);
  expect(server.sent.map(({ name }) => name)).toEqual(["ProtoOANewOrderReq", "ProtoOAVersionReq"]);
});

test.each([
  ["ProtoErrorRes", { errorCode: "CANT_ROUTE_REQUEST" }],
  ["ProtoOAErrorRes", { errorCode: "CANT_ROUTE_REQUEST", description: "Cannot route request" }],
  ["ProtoOAOrderErrorEvent", { ctidTraderAccountId: ACCOUNT, errorCode: "CANT_ROUTE_REQUEST", orderId: 0 }],
  ["ProtoOAExecutionEvent", anExecution("ORDER_REJECTED", { errorCode: "CANT_ROUTE_REQUEST" })],
] as const)("an error in the shape of %s settles the waiting call", async (name, body) => {
  const { channel, server } = await open();
  const answer = channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });

  server.say(name, body, "t-1");

  expect(await answer).toMatchObject({
    ok: false,
    code: "BROKER_UNAVAILABLE",
    detail: { brokerCode: "CANT_ROUTE_REQUEST", request: "ProtoOATraderReq" },
  });
});

test.each([
  ["ProtoErrorRes", { errorCode: "NOT_ENOUGH_MONEY" }],
  ["ProtoOAErrorRes", { errorCode: "NOT_ENOUGH_MONEY" }],
  ["ProtoOAOrderErrorEvent", { ctidTraderAccountId: ACCOUNT, errorCode: "NOT_ENOUGH_MONEY" }],
  ["ProtoOAExecutionEvent", anExecution("ORDER_REJECTED", { errorCode: "NOT_ENOUGH_MONEY" })],
] as const)("an order refused in the shape of %s hears of it once", async (name, body) => {
  const { channel, server, timers, heard } = await open();
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  server.say(name, body, "t-1");
  server.say(name, body, "t-1");
  await timers.advance(30_000);

  const refused = { brokerCode: "NOT_ENOUGH_MONEY", description: "", action: "business" };
  expect(told).toEqual(["left", { refused }]);
  // The one that is an event by nature is handed on each time; the other once it settles nobody.
  const isEvent = name === "ProtoOAOrderErrorEvent" || name === "ProtoOAExecutionEvent";
  expect(heard.events).toHaveLength(isEvent ? 2 : 1);
});

test("a server that repeats what it was told in confidence does not bring it into our failures", async () => {
  const { channel, server } = await open();
  const [accessToken, clientSecret] = ["an-access-token-of-many-letters", "a-client-secret"];
  const listed = channel.request("ProtoOAGetAccountListByAccessTokenReq", { accessToken });
  const entered = channel.request("ProtoOAApplicationAuthReq", { clientId: "id", clientSecret });
  const idOf = (name: Parameters<typeof server.lastOf>[0]) => server.lastOf(name).clientMsgId;

  const words = `Invalid ${accessToken}. ${"Long words. ".repeat(20)} In full: ${accessToken}`;
  server.say(
    "ProtoOAErrorRes",
    { errorCode: "CH_ACCESS_TOKEN_INVALID", description: words },
    idOf("ProtoOAGetAccountListByAccessTokenReq"),
  );
  server.say(
    "ProtoOAErrorRes",
    { errorCode: "CH_CLIENT_AUTH_FAILURE", description: `not ${clientSecret}` },
    idOf("ProtoOAApplicationAuthReq"),
  );

  const [first, second] = [await listed, await entered];
  expect(words.slice(0, 300)).not.toContain(`full: ${accessToken}`);
  expect(JSON.stringify(first)).toContain("Invalid [secret]. Long words.");
  expect(JSON.stringify([first, second])).not.toMatch(/an-acc|a-client/);
});

test("an error that names nobody settles nobody and is handed on", async () => {
  const { channel, server, heard } = await open();
  const answers = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));

  server.say("ProtoOAErrorRes", anError("ACCOUNT_NOT_AUTHORIZED"));
  await Promise.resolve();

  expect(answers).toEqual([]);
  expect(heard.events).toMatchObject([
    { name: "ProtoOAErrorRes", body: { errorCode: "ACCOUNT_NOT_AUTHORIZED" } },
  ]);
});

test("what is already done counts as done", async () => {
  const { channel, server } = await open();
  const application = channel.request("ProtoOAApplicationAuthReq", { clientId: "i", clientSecret: "s" });
  const account = channel.request("ProtoOAAccountAuthReq", {
    ctidTraderAccountId: ACCOUNT,
    accessToken: "t",
  });
  const spots = channel.request("ProtoOASubscribeSpotsReq", { ctidTraderAccountId: ACCOUNT, symbolId: [1] });
  const trader = channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });

  server.say("ProtoOAErrorRes", anError("CH_CLIENT_ALREADY_AUTHENTICATED"), "t-1");
  server.say("ProtoOAErrorRes", anError("ALREADY_LOGGED_IN"), "t-2");
  server.say("ProtoOAErrorRes", anError("ALREADY_SUBSCRIBED"), "t-3");
  server.say("ProtoOAErrorRes", anError("ALREADY_LOGGED_IN"), "t-4");

  expect(await application).toEqual({ ok: true, value: {} });
  expect(await account).toEqual({ ok: true, value: { ctidTraderAccountId: ACCOUNT } });
  expect(await spots).toEqual({ ok: true, value: { ctidTraderAccountId: ACCOUNT } });
  expect(codeOf(await trader)).toBe("BROKER_REFUSED");
});

test("one symbol that is subscribed already says nothing of the others in the same request", async () => {
  const { channel, server } = await open();
  const body = { ctidTraderAccountId: ACCOUNT, symbolId: [1, 2] };
  const spots = channel.request("ProtoOASubscribeSpotsReq", body);

  server.say("ProtoOAErrorRes", anError("ALREADY_SUBSCRIBED"), "t-1");

  expect(codeOf(await spots)).toBe("BROKER_REFUSED");
});

test("a request without an answer fails after its time, counted from its sending", async () => {
  const { channel, server, timers } = await open({ opensItself: false });
  const usual = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));
  const list = noted(channel.request("ProtoOASymbolsListReq", { ctidTraderAccountId: ACCOUNT }));
  const brief = noted(channel.request("ProtoOAVersionReq", {}, { timeoutMs: 1000 }));
  await timers.advance(9000);
  server.open();

  await timers.advance(999);
  expect(brief).toEqual([]);
  await timers.advance(1);
  expect(brief.map(codeOf)).toEqual(["BROKER_TIMEOUT"]);
  await timers.advance(13_999);
  expect(usual).toEqual([]);
  await timers.advance(1);
  expect(usual.map(codeOf)).toEqual(["BROKER_TIMEOUT"]);
  await timers.advance(14_999);
  expect(list).toEqual([]);
  await timers.advance(1);
  expect(list.map(codeOf)).toEqual(["BROKER_TIMEOUT"]);
});

test("a wrong or unreadable answer fails its request at once", async () => {
  const { channel, server, heard } = await open();
  const first = channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });
  const second = channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });

  server.say("ProtoOAVersionRes", { version: "1" }, "t-1");
  server.sayBytes(frameOfPayload(2122, Uint8Array.of(0xff), "t-2"));

  expect(codeOf(await first)).toBe("BROKER_REPLY_UNREADABLE");
  expect(codeOf(await second)).toBe("BROKER_REPLY_UNREADABLE");
  expect(heard.unreadable).toEqual([2122]);
  expect(heard.events).toEqual([]);
});

test("a frame that cannot be read and is no answer settles nobody, whatever id it has", async () => {
  const { channel, server, timers, heard } = await open();
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);
  const answer = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));

  server.sayBytes(frameOfPayload(2123, Uint8Array.of(0xff), "t-1"));
  server.sayBytes(frameOfPayload(2123, Uint8Array.of(0xff), "t-2"));
  await timers.advance(0);

  expect(told).toEqual(["left"]);
  expect(answer).toEqual([]);
  expect(heard.unreadable).toEqual([2123, 2123]);
});

test("an order whose answer cannot be read is unknown at once", async () => {
  const { channel, server, heard } = await open();
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  server.sayBytes(frameOfPayload(2126, Uint8Array.of(0xff), "t-1"));

  expect(told).toEqual(["left", { ended: "unknown" }]);
  expect(heard.unreadable).toEqual([2126]);
});

test("an order hears each of its events, and so does everyone after it, in wire order", async () => {
  const order: string[] = [];
  const { channel, server } = await open(
    {},
    { event: ({ name, body }) => order.push(`all ${"executionType" in body ? body.executionType : name}`) },
  );
  const { watcher } = aWatcher({ event: ({ executionType }) => order.push(`own ${executionType}`) });
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  server.sayBytes(
    joined(
      frameOf("ProtoOAExecutionEvent", anExecution("ORDER_ACCEPTED"), "t-1"),
      frameOf("ProtoOAExecutionEvent", anExecution("SWAP")),
      frameOf("ProtoOAExecutionEvent", anExecution("ORDER_FILLED"), "t-1"),
      frameOf("ProtoOAExecutionEvent", anExecution("ORDER_REJECTED", { errorCode: "X" }), "t-1"),
    ),
  );

  expect(order).toEqual([
    "own ORDER_ACCEPTED",
    "all ORDER_ACCEPTED",
    "all SWAP",
    "own ORDER_FILLED",
    "all ORDER_FILLED",
    "own ORDER_REJECTED",
    "all ORDER_REJECTED",
  ]);
});

test("an order without an answer is unknown after fifteen seconds; what comes late is still an event", async () => {
  const { channel, server, timers, heard } = await open();
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  await timers.advance(14_999);
  expect(told).toEqual(["left"]);
  await timers.advance(1);
  server.say("ProtoOAExecutionEvent", anExecution("ORDER_FILLED"), "t-1");

  expect(told).toEqual(["left", { ended: "unknown" }]);
  expect(heard.events).toMatchObject([{ name: "ProtoOAExecutionEvent", clientMsgId: "t-1" }]);
  expect(server.sentOf("ProtoOANewOrderReq")).toHaveLength(1);
});

test("an order is asked whether it may leave in the moment in which it leaves", async () => {
  const { channel, server, timers } = await open();
  let isAllowed = true;
  server.stopDraining();
  channel.request("ProtoOAVersionReq", {});
  const { watcher, told } = aWatcher({ mayLeave: () => isAllowed });
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);
  isAllowed = false;

  server.drain();
  await timers.advance(20_000);

  expect(told).toEqual([{ ended: "not-sent" }]);
  expect(server.sentOf("ProtoOANewOrderReq")).toEqual([]);
});

test("an order whose watcher throws or closes the channel when asked is not sent", async () => {
  const { channel, server, timers, lines } = await open();
  const throwing = aWatcher({
    mayLeave: () => {
      throw new Error("no");
    },
  });
  const closing = aWatcher({
    mayLeave: () => {
      channel.close();
      return true;
    },
  });

  channel.order("ProtoOANewOrderReq", AN_ORDER, throwing.watcher);
  channel.order("ProtoOANewOrderReq", AN_ORDER, closing.watcher);
  await timers.advance(0);

  expect(throwing.told).toEqual([{ ended: "not-sent" }]);
  expect(closing.told).toEqual([{ ended: "not-sent" }]);
  expect(server.sent).toEqual([]);
  expect(lines).toMatchObject([{ event: "channel-listener-failed", fields: { listener: "mayLeave" } }]);
});

test("an order that the protocol cannot hold is refused as our own fault, and one after it leaves", async () => {
  const { channel, server } = await open();
  const { watcher, told } = aWatcher();

  channel.order("ProtoOANewOrderReq", { ...AN_ORDER, volume: 0.5 }, watcher);
  channel.order("ProtoOANewOrderReq", AN_ORDER, aWatcher().watcher);

  expect(told).toMatchObject([{ refused: { action: "caller" } }]);
  expect(server.sent).toHaveLength(1);
  await expect(channel.request("ProtoOATraderReq", { ctidTraderAccountId: 0.5 })).rejects.toThrow();
});

test("while the link takes no bytes nothing leaves, and then orders leave first", async () => {
  const { channel, server, timers } = await open();
  server.stopDraining();
  channel.request("ProtoOAVersionReq", {});
  channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);
  await timers.advance(12_000);
  expect(server.sent.map(({ name }) => name)).toEqual(["ProtoOAVersionReq"]);

  server.drain();

  expect(server.sent.map(({ name }) => name).slice(1)).toEqual(["ProtoOANewOrderReq", "ProtoOATraderReq"]);
  expect(told).toEqual(["left"]);
});

test("an order that cannot leave within its time is not sent later", async () => {
  const { channel, server, timers } = await open();
  server.stopDraining();
  channel.request("ProtoOAVersionReq", {});
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  await timers.advance(15_000);
  server.drain();

  expect(told).toEqual([{ ended: "not-sent" }]);
  expect(server.sentOf("ProtoOANewOrderReq")).toEqual([]);
});

test("a read that was blocked is asked again once the hold is over, others meanwhile", async () => {
  const { channel, server, timers } = await open();
  const answer = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));
  server.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE", { retryAfter: 3 }), "t-1");
  const next = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));
  channel.request("ProtoOAVersionReq", {});

  await timers.advance(2999);
  expect(server.sent.map(({ name }) => name)).toEqual(["ProtoOATraderReq", "ProtoOAVersionReq"]);
  await timers.advance(1);

  const ids = server.sentOf("ProtoOATraderReq").map(({ clientMsgId }) => clientMsgId);
  expect(ids).toEqual(["t-1", "t-2", "t-3"]);
  for (const id of ids) server.say("ProtoOATraderRes", TRADER_ANSWER, id);
  await timers.advance(0);
  expect(answer).toHaveLength(1);
  expect(next).toHaveLength(1);
});

test("a hold longer than a request may take fails it at once, and those behind it", async () => {
  const { channel, server, timers } = await open();
  const asked = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));
  server.stopDraining();
  channel.request("ProtoOAVersionReq", {});
  const waiting = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));

  server.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE", { retryAfter: 300 }), "t-1");
  const later = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));
  await timers.advance(0);

  for (const results of [asked, waiting, later]) {
    expect(results).toMatchObject([{ code: "BROKER_RATE_LIMITED", detail: { retryAfterMs: 300_000 } }]);
  }
});

test("a read that stays blocked fails within its time limit", async () => {
  const { channel, timers, server } = await open({
    onMessage: ({ name, clientMsgId }, link) => {
      if (name === "ProtoOATraderReq")
        link.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE"), clientMsgId);
    },
  });
  const asked = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));

  await timers.advance(15_000);

  expect(asked.map(codeOf)).toEqual(["BROKER_RATE_LIMITED"]);
  // After one, two and four seconds; eight more would be too long.
  expect(server.sentOf("ProtoOATraderReq")).toHaveLength(4);
});

test("a read that got through makes the next hold short again", async () => {
  const { channel, server, timers } = await open();
  const ask = () => channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });
  const block = (id: string) => server.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE"), id);
  const first = noted(ask());
  block("t-1");
  await timers.advance(1000);
  server.say("ProtoOAErrorRes", anError("NOT_ENOUGH_MONEY"), "t-2");
  ask();

  block("t-3");
  await timers.advance(1000);

  expect(first).toHaveLength(1);
  expect(server.lastOf("ProtoOATraderReq").clientMsgId).toBe("t-4");
});

test("an order that is told that a hold lasts too long does not leave after it", async () => {
  const { channel, server, timers } = await open();
  channel.order("ProtoOANewOrderReq", AN_ORDER, aWatcher().watcher);
  server.stopDraining();
  channel.request("ProtoOAVersionReq", {});
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  server.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE", { retryAfter: 20 }), "t-1");
  expect(told).toEqual([{ ended: "not-sent" }]);
  server.drain();
  await timers.advance(40_000);

  expect(told).toEqual([{ ended: "not-sent" }]);
  expect(server.sentOf("ProtoOANewOrderReq")).toHaveLength(1);
});

test("an order given by a watcher that is asked leaves after the one that was asked for", async () => {
  const { channel, server } = await open();
  const { watcher } = aWatcher({
    mayLeave() {
      channel.order(
        "ProtoOACancelOrderReq",
        { ctidTraderAccountId: ACCOUNT, orderId: 7 },
        aWatcher().watcher,
      );
      return true;
    },
  });

  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  expect(server.sent.map(({ name }) => name)).toEqual(["ProtoOANewOrderReq", "ProtoOACancelOrderReq"]);
});

test("an order that was blocked is refused and never repeated, and what acts neither", async () => {
  const { channel, server, timers } = await open();
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);
  const refresh = noted(channel.request("ProtoOARefreshTokenReq", { refreshToken: "r" }));
  server.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE", { retryAfter: 1 }), "t-1");
  server.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE", { retryAfter: 1 }), "t-2");

  await timers.advance(30_000);

  expect(told).toMatchObject(["left", { refused: { action: "rate", retryAfterMs: 1000 } }]);
  expect(refresh.map(codeOf)).toEqual(["BROKER_RATE_LIMITED"]);
  expect(server.sentOf("ProtoOANewOrderReq")).toHaveLength(1);
  expect(server.sentOf("ProtoOARefreshTokenReq")).toHaveLength(1);
});

test("orders of a held kind wait for the hold, or are not sent where it lasts too long", async () => {
  const { channel, server, timers } = await open();
  const [first, second, third] = [aWatcher(), aWatcher(), aWatcher()];
  channel.order("ProtoOANewOrderReq", AN_ORDER, first.watcher);
  server.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE", { retryAfter: 2 }), "t-1");
  channel.order("ProtoOANewOrderReq", AN_ORDER, second.watcher);
  channel.order("ProtoOACancelOrderReq", { ctidTraderAccountId: ACCOUNT, orderId: 7 }, aWatcher().watcher);

  expect(server.sentOf("ProtoOACancelOrderReq")).toHaveLength(1);
  expect(second.told).toEqual([]);
  await timers.advance(2000);
  expect(second.told).toEqual(["left"]);
  server.say("ProtoOAErrorRes", anError("BLOCKED_PAYLOAD_TYPE", { retryAfter: 60 }), "t-2");
  channel.order("ProtoOANewOrderReq", AN_ORDER, third.watcher);

  expect(third.told).toEqual([{ ended: "not-sent" }]);
});

test("the thousand-and-first read that waits is turned away", async () => {
  const { channel, timers } = await open({ opensItself: false });
  const ask = () => noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));
  const asked = Array.from({ length: 1001 }, ask);
  await timers.advance(0);

  expect(asked.slice(0, 1000).flat()).toEqual([]);
  expect(asked[1000]).toMatchObject([{ code: "BROKER_RATE_LIMITED", detail: { waiting: 1000 } }]);
});

test("forty-five requests a second leave, of which thirty-five may be reads", async () => {
  const { channel, server, timers } = await open();
  for (let n = 0; n < 80; n += 1) channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });
  await timers.advance(500);
  expect(server.sent).toHaveLength(35);
  channel.order("ProtoOANewOrderReq", AN_ORDER, aWatcher().watcher);
  expect(server.sent.at(-1)?.name).toBe("ProtoOANewOrderReq");

  await timers.advance(499);
  expect(server.sent).toHaveLength(36);
  await timers.advance(1);
  expect(server.sent).toHaveLength(70);
});

test("a heartbeat leaves after ten seconds without a write, and not sooner", async () => {
  const { channel, server, timers } = await open();
  const beats = () => server.sentOf("ProtoHeartbeatEvent").length;
  await timers.advance(9000);
  channel.request("ProtoOAVersionReq", {});
  await timers.advance(9999);
  expect(beats()).toBe(0);

  await timers.advance(1);
  expect(beats()).toBe(1);
  await timers.advance(20_000);

  expect(beats()).toBe(3);
});

test("a minute without a frame ends the channel; any frame puts it off", async () => {
  const { channel, server, timers, heard } = await open();
  for (const chunk of [
    frameOf("ProtoHeartbeatEvent", {}),
    frameOf("ProtoOASpotEvent", { ctidTraderAccountId: 1, symbolId: 1, trendbar: [] }),
    frameOfPayload(9999),
    frameOfPayload(2126, Uint8Array.of(0xff)),
  ]) {
    await timers.advance(59_999);
    server.sayBytes(chunk);
    expect(channel.lastFrameAt()).toBe(timers.now());
  }
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  await timers.advance(59_999);
  expect(heard.ends).toEqual([]);
  await timers.advance(1);

  expect(heard.ends).toEqual(["silent"]);
  expect(told).toEqual(["left", { ended: "unknown" }]);
  expect(server.isClosed()).toBe(true);
  expect(timers.pending()).toBe(0);
});

test("at the end everything is settled first: what left is unknown, what waited was not sent", async () => {
  const story: string[] = [];
  const { channel, server, timers, heard } = await open({}, { ended: (end) => story.push(`ended ${end}`) });
  const noting = (name: string) => aWatcher({ ended: (how) => story.push(`${name} ${how}`) }).watcher;
  channel.order("ProtoOANewOrderReq", AN_ORDER, noting("first"));
  const read = noted(channel.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT }));
  const refresh = noted(channel.request("ProtoOARefreshTokenReq", { refreshToken: "r" }));
  server.stopDraining();
  channel.request("ProtoOAVersionReq", {});
  channel.order("ProtoOANewOrderReq", AN_ORDER, noting("second"));
  const late = noted(channel.request("ProtoOARefreshTokenReq", { refreshToken: "r" }));

  server.end("reset");
  expect(story).toEqual(["first unknown", "second not-sent", "ended reset"]);
  channel.order("ProtoOANewOrderReq", AN_ORDER, noting("third"));
  const after = noted(channel.request("ProtoOAVersionReq", {}));
  channel.close();
  await timers.advance(0);

  expect(story.at(-1)).toBe("third not-sent");
  expect([read, refresh, late, after].map(([result]) => codeOf(result))).toEqual([
    "BROKER_UNREACHABLE",
    "BROKER_TIMEOUT",
    "BROKER_UNREACHABLE",
    "BROKER_UNREACHABLE",
  ]);
  expect(read[0]).toMatchObject({ detail: { network: "reset" } });
  expect(timers.pending()).toBe(0);
  expect(heard.events).toEqual([]);
});

test("after it is closed it hands nothing on, not even what is in the same chunk", async () => {
  const seen: string[] = [];
  const opened = await open(
    {},
    {
      event({ name }) {
        seen.push(name);
        opened.channel.close();
      },
    },
  );
  const event = frameOf("ProtoOAExecutionEvent", anExecution("SWAP"));

  opened.server.sayBytes(joined(event, event));
  opened.server.sayBytes(event);
  expect(opened.heard.ends).toEqual([]);
  await opened.timers.advance(0);

  expect(seen).toEqual(["ProtoOAExecutionEvent"]);
  expect(opened.heard.ends).toEqual(["closed-by-us"]);
});

test("the server's word that it disconnects is handed on and ends the channel", async () => {
  const { server, timers, heard } = await open();

  server.say("ProtoOAClientDisconnectEvent", { reason: "maintenance" });
  await timers.advance(0);

  expect(heard.events).toMatchObject([{ name: "ProtoOAClientDisconnectEvent" }]);
  expect(heard.ends).toEqual(["disconnected-by-server"]);
});

test("a frame over the cap ends the channel", async () => {
  const { server, timers, heard } = await open();

  server.sayBytes(Uint8Array.of(0x7f, 0xff, 0xff, 0xff));
  await timers.advance(0);

  expect(heard.ends).toEqual(["frame-too-long"]);
  expect(server.isClosed()).toBe(true);
});

test("a link that never opens ends the channel with its reason, and what waited was not sent", async () => {
  const { channel, server, heard } = await open({ opensItself: false });
  const { watcher, told } = aWatcher();
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);

  server.end("certificate-refused");

  expect(told).toEqual([{ ended: "not-sent" }]);
  expect(heard.ends).toEqual(["certificate-refused"]);
});

test("a listener that throws costs nobody else anything", async () => {
  const boom = () => {
    throw new Error("mine");
  };
  const { channel, server, timers, lines } = await open(
    {},
    { opened: boom, event: boom, spot: boom, ended: boom },
  );
  const { watcher, told } = aWatcher({ left: boom, event: boom });
  channel.order("ProtoOANewOrderReq", AN_ORDER, watcher);
  const answer = noted(channel.request("ProtoOAVersionReq", {}));

  server.sayBytes(
    joined(
      frameOf("ProtoOASpotEvent", { ctidTraderAccountId: 1, symbolId: 1, bid: 5, trendbar: [] }),
      frameOf("ProtoOAExecutionEvent", anExecution("ORDER_ACCEPTED"), "t-1"),
      frameOf("ProtoOAVersionRes", { version: "1" }, "t-2"),
    ),
  );
  await timers.advance(0);
  server.end("reset");

  expect(answer).toEqual([{ ok: true, value: { version: "1" } }]);
  expect(told).toEqual([]);
  const failed = lines.filter(({ event }) => event === "channel-listener-failed");
  expect(failed.map(({ fields }) => fields.listener)).toEqual([
    "opened",
    "left",
    "event",
    "event",
    "spot",
    "ended",
  ]);
});

test("spots go to their own listener, and one with bars is an event as well", async () => {
  const { server, heard } = await open();
  const bar = { volume: 1, period: "M1", low: 1 } as const;

  server.say("ProtoOASpotEvent", { ctidTraderAccountId: 1, symbolId: 8, bid: 5, trendbar: [] });
  server.say("ProtoOASpotEvent", { ctidTraderAccountId: 1, symbolId: 9, bid: 5, trendbar: [bar] });

  expect(heard.spots).toEqual([8, 9]);
  expect(heard.events).toMatchObject([{ name: "ProtoOASpotEvent", body: { symbolId: 9 } }]);
});

test("bytes in pieces are one message", async () => {
  const { channel, server } = await open();
  const answer = channel.request("ProtoOAVersionReq", {});
  const frame = frameOf("ProtoOAVersionRes", { version: "1" }, "t-1");

  for (const byte of frame) server.sayBytes(Uint8Array.of(byte));

  expect(await answer).toEqual({ ok: true, value: { version: "1" } });
});
