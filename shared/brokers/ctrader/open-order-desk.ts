/**
 * The order desk of one session. Orders are followed by `order-tracker.ts`; this file sends them, hands them what
 * comes, and looks at the broker for those whose standing is in doubt.
 *
 * How long a promise may wait: `accepted` until the channel's time limit for the request or its end; `done` and
 * `protection` after that for as long as the broker has an order at rest, or for two looks ten seconds apart on
 * a connection that answers. While there is no connection they wait for one.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Log } from "../../platform/log.ts";
import type { Result } from "../../platform/result.ts";
import type { Timers } from "../../platform/timers.ts";
import type { WritableBook } from "./book.ts";
import type { Channel, CtraderCallFailure } from "./channel.ts";
import { keepNewest } from "./keep-newest.ts";
import { type Change, fillAmend, fillProtect, openChange } from "./order-changes.ts";
import type { ChangeAnswer, DeskControl, FoundOrder, OrderCall, OrderOptions } from "./order-desk.ts";
import { openFinds } from "./order-finds.ts";
import { type LookParts, lookAtOrder, noChannel, searchClose } from "./order-looks.ts";
import { isInconclusive, ticketInvalid } from "./order-refusals.ts";
import { openRounds } from "./order-rounds.ts";
import { closing, type OrderSubject, submitted } from "./order-subject.ts";
import { OrderTracker, SECOND_LOOK_MS, type TrackerParts } from "./order-tracker.ts";
import type { OrderRequestName } from "./protocol/names.ts";
import type { Messages, ProtoOANewOrderReq } from "./protocol/open-api.generated.ts";
import type { CtraderRefusal } from "./refusal.ts";

/** So many ids of orders are remembered, so that none is sent twice. */
const IDS_KEPT = 10_000;
const LONGEST_CLIENT_ORDER_ID = 50;

/** What the desk needs of its session. */
export interface DeskParts {
  /** The authorised channel; undefined while there is none. */
  channel(): Channel | undefined;
  /** New orders are taken. */
  isReady(): boolean;
  accountId(): number | undefined;
  readonly book: WritableBook;
  /** The broker's time, for the windows of its lists. */
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  /**
   * Asks for a reconciliation soon, of which `DeskControl.reconciled` tells. Nothing where there is no channel:
   * the next one reconciles anyway.
   */
  reconcile(): void;
}

interface Desk {
  readonly parts: DeskParts;
  readonly trackers: Set<OrderTracker>;
  readonly changes: Set<Change>;
  readonly rounds: ReturnType<typeof openRounds>;
  readonly usedIds: Set<string>;
}

/** The order desk of one session. */
export function openOrderDesk(parts: DeskParts): DeskControl {
  const trackers = new Set<OrderTracker>();
  const lookParts = () => looksOf(parts);
  const rounds = openRounds({ ...parts, trackers, looks: lookParts });
  const findOnce = openFinds(lookParts);
  const desk: Desk = { parts, trackers, changes: new Set(), rounds, usedIds: new Set() };
  return {
    submit: (order, options) => submit(desk, order, options),
    close(request, options) {
      const tracker = openTracker(desk, closing(request), options);
      rounds.noteClose(tracker, request.positionId);
      send(desk, tracker, options, "ProtoOAClosePositionReq", request);
      return tracker.call;
    },
    cancel: (request, options) => change(desk, options, "ProtoOACancelOrderReq", request, request.orderId),
    amend: (request, options) =>
      change(
        desk,
        options,
        "ProtoOAAmendOrderReq",
        fillAmend(request, parts.book.orders().get(request.orderId)),
      ),
    protect: (request, options) => {
      const position = parts.book.positions().get(request.positionId);
      return change(desk, options, "ProtoOAAmendPositionSLTPReq", fillProtect(request, position));
    },
    find: (clientOrderId, since, orderId) =>
      lookTwice(parts, (looks) =>
        orderId === undefined ? findOnce(clientOrderId, since) : lookAtOrder(looks, orderId),
      ),
    findClose: (close, since) =>
      lookTwice(parts, (looks) => searchClose(looks, close, rounds.factsOf(close, since))),
    pending: () =>
      [...trackers].filter((one) => one.sent !== undefined && !one.isDone).map((one) => one.subject.label),
    unanswered: () => [...trackers].filter((one) => !one.isAnswered).length + desk.changes.size,
    applied(event) {
      if (event.name !== "ProtoOAExecutionEvent") return;
      const account = parts.accountId();
      if (account !== undefined && event.body.ctidTraderAccountId !== account) return;
      for (const tracker of [...trackers]) tracker.take(event.body, false);
      for (const one of [...desk.changes]) one.applied(event.body);
    },
    channelEnded() {
      rounds.channelEnded();
      for (const tracker of [...trackers]) tracker.doubt();
    },
    reconciled: rounds.reconciled,
  };
}

