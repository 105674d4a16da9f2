import { expect, test } from "vitest";
import { heldToken, readySession, type WiredSession, wireSession } from "./testing/session-on-a-wire.ts";
import { ACCOUNT, error } from "./testing/wired-server.ts";

/** Longer than news of a lost session may be late. */
const QUIET_MS = 10_000;

async function quietSession(): Promise<WiredSession> {
  const wired = await readySession();
  wired.session.quotes.subscribe([1]);
  await wired.timers.advance(QUIET_MS);
  wired.states.splice(0);
  return wired;
}

test("a token that the broker made invalid is replaced by the stored one on the same socket", async () => {
  const { session, server, tokens, timers, link, dials, phases } = await quietSession();
  tokens.held = heldToken(2);

  server.invalidate(link(), "access-1");
  const atOnce = session.state().phase;
  await timers.advance(2_000);

  expect(atOnce).toBe("account");
  expect(dials()).toHaveLength(1);
  expect(tokens.refusals).toEqual([]);
  expect(phases()).toEqual(["account", "reconciling", "subscribing", "ready"]);
  expect(session.state().generation).toBe(2);
  expect(link().sentOf("ProtoOASubscribeSpotsReq")).toHaveLength(2);
});

test("the keeper is told once that the very token in use is no longer valid", async () => {
  const { session, server, tokens, timers, link } = await quietSession();
  tokens.next = heldToken(2);

  server.invalidate(link(), "access-1");
  link().say("ProtoOAAccountsTokenInvalidatedEvent", { ctidTraderAccountIds: [ACCOUNT] });
  link().say("ProtoOAAccountDisconnectEvent", { ctidTraderAccountId: ACCOUNT });
  await timers.advance(2_000);

  expect(tokens.refusals).toEqual([1]);
  expect(session.state()).toMatchObject({ phase: "ready", generation: 2 });
});

test("what concerns another account changes nothing", async () => {
  const { phases, timers, link } = await quietSession();

  link().say("ProtoOAAccountsTokenInvalidatedEvent", { ctidTraderAccountIds: [99] });
  link().say("ProtoOAAccountDisconnectEvent", { ctidTraderAccountId: 99 });
  await timers.advance(2_000);

  expect(phases()).toEqual([]);
});

test("a lost account session is opened again on the same socket, reconciled and subscribed", async () => {
  const { server, timers, link, dials, phases, tokens } = await quietSession();
  server.heard.splice(0);

  server.disconnectAccount(link());
  await timers.advance(2_000);

  expect(phases()).toEqual(["account", "reconciling", "subscribing", "ready"]);
  expect(server.heard).toEqual([
    "ProtoOAGetAccountListByAccessTokenReq",
    "ProtoOAAccountAuthReq",
    "ProtoOATraderReq",
    "ProtoOAReconcileReq",
    "ProtoOADealListReq",
    "ProtoOASubscribeSpotsReq",
  ]);
  expect(tokens.refusals).toEqual([]);
  expect(dials()).toHaveLength(1);
});

test("late news of a lost session costs one read and no login", async () => {
  const { server, timers, link, phases, tokens } = await quietSession();
  tokens.held = heldToken(2);
  server.invalidate(link(), "access-1");
  await timers.advance(1_000);
  server.heard.splice(0);
  phases();

  link().say("ProtoOAAccountDisconnectEvent", { ctidTraderAccountId: ACCOUNT });
  link().say("ProtoOAAccountsTokenInvalidatedEvent", { ctidTraderAccountIds: [ACCOUNT] });
  await timers.advance(3_000);

  expect(server.heard).toEqual(["ProtoOATraderReq"]);
  expect(phases().at(-1)).toBe("ready");
});

test("news of a lost session that is true, however early, is found out by the read", async () => {
  const { session, server, timers, link } = await quietSession();
  server.disconnectAccount(link());
  await timers.advance(1_000);
  const logins = server.count("ProtoOAAccountAuthReq");

  server.disconnectAccount(link());
  await timers.advance(2_000);

  expect(server.count("ProtoOAAccountAuthReq")).toBe(logins + 1);
  expect(session.state().phase).toBe("ready");
});

test("an account that is authorised already counts as authorised", async () => {
  const { session, timers, link, server, dials } = await quietSession();

  // The broker says so although the session is still there.
  link().say("ProtoOAAccountDisconnectEvent", { ctidTraderAccountId: ACCOUNT });
  await timers.advance(2_000);

  expect(server.count("ProtoOAAccountAuthReq")).toBe(2);
  expect(session.state().phase).toBe("ready");
  expect(dials()).toHaveLength(1);
});

