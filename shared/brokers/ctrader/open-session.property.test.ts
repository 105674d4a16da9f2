import fc from "fast-check";
import { expect, test } from "vitest";
import type { MessageName } from "./protocol/names.ts";
import { heldToken, type WiredSession, wireSession } from "./testing/session-on-a-wire.ts";
import { ACCOUNT, error, type Fault } from "./testing/wired-server.ts";

const CODES = [
  "ACCOUNT_NOT_AUTHORIZED",
  "ALREADY_LOGGED_IN",
  "CH_ACCESS_TOKEN_INVALID",
  "CH_CLIENT_NOT_AUTHENTICATED",
  "CH_CLIENT_AUTH_FAILURE",
  "CANT_ROUTE_REQUEST",
  "SERVER_IS_UNDER_MAINTENANCE",
  "CONNECTIONS_LIMIT_EXCEEDED",
  "BLOCKED_PAYLOAD_TYPE",
  "INVALID_REQUEST",
  "TIMEOUT_ERROR",
  "NEVER_HEARD_OF_IT",
] as const;

const NAMES = [
  "ProtoOAApplicationAuthReq",
  "ProtoOAGetAccountListByAccessTokenReq",
  "ProtoOAAccountAuthReq",
  "ProtoOATraderReq",
  "ProtoOAReconcileReq",
  "ProtoOADealListReq",
  "ProtoOASubscribeSpotsReq",
  "ProtoOASubscribeLiveTrendbarReq",
] as const satisfies readonly MessageName[];

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom(...CODES).map((code) => error(code)),
  fc.constant<Fault>({ kind: "silent" }),
  fc.constant<Fault>({ kind: "end" }),
);

/** A subscription that is said to be there, and is not, can be found out by nobody. */
function isUndetectable({
  name,
  fault: now,
}: {
  readonly name: MessageName;
  readonly fault: Fault;
}): boolean {
  return name.startsWith("ProtoOASubscribe") && now.kind === "error" && now.code === "ALREADY_LOGGED_IN";
}

type Step =
  | { readonly kind: "fault"; readonly name: (typeof NAMES)[number]; readonly fault: Fault }
  | { readonly kind: "end"; readonly end: "reset" | "closed-by-peer" | "unreachable" }
  | { readonly kind: "says-disconnected" | "says-invalid" | "disconnects" | "forgets-application" }
  | { readonly kind: "hangs-up" | "wake" | "prove" | "refresh" | "no-token" | "drop-and-start" }
  | { readonly kind: "request" | "subscribe" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({ kind: fc.constant("fault" as const), name: fc.constantFrom(...NAMES), fault })
    .filter((one) => !isUndetectable(one)),
  fc.record({
    kind: fc.constant("end" as const),
    end: fc.constantFrom("reset" as const, "closed-by-peer" as const, "unreachable" as const),
  }),
  fc
    .constantFrom(
      "says-disconnected" as const,
      "says-invalid" as const,
      "disconnects" as const,
      "forgets-application" as const,
      "hangs-up" as const,
      "wake" as const,
      "prove" as const,
      "refresh" as const,
      "no-token" as const,
      "drop-and-start" as const,
      "request" as const,
      "subscribe" as const,
    )
    .map((kind) => ({ kind })),
);

const story = fc.array(
  fc.record({ step, waitMs: fc.constantFrom(0, 5, 41, 90, 170, 1_100, 6_000, 31_000) }),
  { maxLength: 25 },
);

interface Cast extends WiredSession {
  generation: number;
  symbolId: number;
  readonly settling: Promise<unknown>[];
}

function play(cast: Cast, now: Step): void {
  const { session, server, tokens } = cast;
  const link = cast.dials().at(-1);
  const living = link !== undefined && !link.isEnded() && !link.isClosed() ? link : undefined;
  const disconnected = { ctidTraderAccountId: ACCOUNT };
  switch (now.kind) {
    case "fault":
      server.fail(now.name, now.fault);
      break;
    case "end":
      living?.end(now.end);
      break;
    case "says-disconnected":
      living?.say("ProtoOAAccountDisconnectEvent", disconnected);
      break;
    case "says-invalid":
      living?.say("ProtoOAAccountsTokenInvalidatedEvent", { ctidTraderAccountIds: [ACCOUNT] });
      break;
    case "disconnects":
      if (living !== undefined) server.disconnectAccount(living);
      break;
    case "forgets-application":
      if (living !== undefined) server.forgetApplication(living);
      break;
    case "hangs-up":
      living?.say("ProtoOAClientDisconnectEvent", { reason: "so" });
      break;
    case "wake":
      session.wake();
      break;
    case "prove":
      cast.settling.push(session.prove(heldToken(cast.generation)));
      break;
    case "refresh":
      cast.generation += 1;
      if (living !== undefined) server.invalidate(living, `access-${cast.generation - 1}`);
      server.goodTokens.add(`access-${cast.generation}`);
      tokens.next = heldToken(cast.generation);
      break;
    case "no-token":
      tokens.held = undefined;
      break;
    case "drop-and-start":
      session.drop();
      session.start();
      break;
    case "request":
      cast.settling.push(session.request("ProtoOATraderReq", disconnected));
      break;
    case "subscribe":
      cast.symbolId += 1;
      session.quotes.subscribe([cast.symbolId]);
      break;
    default:
      now satisfies never;
  }
}

