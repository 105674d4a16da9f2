import { expect, test } from "vitest";
import { DEMO_ACCOUNT, LIVE_ACCOUNT, openRig } from "./testing/rig.ts";

const ORDER = {
  ctidTraderAccountId: DEMO_ACCOUNT,
  symbolId: 1,
  orderType: "MARKET",
  tradeSide: "BUY",
  volume: 100_000,
  clientOrderId: "c-1",
} as const;

test("application and account are authorised, and each answer bears its request's id", async () => {
  const rig = openRig();

  const caller = await rig.enter(DEMO_ACCOUNT);

  expect(caller.said.map(({ name, body, clientMsgId }) => [name, body, clientMsgId])).toEqual([
    ["ProtoOAApplicationAuthRes", {}, "app"],
    ["ProtoOAAccountAuthRes", { ctidTraderAccountId: DEMO_ACCOUNT }, "account"],
  ]);
  expect(rig.gateway.connections()).toEqual([{ host: "demo", connection: 1, accounts: [DEMO_ACCOUNT] }]);
});

test("the version is told to strangers, and everything else is not", async () => {
  const rig = openRig();
  const caller = rig.call();

  caller.ask("ProtoOAVersionReq", {}, "v");
  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "t");
  caller.ask("ProtoOARefreshTokenReq", { refreshToken: "x" }, "r");

  expect(caller.answer("v")).toMatchObject({ name: "ProtoOAVersionRes", body: { version: "91" } });
  for (const id of ["t", "r"]) {
    expect(caller.answer(id)).toMatchObject({
      name: "ProtoOAErrorRes",
      body: { errorCode: "CH_CLIENT_NOT_AUTHENTICATED" },
    });
  }
});

test("an application is refused by its own word for each reason", async () => {
  const rig = openRig();
  const { clientId, clientSecret } = rig.applications.demo;
  const caller = rig.call();

  caller.ask("ProtoOAApplicationAuthReq", { clientId: "nobody", clientSecret }, "unknown");
  caller.ask("ProtoOAApplicationAuthReq", { clientId, clientSecret: "wrong" }, "secret");
  caller.ask("ProtoOAApplicationAuthReq", { clientId, clientSecret }, "good");
  caller.ask("ProtoOAApplicationAuthReq", { clientId, clientSecret }, "again");

  expect(caller.answer("unknown")?.body).toMatchObject({ errorCode: "CH_OA_CLIENT_NOT_FOUND" });
  expect(caller.answer("secret")?.body).toEqual({
    errorCode: "CH_CLIENT_AUTH_FAILURE",
    description: "clientId or clientSecret is incorrect",
  });
  expect(caller.answer("good")?.name).toBe("ProtoOAApplicationAuthRes");
  expect(caller.answer("again")?.body).toMatchObject({ errorCode: "CH_CLIENT_ALREADY_AUTHENTICATED" });
});

test.each([
  ["a token that was never issued", DEMO_ACCOUNT, "x", "CH_ACCESS_TOKEN_INVALID", "Invalid access token"],
  [
    "the login in place of the id",
    5_100_001,
    undefined,
    "CH_CTID_TRADER_ACCOUNT_NOT_FOUND",
    "Trading account is not found",
  ],
  ["an account of the other host", LIVE_ACCOUNT, undefined, "CANT_ROUTE_REQUEST", "Cannot route request"],
] as const)("account authorisation refuses %s", async (_, account, token, errorCode, description) => {
  const rig = openRig();
  const caller = await rig.enter();

  const accessToken = token ?? rig.grant().accessToken;
  caller.ask("ProtoOAAccountAuthReq", { ctidTraderAccountId: account, accessToken }, "a");

  expect(caller.answer("a")).toMatchObject({
    name: "ProtoOAErrorRes",
    body: { ctidTraderAccountId: account, errorCode, description },
  });
});

test("an account that was not chosen at the login is not authorised", async () => {
  const rig = openRig();
  const caller = await rig.enter();
  const { accessToken } = rig.grant({ accounts: [LIVE_ACCOUNT] });

  caller.ask("ProtoOAAccountAuthReq", { ctidTraderAccountId: DEMO_ACCOUNT, accessToken }, "a");

  expect(caller.answer("a")?.body).toMatchObject({ errorCode: "ACCOUNT_NOT_AUTHORIZED" });
});

