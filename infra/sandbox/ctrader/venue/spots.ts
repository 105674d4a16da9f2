/** What one seat has subscribed: prices, bars as they grow, and the book. It ends with the seat. */
import type {
  Messages,
  ProtoOATrendbar,
} from "../../../../shared/brokers/ctrader/protocol/open-api.generated.ts";
import type { VenueMessage } from "../venue.ts";
import { badRequest, type Floor, type Refusal } from "./floor.ts";
import { SYMBOLS } from "./symbols.ts";
import type { TwoSides } from "./tape.ts";

export interface Subscriptions {
  /** Undefined when it is done; the first price is told by `greet`. */
  subscribe(request: Messages["ProtoOASubscribeSpotsReq"]): Refusal | undefined;
  /** The technical event with the last prices, which comes after the answer. */
  greet(symbolIds: readonly number[]): void;
  unsubscribe(symbolIds: readonly number[]): Refusal | undefined;
  end(): void;
}

interface SpotFeed {
  readonly hasTimestamp: boolean;
  last: TwoSides;
}

export function createSubscriptions(
  floor: Floor,
  ctidTraderAccountId: number,
  send: (message: VenueMessage) => void,
): Subscriptions {
  const spots = new Map<number, SpotFeed>();

  function sendSpot(
    symbolId: number,
    feed: SpotFeed,
    changed: Partial<TwoSides>,
    trendbar: ProtoOATrendbar[],
  ) {
    const timestamp = feed.hasTimestamp ? { timestamp: floor.market.now() } : {};
    const body = { ctidTraderAccountId, symbolId, ...changed, trendbar, ...timestamp };
    send({ name: "ProtoOASpotEvent", body });
  }

  const stop = floor.market.listen((symbolId, quote) => {
    const feed = spots.get(symbolId);
    if (feed === undefined) return;
    const changed = {
      ...(quote.bid === feed.last.bid ? {} : { bid: quote.bid }),
      ...(quote.ask === feed.last.ask ? {} : { ask: quote.ask }),
    };
    feed.last = quote;
    if (Object.keys(changed).length > 0) sendSpot(symbolId, feed, changed, []);
  });

  return {
    subscribe(request) {
      for (const id of request.symbolId) {
        if (!SYMBOLS.has(id)) return badRequest(`Symbol not found with id ${id}`, "SYMBOL_NOT_FOUND");
        if (spots.has(id)) {
          return badRequest(`Already subscribed to symbol ${id}.`, floor.unsure().alreadySubscribedCode);
        }
      }
      const hasTimestamp = request.subscribeToSpotTimestamp ?? false;
      for (const id of request.symbolId) spots.set(id, { hasTimestamp, last: floor.market.quote(id) });
      return undefined;
    },
    greet(symbolIds) {
      for (const id of symbolIds) {
        const feed = spots.get(id);
        if (feed !== undefined) sendSpot(id, feed, feed.last, []);
      }
    },
    unsubscribe(symbolIds) {
      const missing = symbolIds.find((id) => !spots.has(id));
      if (missing !== undefined) return badRequest(`No subscription for symbol ${missing}.`);
      for (const id of symbolIds) spots.delete(id);
      return undefined;
    },
    end: stop,
  };
}
