/** One authorised account on one connection: hands each request to who answers it. */
import {
  type MessageName,
  ORDER_REQUESTS,
  type OrderRequestName,
} from "../../../../shared/brokers/ctrader/protocol/names.ts";
import type { VenueMessage, VenueSeat, VenueSeatEvents } from "../venue.ts";
import { amendLevels, amendOrder } from "./amend.ts";
import { badRequest, type Floor, type Origin, type Refusal, refuse } from "./floor.ts";
import { READERS, type Reading } from "./lists.ts";
import type { AccountState } from "./records.ts";
import { cancelOrder, closePosition, newOrder } from "./requests.ts";
import { Subscriptions } from "./spots.ts";

/** What a request leads to: nothing more, a refusal, or an answer and what follows it. */
type Outcome = Reading | { readonly answer: VenueMessage; readonly after: () => void };

/** Seats one at an account; `place` is where its messages go. */
export function createSeat(floor: Floor, account: AccountState, place: VenueSeatEvents): VenueSeat {
  const { ctidTraderAccountId } = account.terms;
  const subscriptions = new Subscriptions(floor, ctidTraderAccountId, (message) =>
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
      const outcome = subscribe(subscriptions, message) ?? read(floor, account, message);
      if ("code" in outcome) answerError(floor, account, outcome, origin);
      else if ("name" in outcome) floor.answer(outcome, origin);
      else {
        floor.answer(outcome.answer, origin);
        outcome.after();
      }
    },
    leave: () => subscriptions.end(),
  };
}

/** Refuses what is no order: the switch for the refusal of orders does not bear on it. */
function answerError(floor: Floor, account: AccountState, said: Refusal, origin: Origin): void {
  const { ctidTraderAccountId } = account.terms;
  const body = { ctidTraderAccountId, errorCode: said.code, description: said.text };
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
      return amendOrder(floor, account, message.body, origin);
    case "ProtoOAAmendPositionSLTPReq":
      return amendLevels(floor, account, message.body, origin);
    default:
      return message satisfies never;
  }
}

function subscribe(own: Subscriptions, message: VenueMessage): Outcome | undefined {
  const { body } = message;
  const ctidTraderAccountId = "ctidTraderAccountId" in body ? (body.ctidTraderAccountId ?? 0) : 0;
  const done = (
    against: Refusal | undefined,
    name: SubscriptionAnswer,
    after: () => void = () => undefined,
  ): Outcome => against ?? { answer: { name, body: { ctidTraderAccountId } }, after };
  switch (message.name) {
    case "ProtoOASubscribeSpotsReq": {
      const { symbolId } = message.body;
      return done(own.subscribe(message.body), "ProtoOASubscribeSpotsRes", () => own.greet(symbolId));
    }
    case "ProtoOAUnsubscribeSpotsReq":
      return done(own.unsubscribe(message.body.symbolId), "ProtoOAUnsubscribeSpotsRes");
    case "ProtoOASubscribeLiveTrendbarReq": {
      const { symbolId, period } = message.body;
      return done(own.subscribeBars(symbolId, period), "ProtoOASubscribeLiveTrendbarRes");
    }
    case "ProtoOAUnsubscribeLiveTrendbarReq": {
      const { symbolId, period } = message.body;
      return done(own.unsubscribeBars(symbolId, period), "ProtoOAUnsubscribeLiveTrendbarRes");
    }
    case "ProtoOASubscribeDepthQuotesReq": {
      const { symbolId } = message.body;
      return done(own.subscribeDepth(symbolId), "ProtoOASubscribeDepthQuotesRes", () =>
        own.greetDepth(symbolId),
      );
    }
    case "ProtoOAUnsubscribeDepthQuotesReq":
      return done(own.unsubscribeDepth(message.body.symbolId), "ProtoOAUnsubscribeDepthQuotesRes");
    default:
      return undefined;
  }
}

type SubscriptionAnswer =
  | "ProtoOASubscribeSpotsRes"
  | "ProtoOAUnsubscribeSpotsRes"
  | "ProtoOASubscribeLiveTrendbarRes"
  | "ProtoOAUnsubscribeLiveTrendbarRes"
  | "ProtoOASubscribeDepthQuotesRes"
  | "ProtoOAUnsubscribeDepthQuotesRes";

/** Any reader: which message it takes was settled by the name that it was found under. */
type Reader = (floor: Floor, account: AccountState, request: VenueMessage["body"]) => Outcome;

function read(floor: Floor, account: AccountState, message: VenueMessage): Outcome {
  if (message.name === "ProtoOAMarginCallUpdateReq") return updateMarginCall(floor, account, message.body);
  const reader = READERS[message.name] as Reader | undefined;
  if (reader === undefined)
    return badRequest(`Message ${message.name} is not supported`, "UNSUPPORTED_MESSAGE");
  return reader(floor, account, message.body);
}

function updateMarginCall(
  floor: Floor,
  account: AccountState,
  request: Extract<VenueMessage, { readonly name: "ProtoOAMarginCallUpdateReq" }>["body"],
): Outcome {
  const { marginCallType: type, marginLevelThreshold } = request.marginCall;
  const marginCall = {
    marginCallType: type,
    marginLevelThreshold,
    utcLastUpdateTimestamp: floor.market.now(),
  };
  account.marginCalls = account.marginCalls.map((one) => (one.marginCallType === type ? marginCall : one));
  const { ctidTraderAccountId } = account.terms;
  return {
    answer: { name: "ProtoOAMarginCallUpdateRes", body: {} },
    after: () =>
      floor.tell(
        account,
        { name: "ProtoOAMarginCallUpdateEvent", body: { ctidTraderAccountId, marginCall } },
        undefined,
      ),
  };
}