test("a second authorisation on one channel is ALREADY_LOGGED_IN, or is taken", async () => {
  const rig = openRig();
  const { accessToken } = rig.grant();
  const caller = await rig.enter(DEMO_ACCOUNT, accessToken);

  caller.ask("ProtoOAAccountAuthReq", { ctidTraderAccountId: DEMO_ACCOUNT, accessToken }, "refused");
  rig.setFaults({ duplicateLogin: "allow" });
  caller.ask("ProtoOAAccountAuthReq", { ctidTraderAccountId: DEMO_ACCOUNT, accessToken }, "taken");

  expect(caller.answer("refused")?.body).toEqual({
    ctidTraderAccountId: DEMO_ACCOUNT,
    errorCode: "ALREADY_LOGGED_IN",
    description: "Trading account is already authorized in this channel",
  });
  expect(caller.answer("taken")?.name).toBe("ProtoOAAccountAuthRes");
});

test("one token authorises one account on two connections at once", async () => {
  const rig = openRig();
  const { accessToken } = rig.grant();

  const first = await rig.enter(DEMO_ACCOUNT, accessToken);
  const second = await rig.enter(DEMO_ACCOUNT, accessToken);

  expect(second.answer("account")?.name).toBe("ProtoOAAccountAuthRes");
  first.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "t");
  expect(first.answer("t")?.name).toBe("ProtoOATraderRes");
});

test("a request for an account without a session is refused, by the word that is switched", async () => {
  const rig = openRig();
  const caller = await rig.enter();

  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "seen");
  rig.setFaults({ notAuthorized: "ACCOUNT_NOT_AUTHORIZED" });
  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "own");
  rig.setFaults({ notAuthorized: "order-error-event" });
  caller.ask("ProtoOANewOrderReq", ORDER, "order");

  expect(caller.answer("seen")).toMatchObject({
    name: "ProtoOAErrorRes",
    body: { errorCode: "INVALID_REQUEST", description: "Trading account is not authorized" },
  });
  expect(caller.answer("own")?.body).toMatchObject({ errorCode: "ACCOUNT_NOT_AUTHORIZED" });
  expect(caller.answer("order")).toMatchObject({
    name: "ProtoOAOrderErrorEvent",
    body: { errorCode: "INVALID_REQUEST", orderId: 0, positionId: 0 },
  });
});

test("the accounts of a token are listed on either host, with its scope", async () => {
  const rig = openRig();
  const caller = await rig.enter();
  const { accessToken } = rig.grant({ scope: "accounts", accounts: [DEMO_ACCOUNT, LIVE_ACCOUNT] });

  caller.ask("ProtoOAGetAccountListByAccessTokenReq", { accessToken }, "list");
  caller.ask("ProtoOAGetCtidProfileByTokenReq", { accessToken }, "profile");

  expect(caller.answer("list")?.body).toEqual({
    accessToken,
    permissionScope: "SCOPE_VIEW",
    ctidTraderAccount: [
      {
        ctidTraderAccountId: DEMO_ACCOUNT,
        isLive: false,
        traderLogin: 5_100_001,
        brokerTitleShort: "Simulated Broker",
      },
      {
        ctidTraderAccountId: LIVE_ACCOUNT,
        isLive: true,
        traderLogin: 6_200_001,
        brokerTitleShort: "Simulated Broker",
      },
    ],
  });
  expect(caller.answer("profile")?.body).toEqual({ profile: { userId: 1 } });
});

test("a token of the other application is not taken", async () => {
  const rig = openRig();
  const caller = await rig.enter();
  const { accessToken } = rig.grant({ app: "live" });

  caller.ask("ProtoOAGetAccountListByAccessTokenReq", { accessToken }, "list");

  expect(caller.answer("list")?.body).toMatchObject({ errorCode: "CH_ACCESS_TOKEN_INVALID" });
});

