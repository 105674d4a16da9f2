/** A desk and a book joined to the model broker by channels whose every request may have its own fate. For tests. */
import { Temporal } from "temporal-polyfill";
import type { Channel, ChannelEvent, OrderWatcher } from "../../../shared/brokers/ctrader/channel.ts";
import { openBook } from "../../../shared/brokers/ctrader/open-book.ts";
import { openOrderDesk } from "../../../shared/brokers/ctrader/open-order-desk.ts";
import type { OrderRequestName, RequestName } from "../../../shared/brokers/ctrader/protocol/names.ts";
import type { Messages } from "../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { CtraderRefusal } from "../../../shared/brokers/ctrader/refusal.ts";
import { createVirtualTimers } from "../../../shared/platform/local/virtual-timers.ts";
import { fail, succeed } from "../../../shared/platform/result.ts";
import { recordedLog } from "../recorded-log.ts";
import { ACCOUNT, createModelBroker } from "./model-broker.ts";
import { EPOCH_MS } from "./model-state.ts";

/** What becomes of one order request. `dies`: the connection ends after so many of its messages. */
export type Fate =
  | { readonly kind: "answered" }
  | { readonly kind: "lost" }
  /** It reaches the broker so late that nobody waits for its answer any more. */
  | { readonly kind: "late"; readonly ms: number }
  /** It is done, and its events carry no id. */
  | { readonly kind: "silent" }
  /** The broker says that it cannot say. */
  | { readonly kind: "inconclusive"; readonly isDone: boolean }
  | { readonly kind: "dies"; readonly isDone: boolean; readonly afterMessages: number }
  | { readonly kind: "not-sent" };

const TIMEOUT_MS = 15_000;
const ANSWER_MS = 40;

interface FakeChannel extends Channel {
  die(): void;
  isDead(): boolean;
}

/** Opens a session that is ready at once and comes back half a second after each end of its connection. */
export function createModelSession(
  options: {
    readonly fillAfterMs?: number;
    /** How long an answer to a read waits after it was made, in place of the usual: events overtake it. */
    readonly answerMs?: () => number;
  } = {},
) {
  const timers = createVirtualTimers();
  const broker = createModelBroker(timers, options);
  const book = openBook({ accountId: () => ACCOUNT });
  const sent: string[] = [];
  const events: ChannelEvent[] = [];
  const fates: Fate[] = [];
  let channel: FakeChannel | undefined;
  let isReady = false;
  let isReconciling = false;
  let ids = 0;

  const desk = openOrderDesk({
    channel: () => channel,
    isReady: () => isReady,
    accountId: () => ACCOUNT,
    book,
    clock: {
      now: () => Temporal.Instant.fromEpochMilliseconds(EPOCH_MS + timers.now()),
      sleep: () => Promise.resolve(),
    },
    timers,
    log: recordedLog().log,
    reconcile: () => void reconcile(),
  });

  async function reconcile(): Promise<boolean> {
    const on = channel;
    if (on === undefined || isReconciling) return false;
    isReconciling = true;
    const begunAt = timers.now();
    const mark = book.mark();
    const from = (book.newestDealAt() ?? EPOCH_MS) - 1_000;
    const [answer, deals] = await Promise.all([
      on.request("ProtoOAReconcileReq", { ctidTraderAccountId: ACCOUNT, returnProtectionOrders: true }),
      on.request("ProtoOADealListReq", { ctidTraderAccountId: ACCOUNT, fromTimestamp: from }),
    ]);
    isReconciling = false;
    if (on !== channel || !answer.ok || !deals.ok) return false;
    book.reconcile(answer.value, deals.value.deal, mark);
    desk.reconciled(begunAt);
    return true;
  }

  async function connect(): Promise<void> {
    channel = openFakeChannel();
    isReconciling = false;
    if (await reconcile()) isReady = true;
  }

  function ended(): void {
    channel = undefined;
    isReady = false;
    desk.channelEnded();
    timers.after(500, () => void connect());
  }

  function openFakeChannel(): FakeChannel {
    const watchers = new Map<string, { watcher: OrderWatcher; isSettled: boolean }>();
    const silenced = new Set<string>();
    const countdowns = new Map<string, number>();
    const waiting = new Set<() => void>();
    let isDead = false;

    function die(): void {
      if (isDead) return;
      isDead = true;
      broker.hear(undefined);
      for (const entry of watchers.values()) {
        if (entry.isSettled) continue;
        entry.isSettled = true;
        entry.watcher.ended("unknown");
      }
      for (const give of [...waiting]) give();
      ended();
    }

    function settle(id: string, tell: (watcher: OrderWatcher) => void): void {
      const entry = watchers.get(id);
      if (entry === undefined || entry.isSettled) return;
      entry.isSettled = true;
      tell(entry.watcher);
    }

    broker.hear((body, caused) => {
      const clientMsgId = caused !== undefined && !silenced.has(caused) ? caused : undefined;
      const left = countdowns.get(caused ?? "");
      if (left === 0) {
        die();
        return;
      }
      if (left !== undefined && caused !== undefined) countdowns.set(caused, left - 1);
      const entry = watchers.get(clientMsgId ?? "");
      if (entry !== undefined) {
        entry.isSettled = true;
        entry.watcher.event(body);
      }
      const event: ChannelEvent = { name: "ProtoOAExecutionEvent", body, clientMsgId };
      events.push(event);
      book.apply(event);
      desk.applied(event);
    });

    return {
      lastFrameAt: () => timers.now(),
      close: die,
      die,
      isDead: () => isDead,
      request(name, body) {
        return new Promise((resolve) => {
          const give = () => {
            waiting.delete(give);
            resolve(fail("BROKER_UNREACHABLE"));
          };
          if (isDead) return give();
          waiting.add(give);
          // Made now, told later: events of the meantime overtake it.
          const answer = readModel(broker, name, body);
          timers.after(options.answerMs?.() ?? ANSWER_MS, () => {
            if (!waiting.delete(give)) return;
            resolve(answer as never);
          });
        });
      },
      order(name: OrderRequestName, body: Messages[OrderRequestName], watcher: OrderWatcher) {
        const fate = fates.shift() ?? { kind: "answered" };
        if (isDead || fate.kind === "not-sent" || !watcher.mayLeave()) {
          watcher.ended("not-sent");
          return;
        }
        const id = `m${++ids}`;
        watchers.set(id, { watcher, isSettled: false });
        sent.push(`${name} ${JSON.stringify(body)}`);
        watcher.left();
        timers.after(TIMEOUT_MS, () => settle(id, (one) => one.ended("unknown")));
        timers.after(fate.kind === "late" ? fate.ms : 10, () => arrive(name, body, id, fate));
      },
    };

    function arrive(name: OrderRequestName, body: Messages[OrderRequestName], id: string, fate: Fate): void {
      if (fate.kind === "lost") return;
      if (fate.kind === "late" && isDead) return;
      if (fate.kind === "silent" || fate.kind === "late") silenced.add(id);
      if (fate.kind === "dies") {
        if (fate.isDone) {
          countdowns.set(id, fate.afterMessages);
          broker.process(name, body, id);
          timers.after(1_000, die);
        } else die();
        return;
      }
      if (fate.kind === "inconclusive") {
        silenced.add(id);
        if (fate.isDone) broker.process(name, body, id);
        if (!isDead) settle(id, (one) => one.refused(refusal("CANT_ROUTE_REQUEST", "transient")));
        return;
      }
      const code = broker.process(name, body, id);
      if (code !== undefined && !isDead && fate.kind === "answered") {
        settle(id, (one) => one.refused(refusal(code, "business")));
      }
    }
  }

  return {
    timers,
    broker,
    book,
    desk,
    sent,
    events,
    /** What becomes of the next orders, in turn; after them all are answered. */
    fates,
    connect,
    reconcile,
    drop: () => channel?.die(),
  };
}

