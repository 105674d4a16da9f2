/** One authorised account on one connection: hands each request to who answers it. */
import {
  type MessageName,
  ORDER_REQUESTS,
  type OrderRequestName,
} from "../../../../shared/brokers/ctrader/protocol/names.ts";
import type { VenueMessage, VenueSeat, VenueSeatEvents } from "../venue.ts";
import { badRequest, type Floor, type Origin, type Refusal, refuse } from "./floor.ts";
import { READERS, type Reading } from "./lists.ts";
import type { AccountState } from "./records.ts";
import { cancelOrder, closePosition, newOrder } from "./requests.ts";
import { createSubscriptions, type Subscriptions } from "./spots.ts";

/** Seats one at an account; `place` is where its messages go. */
export function createSeat(floor: Floor, account: AccountState, place: VenueSeatEvents): VenueSeat {
  const { ctidTraderAccountId } = account.terms;
  const subscriptions = createSubscriptions(floor, ctidTraderAccountId, (message) =>
    place.send(message, undefined),
  );

  return {
    handle(message, clientMsgId) {
      const origin: Origin = { seat: place, clientMsgId, isSilent: false };
      if (isOrderRequest(message)) {
        const against = order(floor, account, message, origin);
        if (against !== undefined) refuse(floor, account, against, origin);
        return;
      }
      if (subscribe(subscriptions, floor, account, message, origin)) return;
      const reading = read(floor, account, message);
      if ("code" in reading) answerError(floor, account, reading, origin);
      else floor.answer(reading, origin);
    },
    leave: () => subscriptions.end(),
  };
}

/** Refuses what is no order: the switch for the refusal of orders does not bear on it. */
function answerError(floor: Floor, account: AccountState, said: Refusal, origin: Origin): void {
  const body = {
    ctidTraderAccountId: account.terms.ctidTraderAccountId,
    errorCode: said.code,
    description: said.text,
  };
  floor.answer({ name: "ProtoOAErrorRes", body }, origin);
}

type OrderMessage = Extract<VenueMessage, { readonly name: OrderRequestName }>;

function isOrderRequest(message: VenueMessage): message is OrderMessage {
  return (ORDER_REQUESTS as readonly MessageName[]).includes(message.name);
}

function order(
  floor: Floor,
  account: AccountState,
  message: OrderMessage,
  origin: Origin,
): Refusal | undefined {
  switch (message.name) {
    case "ProtoOANewOrderReq":
      return newOrder(floor, account, message.body, origin);
    case "ProtoOAClosePositionReq":
      return closePosition(floor, account, message.body, origin);
    case "ProtoOACancelOrderReq":
      return cancelOrder(floor, account, message.body, origin);
    case "ProtoOAAmendOrderReq":
      return badRequest("soon");
    case "ProtoOAAmendPositionSLTPReq":
      return badRequest("soon");
    default:
      return message satisfies never;
  }
}

function subscribe(
  own: Subscriptions,
  floor: Floor,
  account: AccountState,
  message: VenueMessage,
  origin: Origin,
): boolean {
  const body = { ctidTraderAccountId: account.terms.ctidTraderAccountId };
  switch (message.name) {
    case "ProtoOASubscribeSpotsReq": {
      const against = own.subscribe(message.body);
      if (against !== undefined) answerError(floor, account, against, origin);
      else floor.answer({ name: "ProtoOASubscribeSpotsRes", body }, origin);
      if (against === undefined) own.greet(message.body.symbolId);
      return true;
    }
    case "ProtoOAUnsubscribeSpotsReq": {
      const against = own.unsubscribe(message.body.symbolId);
      if (against !== undefined) answerError(floor, account, against, origin);
      else floor.answer({ name: "ProtoOAUnsubscribeSpotsRes", body }, origin);
      return true;
    }
    default:
      return false;
  }
}

function read(floor: Floor, account: AccountState, message: VenueMessage): Reading {
  const reader = READERS[message.name] as Reader | undefined;
  if (reader === undefined)
    return badRequest(`Message ${message.name} is not supported`, "UNSUPPORTED_MESSAGE");
  return reader(floor, account, message.body);
}

/** Any reader: which message it takes was settled by the name that it was found under. */
type Reader = (floor: Floor, account: AccountState, request: VenueMessage["body"]) => Reading;