test("a broker that ends the session again and again is neither asked in a loop nor dialled in one", async () => {
  const { server, timers, link, dialledAt } = await quietSession();
  const before = server.count("ProtoOAAccountAuthReq");

  for (let second = 0; second < 120; second += 1) {
    const latest = link();
    if (!latest.isEnded() && !latest.isClosed()) server.disconnectAccount(latest);
    await timers.advance(1_000);
  }

  expect(server.count("ProtoOAAccountAuthReq") - before).toBeLessThan(80);
  expect(dialledAt.length).toBeLessThan(20);
});

test("without a token the session keeps its connection, looks every half minute, and at once when woken", async () => {
  const { session, tokens, timers, dials } = wireSession();
  tokens.held = undefined;
  session.start();
  await timers.advance(1_000);
  expect(session.state()).toMatchObject({ phase: "waiting", waitingFor: "token" });

  await timers.advance(60_000);
  expect(tokens.reads).toBe(3);
  tokens.held = heldToken(1);
  session.wake();
  await timers.advance(1_000);

  expect(session.state().phase).toBe("ready");
  expect(dials()).toHaveLength(1);
});

test("a token that appears in the store is found without being woken", async () => {
  const { session, tokens, timers } = wireSession();
  tokens.held = undefined;
  session.start();
  await timers.advance(1_000);

  tokens.held = heldToken(1);
  await timers.advance(31_000);

  expect(session.state().phase).toBe("ready");
});

test("a refused token is handed to its keeper once, and tried again no more than twice a minute", async () => {
  const { session, server, tokens, timers, dials } = wireSession();
  server.goodTokens.clear();
  session.start();

  for (let second = 0; second < 600; second += 1) {
    session.wake();
    await timers.advance(1_000);
  }

  expect(tokens.refusals).toEqual([1]);
  expect(session.state()).toMatchObject({
    phase: "waiting",
    waitingFor: "token",
    lastTrouble: "BROKER_TOKEN_REJECTED",
    brokerCode: "CH_ACCESS_TOKEN_INVALID",
  });
  expect(server.count("ProtoOAGetAccountListByAccessTokenReq")).toBeLessThanOrEqual(45);
  expect(dials()).toHaveLength(1);
});

test.for(["OA_AUTH_TOKEN_EXPIRED", "CH_ACCESS_TOKEN_INVALID"])(
  "a token refused as %s at the login is replaced by what its keeper gives",
  async (code) => {
    const { session, server, tokens, timers, dials } = wireSession();
    tokens.next = heldToken(2);
    server.fail("ProtoOAAccountAuthReq", error(code));

    session.start();
    await timers.advance(3_000);

    expect(tokens.refusals).toEqual([1]);
    expect(session.state()).toMatchObject({ phase: "ready", generation: 2 });
    expect(dials()).toHaveLength(1);
  },
);

test("a keeper that never answers keeps neither a proof nor a stop waiting", async () => {
  const { session, server, tokens, timers } = wireSession();
  tokens.isKeeperHanging = true;
  server.goodTokens.delete("access-1");
  session.start();
  await timers.advance(1_000);
  expect(session.state().phase).toBe("account");

  const proof = session.prove(heldToken(2));
  await timers.advance(5_000);
  expect(await proof).toMatchObject({ ok: true });
  await timers.advance(30_000);
  expect(session.state()).toMatchObject({ phase: "ready", generation: 2 });

  const stopped = session.stop();
  await timers.advance(100);
  await stopped;
  expect(session.state().phase).toBe("stopped");
});

test("an application that the broker forgot is authorised again on the same socket", async () => {
  const { session, server, timers, link, dials } = await quietSession();
  server.forgetApplication(link());

  const answer = session.request("ProtoOATraderReq", { ctidTraderAccountId: ACCOUNT });
  await timers.advance(5_000);

  expect(await answer).toMatchObject({ ok: true });
  expect(server.count("ProtoOAApplicationAuthReq")).toBe(2);
  expect(session.state().phase).toBe("ready");
  expect(dials()).toHaveLength(1);
});

test("a read that finds the session lost is asked once more after the login", async () => {
  const { server, session, timers } = await quietSession();
  server.fail("ProtoOASymbolsListReq", error("ACCOUNT_NOT_AUTHORIZED"));

  const answer = session.request("ProtoOASymbolsListReq", { ctidTraderAccountId: ACCOUNT });
  await timers.advance(5_000);

  expect(await answer).toMatchObject({ ok: true });
  expect(server.count("ProtoOASymbolsListReq")).toBe(2);
  expect(server.count("ProtoOAAccountAuthReq")).toBe(2);
});

