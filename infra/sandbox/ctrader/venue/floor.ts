/** What all parts of the venue share: the market, the faults, the ids, and the way to those who listen. */
import type {
  Messages,
  ProtoOAExecutionType,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { UnsureFacts, VenueFaults, VenueMessage, VenueSeatEvents } from "../venue.ts";
import { dressDeal, dressOrder, dressPosition, present } from "./dress.ts";
import type { History } from "./history.ts";
import type { Market } from "./market.ts";
import type { AccountState, DealRecord, OrderRecord, PositionRecord } from "./records.ts";

/** The request behind an event. `isSilent`: its seat hears nothing of what it set off. */
export interface Origin {
  readonly seat: VenueSeatEvents;
  readonly clientMsgId: string | undefined;
  readonly isSilent: boolean;
}

/** Counters of the ids given so far; one is never given twice. */
export interface Ids {
  order: number;
  position: number;
  deal: number;
  balance: number;
}

export interface Floor {
  readonly market: Market;
  readonly history: History;
  readonly ids: Ids;
  /** An account whose equity falls below this share of its margin, in percent, loses positions; 0: never. */
  readonly stopOutPercent: number;
  readonly accounts: ReadonlyMap<number, AccountState>;
  faults(): VenueFaults;
  unsure(): UnsureFacts;
  /** A number from 0 up to 1. */
  draw(): number;
  /** Runs after `ms` of the machine's time, unless the venue is closed by then. */
  later(ms: number, run: () => void): void;
  /** To every seat of the account; only the one of the origin gets the origin's id. */
  tell(account: AccountState, message: VenueMessage, origin: Origin | undefined): void;
  /** To the seat of the origin alone. */
  answer(message: VenueMessage, origin: Origin): void;
}

/** A refusal: how it travels is by its code, unless `by` says it. */
export interface Refusal {
  readonly code: string;
  readonly text: string;
  readonly by: "order-error" | "error-answer";
  readonly orderId?: number;
}

/** One that the broker's order side gives. */
export const refusal = (code: string, text: string, orderId = 0): Refusal => ({
  code,
  text,
  by: "order-error",
  orderId,
});

/** One that the request itself gets, before any order side sees it. */
export const badRequest = (text: string, code = "INVALID_REQUEST"): Refusal => ({
  code,
  text,
  by: "error-answer",
});

/** An event for everybody who sits at the account. */
export function tellExecution(
  floor: Floor,
  account: AccountState,
  event: {
    readonly type: ProtoOAExecutionType;
    readonly order?: OrderRecord;
    readonly position?: PositionRecord;
    readonly deal?: DealRecord;
    readonly errorCode?: string;
    readonly isServerEvent: boolean;
  },
  origin: Origin | undefined,
): void {
  const { order, position, deal } = event;
  const body = present<Messages["ProtoOAExecutionEvent"]>({
    ctidTraderAccountId: account.terms.ctidTraderAccountId,
    executionType: event.type,
    position: position === undefined ? undefined : dressPosition(position),
    order: order === undefined ? undefined : dressOrder(order),
    deal: deal === undefined ? undefined : dressDeal(deal),
    errorCode: event.errorCode,
    isServerEvent: event.isServerEvent,
  });
  floor.tell(account, { name: "ProtoOAExecutionEvent", body }, origin);
}

/** Refuses a request in the message that its code, or a switch, asks for. */
export function refuse(floor: Floor, account: AccountState, said: Refusal, origin: Origin): void {
  const { ctidTraderAccountId } = account.terms;
  const { refusalsBy } = floor.unsure();
  const by = refusalsBy === "code" ? said.by : refusalsBy;
  if (by === "order-error") {
    const body = { ctidTraderAccountId, errorCode: said.code, orderId: said.orderId ?? 0, positionId: 0 };
    floor.answer({ name: "ProtoOAOrderErrorEvent", body: { ...body, description: said.text } }, origin);
    return;
  }
  if (by === "error-answer") {
    const body = { ctidTraderAccountId, errorCode: said.code, description: said.text };
    floor.answer({ name: "ProtoOAErrorRes", body }, origin);
    return;
  }
  const body = { ctidTraderAccountId, executionType: "ORDER_REJECTED", errorCode: said.code } as const;
  floor.answer({ name: "ProtoOAExecutionEvent", body: { ...body, isServerEvent: false } }, origin);
}