/** Compares what the session says with what the server itself has answered. */
function watchReady({ dials, session, server }: WiredSession): void {
  let reconciledBefore = 0;
  session.watch(({ phase }) => {
    const link = dials().at(-1);
    if (phase === "account") reconciledBefore = server.answered("ProtoOAReconcileReq", link);
    if (phase !== "ready") return;
    expect(server.answered("ProtoOAReconcileReq", link)).toBeGreaterThan(reconciledBefore);
    expect(link?.isEnded()).toBe(false);
    expect(session.state().generation).toBeGreaterThan(0);
  });
}

async function expectStory(
  steps: readonly { readonly step: Step; readonly waitMs: number }[],
  endMs: number,
): Promise<void> {
  const wired = wireSession({ endMs, random: () => (wired.timers.now() * 7) % 256 });
  const cast: Cast = { ...wired, generation: 1, symbolId: 0, settling: [] };
  const { session, timers, tokens, server } = cast;
  watchReady(cast);
  session.start();

  for (const { step: now, waitMs } of steps) {
    play(cast, now);
    await timers.advance(waitMs);
  }
  // From here on the server and the store behave.
  server.faults.clear();
  tokens.held = heldToken(cast.generation);
  await timers.advance(400_000);

  expect(cast.mostOpen()).toBe(1);
  expect(session.state()).toMatchObject({ phase: "ready" });
  expect(server.isAuthorised(cast.link())).toBe(true);
  for (let id = 1; id <= cast.symbolId; id += 1) expect(server.isSubscribed(cast.link(), id)).toBe(true);
  expectNoTightLoop(cast);
  await expectSettled(cast);
}

function expectNoTightLoop({ dialledAt, server }: WiredSession): void {
  const most = Math.max(...dialledAt.map((at) => dialledAt.filter((b) => b >= at && b < at + 60_000).length));
  expect(most).toBeLessThanOrEqual(60);
  expect(server.heard.length).toBeLessThan(2_000);
}

async function expectSettled({ settling }: Cast): Promise<void> {
  let settled = 0;
  for (const one of settling) void one.then(() => (settled += 1));
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  expect(settled).toBe(settling.length);
}

const property = fc.asyncProperty(story, fc.constantFrom(0, 0, 200, 3_000), expectStory);

test("a subscription that the broker refuses on a ready connection, whatever its word for it, is asked for again", async () => {
  await expectStory(
    [
      { step: { kind: "wake" }, waitMs: 6_000 },
      {
        step: { kind: "fault", name: "ProtoOASubscribeSpotsReq", fault: error("CH_CLIENT_AUTH_FAILURE") },
        waitMs: 0,
      },
      { step: { kind: "subscribe" }, waitMs: 0 },
    ],
    0,
  );
});

test("a subscription that was answered after its session had been lost is made again in the next one", async () => {
  await expectStory(
    [
      { step: { kind: "wake" }, waitMs: 31_000 },
      { step: { kind: "subscribe" }, waitMs: 0 },
      { step: { kind: "says-invalid" }, waitMs: 1_100 },
      { step: { kind: "disconnects" }, waitMs: 0 },
    ],
    0,
  );
});

test("a session that a proof opened anew while the question about the one before was never answered has its subscriptions", async () => {
  await expectStory(
    [
      { step: { kind: "subscribe" }, waitMs: 170 },
      { step: { kind: "fault", name: "ProtoOATraderReq", fault: { kind: "silent" } }, waitMs: 170 },
      { step: { kind: "refresh" }, waitMs: 0 },
      { step: { kind: "prove" }, waitMs: 0 },
    ],
    0,
  );
});

test("a symbol that the broker called invalid once is not left out for ever", async () => {
  const refusals = ["CONNECTIONS_LIMIT_EXCEEDED", "INVALID_REQUEST"].map(
    (code): Step => ({ kind: "fault", name: "ProtoOASubscribeSpotsReq", fault: error(code) }),
  );
  await expectStory(
    [...refusals.map((step) => ({ step, waitMs: 0 })), { step: { kind: "subscribe" }, waitMs: 6_000 }],
    0,
  );
});

test("whatever happens, a session has one connection, dials in no loop, says ready only when it is, and ends ready", async () => {
  await fc.assert(property, { numRuns: 400 });
});