test("a token of scope accounts looks but does not trade", async () => {
  const rig = openRig();
  const { accessToken } = rig.grant({ scope: "accounts" });
  const caller = await rig.enter(DEMO_ACCOUNT, accessToken);

  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "look");
  caller.ask("ProtoOANewOrderReq", ORDER, "trade");

  expect(caller.answer("look")?.name).toBe("ProtoOATraderRes");
  expect(caller.answer("trade")).toMatchObject({
    name: "ProtoOAOrderErrorEvent",
    body: { errorCode: "TRADING_NOT_ALLOWED", orderId: 0, positionId: 0, ctidTraderAccountId: DEMO_ACCOUNT },
  });
  expect(rig.venue.truth(DEMO_ACCOUNT).received).toEqual({});
});

test("an expired token is refused by the word that is switched", async () => {
  const rig = openRig({ faults: { accessTokenSeconds: 5, strangerSeconds: 0, silenceSeconds: 0 } });
  const { accessToken } = rig.grant();
  const caller = await rig.enter();
  await rig.timers.advance(5_000);

  caller.ask("ProtoOAAccountAuthReq", { ctidTraderAccountId: DEMO_ACCOUNT, accessToken }, "own");
  rig.setFaults({ expiredToken: "CH_ACCESS_TOKEN_INVALID" });
  caller.ask("ProtoOAAccountAuthReq", { ctidTraderAccountId: DEMO_ACCOUNT, accessToken }, "other");

  expect(caller.answer("own")?.body).toMatchObject({ errorCode: "OA_AUTH_TOKEN_EXPIRED" });
  expect(caller.answer("other")?.body).toMatchObject({ errorCode: "CH_ACCESS_TOKEN_INVALID" });
});

test("a logout is answered, the account's end is told, and the account is out", async () => {
  const rig = openRig();
  const caller = await rig.enter(DEMO_ACCOUNT);

  caller.ask("ProtoOAAccountLogoutReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "out");
  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "t");

  expect(caller.said.slice(2).map(({ name, clientMsgId }) => [name, clientMsgId])).toEqual([
    ["ProtoOAAccountLogoutRes", "out"],
    ["ProtoOAAccountDisconnectEvent", undefined],
    ["ProtoOAErrorRes", "t"],
  ]);
});

test("an account that is out hears no more of its prices and orders", async () => {
  const rig = openRig();
  const caller = await rig.enter(DEMO_ACCOUNT);
  caller.ask("ProtoOASubscribeSpotsReq", { ctidTraderAccountId: DEMO_ACCOUNT, symbolId: [1] }, "s");
  caller.ask("ProtoOANewOrderReq", ORDER, "o");
  await rig.timers.advance(0);

  caller.ask("ProtoOAAccountLogoutReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "out");
  const heard = caller.said.length;
  await rig.timers.advance(20_000);

  expect(caller.said.slice(heard)).toEqual([]);
  rig.close();
});

test("an order reaches the venue, and its events come with its id", async () => {
  const rig = openRig();
  const caller = await rig.enter(DEMO_ACCOUNT);

  caller.ask("ProtoOANewOrderReq", ORDER, "o-1");
  await rig.timers.advance(200);

  const events = caller.of("ProtoOAExecutionEvent");
  expect(events.map(({ body, clientMsgId }) => [body.executionType, clientMsgId])).toEqual([
    ["ORDER_ACCEPTED", "o-1"],
    ["ORDER_FILLED", "o-1"],
  ]);
  expect(rig.venue.truth(DEMO_ACCOUNT).positions).toHaveLength(1);
  expect(rig.gateway.journal.orders()).toEqual([
    { connection: 1, clientMsgId: "o-1", clientOrderId: "c-1", fate: "passed-on" },
  ]);
});

test("an idle connection gets a heartbeat after 25 seconds, and is closed after 30 of silence", async () => {
  const rig = openRig();
  const caller = await rig.enter();

  await rig.timers.advance(24_500);
  const early = caller.of("ProtoHeartbeatEvent").length;
  await rig.timers.advance(1_000);
  const due = caller.of("ProtoHeartbeatEvent").length;
  const wasOpen = !caller.isClosed();
  await rig.timers.advance(5_000);

  expect([early, due, wasOpen]).toEqual([0, 1, true]);
  expect(caller.isClosed()).toBe(true);
  expect(rig.gateway.connections()).toEqual([]);
});

test("a client that sends heartbeats stays", async () => {
  const rig = openRig();
  const caller = await rig.enter();

  for (let seconds = 0; seconds < 120; seconds += 10) {
    caller.ask("ProtoHeartbeatEvent", {});
    await rig.timers.advance(10_000);
  }

  expect(caller.isClosed()).toBe(false);
});

test("a connection without an application is closed after 30 seconds, heartbeats or not", async () => {
  const rig = openRig();
  const caller = rig.call();

  for (let seconds = 0; seconds < 31; seconds += 1) {
    caller.ask("ProtoHeartbeatEvent", {});
    await rig.timers.advance(1_000);
  }

  expect(caller.isClosed()).toBe(true);
});

test("the 51st request of a second is refused and its payload type is blocked, others are not", async () => {
  const rig = openRig();
  const caller = await rig.enter(DEMO_ACCOUNT);
  await rig.timers.advance(1_000);

  for (let count = 1; count <= 51; count += 1) {
    caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, `t${count}`);
  }
  await rig.timers.advance(999);
  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "blocked");
  await rig.timers.advance(1);
  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "free");

  expect(caller.answer("t50")?.name).toBe("ProtoOATraderRes");
  expect(caller.answer("t51")?.body).toMatchObject({ errorCode: "BLOCKED_PAYLOAD_TYPE", retryAfter: 1 });
  expect(caller.answer("blocked")?.body).toMatchObject({ errorCode: "BLOCKED_PAYLOAD_TYPE" });
  expect(caller.answer("free")?.name).toBe("ProtoOATraderRes");
});

