import fc from "fast-check";
import { expect, test } from "vitest";
import { createVirtualTimers } from "../../platform/local/virtual-timers.ts";
import type { Result } from "../../platform/result.ts";
import type { ChannelEnd } from "./channel.ts";
import { openChannel } from "./open-channel.ts";
import type { ProtoOAExecutionType } from "./protocol/open-api.generated.ts";
import { createScriptedDial } from "./testing/scripted-link.ts";
import { frameOf, frameOfPayload, type SentMessage } from "./testing/wire.ts";

const ACCOUNT = 1_000_001;
const EXECUTIONS: readonly ProtoOAExecutionType[] = ["ORDER_ACCEPTED", "ORDER_FILLED", "ORDER_REJECTED"];
const ERRORS = [
  "BLOCKED_PAYLOAD_TYPE",
  "NOT_ENOUGH_MONEY",
  "ALREADY_LOGGED_IN",
  "CANT_ROUTE_REQUEST",
  "NEVER_HEARD",
];

type Step =
  | { kind: "request"; name: "trader" | "version" | "deals" | "account" | "refresh" }
  | { kind: "order"; mayLeave: boolean }
  | {
      kind: "answer" | "error" | "order-error" | "event" | "garbage";
      pick: number;
      word: number;
      retryAfter: number;
    }
  | { kind: "stranger"; word: number }
  | { kind: "wait"; ms: number }
  | { kind: "stall" }
  | { kind: "drain" }
  | { kind: "cut" }
  | { kind: "close" };