test("an order that is told that the session is lost makes the session log in again", async () => {
  const { session, timers, link, server } = await quietSession();
  const order = { symbolId: 1, orderType: "MARKET", tradeSide: "BUY", volume: 100 } as const;
  session.orders.submit({ ...order, clientOrderId: "a1" });
  await timers.advance(10);

  const { clientMsgId } = link().lastOf("ProtoOANewOrderReq");
  const refusal = { ctidTraderAccountId: ACCOUNT, errorCode: "ACCOUNT_NOT_AUTHORIZED" };
  link().say("ProtoOAOrderErrorEvent", refusal, clientMsgId);
  await timers.advance(3_000);

  expect(server.count("ProtoOAAccountAuthReq")).toBe(2);
  expect(session.state().phase).toBe("ready");
});

test("a proof lists, authorises and reads with the token itself, drops nothing, and the session uses it on", async () => {
  const { session, server, timers, dials, link, phases } = await quietSession();
  server.heard.splice(0);

  const proof = session.prove(heldToken(2));
  await timers.advance(1_000);

  expect(await proof).toEqual({
    ok: true,
    value: { accounts: 2, latencyMs: 40, tradable: ["1111", "2222"] },
  });
  expect(server.heard).toEqual([
    "ProtoOAGetAccountListByAccessTokenReq",
    "ProtoOAAccountAuthReq",
    "ProtoOATraderReq",
  ]);
  expect(link().lastOf("ProtoOAAccountAuthReq").body.accessToken).toBe("access-2");
  expect(session.state().generation).toBe(2);
  expect(phases()).toEqual([]);
  expect(dials()).toHaveLength(1);
});

test("a proof of the token in use asks the broker all the same", async () => {
  const { session, server, timers } = await quietSession();
  server.goodTokens.delete("access-1");

  const proof = session.prove(heldToken(1));
  await timers.advance(1_000);

  expect(await proof).toMatchObject({ ok: false, code: "BROKER_TOKEN_REJECTED" });
  expect(server.count("ProtoOAGetAccountListByAccessTokenReq")).toBe(2);
  expect(session.state().phase).toBe("ready");
});

test("a proof while the session waits for a token brings the session up with it", async () => {
  const { session, tokens, timers, dials } = wireSession();
  tokens.held = undefined;
  session.start();
  await timers.advance(1_000);

  const proof = session.prove(heldToken(3));
  await timers.advance(1_000);

  expect(await proof).toMatchObject({ ok: true });
  expect(session.state()).toMatchObject({ phase: "ready", generation: 3 });
  expect(dials()).toHaveLength(1);
});

test("a token without the session's account is good, and can trade nothing", async () => {
  const { session, server, timers } = await quietSession();
  server.accounts = server.accounts.filter(({ ctidTraderAccountId }) => ctidTraderAccountId !== ACCOUNT);

  const proof = session.prove(heldToken(2));
  await timers.advance(1_000);

  expect(await proof).toEqual({ ok: true, value: { accounts: 1, latencyMs: 0, tradable: [] } });
  expect(session.state()).toMatchObject({ phase: "ready", generation: 1 });
});

test("a token that may only look can trade on no account", async () => {
  const { session, server, timers } = await quietSession();
  server.permissionScope = "SCOPE_VIEW";

  const proof = session.prove(heldToken(2));
  await timers.advance(1_000);

  expect(await proof).toMatchObject({ value: { accounts: 2, tradable: [] } });
});

test("a proof waits for the next connection, and goes on there when it was cut off", async () => {
  const { session, timers, link, dials } = await quietSession();
  link().end("reset");

  const waiting = session.prove(heldToken(2));
  await timers.advance(3_000);
  expect(await waiting).toMatchObject({ ok: true });

  const cut = session.prove(heldToken(3));
  await timers.advance(20);
  link().end("reset");
  while (dials().length < 3 || link().sentOf("ProtoOAGetAccountListByAccessTokenReq").length === 0) {
    await timers.advance(10);
  }
  link().end("reset");
  await timers.advance(10_000);
  expect(await cut).toMatchObject({ ok: true });
  expect(session.state()).toMatchObject({ phase: "ready" });
  expect(dials()).toHaveLength(4);
});