function submit(desk: Desk, order: Parameters<DeskControl["submit"]>[0], options?: OrderOptions): OrderCall {
  const { clientOrderId } = order;
  const tracker = openTracker(desk, submitted(clientOrderId, order), options);
  const fault = faultOf(order) ?? (desk.usedIds.has(clientOrderId) ? "this id was used before" : undefined);
  if (fault !== undefined) {
    tracker.reject(ticketInvalid(fault));
    return tracker.call;
  }
  desk.usedIds.add(clientOrderId);
  keepNewest(desk.usedIds, IDS_KEPT);
  send(desk, tracker, options, "ProtoOANewOrderReq", { ...order, comment: clientOrderId });
  return tracker.call;
}

/** What the broker is known to refuse with a text that is hard to understand. */
function faultOf(order: Omit<ProtoOANewOrderReq, "ctidTraderAccountId">): string | undefined {
  const id = order.clientOrderId ?? "";
  if (id === "" || id.length > LONGEST_CLIENT_ORDER_ID) return "the id must have 1 to 50 characters";
  const isMarket = order.orderType === "MARKET" || order.orderType === "MARKET_RANGE";
  if (isMarket && (order.stopLoss !== undefined || order.takeProfit !== undefined)) {
    return "a market order takes its levels by distance, not by price";
  }
  return undefined;
}

function openTracker(desk: Desk, subject: OrderSubject, options: OrderOptions | undefined): OrderTracker {
  const { parts, rounds, trackers } = desk;
  const around: TrackerParts = {
    now: () => parts.timers.now(),
    brokerNow: () => parts.clock.now().epochMilliseconds,
    after: (ms, run) => parts.timers.after(ms, run),
    dealsOf: rounds.dealsOf,
    look: rounds.look,
    ended(tracker) {
      trackers.delete(tracker);
      rounds.forget(tracker);
    },
    log: parts.log,
  };
  const tracker = new OrderTracker(subject, around, options?.progress?.bind(options));
  trackers.add(tracker);
  return tracker;
}

type Unaddressed<N extends OrderRequestName> = Omit<Messages[N], "ctidTraderAccountId">;

/** The account to trade on and the channel to it; undefined while no order may be sent. */
function openDoor({ parts }: Desk): { readonly channel: Channel; readonly account: number } | undefined {
  const channel = parts.channel();
  const account = parts.accountId();
  return !parts.isReady() || channel === undefined || account === undefined
    ? undefined
    : { channel, account };
}

function send<N extends OrderRequestName>(
  desk: Desk,
  tracker: OrderTracker,
  options: OrderOptions | undefined,
  name: N,
  request: Unaddressed<N>,
): void {
  const door = openDoor(desk);
  const notSent = () => {
    // Certain not to have left, so the same order may be tried again.
    desk.usedIds.delete(tracker.subject.label);
    tracker.notSent();
  };
  if (door === undefined) {
    notSent();
    return;
  }
  const body = { ...request, ctidTraderAccountId: door.account } as unknown as Messages[N];
  door.channel.order(name, body, {
    mayLeave: () => options?.mayLeave?.() ?? true,
    left: () => tracker.left(),
    event(event) {
      // An id of another client may be equal to ours: then our own answer is still to come, or lost.
      if (!tracker.take(event, true) && !tracker.isAnswered) tracker.doubt();
    },
    refused: (refusal: CtraderRefusal) =>
      isInconclusive(refusal) ? tracker.refusedForNow(refusal) : tracker.reject(refusal),
    ended: (how) => (how === "not-sent" ? notSent() : tracker.doubt()),
  });
}

function change<N extends OrderRequestName>(
  desk: Desk,
  options: OrderOptions | undefined,
  name: N,
  request: Unaddressed<N>,
  cancels?: number,
): Promise<ChangeAnswer> {
  const door = openDoor(desk);
  if (door === undefined) return Promise.resolve({ kind: "not-sent" });
  const { timers, reconcile } = desk.parts;
  const one = openChange(
    {
      after: (ms, run) => timers.after(ms, run),
      lost: () => reconcile(),
      settled: (settled) => desk.changes.delete(settled),
    },
    options,
    cancels,
  );
  desk.changes.add(one);
  const body = { ...request, ctidTraderAccountId: door.account } as unknown as Messages[N];
  door.channel.order(name, body, one.watcher);
  return one.answer;
}

function looksOf(parts: DeskParts): LookParts | undefined {
  const channel = parts.channel();
  const account = parts.accountId();
  if (channel === undefined || account === undefined) return undefined;
  return {
    request: (name, body, options) => channel.request(name, body, options),
    account,
    brokerNow: () => parts.clock.now().epochMilliseconds,
    positions: parts.book.positions,
  };
}

/** What is not found may still be on its way: only the second look counts. */
async function lookTwice(
  parts: DeskParts,
  look: (looks: LookParts) => Promise<Result<FoundOrder, CtraderCallFailure>>,
): Promise<Result<FoundOrder, CtraderCallFailure>> {
  const first = looksOf(parts);
  const found = first === undefined ? noChannel() : await look(first);
  if (!found.ok || found.value.kind === "found") return found;
  await new Promise<void>((resolve) => {
    parts.timers.after(SECOND_LOOK_MS, resolve);
  });
  const second = looksOf(parts);
  return second === undefined ? noChannel() : look(second);
}