const pick = fc.nat({ max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("request" as const),
      name: fc.constantFrom("trader", "version", "deals", "account", "refresh"),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("order" as const), mayLeave: fc.boolean() }) },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "answer" as const,
        "error" as const,
        "order-error" as const,
        "event" as const,
        "garbage" as const,
      ),
      pick,
      word: pick,
      retryAfter: fc.nat({ max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stranger" as const), word: pick }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      ms: fc.oneof(fc.nat({ max: 400 }), fc.nat({ max: 20_000 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("stall" as const, "drain" as const, "drain" as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("cut" as const, "close" as const) }) },
);

interface Noted {
  readonly results: Result<unknown>[];
}

interface NotedOrder {
  readonly label: string;
  asked: number;
  left: number;
  /** What settled it, and the events after that. */
  readonly told: string[];
}

/** One channel, its calls, and everything that was said on either side. */
function createWorld() {
  const timers = createVirtualTimers();
  const script = createScriptedDial();
  const said: string[] = [];
  const heard: string[] = [];
  const ends: ChannelEnd[] = [];
  const requests: Noted[] = [];
  const orders: NotedOrder[] = [];
  const channel = openChannel(
    { dial: script.dial, timers },
    { address: { host: "h", port: 1 }, idPrefix: "p-" },
    {
      opened() {},
      event: (event) => heard.push(`${event.name} ${event.clientMsgId ?? ""}`),
      spot() {},
      ended(end) {
        ends.push(end);
        // Everything that waited has been settled before.
        for (const { told } of orders) expect(told).not.toEqual([]);
      },
    },
  );
  return { timers, server: script.latest(), said, heard, ends, requests, orders, channel };
}

type World = ReturnType<typeof createWorld>;

function ask({ channel, requests }: World, name: Extract<Step, { kind: "request" }>["name"]): void {
  const ctidTraderAccountId = ACCOUNT;
  const asked = {
    trader: () => channel.request("ProtoOATraderReq", { ctidTraderAccountId }),
    version: () => channel.request("ProtoOAVersionReq", {}),
    deals: () => channel.request("ProtoOADealListReq", { ctidTraderAccountId }),
    account: () => channel.request("ProtoOAAccountAuthReq", { ctidTraderAccountId, accessToken: "t" }),
    refresh: () => channel.request("ProtoOARefreshTokenReq", { refreshToken: "r" }),
  }[name]();
  const noted: Noted = { results: [] };
  requests.push(noted);
  asked.then(
    (result) => noted.results.push(result),
    () => expect.unreachable(),
  );
}

function order({ channel, orders }: World, mayLeave: boolean): void {
  const noted: NotedOrder = { label: `o${orders.length}`, asked: 0, left: 0, told: [] };
  orders.push(noted);
  channel.order(
    "ProtoOANewOrderReq",
    {
      ctidTraderAccountId: ACCOUNT,
      symbolId: 1,
      orderType: "MARKET",
      tradeSide: "BUY",
      volume: 1,
      clientOrderId: noted.label,
    },
    {
      mayLeave() {
        noted.asked += 1;
        return mayLeave;
      },
      left() {
        noted.left += 1;
      },
      event: () => noted.told.push("event"),
      refused: () => noted.told.push("refused"),
      ended: (how) => noted.told.push(how),
    },
  );
}

/** The server says something of one of the requests that reached it, perhaps not for the first time. */
function reply(world: World, { kind, pick: at, word, retryAfter }: Extract<Step, { pick: number }>): void {
  const { server } = world;
  const sent = server.sent.filter(({ name }) => name !== "ProtoHeartbeatEvent");
  const to = sent[at % Math.max(1, sent.length)];
  if (to === undefined || server.isClosed() || server.isEnded()) return;
  const id = to.clientMsgId;
  const errorCode = ERRORS[word % ERRORS.length]!;
  if (kind === "error") server.say("ProtoOAErrorRes", { errorCode, retryAfter }, id);
  else if (kind === "garbage") server.sayBytes(frameOfPayload(2126, Uint8Array.of(0xff), id));
  else if (kind === "order-error") {
    world.said.push(`ProtoOAOrderErrorEvent ${id}`);
    server.say("ProtoOAOrderErrorEvent", { ctidTraderAccountId: ACCOUNT, errorCode }, id);
  } else if (kind === "event" || to.name === "ProtoOANewOrderReq") {
    world.said.push(`ProtoOAExecutionEvent ${id}`);
    const executionType = EXECUTIONS[word % EXECUTIONS.length]!;
    server.say("ProtoOAExecutionEvent", { ctidTraderAccountId: ACCOUNT, executionType }, id);
  } else server.sayBytes(answerTo(to));
}

function answerTo({ name, clientMsgId }: SentMessage): Uint8Array {
  const ctidTraderAccountId = ACCOUNT;
  if (name === "ProtoOAVersionReq") return frameOf("ProtoOAVersionRes", { version: "1" }, clientMsgId);
  if (name === "ProtoOAAccountAuthReq")
    return frameOf("ProtoOAAccountAuthRes", { ctidTraderAccountId }, clientMsgId);
  if (name === "ProtoOADealListReq") {
    return frameOf("ProtoOADealListRes", { ctidTraderAccountId, deal: [], hasMore: false }, clientMsgId);
  }
  if (name === "ProtoOARefreshTokenReq") {
    const pair = { accessToken: "a", tokenType: "bearer", expiresIn: 1, refreshToken: "r" };
    return frameOf("ProtoOARefreshTokenRes", pair, clientMsgId);
  }
  const trader = { ctidTraderAccountId, balance: 5, depositAssetId: 1 };
  return frameOf("ProtoOATraderRes", { ctidTraderAccountId, trader }, clientMsgId);
}

async function take(world: World, one: Step): Promise<void> {
  const { server, timers, channel } = world;
  if (one.kind === "request") ask(world, one.name);
  else if (one.kind === "order") order(world, one.mayLeave);
  else if (one.kind === "wait") await timers.advance(one.ms);
  else if (one.kind === "stall") server.stopDraining();
  else if (one.kind === "drain") server.drain();
  else if (one.kind === "cut") server.end("reset");
  else if (one.kind === "close") channel.close();
  else if (one.kind === "stranger") {
    if (!server.isClosed() && !server.isEnded()) world.said.push("ProtoOAExecutionEvent p-elsewhere");
    const executionType = EXECUTIONS[one.word % EXECUTIONS.length]!;
    server.say("ProtoOAExecutionEvent", { ctidTraderAccountId: ACCOUNT, executionType }, "p-elsewhere");
  } else reply(world, one);
}

function checkOrder({ label, asked, left, told }: NotedOrder, sent: number): void {
  expect(asked, label).toBeLessThanOrEqual(1);
  expect(sent, label).toBe(left);
  expect(left, label).toBeLessThanOrEqual(asked);
  const [first, ...later] = told;
  expect(first, label).toBeDefined();
  // What did not leave is known not to have, and what left is never said to be here.
  if (left === 0) expect(told, label).toEqual(["not-sent"]);
  else expect(first, label).not.toBe("not-sent");
  expect(first === "event" ? later.filter((word) => word !== "event") : later, label).toEqual([]);
}

test("whatever comes in whatever order: every call settles once, nothing is sent twice, no event is lost", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = createWorld();
      await world.timers.advance(0);
      for (const one of steps) await take(world, one);
      const { server, timers, ends, requests, orders, said, heard } = world;

      // So long everything takes that can be taken at all; then the connection is cut.
      server.drain();
      await timers.advance(59_000);
      server.end("reset");
      await timers.advance(0);

      const ids = server.sent.flatMap(({ clientMsgId }) => clientMsgId ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { results } of requests) expect(results).toHaveLength(1);
      const labels = server.sentOf("ProtoOANewOrderReq").map(({ body }) => body.clientOrderId);
      for (const one of orders) checkOrder(one, labels.filter((label) => label === one.label).length);
      expect(heard.filter((event) => !event.startsWith("ProtoOAErrorRes"))).toEqual(said);
      expect(ends).toHaveLength(1);
      expect(timers.pending()).toBe(0);
    }),
    { numRuns: 1000 },
  );
});
