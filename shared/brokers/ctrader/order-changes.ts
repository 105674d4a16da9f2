/** Cancels, amends and changes of levels: what is sent of them, and which event settles them. */
import type { OrderWatcher } from "./channel.ts";
import type { ChangeAnswer, LevelChange, OrderDesk, OrderOptions } from "./order-desk.ts";
import { eventRefusal, isInconclusive } from "./order-refusals.ts";
import type {
  ProtoOAAmendOrderReq,
  ProtoOAAmendPositionSLTPReq,
  ProtoOAExecutionEvent,
  ProtoOAOrder,
  ProtoOAPosition,
} from "./protocol/open-api.generated.ts";

/** The channel's own time limit counts to the first answer; after one that settles nothing, this one does. */
const SETTLES_WITHIN_MS = 15_000;

type AmendRequest = Parameters<OrderDesk["amend"]>[0];
type ProtectRequest = Parameters<OrderDesk["protect"]>[0];
type Body<T> = Omit<T, "ctidTraderAccountId">;

/** One change under way. */
export interface Change {
  readonly answer: Promise<ChangeAnswer>;
  readonly watcher: OrderWatcher;
  /** An event of the stream: a cancel is done by its order's end, whoever's id the event carries. */
  applied(event: ProtoOAExecutionEvent): void;
}

/** What a change needs around it. */
export interface ChangeParts {
  after(ms: number, run: () => void): () => void;
  /** The answer is lost: the mirror must be read again. */
  lost(): void;
  settled(change: Change): void;
}

/** Follows one change. `cancels`: the order that it takes away. */
export function openChange(
  parts: ChangeParts,
  options: OrderOptions | undefined,
  cancels: number | undefined,
): Change {
  const { promise, resolve } = Promise.withResolvers<ChangeAnswer>();
  let cancelGuard: (() => void) | undefined;
  let isSettled = false;

  function settle(answer: ChangeAnswer): void {
    if (isSettled) return;
    isSettled = true;
    cancelGuard?.();
    resolve(answer);
    if (answer.kind === "unknown") parts.lost();
    parts.settled(change);
  }

  const change: Change = {
    answer: promise,
    applied(event) {
      if (cancels === undefined || event.order?.orderId !== cancels) return;
      const answer = answerOf(event, true);
      if (answer !== undefined) settle(answer);
    },
    watcher: {
      mayLeave: () => options?.mayLeave?.() ?? true,
      left: () => undefined,
      event(event) {
        const answer = answerOf(event, cancels !== undefined);
        if (answer !== undefined) settle(answer);
        else cancelGuard ??= parts.after(SETTLES_WITHIN_MS, () => settle({ kind: "unknown" }));
      },
      refused: (refusal) =>
        settle(isInconclusive(refusal) ? { kind: "unknown" } : { kind: "rejected", refusal }),
      ended: (how) => settle({ kind: how }),
    },
  };
  return change;
}

function answerOf(event: ProtoOAExecutionEvent, isCancel: boolean): ChangeAnswer | undefined {
  const { executionType } = event;
  if (executionType === "ORDER_REJECTED" || executionType === "ORDER_CANCEL_REJECTED" || event.errorCode) {
    return { kind: "rejected", refusal: eventRefusal(event) };
  }
  return !isCancel || executionType === "ORDER_CANCELLED" ? { kind: "done", event } : undefined;
}

/** The amend as it is sent: what the caller left out is taken from the order as it stands. */
export function fillAmend(
  request: AmendRequest,
  order: ProtoOAOrder | undefined,
): Body<ProtoOAAmendOrderReq> {
  const { stopLoss, takeProfit, ...given } = request;
  const { limitPrice, stopPrice, expirationTimestamp, slippageInPoints } = order ?? {};
  const { trailingStopLoss, stopTriggerMethod } = order ?? {};
  const held = {
    volume: order?.tradeData.volume,
    limitPrice: nonZero(limitPrice),
    stopPrice: nonZero(stopPrice),
    expirationTimestamp: nonZero(expirationTimestamp),
    slippageInPoints: nonZero(slippageInPoints),
    trailingStopLoss,
    stopTriggerMethod,
    guaranteedStopLoss: order?.tradeData.guaranteedStopLoss,
  };
  // An order has a level by price or by distance: one that is given takes the place of both.
  const isStopGiven = stopLoss !== undefined || given.relativeStopLoss !== undefined;
  const isProfitGiven = takeProfit !== undefined || given.relativeTakeProfit !== undefined;
  return {
    ...defined(held),
    ...(isStopGiven ? {} : levels(order, "stopLoss", "relativeStopLoss")),
    ...(isProfitGiven ? {} : levels(order, "takeProfit", "relativeTakeProfit")),
    ...given,
    ...defined({ stopLoss: levelOf(stopLoss), takeProfit: levelOf(takeProfit) }),
  };
}

/**
 * The change of levels as it is sent. The trailing flag is left to the caller: the broker keeps it where it is
 * left out, and refuses it without a stop.
 */
export function fillProtect(
  request: ProtectRequest,
  position: ProtoOAPosition | undefined,
): Body<ProtoOAAmendPositionSLTPReq> {
  const { stopLoss, takeProfit, ...given } = request;
  const stop = stopLoss === undefined ? nonZero(position?.stopLoss) : levelOf(stopLoss);
  const profit = takeProfit === undefined ? nonZero(position?.takeProfit) : levelOf(takeProfit);
  const held =
    stop === undefined
      ? {}
      : {
          guaranteedStopLoss: position?.guaranteedStopLoss === true ? true : undefined,
          stopLossTriggerMethod: position?.stopLossTriggerMethod,
        };
  return { ...defined(held), ...given, ...defined({ stopLoss: stop, takeProfit: profit }) };
}

function levels<K extends keyof ProtoOAOrder>(order: ProtoOAOrder | undefined, ...names: readonly K[]) {
  return defined(
    Object.fromEntries(names.map((name) => [name, nonZero(order?.[name] as number | undefined)])),
  );
}

function levelOf(change: LevelChange | undefined): number | undefined {
  return change === "remove" ? undefined : change;
}

/** The broker writes zeros out where there is nothing. */
function nonZero(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends Record<string, unknown>>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