test("a proof gives up after fifteen seconds without a connection, and at once when none is wanted", async () => {
  const { session, timers } = wireSession({ opensItself: false });
  expect(await session.prove(heldToken(1))).toMatchObject({ ok: false, code: "BROKER_UNREACHABLE" });
  session.start();
  let failed: unknown;
  void session.prove(heldToken(1)).then((proof) => {
    failed = proof;
  });

  await timers.advance(14_900);
  expect(failed).toBeUndefined();
  await timers.advance(200);
  expect(failed).toMatchObject({ ok: false, code: "BROKER_UNREACHABLE" });
});

test("a proof that finds no way to the account right after a reconnect is tried once more", async () => {
  const { session, server, timers } = await quietSession();
  server.fail("ProtoOATraderReq", error("CANT_ROUTE_REQUEST"));

  const proof = session.prove(heldToken(2));
  await timers.advance(3_000);

  expect(await proof).toMatchObject({ ok: true });
});

test("two logins are never under way at once", async () => {
  const { session, server, timers, link, tokens } = await quietSession();
  tokens.held = heldToken(2);
  let open = 0;
  let most = 0;
  const hear = link().sentOf("ProtoOAAccountAuthReq").length;

  server.invalidate(link(), "access-1");
  const proofs = [session.prove(heldToken(2)), session.prove(heldToken(3))];
  for (let step = 0; step < 200; step += 1) {
    await timers.advance(10);
    open = link().sentOf("ProtoOAAccountAuthReq").length - hear;
    most = Math.max(most, open - server.answered("ProtoOAAccountAuthReq") + hear);
  }

  expect(most).toBe(1);
  expect((await Promise.all(proofs)).every(({ ok }) => ok)).toBe(true);
});

test("a session that was lost and opened again by a proof is compared and subscribed again", async () => {
  const { session, server, timers, link } = await quietSession();

  server.endAccount(link());
  const proof = session.prove(heldToken(2));
  await timers.advance(1_000);
  link().say("ProtoOAAccountDisconnectEvent", { ctidTraderAccountId: ACCOUNT });
  await timers.advance(2_000);

  expect(await proof).toMatchObject({ ok: true });
  expect(server.isSubscribed(link(), 1)).toBe(true);
  expect(server.count("ProtoOAReconcileReq")).toBe(2);
  expect(session.state().phase).toBe("ready");
});

test("a login that finds the account authorised by a proof asks nothing more", async () => {
  const { session, server, tokens, timers } = wireSession();
  tokens.held = undefined;
  session.start();
  await timers.advance(1_000);

  tokens.held = heldToken(1);
  const proof = session.prove(heldToken(2));
  session.wake();
  await timers.advance(2_000);

  expect(await proof).toMatchObject({ ok: true });
  expect(server.count("ProtoOAAccountAuthReq")).toBe(1);
  expect(session.state()).toMatchObject({ phase: "ready", generation: 2 });
});

test("two requests that find the same loss cost one login", async () => {
  const { session, server, timers } = await quietSession();
  const lost = "ACCOUNT_NOT_AUTHORIZED";
  server.fail("ProtoOAVersionReq", error(lost), error(lost, { lateMs: 1_000 }));

  const answers = [session.request("ProtoOAVersionReq", {}), session.request("ProtoOAVersionReq", {})];
  await timers.advance(5_000);

  expect((await Promise.all(answers)).map(({ ok }) => ok)).toEqual([true, true]);
  expect(server.count("ProtoOAAccountAuthReq")).toBe(2);
});

test("prices are forgotten while the session waits for a token", async () => {
  const { session, server, timers, link } = await quietSession();
  const spot = { ctidTraderAccountId: ACCOUNT, symbolId: 1, bid: 5, ask: 6, trendbar: [] };
  link().say("ProtoOASpotEvent", spot);
  expect(session.quotes.get(1)).toMatchObject({ bid: 5 });

  server.invalidate(link(), "access-1");
  await timers.advance(2_000);

  expect(session.state()).toMatchObject({ phase: "waiting", waitingFor: "token" });
  expect(session.quotes.get(1)).toBeUndefined();
});

test("a token that was proved after it had been refused is used at once when the session is lost", async () => {
  const { session, server, timers, link } = wireSession();
  server.fail("ProtoOAAccountAuthReq", error("CH_ACCESS_TOKEN_INVALID"));
  session.start();
  await timers.advance(1_000);
  expect(session.state()).toMatchObject({ waitingFor: "token" });

  const proof = session.prove(heldToken(1));
  await timers.advance(6_000);
  expect(await proof).toMatchObject({ ok: true });
  server.disconnectAccount(link());
  await timers.advance(1_000);

  expect(session.state().phase).toBe("ready");
});