test("history has a limit of its own, five a second", async () => {
  const rig = openRig();
  const caller = await rig.enter(DEMO_ACCOUNT);

  for (let count = 1; count <= 6; count += 1) {
    caller.ask("ProtoOADealListReq", { ctidTraderAccountId: DEMO_ACCOUNT }, `d${count}`);
  }
  caller.ask("ProtoOATraderReq", { ctidTraderAccountId: DEMO_ACCOUNT }, "t");

  expect(caller.answer("d5")?.name).toBe("ProtoOADealListRes");
  expect(caller.answer("d6")?.body).toMatchObject({ errorCode: "BLOCKED_PAYLOAD_TYPE", retryAfter: 1 });
  expect(caller.answer("t")?.name).toBe("ProtoOATraderRes");
});

test("heartbeats and answers do not count as requests, and a message of the server's own is not one", async () => {
  const rig = openRig({ faults: { requestsPerSecond: 2 } });
  const caller = await rig.enter();
  await rig.timers.advance(1_000);

  for (let count = 0; count < 10; count += 1) caller.ask("ProtoHeartbeatEvent", {});
  caller.ask("ProtoOAVersionReq", {}, "v");
  caller.ask("ProtoOAVersionRes", { version: "1" }, "odd");

  expect(caller.answer("v")?.name).toBe("ProtoOAVersionRes");
  expect(caller.answer("odd")).toMatchObject({
    name: "ProtoErrorRes",
    body: { errorCode: "UNSUPPORTED_MESSAGE" },
  });
});

test("the same seed and course of calls give the same bytes", async () => {
  const play = async () => {
    const rig = openRig({
      seed: "one",
      faults: { chunkBytes: 7, garbageShare: 0.3, answerJitterMs: 20, unknownTypeShare: 0.3 },
    });
    const caller = await rig.enter(DEMO_ACCOUNT);
    caller.ask("ProtoOASubscribeSpotsReq", { ctidTraderAccountId: DEMO_ACCOUNT, symbolId: [1] }, "s");
    caller.ask("ProtoOANewOrderReq", ORDER, "o");
    await rig.timers.advance(3_000);
    rig.close();
    return caller.chunks.map((chunk) => Buffer.from(chunk).toString("hex"));
  };

  const [first, second] = [await play(), await play()];

  expect(first.length).toBeGreaterThan(20);
  expect(second).toEqual(first);
});