function refusal(brokerCode: string, action: CtraderRefusal["action"]): CtraderRefusal {
  return { brokerCode, description: "", action };
}

function readModel<N extends RequestName>(
  broker: ReturnType<typeof createModelBroker>,
  name: N,
  body: Messages[N],
): unknown {
  const ctidTraderAccountId = ACCOUNT;
  const { orderId, positionId, fromTimestamp, toTimestamp } = body as {
    orderId?: number;
    positionId?: number;
    fromTimestamp?: number;
    toTimestamp?: number;
  };
  const isWithin = (at: number) =>
    at >= (fromTimestamp ?? 0) && at <= (toTimestamp ?? Number.POSITIVE_INFINITY);
  const ofPosition = (one: { positionId?: number }) =>
    positionId === undefined || one.positionId === positionId;
  switch (name) {
    case "ProtoOAReconcileReq":
      return succeed({ ctidTraderAccountId, position: broker.open(), order: broker.working() });
    case "ProtoOAOrderDetailsReq": {
      const order = broker.orders.get(orderId ?? 0);
      if (order === undefined) return fail("BROKER_REFUSED", { brokerCode: "ORDER_NOT_FOUND" });
      const deal = broker.deals.filter((one) => one.orderId === orderId);
      return succeed({ ctidTraderAccountId, order, deal });
    }
    case "ProtoOAOrderListReq":
    case "ProtoOAOrderListByPositionIdReq": {
      const order = [...broker.orders.values()].filter(
        (one) => ofPosition(one) && isWithin(one.tradeData.openTimestamp ?? 0),
      );
      return page(order, (rows, hasMore) => ({ ctidTraderAccountId, order: rows, hasMore }));
    }
    case "ProtoOADealListReq":
    case "ProtoOADealListByPositionIdReq": {
      const deal = broker.deals.filter((one) => ofPosition(one) && isWithin(one.executionTimestamp));
      // The session reads on from the newest deal; only a bounded window is paged here.
      if (toTimestamp === undefined) return succeed({ ctidTraderAccountId, deal, hasMore: false });
      return page(deal, (rows, hasMore) => ({ ctidTraderAccountId, deal: rows, hasMore }));
    }
    default:
      return fail("BROKER_REFUSED", { brokerCode: "UNSUPPORTED_MESSAGE" });
  }
}

/** More than a test does in one millisecond, and less than it does in all. */
const PAGE = 12;

function page<T>(rows: readonly T[], make: (rows: readonly T[], hasMore: boolean) => unknown): unknown {
  return succeed(make(rows.slice(-PAGE), rows.length > PAGE));
}
